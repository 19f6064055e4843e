/*
 * The eval:… tests: each is one row of a family's table (one file a family).
 * They read facts of the message and of the configuration, never wait and
 * never ask the world.
 */
#ifndef MEKIKI_EVAL_EVAL_H
#define MEKIKI_EVAL_EVAL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/map.h"
#include "base/str.h"

struct arena;
struct memory_facts;
struct message;
struct rule;
struct ruleset;
struct settings;

/* What a test may look at. */
struct eval_ctx {
	struct message *msg;
	struct arena *arena;		/* the message's */
	const struct settings *settings;
	const struct ruleset *rules;
	const struct rule *rule;	/* the one being asked */
	const struct eval_plugins *plugins;	/* eval/plugin.h */
	void *prepared;			/* what its prepare() returned, or NULL */
	const struct memory_facts *memory;	/* base/memory.h; what is
					 * remembered of this message, never
					 * NULL */
	struct map *tags;		/* template tags that tests may set:
					 * NAME -> struct str * */
	struct strs *log;		/* what the report shows under the rule, one
					 * text a line: "user@host" without
					 * its brackets; SpamAssassin's test_log */
};

/* Of a test: > 0 hits with that value (a meta's operand), 0 did not hit,
 * EVAL_PENDING has no answer (as undef in SpamAssassin). */
#define EVAL_PENDING (-1)

typedef int eval_fn(struct eval_ctx *c, const struct strs *args);

/* Bits of eval_test.kinds: which rule kinds may call it; and that it reads
 * what is remembered, so that what its rules score is left out of what a
 * message teaches; and that the scan answers it (AWL, TxRep), since it needs
 * the score so far and scores what it reckons: its function hits nothing; and
 * that the report says no "BODY:" of its hits. */
enum { EVAL_HEADER = 1, EVAL_BODY = 2, EVAL_RAWBODY = 4, EVAL_FULL = 8,
       EVAL_REMEMBERS = 16, EVAL_SENDERS = 32, EVAL_NO_AREA = 64 };

struct eval_test {
	const char *name;
	unsigned kinds;
	eval_fn *fn;
	/* Optional: checks and compiles the arguments when rules are loaded
	 * (regexes). NULL and err: the rule is not live. */
	void *(*prepare)(struct arena *a, const struct strs *args,
			 struct err *err);
	const char *what;	/* one sentence for `mekiki rules` and docs */
};

/* A family's table ends with a row whose name is NULL. */
extern const struct eval_test eval_header_tests[], eval_relay_tests[],
	eval_mime_tests[], eval_html_tests[], eval_image_tests[],
	eval_body_tests[], eval_freemail_tests[], eval_wlbl_tests[],
	eval_bounce_tests[], eval_uri_tests[], eval_memory_tests[],
	eval_textcat_tests[], eval_pdf_tests[], eval_ole_tests[],
	eval_bayes_tests[], eval_access_tests[], eval_antivirus_tests[],
	eval_auth_results_tests[], eval_from_name_tests[],
	eval_phishing_tests[], eval_short_url_tests[];

extern const struct eval_test eval_programs_tests[], eval_uri_local_bl_tests[];

/* The test called name, or NULL. */
const struct eval_test *eval_find(struct str name);

/* Argument i as text ("" if absent) or number (`otherwise` if absent or not a
 * number; "inf" is infinity). */
struct str eval_arg(const struct strs *args, size_t i);
double eval_arg_num(const struct strs *args, size_t i, double otherwise);

#endif
