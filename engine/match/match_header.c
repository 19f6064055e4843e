/*
 * Header rules. All rules about the same selector share one look at it. A
 * missing header is the empty text unless [if-unset:] gives another, so it
 * matches /^$/ and every !~ (surprise 13).
 */
#include "match/match_int.h"

#include "base/arena.h"
#include "match/literal.h"
#include "match/selector.h"

/* Groups between two looks at the clock. */
#define GROUPS_PER_LOOK 4

/* Rules of a group for which the pieces of its text are worth making. */
#define RULES_FOR_PIECES 12

struct subject {
	struct str text;	/* STR_NONE: no such header */
	struct octets octets;
	bool octets_made;
	struct pieces *pieces;	/* NULL: not worth it */
};

static const struct octets *octets(struct subject *s)
{
	if (!s->octets_made)
		octets_of(&s->octets, s->text);
	s->octets_made = true;
	return &s->octets;
}

static void ask_exists(struct asking *q, const struct subject *s)
{
	if ((s->text.p != NULL) != q->p->rule->header.negated)
		asking_hit(q, STR("<YES>"));
}

/* !~ hits if nothing matches; with `multiple` as often as maxhits says,
 * because SpamAssassin's loop asks the same again each time. */
static void ask_negated(struct asking *q, struct str text)
{
	if (match_search(q->run, q->p->rule, q->re, text))
		return;
	while (!asking_hit(q, STR("<negative match>")))
		;
}

/* Can the regex match the header's own text at all? */
static bool allows(struct subject *s, const struct regex *re)
{
	const struct regex_needs *needs = regex_needs(re);

	return octets_allow(octets(s), s->text.n, needs) &&
	       (!s->pieces || pieces_allow(s->pieces, needs->literals));
}

static void ask(struct asking *q, struct subject *s)
{
	const struct header_test *t = &q->p->rule->header;
	struct str text = s->text;

	if (t->exists) {
		ask_exists(q, s);
		return;
	}
	if (!text.p)
		text = t->if_unset.p ? t->if_unset : STR("");
	if (t->negated)
		ask_negated(q, text);
	else if (text.p != s->text.p || allows(s, q->re))
		asking_text(q, text);
}

static void ask_group(struct match_run *run, const struct header_group *g)
{
	struct few_pieces few = { { 0 } };
	struct subject s = {
		.text = selector_get(run->msg, g->selector, g->mods),
	};

	if (g->rules.n >= RULES_FOR_PIECES && s.text.n) {
		s.pieces = arena_alloc(run->arena, sizeof(*s.pieces));
		pieces_add(s.pieces, &few, s.text);
	}
	for (size_t i = 0; i < g->rules.n; i++) {
		struct asking q;

		if (!asking_begin(&q, run, &g->rules.v[i]))
			continue;
		ask(&q, &s);
		asking_end(&q);
	}
}

void match_header(struct match_run *run)
{
	const struct matcher *m = run->matcher;

	for (size_t i = 0; i < m->ngroups; i++) {
		if (i % GROUPS_PER_LOOK == 0 && match_stopped(run))
			return;
		if (match_any_wanted(run, &m->groups[i].rules))
			ask_group(run, &m->groups[i]);
	}
}
