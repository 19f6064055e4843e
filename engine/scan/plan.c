/*
 * The plan of a ruleset; see plan.h. Order inside a tier and kind is that of
 * the rules' ids. SpamAssassin's is its hash order, random per process, so no
 * rule can depend on it.
 */
#include "scan/plan.h"

#include <stdlib.h>

#include "base/arena.h"
#include "conf/meta.h"
#include "conf/ruleset.h"
#include "eval/eval.h"
#include "lua/scripts.h"

static bool is_eval(enum rule_kind kind)
{
	return kind == RULE_HEADER_EVAL || kind == RULE_BODY_EVAL ||
	       kind == RULE_RAWBODY_EVAL || kind == RULE_FULL_EVAL;
}

static bool is_regex(enum rule_kind kind)
{
	switch (kind) {
	case RULE_HEADER:
	case RULE_BODY:
	case RULE_URI:
	case RULE_RAWBODY:
	case RULE_FULL:
	case RULE_MIMEHEADER:
	case RULE_URI_DETAIL:
	case RULE_TEXTS:
		return true;
	default:
		return false;
	}
}

static int cmp_ints(const void *a, const void *b)
{
	int x = *(const int *)a, y = *(const int *)b;

	return x < y ? -1 : x > y;
}

static void make_tiers(struct plan *p, struct ruleset *rs)
{
	int *prios = arena_alloc(rs->arena, (rs->nrules + 1) * sizeof(int));
	size_t n = 0;

	for (size_t i = 0; i < rs->nrules; i++)
		if (is_eval(rs->rules[i].kind) ||
		    is_regex(rs->rules[i].kind) ||
		    rs->rules[i].kind == RULE_LUA)
			prios[n++] = rs->rules[i].priority;
	qsort(prios, n, sizeof(*prios), cmp_ints);
	p->tiers = arena_alloc(rs->arena, (n + 1) * sizeof(*p->tiers));
	for (size_t i = 0; i < n; i++)
		if (i == 0 || prios[i] != prios[i - 1])
			p->tiers[p->ntiers++].priority = prios[i];
}

static struct tier *find_tier(struct plan *p, int priority)
{
	for (size_t i = 0; i < p->ntiers; i++)
		if (p->tiers[i].priority == priority)
			return &p->tiers[i];
	return NULL;
}

static void add_regex(struct plan *p, struct ruleset *rs, struct rule *r)
{
	struct tier *t = find_tier(p, r->priority);
	struct rule_bits *bits = &t->regexes[r->kind];

	if (!bits->words) {
		bits->n = rs->nrules / 64 + 1;
		bits->words = arena_alloc(rs->arena,
					  bits->n * sizeof(*bits->words));
	}
	rule_bits_set(bits, r->id);
	t->nregexes[r->kind]++;
}

/* Which registered kinds may serve a rule of this kind; a function for body
 * may be used by rawbody, nothing else may be crossed (reference 4.1). */
static unsigned allowed_kinds(enum rule_kind kind)
{
	switch (kind) {
	case RULE_HEADER_EVAL:
		return EVAL_HEADER;
	case RULE_BODY_EVAL:
		return EVAL_BODY;
	case RULE_RAWBODY_EVAL:
		return EVAL_RAWBODY | EVAL_BODY;
	default:
		return EVAL_FULL;
	}
}

/* What a test would need that is not here. */
static const char *why_missing(const struct rule *r)
{
	return r->tflags & TF_NET     ? "needs the network:"
	       : r->tflags & TF_LEARN ? "needs learning:"
				      : "no function";
}

static void add_eval(struct plan *p, struct ruleset *rs, struct rule *r)
{
	struct tier *t = find_tier(p, r->priority);
	struct eval_list *list = &t->evals[r->kind];
	struct bound_eval b = { .rule = r };
	struct err err = { "" };

	b.test = eval_find(r->eval.function);
	if (!b.test) {
		r->unlive = str_printf(rs->arena, "%s %.*s()",
				       why_missing(r),
				       STR_ARG(r->eval.function)).p;
		return;
	}
	if (!(b.test->kinds & allowed_kinds(r->kind))) {
		diag_add(&rs->diags, DIAG_ERROR, r->file, r->line,
			 "%.*s: eval:%.*s() cannot be used in a %s rule",
			 STR_ARG(r->name), STR_ARG(r->eval.function),
			 rule_kind_name(r->kind));
		r->unlive = "its function is for another kind of rule";
		return;
	}
	if (b.test->prepare) {
		b.prepared = b.test->prepare(rs->arena, &r->eval.args, &err);
		if (!b.prepared) {
			diag_add(&rs->diags, DIAG_ERROR, r->file, r->line,
				 "%.*s: eval:%.*s(): %s", STR_ARG(r->name),
				 STR_ARG(r->eval.function), err.text);
			r->unlive = "its arguments are refused";
			return;
		}
	}
	list->v = arena_grow(rs->arena, list->v, list->n, &list->cap,
			     sizeof(b));
	list->v[list->n++] = b;
}

