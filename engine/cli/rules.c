/*
 * mekiki rules [NAME...]: every rule of the configuration with its kind, its
 * score in the score set that is in use, and, if it can never hit, why. With
 * --counts the numbers of rules by kind. Names may be globs.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/log.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "scan/engine.h"

struct rules_options {
	struct common_options common;
	bool counts;
	bool unlive;		/* only those that cannot hit */
	bool files;		/* with the place of the definition */
	char **names;
	int nnames;
};

/* The rows of --counts, in the order of the reference. */
static const enum rule_kind kinds[] = {
	RULE_META, RULE_HEADER, RULE_BODY, RULE_BODY_EVAL, RULE_URI,
	RULE_HEADER_EVAL, RULE_RBL_EVAL, RULE_MIMEHEADER, RULE_RAWBODY,
	RULE_FULL_EVAL, RULE_ASKDNS, RULE_RAWBODY_EVAL, RULE_FULL,
	RULE_URI_DETAIL, RULE_LUA, RULE_EMPTY,
};

static bool is_test_rule(const struct rule *r)
{
	return str_starts(r->name, STR("T_"));
}

static void print_counts(const struct ruleset *rs)
{
	size_t all = 0, subs = 0, tests = 0, live = 0;

	printf("%-14s %6s %8s %6s %6s\n", "kind", "rules", "subrules", "T_",
	       "live");
	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		size_t n = 0, sub = 0, t = 0, can = 0;

		for (size_t i = 0; i < rs->nrules; i++) {
			const struct rule *r = &rs->rules[i];

			if (r->kind != kinds[k] || r->hidden)
				continue;
			n++;
			sub += rule_is_sub(r);
			t += is_test_rule(r);
			can += !r->unlive;
		}
		printf("%-14s %6zu %8zu %6zu %6zu\n", rule_kind_name(kinds[k]),
		       n, sub, t, can);
		all += n;
		subs += sub;
		tests += t;
		live += can;
	}
	printf("%-14s %6zu %8zu %6zu %6zu\n", "total", all, subs, tests, live);
}

/* Rules that score in each set, and those of them that are no subrules. */
static void print_scored(const struct ruleset *rs)
{
	static const char *const what[] = { "neither network nor Bayes",
		"network", "Bayes", "network and Bayes" };

	printf("\n%-30s %6s %9s\n", "score set", "rules", "reported");
	for (int set = 0; set < 4; set++) {
		size_t n = 0, shown = 0;

		for (size_t i = 0; i < rs->nrules; i++) {
			if (settings_score(rs->site, (unsigned)i, set) == 0 ||
			    rs->rules[i].hidden)
				continue;
			n++;
			shown += !rule_is_sub(&rs->rules[i]) &&
				!settings_informational(rs->site, (unsigned)i);
		}
		printf("%d, %-27s %6zu %9zu\n", set, what[set], n, shown);
	}
}

static bool wanted(const struct rules_options *o, const struct rule *r)
{
	if (r->hidden || (o->unlive && !r->unlive))
		return false;
	for (int i = 0; i < o->nnames; i++)
		if (glob_match(str_cstr(o->names[i]), r->name))
			return true;
	return o->nnames == 0;
}

static int by_name(const void *x, const void *y)
{
	const struct rule *const *a = x, *const *b = y;

	return str_cmp((*a)->name, (*b)->name);
}

static void print_rule(const struct rules_options *o, const struct ruleset *rs,
		       const struct rule *r)
{
	int set = rs->local_only ? 0 : 1;
	double score = settings_score(rs->site, r->id, set);
	const char *why = r->unlive ? r->unlive :
		score == 0 ? "scores 0" :
		settings_informational(rs->site, r->id) ?
		"live, counts nothing" : "live";

	if (settings_informational(rs->site, r->id))
		score = 0;
	printf("%-40.*s %-12s %8g  %s", STR_ARG(r->name),
	       rule_kind_name(r->kind), score, why);
	if (o->files)
		printf("  (%s:%d)", r->file, r->line);
	printf("\n");
}

static int print_rules(const struct rules_options *o, const struct ruleset *rs,
		       struct arena *a)
{
	const struct rule **v = arena_alloc(a, (rs->nrules + 1) * sizeof(*v));
	size_t n = 0;

	for (size_t i = 0; i < rs->nrules; i++)
		if (wanted(o, &rs->rules[i]))
			v[n++] = &rs->rules[i];
	qsort(v, n, sizeof(*v), by_name);
	for (size_t i = 0; i < n; i++)
		print_rule(o, rs, v[i]);
	return o->nnames && !n ? 1 : 0;
}

int cmd_rules(int argc, char **argv)
{
	struct rules_options o = { 0 };
	const struct option_row rows[] = {
		{ "counts", 0, OPT_FLAG, &o.counts, NULL,
		  "Print how many rules there are of each kind." },
		{ "unlive", 0, OPT_FLAG, &o.unlive, NULL,
		  "Only the rules that cannot hit." },
		{ "files", 0, OPT_FLAG, &o.files, NULL,
		  "Show where each rule was defined." },
		{ NULL, 0, OPT_FLAG, NULL, NULL, NULL },
	};
	const struct option_row *common = common_option_rows(&o.common);
	const struct ruleset *rs;
	struct engine *e;
	struct arena *a;
	struct err err;
	int code = 0;

	o.nnames = options_parse(argc, argv, common, rows, &err);
	if (o.nnames < 0) {
		log_error("%s", err.text);
		return EXIT_USE;
	}
	if (o.common.help) {
		printf("Usage: mekiki rules [OPTIONS] [NAME...]\n\n");
		options_help(stdout, rows);
		options_help(stdout, common);
		return 0;
	}
	o.names = argv;
	common_options_apply(&o.common);
	e = engine_load(&o.common.load);
	a = arena_new();
	rs = engine_rules(e);
	if (o.counts) {
		print_counts(rs);
		print_scored(rs);
	} else {
		code = print_rules(&o, rs, a);
	}
	arena_free(&a);
	engine_free(&e);
	return code;
}
