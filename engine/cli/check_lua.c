/*
 * mekiki check --lua FILE: the machine tells of every call and every result
 * (lua_watch), the log is gathered in between, and all of it is printed by
 * rule: what the callback returned, which results it inserted, what it logged
 * and what it cost.
 */
#include "cli/check_lua.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/log.h"
#include "conf/rule.h"
#include "lua/scripts.h"

struct event {
	const struct rule *by;	/* whose call it was */
	struct str text;
	struct event *next;
};

/* All about one rule. */
struct record {
	struct lua_called sum;	/* costs of all pieces, the last outcome */
	unsigned pieces;
	struct event *first, **last;
};

struct lua_report {
	struct engine *engine;
	struct arena *arena;
	struct lua_watch watch;
	struct record *records;	/* by rule id */
	struct strs pending;	/* log lines since the last call */
};

static void add_event(struct lua_report *r, const struct rule *by,
		      struct str text)
{
	struct record *rec = &r->records[by->id];
	struct event *e = arena_alloc(r->arena, sizeof(*e));

	e->by = by;
	e->text = text;
	if (!rec->last)
		rec->last = &rec->first;
	*rec->last = e;
	rec->last = &e->next;
}

static void on_log(void *ctx, enum log_level level, const char *line)
{
	struct lua_report *r = ctx;

	(void)level;
	strs_add(r->arena, &r->pending, str_dup(r->arena, str_cstr(line)));
}

static void flush_log(struct lua_report *r, const struct rule *by)
{
	for (size_t i = 0; i < r->pending.n; i++)
		add_event(r, by, str_cat(r->arena, STR("logged    "),
					 r->pending.v[i]));
	r->pending.n = 0;
}

static void on_inserted(void *ctx, const struct rule *by,
			const struct rule *rule, double weight,
			const struct strs *options)
{
	struct lua_report *r = ctx;
	const struct ruleset *rs = engine_rules(r->engine);
	double score = rule_is_sub(rule) ||
		settings_informational(rs->site, rule->id) ? 0 :
		settings_score(rs->site, rule->id, rs->local_only ? 0 : 1);
	struct str text = str_printf(r->arena,
		"result    %.*s, weight %g, score %g", STR_ARG(rule->name),
		weight, weight * score);

	flush_log(r, by);
	if (options && options->n)
		text = str_printf(r->arena, "%.*s, options: %.*s",
				  STR_ARG(text), STR_ARG(strs_join(r->arena,
				  options, STR(", "))));
	add_event(r, by, text);
}

static void on_called(void *ctx, const struct lua_called *call)
{
	struct lua_report *r = ctx;
	struct record *rec = &r->records[call->rule->id];

	flush_log(r, call->rule);
	rec->pieces++;
	rec->sum.rule = call->rule;
	rec->sum.outcome = call->outcome;
	rec->sum.cpu_us += call->cpu_us;
	rec->sum.steps += call->steps;
	if (call->memory > rec->sum.memory)
		rec->sum.memory = call->memory;
	if (call->returned.p)
		add_event(r, call->rule, str_cat(r->arena,
			  STR("returned  "), call->returned));
}

struct lua_report *lua_report_begin(struct engine *e, struct arena *a)
{
	struct lua_report *r = arena_alloc(a, sizeof(*r));

	r->engine = e;
	r->arena = a;
	r->records = arena_alloc(a, (engine_rules(e)->nrules + 1) *
				 sizeof(*r->records));
	r->watch.ctx = r;
	r->watch.called = on_called;
	r->watch.inserted = on_inserted;
	engine_watch_scripts(e, &r->watch);
	log_set_sink(on_log, r);
	return r;
}

void lua_report_end(struct lua_report *r)
{
	engine_watch_scripts(r->engine, NULL);
	log_set_sink(NULL, NULL);
	/* What no rule said goes where it would have gone. */
	for (size_t i = 0; i < r->pending.n; i++)
		fprintf(stderr, "mekiki: %.*s\n", STR_ARG(r->pending.v[i]));
}

/* ---- printing ---- */

static bool same_file(const char *a, const char *b)
{
	char *x = realpath(a, NULL), *y = realpath(b, NULL);
	bool same = x && y && strcmp(x, y) == 0;

	free(x);
	free(y);
	return same;
}

static bool print_faults(const struct lua_report *r, const char *file)
{
	const struct diags *d = engine_diags(r->engine);
	bool fine = true;

	for (size_t i = 0; i < d->n; i++) {
		if (!d->v[i].file[0] || !same_file(d->v[i].file, file))
			continue;
		printf("%s:%d: %s: %.*s\n", file, d->v[i].line,
		       d->v[i].level == DIAG_ERROR ? "error" : "warning",
		       STR_ARG(d->v[i].text));
		fine = fine && d->v[i].level != DIAG_ERROR;
	}
	return fine;
}

static const char *outcome_name(enum lua_outcome o)
{
	switch (o) {
	case LUA_DONE:
		return "done";
	case LUA_WAITING:
		return "still waiting at the end";
	case LUA_FAILED:
		return "FAILED";
	}
	return "";
}

static bool print_rule(const struct lua_report *r, const struct rule *rule)
{
	const struct record *rec = &r->records[rule->id];

	if (!rec->pieces) {
		printf("%.*s (line %d): not called\n", STR_ARG(rule->name),
		       rule->line);
		return true;
	}
	printf("%.*s (line %d): %s\n", STR_ARG(rule->name), rule->line,
	       outcome_name(rec->sum.outcome));
	for (const struct event *e = rec->first; e; e = e->next)
		printf("  %.*s\n", STR_ARG(e->text));
	printf("  cost      %lld us, %llu instructions, %zu octets\n",
	       (long long)rec->sum.cpu_us, (unsigned long long)rec->sum.steps,
	       rec->sum.memory);
	return rec->sum.outcome != LUA_FAILED;
}

bool lua_report_print(const struct lua_report *r, const char *file)
{
	const struct ruleset *rs = engine_rules(r->engine);
	const char *last = NULL;
	bool same = false, fine;

	printf("\nRules of %s:\n", file);
	fine = print_faults(r, file);
	for (size_t i = 0; i < rs->nrules; i++) {
		const struct rule *rule = &rs->rules[i];

		if (rule->kind != RULE_LUA || rule->hidden)
			continue;
		if (rule->file != last) {
			last = rule->file;
			same = same_file(last, file);
		}
		if (same)
			fine = print_rule(r, rule) && fine;
	}
	return fine;
}