static void add_waiting(struct plan *p, struct ruleset *rs,
			const struct rule *meta)
{
	for (size_t i = 0; i < meta->meta->ndeps; i++) {
		struct id_list *w = &p->waiting[meta->meta->deps[i]];

		w->v = arena_grow(rs->arena, w->v, w->n, &w->cap,
				  sizeof(*w->v));
		w->v[w->n++] = meta->id;
	}
}

static void add_id(struct ruleset *rs, struct id_list *list, unsigned id)
{
	list->v = arena_grow(rs->arena, list->v, list->n, &list->cap,
			     sizeof(*list->v));
	list->v[list->n++] = id;
}

/* Higher first; of equals, the one that was registered first. */
struct ordered {
	int order;
	unsigned id;
};

static int by_order(const void *x, const void *y)
{
	const struct ordered *a = x, *b = y;

	if (a->order != b->order)
		return a->order > b->order ? -1 : 1;
	return a->id < b->id ? -1 : a->id > b->id;
}

static void add_scripts(struct plan *p, struct ruleset *rs,
			const struct lua_vm *vm)
{
	struct ordered *all;
	size_t n;
	const unsigned *ids = lua_vm_rules(vm, &n);

	all = arena_alloc(rs->arena, (n + 1) * sizeof(*all));
	for (size_t i = 0; i < n; i++)
		all[i] = (struct ordered){
			lua_rule_order(vm, &rs->rules[ids[i]]), ids[i] };
	qsort(all, n, sizeof(*all), by_order);
	p->nscripts = n;
	for (size_t i = 0; i < n; i++) {
		struct rule *r = &rs->rules[all[i].id];
		enum lua_stage stage = lua_rule_stage(vm, r);

		if (stage == LUA_PREFILTER)
			add_id(rs, &p->prefilters, r->id);
		else if (stage == LUA_FILTER)
			add_id(rs, &find_tier(p, r->priority)->scripts, r->id);
		else if (stage == LUA_POSTFILTER)
			add_id(rs, &p->postfilters, r->id);
		else
			add_id(rs, &p->idempotents, r->id);
	}
}

/* What rests on what is remembered, through any chain of metas. */
static void find_remembering(struct plan *p, const struct ruleset *rs)
{
	bool again = true;

	p->remembers.n = (rs->nrules + 63) / 64;
	p->remembers.words = arena_alloc(rs->arena, p->remembers.n *
					 sizeof(*p->remembers.words) + 1);
	for (size_t i = 0; i < rs->nrules; i++) {
		const struct rule *r = &rs->rules[i];
		const struct eval_test *t = is_eval(r->kind) ?
					    eval_find(r->eval.function) : NULL;

		if (t && (t->kinds & EVAL_REMEMBERS))
			rule_bits_set(&p->remembers, (unsigned)i);
	}
	while (again) {
		again = false;
		for (size_t i = 0; i < rs->nrules; i++) {
			const struct meta *m = rs->rules[i].meta;
			unsigned id = (unsigned)i;

			for (size_t k = 0; m && k < m->ndeps &&
			     !rule_bits_has(&p->remembers, id); k++)
				if (rule_bits_has(&p->remembers, m->deps[k])) {
					rule_bits_set(&p->remembers, id);
					again = true;
				}
		}
	}
}

struct plan *plan_new(struct ruleset *rs, const struct lua_vm *vm)
{
	struct plan *p = arena_alloc(rs->arena, sizeof(*p));

	p->nrules = rs->nrules;
	p->waiting = arena_alloc(rs->arena,
				 (rs->nrules + 1) * sizeof(*p->waiting));
	make_tiers(p, rs);
	if (vm)
		add_scripts(p, rs, vm);
	for (size_t i = 0; i < rs->nrules; i++) {
		struct rule *r = &rs->rules[i];

		if (r->kind == RULE_META && r->meta && !r->meta->cyclic)
			add_waiting(p, rs, r);
		if (r->unlive)
			continue;
		if (is_regex(r->kind))
			add_regex(p, rs, r);
		else if (is_eval(r->kind))
			add_eval(p, rs, r);
	}
	find_remembering(p, rs);
	return p;
}
