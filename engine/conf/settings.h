/*
 * Everything of a configuration that a user's own file may change: scores,
 * descriptions, lists, report and header templates, options. A struct
 * settings is either the site's (base == NULL) or an overlay over another
 * one: plain fields are copied when the overlay is made, maps and lists look
 * into `base` for what they lack. Immutable once loaded.
 */
#ifndef MEKIKI_CONF_SETTINGS_H
#define MEKIKI_CONF_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/map.h"
#include "base/str.h"
#include "mail/settings.h"

struct arena;
struct rule;
struct ruleset;
struct netset;

/* One address pattern of a list: a glob (lower case, `*` and `?`), for the
 * _rcvd lists with the relay it must come through. */
struct addr_entry {
	struct str glob;
	struct str rcvd;	/* or STR_NONE */
};

struct addr_list {
	struct addr_entry *v;
	size_t n, cap;
	/* glob -> non-NULL, of entries without a relay: the quick way to ask
	 * for a text that has no * and ?. (Those with one: "glob rcvd".) */
	struct map index;
};

/* An add_header: for which mails, name and template. */
struct header_template {
	bool spam, ham;
	struct str name;	/* without "X-Spam-" */
	struct str text;
};

/* A `score` line's four numbers. */
struct score {
	double set[4];
	/* The rule hits and counts nothing, as a subrule does: a symbol of a
	 * script that no line gives a score. */
	bool informational;
};

struct settings {
	struct arena *arena;
	const struct settings *base;	/* NULL: the site's */
	const struct ruleset *rules;

	struct score *scores;		/* by rule id, final (defaults and
					 * relative ones applied) */
	struct map describe;		/* rule name -> struct str * */

	struct mail_settings mail;	/* networks, TLDs, sizes, ... */

	/* List options by canonical (welcomelist) directive name, e.g.
	 * "welcomelist_from", "def_welcomelist_from_rcvd", "blocklist_from",
	 * "all_spam_to", "freemail_domains": -> struct addr_list *.
	 * enlist_addrlist lists by "addrlist:NAME". */
	struct map addr_lists;
	/* enlist_uri_host: list name -> struct map * (host -> "1" or "0"
	 * as a non-NULL / NULL for negated: see uri_host_listed) */
	struct map uri_host_lists;
	/* Options of one value (STRING, NUMERIC, BOOL, DURATION) by
	 * directive name -> struct str *, as written. Typed readers below. */
	struct map options;
	/* Options that gather strings (STRINGLIST, e.g. report_safe_copy_headers)
	 * -> struct strs *. */
	struct map lists;

	struct header_template *headers;	/* in order of output */
	size_t nheaders, headers_cap;
	struct str report_template;		/* lines joined, '\n' each */
	struct str unsafe_report_template;
	struct map rewrite_header;	/* "Subject" "From" "To" -> struct str * */
	struct map subjprefix;		/* rule -> struct str * */

	double required_score;
	int report_safe;		/* 0, 1, 2 */
	int report_wrap_width;
	struct str report_charset;
	bool fold_headers;
};

/* The score of a rule in a score set (0 to 3). */
double settings_score(const struct settings *s, unsigned rule_id, int set);

/* Does a hit of the rule count nothing, however the score is? */
bool settings_informational(const struct settings *s, unsigned rule_id);

/* The description of a rule, or STR_NONE. */
struct str settings_describe(const struct settings *s, struct str rule);

/* An option's text (its default if nothing set it), number, or truth. */
struct str settings_option(const struct settings *s, struct str name);
double settings_number(const struct settings *s, struct str name);
bool settings_bool(const struct settings *s, struct str name);

/* All patterns of an address list (the base's included), or NULL. */
const struct addr_list *settings_addrs(const struct settings *s,
				       struct str list);

/* Does `addr` (lower case) match the list's globs? *entry_r (may be NULL) is
 * the entry that did. */
bool settings_addr_listed(const struct settings *s, struct str list,
			  struct str addr, const struct addr_entry **entry_r);

/* 1: host (or a parent domain of it) is on the enlist_uri_host list, 0: it is
 * excluded there (!host), -1: not mentioned. *entry_r (may be NULL) is the entry
 * that says so. */
int settings_uri_host_listed(const struct settings *s, struct str list,
			     struct str host, struct str *entry_r);

/* A list of strings, or NULL. */
const struct strs *settings_list(const struct settings *s, struct str name);

/* One glob against one text, anchored, case as given. */
bool glob_match(struct str glob, struct str text);

/* The same, but no `*` reaches over the octet `border` (-1: there is none). */
bool glob_match_within(struct str glob, struct str text, int border);

#endif
