/*
 * The regex rules of a ruleset, compiled once when rules are loaded and read
 * only from then on; workers are forked from there. A scan asks one kind at a
 * time (matcher_run), because the kinds have different inputs and priorities
 * lie between them. Which texts a kind is asked about stands in match_*.c.
 */
#include "match/match_int.h"

#include "base/arena.h"
#include "conf/ruleset.h"
#include "mail/message.h"
#include "mail/uri.h"
#include "match/window.h"

/* SpamAssassin's ceiling for a `multiple` mimeheader rule without one. */
#define MIMEHEADER_MAX_HITS 1000

static bool has_own_regex(const struct rule *r)
{
	switch (r->kind) {
	case RULE_BODY: case RULE_URI: case RULE_RAWBODY: case RULE_FULL:
	case RULE_MIMEHEADER: case RULE_TEXTS:
		return true;
	case RULE_HEADER:
		return !r->header.exists;
	default:
		return false;
	}
}

static const struct regex_text *regex_of(const struct rule *r)
{
	bool header = r->kind == RULE_HEADER || r->kind == RULE_MIMEHEADER;

	return header ? &r->header.re : &r->re;
}

static void refuse(struct matcher *m, struct rule *r, const struct err *err)
{
	r->unlive = str_printf(m->rs->arena, "regex refused: %s",
			       err->text).p;
	diag_add(&m->rs->diags, DIAG_ERROR, r->file ? r->file : "", r->line,
		 "rule %.*s: %s", STR_ARG(r->hidden ? STR("in Lua") : r->name),
		 r->unlive);
}

/* Which named groups later rules can use: SpamAssassin keeps those that are
 * spelt like a tag. */
static void find_names(struct matcher *m, struct pattern *p)
{
	struct str *names;
	unsigned *numbers;
	size_t n = regex_named_groups(p->re, m->rs->arena, &names, &numbers);

	p->names = names;
	p->numbers = numbers;
	for (size_t i = 0; i < n; i++) {
		if (!capture_name_valid(names[i]) ||
		    numbers[i] >= REGEX_GROUPS)
			continue;
		names[p->nnames] = names[i];
		numbers[p->nnames++] = numbers[i];
	}
}

static struct regex *compile(struct matcher *m, const struct regex_text *t,
			     struct err *err)
{
	return (m->brief ? regex_compile_brief : regex_compile)
		(m->rs->arena, t->pattern, t->mods, err);
}

static int compile_own(struct matcher *m, struct rule *r, struct pattern *p)
{
	const struct regex_text *t = regex_of(r);
	struct err err;

	p->templated = r->templates.n > 0 && r->kind != RULE_MIMEHEADER;
	if (!has_own_regex(r) || p->templated)
		return 0;
	p->re = t->pcre ?
		regex_compile_pcre(m->rs->arena, t->pattern, t->flags, &err) :
		compile(m, t, &err);
	if (!p->re) {
		refuse(m, r, &err);
		return -1;
	}
	if (!t->pcre)
		find_names(m, p);
	return 0;
}

static int compile_details(struct matcher *m, struct rule *r,
			   struct pattern *p)
{
	struct err err;

	if (r->kind != RULE_URI_DETAIL)
		return 0;
	p->details = arena_alloc(m->rs->arena,
				 (r->ndetails + 1) * sizeof(*p->details));
	for (size_t i = 0; i < r->ndetails; i++) {
		const struct regex_text *t = &r->details[i].re;

		p->details[i] = compile(m, t, &err);
		if (!p->details[i]) {
			refuse(m, r, &err);
			return -1;
		}
	}
	return 0;
}

/* How often a rule may hit one message. */
static long max_hits_of(const struct rule *r)
{
	if (!(r->tflags & TF_MULTIPLE))
		return 1;
	if (r->maxhits > 0)
		return r->maxhits;
	if (r->kind == RULE_MIMEHEADER)
		return MIMEHEADER_MAX_HITS;
	/* SpamAssassin hits for ever here, until its time limit. */
	if (r->kind == RULE_HEADER && (r->header.negated || r->header.exists))
		return 1;
	return 0;
}

static bool same_text(const struct header_test *a, struct str selector,
		      const struct strs *mods)
{
	if (!str_eq(a->selector, selector) || a->mods.n != mods->n)
		return false;
	for (size_t i = 0; i < mods->n; i++) {
		if (!str_eq(a->mods.v[i], mods->v[i]))
			return false;
	}
	return true;
}

static struct patterns *group_for(struct matcher *m,
				  const struct header_test *t)
{
	struct arena *a = m->rs->arena;
	struct header_group *g;

	for (size_t i = 0; i < m->ngroups; i++) {
		g = &m->groups[i];
		if (same_text(t, g->selector, g->mods))
			return &g->rules;
	}
	m->groups = arena_grow(a, m->groups, m->ngroups, &m->groups_cap,
			       sizeof(*m->groups));
	g = &m->groups[m->ngroups++];
	*g = (struct header_group){ .selector = t->selector,
				    .mods = &t->mods };
	return &g->rules;
}

