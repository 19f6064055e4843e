/*
 * Metas: the syntax check of a line, and the compilation of all of them when
 * every name is known. A meta that depends on itself by any way, and every
 * meta behind such a one, is named and takes no part in the ordering.
 */
#include "conf/meta.h"

#include <math.h>

#include "conf/expr.h"
#include "conf/loader.h"

struct meta_build {
	struct loader *ld;
	struct rule *rule;
	bool checking;		/* only the syntax matters */
	struct meta *meta;
	size_t deps_cap;
	struct map *scored;	/* names that have scores */
};

static void add_dep(struct meta_build *b, unsigned id)
{
	struct meta *m = b->meta;

	for (size_t i = 0; i < m->ndeps; i++)
		if (m->deps[i] == id)
			return;
	m->deps = arena_grow(b->ld->a, m->deps, m->ndeps, &b->deps_cap,
			     sizeof(m->deps[0]));
	m->deps[m->ndeps++] = id;
}

/* A rule's value; its name may be nobody's. */
static int emit_rule(struct expr *e, struct str name)
{
	struct meta_build *b = e->ctx;
	const struct rule *r = b->checking ? NULL : rule_of(b->ld, name);

	if (r) {
		add_dep(b, r->id);
		return expr_emit(e, META_RULE, r->id, 0);
	}
	if (!b->checking && !strs_has(&b->meta->undefined, name))
		strs_add(b->ld->a, &b->meta->undefined, name);
	return expr_emit(e, META_RULE, META_UNDEFINED, 0);
}

static int meta_word(struct expr *e, struct str word)
{
	if (str_eq(word, STR("local_tests_only")))
		return expr_emit(e, META_LOCAL_TESTS_ONLY, 0, 0);
	if (!rule_name_ok(word))
		return err_set(e->err, "'%.*s' is no rule name",
			       STR_ARG(str_head(word, 60)));
	return emit_rule(e, word);
}

/* rules_matching(GLOB): the sum of all rules with such names but this one. */
static int meta_matching(struct expr *e, struct str glob)
{
	struct meta_build *b = e->ctx;
	const struct ruleset *rs = b->ld->rs;

	if (expr_emit(e, META_NUMBER, 0, 0) < 0)
		return -1;
	for (size_t i = 0; !b->checking && i < rs->nrules; i++) {
		struct str name = rs->rules[i].name;

		if (&rs->rules[i] == b->rule || !glob_match(glob, name))
			continue;
		if (emit_rule(e, name) < 0 ||
		    expr_emit(e, META_ADD, 0, 0) < 0)
			return -1;
	}
	return 0;
}

static const struct expr_hooks meta_hooks = {
	.word = meta_word,
	.matching = meta_matching,
};

static double zero(void *ctx, unsigned id)
{
	(void)ctx;
	(void)id;
	return 0;
}

bool meta_check(struct loader *ld, struct str name, struct str text)
{
	struct meta_build b = { .ld = ld, .checking = true };
	struct err err;
	struct expr e = { .a = ld->a, .hooks = &meta_hooks, .ctx = &b,
			  .err = &err };

	for (size_t i = 0; i < text.n; i++)
		if (strchr("$@%;{}", text.p[i]) && text.p[i]) {
			load_fault(ld, DIAG_WARN, "the meta %.*s is refused: "
				   "'%c' has no place in an expression",
				   STR_ARG(name), text.p[i]);
			return false;
		}
	if (str_find(text, STR("::")) >= 0 || str_find(text, STR("->")) >= 0) {
		load_fault(ld, DIAG_WARN, "the meta %.*s is refused: '::' and "
			   "'->' have no place in an expression",
			   STR_ARG(name));
		return false;
	}
	if (expr_compile(&e, text) < 0) {
		load_fault(ld, DIAG_ERROR, "the meta %.*s is no expression: "
			   "%s", STR_ARG(name), err.text);
		return false;
	}
	if (isnan(expr_run(e.steps, e.nsteps, false, zero, NULL))) {
		load_fault(ld, DIAG_ERROR, "the meta %.*s divides by zero when "
			   "no rule hits", STR_ARG(name));
		return false;
	}
	return true;
}

