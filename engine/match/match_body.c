/*
 * Rules over lists of texts: body (paragraphs), rawbody (chunks), uri (one
 * text each), and full (one text). Patterns are the outer loop, texts the
 * inner one: the code of all patterns is many times larger than the texts of
 * a message, so it passes through the cache once and the texts stay in it.
 */
#include "match/match_int.h"

#include "base/arena.h"
#include "mail/message.h"
#include "match/literal.h"

/* Patterns between two looks at the clock. */
#define PATTERNS_PER_LOOK 16

/* With fewer patterns than this the pieces of the texts cost more than they
 * save. */
#define PATTERNS_FOR_PIECES 8

struct facts {
	struct octets octets;
	size_t n;
};

static void add_facts(struct facts *all, const struct facts *one)
{
	for (size_t i = 0; i < 4; i++)
		all->octets.w[i] |= one->octets.w[i];
	if (one->n > all->n)
		all->n = one->n;
}

static void ask(struct asking *q, const struct strs *texts,
		const struct facts *facts, const struct facts *all,
		const struct pieces *pieces)
{
	const struct regex_needs *needs = regex_needs(q->re);
	size_t from = q->p->nosubject ? 1 : 0;

	if (!octets_allow(&all->octets, all->n, needs) ||
	    (pieces && !pieces_allow(pieces, needs->literals)))
		return;
	for (size_t i = from; i < texts->n; i++) {
		if (octets_allow(&facts[i].octets, facts[i].n, needs) &&
		    asking_text(q, texts->v[i]))
			return;
	}
}

/* The pieces of all texts together, if there are patterns enough to ask. */
static struct pieces *gather_pieces(struct match_run *run,
				    const struct strs *texts)
{
	struct pieces *set;
	size_t wanted = 0;

	for (size_t i = 0; i < run->wanted->n; i++)
		wanted += (size_t)__builtin_popcountll(run->wanted->words[i]);
	if (wanted < PATTERNS_FOR_PIECES)
		return NULL;
	set = arena_alloc(run->arena, sizeof(*set));
	for (size_t i = 0; i < texts->n; i++)
		pieces_add(set, texts->v[i]);
	return set;
}

void match_texts(struct match_run *run, const struct patterns *ps,
		 const struct strs *texts)
{
	struct facts *facts, all = { .n = 0 };
	struct pieces *pieces;

	if (ps->n == 0 || texts->n == 0)
		return;
	facts = arena_alloc(run->arena, texts->n * sizeof(*facts));
	for (size_t i = 0; i < texts->n; i++) {
		octets_of(&facts[i].octets, texts->v[i]);
		facts[i].n = texts->v[i].n;
		add_facts(&all, &facts[i]);
	}
	pieces = gather_pieces(run, texts);
	for (size_t i = 0; i < ps->n; i++) {
		struct asking q;

		if (i % PATTERNS_PER_LOOK == 0 && match_stopped(run))
			return;
		if (!asking_begin(&q, run, &ps->v[i]))
			continue;
		ask(&q, texts, facts, &all, pieces);
		asking_end(&q);
	}
}

void match_full(struct match_run *run)
{
	struct str text = message_full(run->msg);
	struct strs one = { .v = &text, .n = 1, .cap = 1 };

	match_texts(run, &run->matcher->kinds[RULE_FULL], &one);
}
