/*
 * uri_detail rules: all criteria must hold for one and the same URI. A
 * criterion over a list (types, cleaned forms, anchor texts, domains, hosts)
 * holds if one element satisfies it, `!~` too; an empty list satisfies
 * nothing.
 */
#include "match/match_int.h"

#include "mail/message.h"
#include "mail/uri.h"

/* The elements that a key stands for; `one` is room for a list of one. */
static const struct strs *elements(struct match_run *run,
				   const struct uri_info *u, struct str key,
				   struct strs *own)
{
	*own = (struct strs){ 0 };
	if (str_eq(key, STR("cleaned")))
		return &u->cleaned;
	if (str_eq(key, STR("text")))
		return &u->anchor_text;
	if (str_eq(key, STR("domain")))
		return &u->domains;
	if (str_eq(key, STR("host")))
		return &u->hosts;
	if (str_eq(key, STR("raw"))) {
		strs_add(run->arena, own, u->raw);
		return own;
	}
	for (unsigned i = 0; i < 32; i++) {
		unsigned bit = 1u << i;

		if (u->types & bit)
			strs_add(run->arena, own,
				 str_cstr(uri_type_name(bit)));
	}
	return own;
}

static bool holds(struct match_run *run, const struct pattern *p, size_t i,
		  const struct uri_info *u)
{
	const struct detail_test *t = &p->rule->details[i];
	struct strs own;
	const struct strs *list = elements(run, u, t->key, &own);

	for (size_t k = 0; k < list->n; k++) {
		bool found = match_search(run, p->rule, p->details[i],
					  list->v[k]);

		if (found != t->negated)
			return true;
	}
	return false;
}

static bool all_hold(struct match_run *run, const struct pattern *p,
		     const struct uri_info *u)
{
	for (size_t i = 0; i < p->rule->ndetails; i++) {
		if (!holds(run, p, i, u))
			return false;
	}
	return p->rule->ndetails > 0;
}

static void ask(struct match_run *run, const struct pattern *p,
		const struct uris *uris)
{
	const struct map_entry *e;

	for (size_t i = 0; (e = map_next(&uris->by_raw, &i)); ) {
		const struct uri_info *u = e->value;

		if (!all_hold(run, p, u))
			continue;
		run->hit(run->ctx, p->rule, u->raw);
		return;
	}
}

void match_detail(struct match_run *run)
{
	const struct patterns *ps = &run->matcher->kinds[RULE_URI_DETAIL];
	const struct uris *uris = message_uris(run->msg);

	for (size_t i = 0; i < ps->n; i++) {
		if (match_stopped(run))
			return;
		if (rule_bits_has(run->wanted, ps->v[i].rule->id))
			ask(run, &ps->v[i], uris);
	}
}