static void compile_meta(struct loader *ld, struct rule *r)
{
	struct meta *m = arena_alloc(ld->a, sizeof(*m));
	struct meta_build b = { .ld = ld, .rule = r, .meta = m };
	struct err err;
	struct expr e = { .a = ld->a, .hooks = &meta_hooks, .ctx = &b,
			  .err = &err };

	r->meta = m;
	if (expr_compile(&e, r->source) < 0) {
		/* Only rules_matching() can be too much here. */
		diag_add(ld->diags, DIAG_ERROR, r->file, r->line,
			 "the meta %.*s cannot be compiled: %s",
			 STR_ARG(r->name), err.text);
		r->unlive = "its expression is too large";
		*m = (struct meta){ .empty = true };
		return;
	}
	m->steps = e.steps;
	m->nsteps = e.nsteps;
	m->empty = e.empty;
}

/* Who waits for whom among metas: the ids behind rule i are
 * behind[first[i]] up to behind[first[i + 1]]. */
struct waiting {
	size_t *first;
	unsigned *behind;
	size_t *waits;		/* for how many metas a rule waits */
};

static void note_edges(struct ruleset *rs, struct waiting *w, size_t *cursor)
{
	for (size_t i = 0; i < rs->nrules; i++) {
		const struct meta *m = rs->rules[i].meta;

		for (size_t j = 0; m && j < m->ndeps; j++) {
			if (!rs->rules[m->deps[j]].meta)
				continue;
			if (cursor) {
				w->behind[cursor[m->deps[j]]++] = (unsigned)i;
			} else {
				w->first[m->deps[j] + 1]++;
				w->waits[i]++;
			}
		}
	}
}

/* The metas left when those whose metas are all done are taken off again and
 * again: cycles, and what hangs on them. */
static void find_cycles(struct loader *ld)
{
	struct ruleset *rs = ld->rs;
	size_t n = rs->nrules, ndone = 0, *cursor, *queue;
	struct waiting w;

	w.waits = arena_alloc(ld->a, (n + 1) * sizeof(*w.waits));
	w.first = arena_alloc(ld->a, (n + 1) * sizeof(*w.first));
	cursor = arena_alloc(ld->a, (n + 1) * sizeof(*cursor));
	queue = arena_alloc(ld->a, (n + 1) * sizeof(*queue));
	note_edges(rs, &w, NULL);
	for (size_t i = 0; i < n; i++)
		w.first[i + 1] += w.first[i];
	memcpy(cursor, w.first, (n + 1) * sizeof(*cursor));
	w.behind = arena_alloc(ld->a, (w.first[n] + 1) * sizeof(*w.behind));
	note_edges(rs, &w, cursor);
	for (size_t i = 0; i < n; i++)
		if (rs->rules[i].meta && w.waits[i] == 0)
			queue[ndone++] = i;
	for (size_t k = 0; k < ndone; k++)
		for (size_t j = w.first[queue[k]]; j < w.first[queue[k] + 1];
		     j++)
			if (--w.waits[w.behind[j]] == 0)
				queue[ndone++] = w.behind[j];
	for (size_t i = 0; i < n; i++)
		if (rs->rules[i].meta && w.waits[i])
			rs->rules[i].meta->cyclic = true;
	ld->metas = queue;
	ld->nmetas = ndone;
}

void metas_finish(struct loader *ld)
{
	struct ruleset *rs = ld->rs;

	for (size_t i = 0; i < rs->nrules; i++)
		if (rs->rules[i].kind == RULE_META)
			compile_meta(ld, &rs->rules[i]);
	find_cycles(ld);
	for (size_t i = 0; i < rs->nrules; i++)
		if (rs->rules[i].meta && rs->rules[i].meta->cyclic)
			diag_add(ld->diags, DIAG_ERROR, rs->rules[i].file,
				 rs->rules[i].line, "the meta %.*s depends on "
				 "itself, or on a meta that does: it is "
				 "evaluated without waiting for any rule",
				 STR_ARG(rs->rules[i].name));
}

double meta_eval(const struct meta *m, bool local_tests_only,
		 double (*value)(void *ctx, unsigned id), void *ctx)
{
	double v = expr_run(m->steps, m->nsteps, local_tests_only, value, ctx);

	return isnan(v) ? 0 : v;
}
