/*
 * Rules over lists of texts: body (paragraphs), rawbody (chunks), uri (one
 * text each), and full (one text). Patterns are the outer loop, texts the
 * inner one: the code of all patterns is many times larger than the texts of
 * a message, so it passes through the cache once and the texts stay in it
 * (a quarter less time than the other way round, with the stock rules).
 */
#include "match/match_int.h"

#include "base/arena.h"
#include "mail/message.h"
#include "match/literal.h"
#include "match/window.h"

/* Patterns between two looks at the clock. */
#define PATTERNS_PER_LOOK 16

/* With fewer patterns than this, gathering what the texts have costs more than
 * it saves. */
#define PATTERNS_FOR_PIECES 8

/* What one text has, or all together. */
struct facts {
	struct octets octets;
	size_t n;
	struct window_seen windows;
};

/* Gathered in one pass over the texts for all patterns. */
struct gathered {
	struct facts all;
	struct pieces pieces;
	struct facts *each;
	struct few_pieces *pieces_each;	/* NULL: pieces and windows were not
					 * gathered */
};

static void add_facts(struct facts *all, const struct facts *one)
{
	for (size_t i = 0; i < 4; i++)
		all->octets.w[i] |= one->octets.w[i];
	for (size_t i = 0; i < WINDOW_LANES; i++)
		all->windows.bits[i] |= one->windows.bits[i];
	if (one->n > all->n)
		all->n = one->n;
}

static bool fits(const struct facts *f, const struct pattern *p,
		 const struct regex_needs *needs, bool looked)
{
	return octets_allow(&f->octets, f->n, needs) &&
	       (!looked || p->window < 0 ||
		window_seen_has(&f->windows, p->window));
}

static void ask(struct asking *q, const struct strs *texts,
		const struct gathered *g)
{
	const struct regex_needs *needs = regex_needs(q->re);
	bool looked = g->pieces_each != NULL;

	if (!fits(&g->all, q->p, needs, looked) ||
	    (looked && !pieces_allow(&g->pieces, needs->literals)))
		return;
	for (size_t i = q->p->nosubject ? 1 : 0; i < texts->n; i++) {
		if (!fits(&g->each[i], q->p, needs, looked) ||
		    (looked &&
		     !(few_pieces_allow(&g->pieces_each[i], needs->literals) &&
		       literals_enough(needs->literals, texts->v[i]))))
			continue;
		if (asking_text(q, texts->v[i]))
			return;
	}
}

static bool worth_looking(const struct match_run *run)
{
	size_t wanted = 0;

	for (size_t i = 0; i < run->wanted->n; i++)
		wanted += (size_t)__builtin_popcountll(run->wanted->words[i]);
	return wanted >= PATTERNS_FOR_PIECES;
}

static struct gathered *gather(struct match_run *run,
			       const struct patterns *ps,
			       const struct strs *texts)
{
	struct gathered *g = arena_alloc(run->arena, sizeof(*g));

	g->each = arena_alloc(run->arena, texts->n * sizeof(*g->each));
	if (worth_looking(run))
		g->pieces_each = arena_alloc(run->arena, texts->n *
						sizeof(*g->pieces_each));
	for (size_t i = 0; i < texts->n; i++) {
		struct facts *f = &g->each[i];

		octets_of(&f->octets, texts->v[i]);
		f->n = texts->v[i].n;
		if (g->pieces_each)
			pieces_add(&g->pieces, &g->pieces_each[i],
				   texts->v[i]);
		if (g->pieces_each && ps->windows)
			window_set_look(ps->windows, texts->v[i], &f->windows);
		add_facts(&g->all, f);
	}
	return g;
}

void match_texts(struct match_run *run, const struct patterns *ps,
		 const struct strs *texts)
{
	struct gathered *g;

	if (ps->n == 0 || texts->n == 0)
		return;
	g = gather(run, ps, texts);
	for (size_t i = 0; i < ps->n; i++) {
		struct asking q;

		if (i % PATTERNS_PER_LOOK == 0 && match_stopped(run))
			return;
		if (!asking_begin(&q, run, &ps->v[i]))
			continue;
		ask(&q, texts, g);
		asking_end(&q);
	}
}

void match_full(struct match_run *run)
{
	struct str text = message_full(run->msg);
	struct strs one = { .v = &text, .n = 1, .cap = 1 };

	match_texts(run, &run->matcher->kinds[RULE_FULL], &one);
}
