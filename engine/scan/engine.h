/*
 * The engine as programs see it: a configuration loaded once, and scans of
 * one message each. Everything a daemon or a command needs is here; nothing
 * here does I/O but loading.
 */
#ifndef MEKIKI_SCAN_ENGINE_H
#define MEKIKI_SCAN_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "conf/ruleset.h"

struct arena;
struct engine;
struct scan;

/* Loads rules and compiles everything. Never NULL; engine_diags tells the
 * faults. A configuration with errors still scans: the faulty lines are left
 * out. Immutable afterwards: fork workers from it. */
struct engine *engine_load(const struct load_options *opt);

void engine_free(struct engine **e);

const struct diags *engine_diags(const struct engine *e);
const struct ruleset *engine_rules(const struct engine *e);

/* Where a scan is, for whoever watches over it from outside (the front). The
 * scan writes it, plain stores into memory that may be shared. */
struct scan_progress {
	uint32_t stage;		/* enum scan_stage */
	uint32_t rule;		/* id of the rule or (uint32_t)-1 */
	/* Counts the calls of scripts: odd while one is inside. */
	uint32_t script_seq;
};

enum scan_stage { STAGE_IDLE, STAGE_PARSE, STAGE_VIEWS, STAGE_RULES,
		  STAGE_METAS, STAGE_REPORT };

/* Rules that are left out of one scan because they killed workers. */
#define SCAN_SKIPS 4

struct asker_client;
struct runner_client;
struct memory_client;
struct memory_settings;
struct lua_envelope;
struct lua_tally;
struct lua_watch;

struct scan_options {
	const struct settings *settings;	/* a user's overlay; NULL: site */
	double time_limit;	/* seconds for this scan; 0: the settings' */
	struct scan_progress *progress;		/* or NULL */
	const struct lua_envelope *envelope;	/* lua/scripts.h; or NULL */
	struct asker_client *asker;		/* net/asker.h; NULL: nobody */
	struct runner_client *runner;		/* net/runner.h; the same */
	struct memory_client *memory;		/* redis/memory.h; the same */
	const struct memory_settings *memory_settings;	/* with memory */
	bool teach;		/* let what is remembered learn from it */
	bool by_date;		/* ... as if it were the message's own date */
	const char *user;	/* whose database of Bayes; NULL: nobody's */
	uint32_t skip_rules[SCAN_SKIPS];	/* id + 1 of scripts' rules
				 * that must not be called; 0: none */
	const char *remote_host, *remote_addr;	/* _REMOTEHOSTNAME_ ...; or NULL */
};

/* Does it have rules in Lua? Their counters, by rule id (as many as rules);
 * the caller's memory, given before the fork, so that all workers count
 * together. */
bool engine_has_scripts(const struct engine *e);
void engine_set_tallies(struct engine *e, struct lua_tally *tallies);

/* Tells w (lua/scripts.h) of every call of a script's rule. */
void engine_watch_scripts(struct engine *e, const struct lua_watch *w);

/* CPU seconds that one call of a script may use. */
double engine_script_limit(const struct engine *e);

/* True if the engine's scripts keep so much memory, or lists of theirs are so
 * old, that its process should make place for a fresh one. */
bool engine_is_tired(const struct engine *e);

/* Reads lists of scripts again whose files have changed: before a fork, never
 * during a scan. */
void engine_refresh(struct engine *e);

/* Fills lists that are kept in the store (store_list lines): before a fork,
 * never during a scan. Nothing if there are none, or they have not changed. */
void engine_fill_lists(struct engine *e, struct memory_client *memory);

/* True if memory was told by now that these lists have changed. */
bool engine_lists_changed(const struct engine *e,
			  const struct memory_client *memory);

/* A user's own over the site's: settings, and an engine that is the site's or,
 * if the user has rules of his own, shares with it all that is the same. */
struct user_engine {
	const struct engine *engine;
	const struct settings *settings;
};

/* Makes it of n texts; it lives in `a`, and the site's engine must outlive it.
 * Faults go to diags. */
struct user_engine engine_for_user(const struct engine *site, struct arena *a,
				   const struct overlay_text *texts, size_t n,
				   struct diags *diags);

/* Scans raw. The scan and all its texts live in `a`, and so must raw. Never
 * NULL. */
struct scan *scan_message(const struct engine *e, struct arena *a,
			  struct str raw, const struct scan_options *opt);

/* What a person says of a message: it is learned, or forgotten. */
enum scan_told { SCAN_TOLD_SPAM, SCAN_TOLD_HAM, SCAN_TOLD_FORGET };

struct scan_learned {
	bool changed;		/* Bayes learned or forgot it now */
	bool journaled;		/* safe, not in the store yet */
};

/* Teaches what a person says, and waits until it is safe: settings, memory,
 * memory_settings and user of opt count. Reputation is corrected in any case,
 * Bayes learns unless the settings say otherwise. -1 and err: nothing is
 * promised. */
int scan_learn(const struct engine *e, struct arena *a, struct str raw,
	       enum scan_told told, const struct scan_options *opt,
	       struct scan_learned *out_r, struct err *err);

/* Senders whom a person lists, in the records of AWL or TxRep. */
enum scan_listing { SCAN_LIST_WELCOME, SCAN_LIST_BLOCK, SCAN_LIST_REMOVE };

/* The word of the one whose records they are: "awl", "txrep", or "" if neither
 * is loaded and switched on. */
const char *scan_lister(const struct engine *e);

/* Lists an address (for TxRep also a domain, an IP address or a HELO name), or
 * drops what is known of it. -1 and err: nothing is promised. */
int scan_list_sender(const struct engine *e, struct arena *a, struct str id,
		     enum scan_listing how, const struct scan_options *opt,
		     struct err *err);

/* The addresses that are listed when a message is: of its From headers, or
 * (all) of all headers that have addresses, and in its text. */
void scan_listable(const struct engine *e, struct arena *a, struct str raw,
		   bool all, struct strs *out);

/* The verdict. */
bool scan_is_spam(const struct scan *s);
double scan_score(const struct scan *s);	/* rounded to 3 decimals */
double scan_required(const struct scan *s);
/* "4.9": _SCORE_ with its floor below required (surprise 30). */
struct str scan_score_text(const struct scan *s);
struct str scan_required_text(const struct scan *s);

/* Names of hits, sorted, repeated as often as they hit (tests=, subtests=). */
const struct strs *scan_tests(const struct scan *s);
const struct strs *scan_subtests(const struct scan *s);

/* Facts: the Message-ID for the log; autolearn's word ("no", "disabled", ...). */
struct str scan_message_id(const struct scan *s);
struct str scan_resent_message_id(const struct scan *s);
struct str scan_autolearn(const struct scan *s);
/* What the plug-in Shortcircuit says in spamd's log: "ham", "spam", "no";
 * STR_NONE: it is not loaded. */
struct str scan_shortcircuit(const struct scan *s);

/* Texts from the templates, in the scan's arena. */
struct str scan_report(struct scan *s);		/* spamd's REPORT body */
struct str scan_rewritten(struct scan *s);	/* spamd's PROCESS body */
struct str scan_tag(struct scan *s, struct str tag);	/* "_TESTS(,)_" etc. */

/* The message without X-Spam-* markup and report wrapping (spamassassin -d). */
struct str message_unmarked(struct arena *a, struct str raw);

#endif
