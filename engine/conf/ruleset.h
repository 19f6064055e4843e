/*
 * The whole configuration: all files read once, in SpamAssassin's order, into
 * an immutable ruleset and the site's settings. Faults are collected, each
 * with file and line; loading goes on behind them.
 */
#ifndef MEKIKI_CONF_RULESET_H
#define MEKIKI_CONF_RULESET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/map.h"
#include "base/str.h"
#include "conf/extract_text.h"
#include "conf/programs.h"
#include "conf/rule.h"
#include "conf/settings.h"

enum diag_level { DIAG_WARN, DIAG_ERROR };

struct loader;

struct diag {
	enum diag_level level;
	const char *file;	/* "" where no file is at fault */
	int line;
	struct str text;	/* what is wrong and what was expected */
};

struct diags {
	struct arena *arena;
	struct diag *v;
	size_t n, cap;
	size_t nerrors;
};

/* Records a fault (and counts it if it is an error). */
void diag_add(struct diags *d, enum diag_level level, const char *file,
	      int line, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));

struct load_options {
	const char *rules_dir;	/* -C; NULL: SpamAssassin's stock directory
				 * (/var/lib/spamassassin/4.000001 if it was
				 * updated, else /usr/share/spamassassin) */
	const char *site_dir;	/* --siteconfigpath; NULL: /etc/spamassassin,
				 * then the .cf files of /etc/mekiki */
	const char *own_dir;	/* our rules; NULL: none (--no-own-rules) */
	const char *prefs_file;	/* -p; or NULL */
	const char *const *more_files;	/* read after the site's, NULL-ended; or
					 * NULL */
	bool local_only;	/* -L */
	bool lint;		/* check as --lint does: some more is an error */
	const char *const *pre_lines;	/* --pre, NULL-ended, or NULL */
	const char *const *cf_lines;	/* --cf, NULL-ended, or NULL */
	/* Called when all lines were read, to run the scripts that were found;
	 * NULL: scripts are ignored. */
	void (*scripts)(void *ctx, struct loader *ld);
	void *scripts_ctx;
	const char *lang;	/* language for `lang` lines; NULL: from the
				 * environment */
};

/* Something parsed that belongs to the network issue: kept for later. */
struct net_line {
	struct str keyword;	/* "urirhssub", "askdns", ... */
	struct str text;
	const char *file;
	int line;
};

struct ruleset {
	struct arena *arena;
	struct rule *rules;	/* by id, in order of first mention */
	size_t nrules, rules_cap;
	struct map by_name;	/* name -> struct rule * (stable only after
				 * loading) */
	struct settings *site;
	struct map plugins;	/* loaded ones: "Mail::SpamAssassin::Plugin::X" */
	struct map foreign;	/* those of them that are not SpamAssassin's:
				 * full name -> struct str *, their Perl */
	struct map named;	/* what was warned of and is not again */
	struct map compat;	/* enable_compat: "welcomelist_blocklist" */
	struct map keywords;	/* conf's own: name -> directive */
	/* replace_tag and kin, for the rules of users. */
	struct map replace_tag, replace_pre, replace_inter, replace_post;
	struct regex_text *redirectors;	/* redirector_pattern, in order */
	size_t nredirectors, redirectors_cap;
	size_t site_redirectors;	/* in a user's own: those of the site */
	struct net_line *net_lines;
	size_t nnet_lines, net_lines_cap;
	struct programs programs;	/* that are run for messages */
	struct extract_uses extract;	/* for ExtractText */
	struct map uri_blocks;	/* see conf/uri_block.h */
	struct geodb *geodb;	/* eval/geodb.h: opened at load; or NULL */
	struct strs files;	/* every file read, in order */
	const char *rules_dir, *site_dir;	/* as the options named them; or
						 * NULL */
	struct str rules_version;	/* _RULESVERSION_ */
	bool local_only;
	struct diags diags;
};

/* Reads the configuration. Never NULL; look at diags. Everything lives in
 * `a`. */
struct ruleset *ruleset_load(struct arena *a, const struct load_options *opt);

/* The rule called name, or NULL. */
struct rule *ruleset_find(const struct ruleset *rs, struct str name);

/* An overlay over the site's settings from a user's file: scores, lists,
 * templates, settings; rules are refused with a warning. It lives in `a`.
 * Never NULL. */
struct settings *settings_overlay(struct arena *a, const struct ruleset *rs,
				  const char *file, struct diags *diags);

/* The same from text (tests, SQL preferences). `name` stands in faults. */
struct settings *settings_overlay_text(struct arena *a,
				       const struct ruleset *rs,
				       struct str text, const char *name,
				       struct diags *diags);

/* One text of a user's preferences. */
struct overlay_text {
	struct str text;
	const char *name;	/* for faults; "user_prefs" of a file */
	bool rules;		/* it may define rules if the site allows */
};

/* The same from n texts, each over those before it. rules_r: if the site
 * allows it (allow_user_rules), rules may be defined; *rules_r is then the
 * user's own ruleset, in `a` too, whose ids begin with the site's; NULL if no
 * line defines any. Its regexes are not compiled. */
struct settings *settings_overlay_texts(struct arena *a,
					const struct ruleset *rs,
					const struct overlay_text *texts,
					size_t n, struct diags *diags,
					struct ruleset **rules_r);

/* Do the site's files load SpamAssassin's plug-in called name ("TextCat")? */
bool ruleset_has_plugin(const struct ruleset *rs, const char *name);

/* The path of a file that rules come with, such as "languages", in SpamAssassin's
 * order of search: a site's folder that was named, the rules' folder that was
 * named, the updated stock rules, the shipped ones. In rs->arena; NULL if there
 * is none. */
const char *ruleset_support_file(const struct ruleset *rs, const char *name);

/* Reads a whole file into the arena. 0, or -1 and errno (EINVAL: it is not a
 * regular file). */
int load_slurp(struct arena *a, const char *path, struct str *text_r);

#endif
