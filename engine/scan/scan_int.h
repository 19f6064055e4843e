/*
 * The inside of a scan, shared by the files of scan/ only.
 */
#ifndef MEKIKI_SCAN_INT_H
#define MEKIKI_SCAN_INT_H

#include "base/map.h"
#include "base/memory.h"
#include "conf/ruleset.h"
#include "lua/scripts.h"
#include "scan/engine.h"
#include "scan/plan.h"

struct message;
struct senders_answer;
struct shortcircuit;
struct store_batch;
struct store_reply;

struct engine {
	struct arena *arena;
	struct ruleset *rules;
	struct matcher *matcher;
	/* Of a user with rules of his own: those, and which they are. */
	struct matcher *user_matcher;	/* NULL: none */
	struct rule_bits user_rules;
	struct plan *plan;
	struct lua_vm *vm;	/* NULL: no scripts */
	struct eval_plugins *plugins;
	bool shortcircuits;	/* its plug-in is loaded */
	struct kept_list *lists;	/* those kept in the store */
	size_t nlists;
	uint32_t lists_epoch;	/* as filled last; 0: never */
	struct arena *lists_arena;
};

/* One name in the list of hits. A `multiple` rule has one a hit. */
struct hit {
	struct str name;
	const struct rule *rule;	/* NULL: TIME_LIMIT_EXCEEDED and kin */
	double score;
	bool own_score;		/* reckoned for this message (AWL), and shown
				 * where others show what is configured */
};

struct scan {
	struct arena *arena;
	const struct engine *engine;
	const struct settings *settings;
	const struct scan_options *options;
	struct message *msg;
	int score_set;

	/* By rule id. A rule that is not `ready` has not been answered yet;
	 * its value is the operand that metas see. */
	double *value;
	bool *ready;
	unsigned *missing;	/* of a meta: dependencies not ready yet */
	bool *meta_done;
	struct id_list meta_queue;	/* metas with nothing missing */
	size_t meta_next;	/* of the queue */
	bool *gave_up;		/* matches that met a limit, logged once */

	struct hit *hits;	/* scored ones, in the order they came */
	size_t nhits, hits_cap;
	struct map logs;	/* rule -> struct strs *: test_log lines */
	struct str subjprefix;	/* joined prefixes of the rules that hit */

	struct memory_facts memory;	/* what is remembered of it */
	struct recall *recall;	/* memory.c: what was asked of it; or NULL */
	const char *learned;	/* autolearn's word; NULL: "unavailable" */
	bool points_frozen;	/* autolearn looks at the first nfrozen hits */
	size_t nfrozen;
	struct senders_answer *senders;	/* of AWL or TxRep, once asked */
	struct shortcircuit *shortcircuit;	/* NULL: not loaded */
	bool shortcircuited;	/* no further stage is run */

	struct lua_run *run;	/* of the scripts, or NULL */
	struct id_list put_off;	/* callbacks whose dependencies are open */
	struct id_list asking;	/* callbacks that asked the world */
	size_t store_asks;	/* commands of scripts without an answer */
	struct lua_forced forced;

	double score;
	double required;
	bool is_spam;
	bool timed_out;
	int64_t deadline_us;	/* clock_mono_us; 0: none */
	struct map captures;	/* NAME -> struct strs * */
	struct map tags;	/* NAME -> struct str * */
	struct strs tests, subtests;
	struct str autolearn_said;	/* STR_NONE: scan_autolearn() reckons */
	struct str new_body;	/* instead of the original's, or STR_NONE */
	struct str report;	/* made on demand */
	struct str summary_text, report_text;	/* _SUMMARY_, _REPORT_ */
	bool summarised;
};

/* hits.c: a rule hit with this value (counts once unless `multiple`). */
void scan_hit(struct scan *s, const struct rule *r, double value);
/* A script's rule hit: its score counts `weight` times, each time anew, and
 * options are listed in the report. */
void scan_hit_weighted(struct scan *s, const struct rule *r, double weight,
		       const struct strs *options);
/* What the report lists under the rule, added to what is there; log may be
 * NULL. */
void scan_keep_log(struct scan *s, const struct rule *r,
		   const struct strs *log);
