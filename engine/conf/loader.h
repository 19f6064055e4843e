/*
 * The state of one configuration while it is read. Private to conf/: every
 * file there that handles a kind of line works on this. The site's files and
 * a user's file go through the same loader; `user` makes the difference.
 */
#ifndef MEKIKI_CONF_LOADER_H
#define MEKIKI_CONF_LOADER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/map.h"
#include "base/str.h"
#include "conf/keywords.h"
#include "conf/ruleset.h"

/* Our own part of the site: lines that SpamAssassin does not know. */
#define OWN_SITE_DIR MEKIKI_SYSCONFDIR "/mekiki"

/* One open `if` or `ifplugin`. */
struct if_frame {
	const char *kind;
	bool skip;		/* what was so before it */
	bool ours;		/* `ifplugin Mekiki`: SpamAssassin skips it */
	int line;
};

/* What `score` lines have said about a name so far. */
struct raw_score {
	double set[4];
};

/* Networks as they were written, turned into a netset at the end. */
struct net_spec {
	struct str text;
	const char *file;
	int line;
};

struct net_specs {
	struct net_spec *v;
	size_t n, cap;
	bool configured;
	bool cleared;		/* a user's file dropped the site's */
};

/* What a script says of its symbol, which a .cf line may overrule. */
struct script_defaults {
	bool has_score;
	double score;
};

struct loader {
	struct arena *a;
	struct ruleset *rs;	/* being built; a user's file only reads it */
	struct settings *set;	/* where settings go */
	struct diags *diags;
	bool user;		/* a user's file: no admin settings, rules only
				 * if they are allowed */
	const struct ruleset *site;	/* the site's, for a user's file; while
				 * rs is the same, rs must not change */
	bool rules_allowed;
	const char *rules_file;	/* where they stand */
	size_t nuser_rules;
	bool lint;
	struct str lang;

	/* Where the reading is. */
	const char *file;
	int line;
	struct str raw;		/* the line, for faults */
	unsigned depth;		/* of includes */
	size_t file_faults;	/* faults already noted for this file */
	struct map read;	/* paths that were read */

	/* Conditions. */
	struct if_frame *ifs;
	size_t nifs, ifs_cap;
	bool skip;
	struct map conds;	/* condition text -> "" (true) or NULL */

	/* Rules in the making. */
	struct map ids;		/* name -> id + 1 */
	struct map tflags;	/* name -> struct str * */
	struct map priority;	/* name -> int * */
	struct map scores;	/* name -> struct raw_score * */
	struct map replace_tag, replace_pre, replace_inter, replace_post;
	struct strs replace_rules;
	size_t *metas;		/* ids of metas, each behind those it uses */
	size_t nmetas;		/* without the cyclic ones */

	struct buf report, unsafe_report;
	struct net_specs trusted, internal, msa;
	struct domains *domains;	/* ours to change; or NULL */

	/* Scripts, in the order in which they are to be run, folders that they
	 * may read, and what they say of their rules. */
	struct strs scripts;
	struct strs readable;
	struct map script_defaults;	/* rule name -> struct script_defaults */

	/* What a setter that refuses a value says it expected. */
	struct str expected;
};

/* The answers of a keyword's setter. */
enum kw_result {
	KW_OK,
	KW_MISSING,		/* the value is missing */
	KW_INVALID,		/* see loader.expected */
	KW_SAID,		/* wrong, and the fault is noted already */
};

/* Notes a fault at the place being read. */
void load_fault(struct loader *ld, enum diag_level level, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Notes what was expected and returns KW_INVALID. */
enum kw_result load_expected(struct loader *ld, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* files.c: reads everything that the options name, in order. */
void load_all(struct loader *ld, const struct load_options *opt);
/* Reads one file (or all of a folder with this ending) if it was not
 * read before. A path that does not exist is silently nothing. */
void load_path(struct loader *ld, struct str path, const char *suffix);
/* Reads path for an `include` line of the file being read. */
void load_include(struct loader *ld, struct str path);
/* `~/x` and relative paths, seen from the file being read. */
struct str load_resolve(struct loader *ld, struct str path);

/* lines.c: reads all lines of a text under the name `file`. */
void load_text(struct loader *ld, struct str text, const char *file);

/* conditions.c */
void cond_begin(struct loader *ld, const char *kind, struct str text);
void cond_else(struct loader *ld);
void cond_end(struct loader *ld);
/* A file ends (or includes another): open ifs are faults and are closed. */
void cond_close_all(struct loader *ld);

/* plugins.c: plug-ins are named without "Mail::SpamAssassin::Plugin::". */
bool plugin_known(struct str name);
bool plugin_loaded(const struct ruleset *rs, struct str full_name);
/* Does can(method) (or has(method)) hold? method is "Module::name". */
bool plugin_can(const struct ruleset *rs, struct str method);
/* The full name under its newest spelling. */
struct str plugin_current_name(struct str full_name);

/* foreign.c: would SpamAssassin find the plug-in called package (in the file at
 * path, seen from the file being read, or STR_NONE)? What it is, is warned of
 * once; `quiet`: not if it is missing. `known`: it is one of SpamAssassin's. */
bool foreign_load(struct loader *ld, struct str package, struct str path,
		  bool known, bool quiet);
/* The plug-in of somebody else's whose text has this word (an eval function, a
 * directive), or STR_NONE. */
struct str foreign_owner(const struct ruleset *rs, struct str word);
/* Does the plug-in of somebody else's called package have this method? */
bool foreign_can(const struct ruleset *rs, struct str package,
		 struct str method);

/* eval_names.c: which plug-in an eval function comes from ("HTMLEval"), or
 * NULL; *kind_r the kind of rule it was registered for, RULE_EMPTY for any. */
const char *eval_function_plugin(struct str function, enum rule_kind *kind_r);

/* rules.c */
struct rule *rule_of(struct loader *ld, struct str name);
bool rule_name_ok(struct str name);
/* Puts a parsed definition (all but name and id) in place. False, with a
 * fault noted, if the name will not do. */
bool rule_define(struct loader *ld, struct str name, const struct rule *def);
/* Puts a definition in place whatever its name is; its id. */
unsigned rule_add(struct loader *ld, struct str name, const struct rule *def);
/* Takes a rule's name off the front of *value. */
bool rule_take_name(struct str *value, struct str *name_r);
/* Splits a regex, with the checks of a rule's. False: a fault is noted. */
bool rule_regex(struct loader *ld, struct str name, struct str text,
		struct regex_text *re_r);

/* scores.c, priority.c, replace.c, meta.c, finish.c: after the last line. */
void tflags_finish(struct loader *ld);
void scores_finish(struct loader *ld);
void metas_finish(struct loader *ld);
void priorities_finish(struct loader *ld);
void replace_finish(struct loader *ld);
void evals_finish(struct loader *ld);
void nets_finish(struct loader *ld);
void settings_finish(struct loader *ld);

/* overlay.c: before a line of a user's file may change rules: rs becomes the
 * user's own. */
void overlay_own_rules(struct loader *ld);
/* May another rule be defined? False: a user has too many of them, and a
 * fault is noted. Always true of the site. */
bool overlay_may_define(struct loader *ld);

/* Syntax check of a meta's expression. False, with a fault noted. */
bool meta_check(struct loader *ld, struct str name, struct str text);

#endif
