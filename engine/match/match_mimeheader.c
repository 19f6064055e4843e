/*
 * mimeheader rules: the last header of a name (or ALL of them) in every MIME
 * part, containers and the message itself included, in document order. Part
 * numbers for range= start at 1 with the message. With `concat` the parts'
 * texts are asked as one.
 *
 * A negated rule always hits: in SpamAssassin 4.0.1 a match only ends the
 * search in one part, and what follows is the answer for "found nowhere".
 */
#include "match/match_int.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "mail/message.h"
#include "mail/part.h"
#include "match/selector_int.h"

struct parts {
	struct part **v;
	size_t n, cap;
};

/* All parts, each before its children; nesting has a ceiling of its own. A
 * part whose type is nothing but odd characters is never found. */
static void collect(struct arena *a, struct part *p, struct parts *out)
{
	if (out->n >= LIMIT_PARTS_TOTAL)
		return;
	if (p->declared_type.n) {
		out->v = arena_grow(a, out->v, out->n, &out->cap,
				    sizeof(*out->v));
		out->v[out->n++] = p;
	}
	for (size_t i = 0; i < p->nchildren; i++)
		collect(a, p->children[i], out);
}

/* What the rule is asked about in one part. */
static struct str text_of(struct match_run *run, struct part *p,
			  const struct header_test *t)
{
	const struct mail_settings *ms = run->msg->settings;
	bool raw = strs_has(&t->mods, STR("raw"));
	bool root = p->parent == NULL;
	struct strs all = { 0 };
	struct header *h;

	if (str_eq(t->selector, STR("ALL"))) {
		selector_all(run->arena, ms, &p->headers, raw, root, &all);
		return strs_join(run->arena, &all, STR(""));
	}
	h = root && selector_hidden(t->selector) ? NULL :
		headers_last(&p->headers, t->selector);
	if (h && raw)
		return h->raw;
	if (h)
		return str_cat(run->arena, header_text(run->arena, ms, h),
			       STR("\n"));
	return !raw && t->if_unset.p ? t->if_unset : STR("");
}

static bool in_range(const struct rule *r, size_t number)
{
	if (!r->range_lo && !r->range_hi)
		return number <= 1000;
	return number >= (size_t)r->range_lo && number <= (size_t)r->range_hi;
}

static void ask(struct asking *q, const struct parts *parts)
{
	const struct rule *r = q->p->rule;
	struct buf concat;

	if (r->header.negated) {
		asking_hit(q, STR("<negative match>"));
		return;
	}
	buf_in(&concat, q->run->arena, LIMIT_PART_TEXT);
	for (size_t i = 0; i < parts->n; i++) {
		struct str text;

		if (!in_range(r, i + 1))
			continue;
		text = text_of(q->run, parts->v[i], &r->header);
		if (!(r->tflags & TF_CONCAT)) {
			if (asking_text(q, text) || q->hits)
				return;
			continue;
		}
		buf_adds(&concat, text);
		if (!str_ends(text, STR("\n")))
			buf_addc(&concat, '\n');
	}
	if (r->tflags & TF_CONCAT)
		asking_text(q, buf_str(&concat));
}

void match_mimeheader(struct match_run *run)
{
	const struct patterns *ps = &run->matcher->kinds[RULE_MIMEHEADER];
	struct parts parts = { 0 };

	if (ps->n == 0 || !run->msg->root)
		return;
	collect(run->arena, run->msg->root, &parts);
	for (size_t i = 0; i < ps->n; i++) {
		struct asking q;

		if (match_stopped(run))
			return;
		if (!asking_begin(&q, run, &ps->v[i]))
			continue;
		ask(&q, &parts);
		asking_end(&q);
	}
}