/* A hit that no rule stands for, with its own score and description. */
void scan_hit_named(struct scan *s, struct str name, double score);
/* A hit of the rule called name with a score of its own (AWL, TXREP); log, what
 * the report lists under it, may be NULL. */
void scan_hit_scored(struct scan *s, struct str name, double score,
		     const struct strs *log);
/* The rule ran and did not hit. */
void scan_ready(struct scan *s, unsigned id);

/* metas.c: evaluates the metas whose dependencies are all ready; `finish`
 * first answers what never ran. */
void metas_begin(struct scan *s);
void metas_run(struct scan *s, bool finish);
/* After finish: those that only waited for a script's late answer. */
void metas_late(struct scan *s);

/* debug.c: tells the log what came out, by SpamAssassin's channels. */
void scan_debug(struct scan *s);

/* scan.c: is the scan's time up? */
bool scan_time_is_up(struct scan *s);
/* ... and the verdict that the score is now. */
void scan_settle_verdict(struct scan *s);

/* phishtag.c: what PhishTag does, behind everything else. */
void phishtag_run(struct scan *s);
/* body with what matches the links, which are regexes, replaced; in a. Stops
 * where it is at the deadline (clock_mono_us; 0: none). */
struct str phishtag_replace(struct arena *a, struct str body,
			    const struct strs *links, struct str by,
			    int64_t deadline_us);

/* shortcircuit.c: reads what the settings say of it; a rule hit, and its score
 * is not added yet: sets s->shortcircuited if nothing more is to be asked. */
void shortcircuit_begin(struct scan *s);
void shortcircuit_hit(struct scan *s, struct str name, double score);

/* autolearn.c: the score as learning reckons it, and whether the message is
 * to be learned: 1 as spam, 0 as ham, -1 not at all. */
double scan_autolearn_points(const struct scan *s);
int scan_autolearn_class(const struct scan *s);
/* The same points; and hits that come later teach nothing any more, since
 * SpamAssassin reckons only once. */
double scan_autolearn_freeze(struct scan *s);

/* recall_senders.c: answers a rule with EVAL_SENDERS (AWL, TxRep). */
void senders_run(struct scan *s, const struct rule *r);
/* senders_check.c: warns of what AWL and TxRep do not do here. */
void senders_check(struct engine *e);
/* What a person says: what to recall, and then what to learn (told about a
 * message with this key). 0 and no command if it teaches nothing. */
size_t senders_lesson_recall(struct arena *a, struct message *m,
			     const struct settings *s,
			     struct score_record **records_r,
			     struct store_batch *batch);
void senders_lesson(struct arena *a, struct message *m,
		    const struct settings *s, enum scan_told told,
		    const struct score_record *records, size_t n,
		    struct str message, struct store_batch *batch);

/* ... and the changes of learn/senders.h's senders_list. */
void senders_compose_list(struct arena *a, const struct settings *s,
			  const struct score_changes *changes,
			  struct store_batch *batch);

/* memory.c: asks what is remembered of the message, as soon as it is parsed;
 * waits for the answer, before the first rule; teaches, after the verdict. */
void memory_recall(struct scan *s);
void memory_settle(struct scan *s);
void memory_teach_verdict(struct scan *s);
/* A script's command for the store: sent; -1 or a descriptor for poll(); an
 * answer if there is one (1, else 0). */
bool memory_ask_command(struct scan *s, const struct ask *ask,
			struct err *err);
int memory_fd(const struct scan *s);
int memory_take_command(struct scan *s, struct ask_answer *out_r);

/* tags.c: replaces the _TAGS_ of a template. */
struct str tags_expand(struct scan *s, struct str text);

/* report.c: fills summary_text and report_text. */
void report_summarise(struct scan *s);
struct str report_preview(struct scan *s);
/* Breaks text into lines as SpamAssassin's wrap does; break_after is "" for
 * white space, or "," to break after white space or commas. */
struct str text_wrap(struct arena *a, struct str text, struct str prefix,
		     struct str first, size_t width, bool overflow,
		     bool after_comma);

/* rewrite.c: the added X-Spam-* headers for spam or ham. */
struct str rewrite_added_headers(struct scan *s, bool spam);

/* The score of a rule in the scan's set. */
double scan_rule_score(const struct scan *s, const struct rule *r);

#endif