/* A pattern without literals joins the windows of its kind. Headers are too
 * short to be worth it. */
static void add_window(struct matcher *m, struct patterns *ps,
		       struct pattern *p)
{
	const struct window *w = p->re ? regex_needs(p->re)->window : NULL;

	p->window = -1;
	if (!w || p->rule->kind == RULE_HEADER ||
	    p->rule->kind == RULE_MIMEHEADER ||
	    (p->rule->kind == RULE_TEXTS && p->rule->texts.header.p))
		return;
	if (!ps->windows)
		ps->windows = window_set_new(m->rs->arena);
	p->window = window_set_add(ps->windows, w);
}

static void add_rule(struct matcher *m, struct rule *r)
{
	struct arena *a = m->rs->arena;
	struct patterns *ps = r->kind == RULE_HEADER ?
		group_for(m, &r->header) : r->kind == RULE_TEXTS ?
		match_text_group(m, &r->texts) : &m->kinds[r->kind];
	struct pattern p = {
		.rule = r,
		.multiple = max_hits_of(r) != 1,
		.max_hits = max_hits_of(r),
		.nosubject = r->kind == RULE_BODY &&
			(r->tflags & TF_NOSUBJECT),
	};

	if (compile_own(m, r, &p) || compile_details(m, r, &p))
		return;
	add_window(m, ps, &p);
	ps->v = arena_grow(a, ps->v, ps->n, &ps->cap, sizeof(*ps->v));
	ps->v[ps->n++] = p;
}

static bool is_ours(const struct rule *r)
{
	return has_own_regex(r) || r->kind == RULE_HEADER ||
		r->kind == RULE_URI_DETAIL;
}

/* The hook of mail/: what a redirector's URI leads to. Only a target with a
 * dot in it counts; otherwise the next pattern is tried. */
static bool redirect(const void *ctx, struct arena *a, struct str uri,
		     struct str *target_r)
{
	const struct matcher *m = ctx;
	struct regex_match found;

	for (size_t i = 0; i < m->nredirectors; i++) {
		struct str target;

		if (regex_search(m->redirectors[i], uri, 0, &found) != 1 ||
		    found.ngroups < 2)
			continue;
		target = found.group[1];
		if (!target.p || str_chr(target, '.') < 0)
			continue;
		*target_r = str_dup(a, target);
		return true;
	}
	return false;
}

static void compile_redirectors(struct matcher *m, struct mail_settings *mail)
{
	struct ruleset *rs = m->rs;
	struct err err;

	m->redirectors = arena_alloc(rs->arena, (rs->nredirectors + 1) *
				     sizeof(*m->redirectors));
	for (size_t i = 0; i < rs->nredirectors; i++) {
		const struct regex_text *t = &rs->redirectors[i];
		struct regex *re = compile(m, t, &err);

		if (re)
			m->redirectors[m->nredirectors++] = re;
		else
			diag_add(&rs->diags, DIAG_WARN, "", 0,
				 "redirector_pattern '%.*s': %s",
				 STR_ARG(t->pattern), err.text);
	}
	if (m->nredirectors) {
		mail->redirect = redirect;
		mail->redirect_ctx = m;
	}
}

struct matcher *matcher_new(struct ruleset *rs)
{
	struct matcher *m = arena_alloc(rs->arena, sizeof(*m));

	m->rs = rs;
	for (size_t i = 0; i < rs->nrules; i++) {
		if (is_ours(&rs->rules[i]) && !rs->rules[i].unlive)
			add_rule(m, &rs->rules[i]);
	}
	compile_redirectors(m, &rs->site->mail);
	return m;
}

struct matcher *matcher_new_user(struct ruleset *rs,
				 struct mail_settings *mail)
{
	struct matcher *m = arena_alloc(rs->arena, sizeof(*m));

	m->rs = rs;
	m->brief = true;
	for (size_t i = 0; i < rs->nrules; i++) {
		struct rule *r = &rs->rules[i];

		if (r->users && is_ours(r) && !r->unlive)
			add_rule(m, r);
	}
	if (rs->nredirectors > rs->site_redirectors)
		compile_redirectors(m, mail);
	return m;
}

void matcher_run(struct match_run *run, int kind)
{
	const struct patterns *ps = &run->matcher->kinds[kind];

	switch (kind) {
	case RULE_HEADER:
		match_header(run);
		break;
	case RULE_BODY:
		match_texts(run, ps, message_body(run->msg));
		break;
	case RULE_RAWBODY:
		match_texts(run, ps, message_rawbody(run->msg));
		break;
	case RULE_URI:
		match_texts(run, ps, &message_uris(run->msg)->subjects);
		break;
	case RULE_FULL:
		match_full(run);
		break;
	case RULE_MIMEHEADER:
		match_mimeheader(run);
		break;
	case RULE_URI_DETAIL:
		match_detail(run);
		break;
	case RULE_TEXTS:
		match_inputs(run);
		break;
	}
}
