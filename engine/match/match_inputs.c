/*
 * Rules over the inputs that rspamd's regexes have and SpamAssassin's rules
 * have not: each header of a name by itself, headers of parts, words, ...
 * Rules that ask about the same texts share one look at them. What is made of
 * headers and links is made here; parts and words come from the layer above,
 * through the run, and only if some rule wants them.
 */
#include "match/match_int.h"

#include "base/arena.h"
#include "conf/ruleset.h"
#include "mail/message.h"
#include "mail/part.h"
#include "mail/unicode.h"
#include "mail/uri.h"

/* Groups between two looks at the clock. */
#define GROUPS_PER_LOOK 4

/* Rules of a group for which gathering what the texts have is worth it. */
#define RULES_FOR_FACTS 12

/* Texts of one input, over all parts. */
#define MAX_TEXTS 20000

static bool same_test(const struct text_test *a, const struct text_test *b)
{
	return a->input == b->input && a->exact == b->exact &&
	       (a->exact ? str_eq(a->header, b->header) :
			   str_ieq(a->header, b->header));
}

struct patterns *match_text_group(struct matcher *m, const struct text_test *t)
{
	struct text_group *g;

	for (size_t i = 0; i < m->ntext_groups; i++) {
		if (same_test(&m->text_groups[i].test, t))
			return &m->text_groups[i].rules;
	}
	m->text_groups = arena_grow(m->rs->arena, m->text_groups,
				    m->ntext_groups, &m->text_groups_cap,
				    sizeof(*m->text_groups));
	g = &m->text_groups[m->ntext_groups++];
	*g = (struct text_group){ .test = *t };
	return &g->rules;
}

static void add_headers(struct match_run *run, const struct headers *hs,
			const struct text_test *t, struct strs *out)
{
	for (size_t i = 0; i < hs->n && out->n < MAX_TEXTS; i++) {
		const struct header *h = &hs->v[i];

		if (t->exact ? !str_eq(h->name, t->header) :
			       !str_ieq(h->name, t->header))
			continue;
		strs_add(run->arena, out, t->input == TEXT_RAW_HEADER ?
			 header_plain(run->arena, h->raw) :
			 header_shown(run->arena, run->msg->settings, h->raw));
	}
}

/* Only parts of a multipart, as rspamd has it. */
static void add_part_headers(struct match_run *run, const struct part *p,
			     const struct text_test *t, struct strs *out)
{
	if (p->parent && p->parent->boundary.p)
		add_headers(run, &p->headers, t, out);
	for (size_t i = 0; i < p->nchildren; i++)
		add_part_headers(run, p->children[i], t, out);
}

static bool gather(struct match_run *run, const struct text_test *t,
		   struct strs *out)
{
	struct message *m = run->msg;

	if (run->texts && run->texts(run->ctx, t, out))
		return true;
	switch (t->input) {
	case TEXT_HEADER:
	case TEXT_RAW_HEADER:
		add_headers(run, &m->headers, t, out);
		return true;
	case TEXT_ALL_HEADERS:
		strs_add(run->arena, out, m->pristine_header);
		return true;
	case TEXT_MIME_HEADER:
		if (m->root)
			add_part_headers(run, m->root, t, out);
		return true;
	case TEXT_URL:
		*out = message_uris(m)->list;
		return true;
	default:
		return false;
	}
}

/* Few rules: a look at the octets of each text is all the prefilter. */
static void ask_few(struct match_run *run, const struct patterns *ps,
		    const struct strs *texts)
{
	struct octets *octets = arena_alloc(run->arena, texts->n *
					    sizeof(*octets));

	for (size_t i = 0; i < texts->n; i++)
		octets_of(&octets[i], texts->v[i]);
	for (size_t i = 0; i < ps->n; i++) {
		const struct regex_needs *needs = regex_needs(ps->v[i].re);
		struct asking q;
		bool done = false;

		if (!asking_begin(&q, run, &ps->v[i]))
			continue;
		for (size_t k = 0; k < texts->n && !done; k++) {
			if (octets_allow(&octets[k], texts->v[k].n, needs))
				done = asking_text(&q, texts->v[k]);
		}
		asking_end(&q);
	}
}

void match_inputs(struct match_run *run)
{
	const struct matcher *m = run->matcher;

	for (size_t i = 0; i < m->ntext_groups; i++) {
		const struct text_group *g = &m->text_groups[i];
		struct strs texts = { 0 };

		if (i % GROUPS_PER_LOOK == 0 && match_stopped(run))
			return;
		if (!match_any_wanted(run, &g->rules) ||
		    !gather(run, &g->test, &texts) || texts.n == 0)
			continue;
		if (g->rules.n >= RULES_FOR_FACTS)
			match_texts(run, &g->rules, &texts);
		else
			ask_few(run, &g->rules, &texts);
	}
}
