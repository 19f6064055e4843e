/*
 * Rules over the inputs that rspamd's regexes have and SpamAssassin's rules
 * have not: each header of a name by itself, headers of parts, words, ...
 * Rules that ask about the same texts share one look at them, which is only
 * had if one of them is wanted.
 */
#include "match/match_int.h"

#include "base/arena.h"
#include "conf/ruleset.h"
#include "mail/message.h"
#include "mail/part.h"
#include "mail/text_part.h"
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

static void add_headers(struct arena *a, struct message *m,
			const struct headers *hs, const struct text_test *t,
			struct strs *out)
{
	for (size_t i = 0; i < hs->n && out->n < MAX_TEXTS; i++) {
		const struct header *h = &hs->v[i];

		if (t->exact ? !str_eq(h->name, t->header) :
			       !str_ieq(h->name, t->header))
			continue;
		strs_add(a, out, t->input == TEXT_RAW_HEADER ?
			 header_plain(a, h->raw) :
			 header_shown(a, m->settings, h->raw));
	}
}

/* Only parts of a multipart, as rspamd has it. */
static void add_part_headers(struct arena *a, struct message *m,
			     const struct part *p, const struct text_test *t,
			     struct strs *out)
{
	if (p->parent && str_starts(p->parent->declared_type,
				    STR("multipart/")))
		add_headers(a, m, &p->headers, t, out);
	for (size_t i = 0; i < p->nchildren; i++)
		add_part_headers(a, m, p->children[i], t, out);
}

static void add_parts(struct arena *a, struct message *m, bool raw,
		      struct strs *out)
{
	const struct mail_texts *texts = message_texts(m);

	for (size_t i = 0; i < texts->ntexts; i++)
		strs_add(a, out, raw ? texts->texts[i]->raw :
			 texts->texts[i]->content);
}

/* Stems would need a dictionary: the plain words stand for them. */
static void add_words(struct arena *a, struct message *m, bool raw,
		      struct strs *out)
{
	const struct mail_texts *texts = message_texts(m);

	for (size_t i = 0; i < texts->ntexts; i++) {
		const struct words *w = text_part_words(m->arena,
							texts->texts[i]);

		for (size_t k = 0; k < w->n && out->n < MAX_TEXTS; k++)
			strs_add(a, out, raw ? w->v[k].raw : w->v[k].norm);
	}
}

static void add_links(struct arena *a, struct message *m, bool mail,
		      struct strs *out)
{
	const struct links *links = &message_texts(m)->links;

	for (size_t i = 0; i < links->n && out->n < MAX_TEXTS; i++) {
		const struct link *l = links->v[i];

		if (((l->proto & LINK_MAILTO) != 0) == mail &&
		    !(l->flags & LINK_IMAGE))
			strs_add(a, out, l->text);
	}
}

static struct strs texts_of(struct arena *a, struct message *m,
			    const struct text_test *t)
{
	struct strs out = { 0 };

	switch (t->input) {
	case TEXT_HEADER:
	case TEXT_RAW_HEADER:
		add_headers(a, m, message_headers_named(m, t->header), t,
			    &out);
		break;
	case TEXT_ALL_HEADERS:
		strs_add(a, &out, m->pristine_header);
		break;
	case TEXT_MIME_HEADER:
		if (m->root)
			add_part_headers(a, m, m->root, t, &out);
		break;
	case TEXT_PART:
	case TEXT_RAW_PART:
		add_parts(a, m, t->input == TEXT_RAW_PART, &out);
		break;
	case TEXT_WORDS:
	case TEXT_RAW_WORDS:
	case TEXT_STEM_WORDS:
		add_words(a, m, t->input == TEXT_RAW_WORDS, &out);
		break;
	case TEXT_URL:
	case TEXT_EMAIL:
		add_links(a, m, t->input == TEXT_EMAIL, &out);
		break;
	case TEXT_INPUTS:
		break;
	}
	return out;
}

struct strs matcher_texts(struct arena *a, struct message *m, int kind,
			  const struct text_test *t)
{
	struct strs one = { 0 };

	switch (kind) {
	case RULE_BODY:
		return *message_body(m);
	case RULE_RAWBODY:
		return *message_rawbody(m);
	case RULE_URI:
		return message_uris(m)->subjects;
	case RULE_FULL:
		strs_add(a, &one, message_full(m));
		return one;
	default:
		return texts_of(a, m, t);
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
		struct strs texts;

		if (i % GROUPS_PER_LOOK == 0 && match_stopped(run))
			return;
		if (!match_any_wanted(run, &g->rules))
			continue;
		texts = texts_of(run->arena, run->msg, &g->test);
		if (texts.n == 0)
			continue;
		if (g->rules.n >= RULES_FOR_FACTS)
			match_texts(run, &g->rules, &texts);
		else
			ask_few(run, &g->rules, &texts);
	}
}
