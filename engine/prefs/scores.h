/*
 * Users' scores: preferences that a site keeps in a database
 * (user_scores_dsn), fetched one user at a time as the text of a user's file.
 * One connection is kept open; a database that does not answer is left alone
 * for a while; what was fetched a moment ago is not asked for again.
 *
 * All of it blocks for as long as user_scores_timeout says, so it belongs into
 * a process of its own (serve/scores.h).
 */
#ifndef MEKIKI_PREFS_SCORES_H
#define MEKIKI_PREFS_SCORES_H

#include <stdbool.h>

#include "base/err.h"
#include "prefs/driver.h"

struct scores;
struct settings;

struct scores_settings {
	struct driver_options db;
	struct str custom_query;	/* STR_NONE: the usual one */
	double cache_time;		/* seconds; 0: ask each time */
	/* Is a request refused if its user's preferences cannot be had? Else
	 * it gets the site's. */
	bool refuses;
	/* What is wrong with the settings, or STR_NONE: nothing is asked, as if
	 * the database were down. */
	struct str fault;
};

/* From the lines user_scores_*. What they point to lives in a. False if the
 * site has no user_scores_dsn. */
bool scores_settings_read(struct arena *a, const struct settings *s,
			  struct scores_settings *out_r);

/* Lives on the heap; the settings must outlive it. */
struct scores *scores_new(const struct scores_settings *ss);
void scores_free(struct scores **s);

/* The preferences of a user as lines; valid until the next call. 0, or -1 and
 * err: they cannot be had. *news_r (may be NULL): err says something that it
 * did not say a moment ago, and belongs into the log. */
int scores_fetch(struct scores *s, struct str user, struct str *text_r,
		 bool *news_r, struct err *err);

#endif
