/*
 * Asking one pattern about one text: the cheap test before the search, hits
 * once or `multiple` times, and what named groups caught.
 *
 * The cheap test: a regex that needs an octet which the text does not have
 * cannot match. PCRE2 knows such octets of each pattern anyway (what a match
 * begins with, its last literal), and the set of octets of a text is made
 * once for all patterns.
 */
#include "match/match_int.h"

#include "base/arena.h"

/* Octets that one pattern may search, and hits it may have, between two looks
 * at the clock. */
#define OCTETS_PER_LOOK ((size_t)64 << 10)
#define HITS_PER_LOOK 1024

void octets_of(struct octets *o, struct str text)
{
	uint8_t seen[256] = { 0 };

	for (size_t i = 0; i < text.n; i++)
		seen[(unsigned char)text.p[i]] = 1;
	*o = (struct octets){ { 0 } };
	for (unsigned c = 0; c < 256; c++)
		o->w[c / 64] |= (uint64_t)seen[c] << (c % 64);
}

static bool meets(const uint64_t a[4], const uint64_t b[4])
{
	return ((a[0] & b[0]) | (a[1] & b[1]) | (a[2] & b[2]) |
		(a[3] & b[3])) != 0;
}

bool octets_allow(const struct octets *o, size_t n,
		  const struct regex_needs *needs)
{
	return n >= needs->min_length &&
		(!needs->has_last || meets(o->w, needs->last)) &&
		(!needs->has_first || meets(o->w, needs->first));
}

bool match_stopped(const struct match_run *run)
{
	return run->stop && run->stop(run->ctx);
}

bool match_any_wanted(const struct match_run *run, const struct patterns *ps)
{
	for (size_t i = 0; i < ps->n; i++) {
		if (rule_bits_has(run->wanted, ps->v[i].rule->id))
			return true;
	}
	return false;
}

static void gave_up(struct match_run *run, const struct rule *rule)
{
	if (run->gave_up)
		run->gave_up(run->ctx, rule);
}

bool match_search(struct match_run *run, const struct rule *rule,
		  const struct regex *re, struct str text)
{
	int rc = regex_search(re, text, 0, NULL);

	if (rc < 0)
		gave_up(run, rule);
	return rc == 1;
}

/* The regex of a rule with %{NAME}, made for this message. */
static struct regex *expanded(struct match_run *run, const struct rule *rule)
{
	bool header = rule->kind == RULE_HEADER;
	struct str mods = header ? rule->header.re.mods : rule->re.mods;
	struct str pattern;

	if (!capture_expand(run, rule, &pattern))
		return NULL;
	return regex_compile_brief(run->arena, pattern, mods, NULL);
}

bool asking_begin(struct asking *q, struct match_run *run,
		  const struct pattern *p)
{
	if (!rule_bits_has(run->wanted, p->rule->id))
		return false;
	if (run->at)
		*run->at = p->rule->id;
	*q = (struct asking){ .run = run, .p = p, .re = p->re };
	if (p->templated) {
		q->re = expanded(run, p->rule);
		return q->re != NULL;
	}
	return true;
}

bool asking_hit(struct asking *q, struct str matched)
{
	q->run->hit(q->run->ctx, q->p->rule, matched);
	q->hits++;
	return q->p->max_hits && q->hits >= q->p->max_hits;
}

static bool ask_all(struct asking *q, struct str text)
{
	struct regex_match m;
	size_t pos = 0;
	bool empty = false;
	int rc;

	while ((rc = regex_next(q->re, text, &pos, &empty, &m)) == 1) {
		if (q->p->nnames)
			capture_note(q, &m);
		if (asking_hit(q, m.group[0]))
			return true;
		if (q->hits % HITS_PER_LOOK == 0 && match_stopped(q->run))
			return true;
	}
	if (rc < 0)
		gave_up(q->run, q->p->rule);
	return rc < 0 && match_stopped(q->run);
}

/* Texts can be many and a search in each slow, so that the looks between
 * patterns are not enough. */
static bool look_is_due(struct asking *q, size_t n)
{
	q->searched += n;
	if (q->searched < OCTETS_PER_LOOK)
		return false;
	q->searched = 0;
	return true;
}

bool asking_text(struct asking *q, struct str text)
{
	struct regex_match m;
	int rc;

	if (look_is_due(q, text.n) && match_stopped(q->run))
		return true;
	if (q->p->multiple)
		return ask_all(q, text);
	rc = regex_search(q->re, text, 0, &m);
	if (rc < 0) {
		gave_up(q->run, q->p->rule);
		return match_stopped(q->run);
	}
	if (rc == 0)
		return false;
	if (q->p->nnames)
		capture_note(q, &m);
	return asking_hit(q, m.group[0]);
}

void asking_end(struct asking *q)
{
	if (q->p->nnames)
		capture_publish(q);
}
