/*
 * Tests of what is remembered: how the senders of a message and the domains
 * that it links to have behaved so far, and whether that could be asked at
 * all. They read the facts that the scan was given; where nothing is
 * remembered none of them hits.
 *
 * Whatever these tests add to a message's score is left out of the score that
 * teaches, so that reputation never confirms itself.
 */
#include "eval/eval.h"

#include <math.h>

#include "base/arena.h"
#include "base/memory.h"
#include "conf/rule.h"

/* The arguments of check_reputation, read when rules are loaded. */
struct band {
	enum evidence_kind kind;
	double min, max;	/* min <= score < max; max >= 1: no limit */
	int unless;		/* another kind that must say less, or -1 */
};

static bool read_kind(struct str word, int *kind_r, struct err *err)
{
	*kind_r = evidence_kind_named(word);
	if (*kind_r < 0)
		err_set(err, "'%.*s' is no kind of reputation: expected ip, "
			"net, envelope, from or url", STR_ARG(word));
	return *kind_r >= 0;
}

static void *prepare_reputation(struct arena *a, const struct strs *args,
				struct err *err)
{
	struct band *b = arena_alloc(a, sizeof(*b));
	int kind;

	if (!read_kind(eval_arg(args, 0), &kind, err))
		return NULL;
	b->kind = (enum evidence_kind)kind;
	b->min = eval_arg_num(args, 1, NAN);
	b->max = eval_arg_num(args, 2, NAN);
	if (isnan(b->min) || isnan(b->max) || b->min >= b->max) {
		err_set(err, "expected a kind and two numbers, the smaller "
			"one first, from -1 (good) to 1 (bad)");
		return NULL;
	}
	b->unless = -1;
	if (args->n > 3 && !read_kind(args->v[3], &b->unless, err))
		return NULL;
	return b;
}

/* Of several links the worst one speaks; a message is as good as that. */
static const struct evidence *worst(const struct memory_facts *memory,
				    enum evidence_kind kind)
{
	const struct evidence *found = NULL;

	for (size_t i = 0; i < memory->nevidence; i++) {
		const struct evidence *e = &memory->evidence[i];

		if (e->key.kind == kind && (!found || e->score > found->score))
			found = e;
	}
	return found;
}

/* Two lines, because a report breaks longer ones: whose evidence, and what is
 * known of it: "200 spam, 3 ham of 210", "people: 1 spam, 0 ham". */
static void show(struct eval_ctx *c, const struct evidence *e)
{
	struct arena *a = c->arena;

	if (!c->log)
		return;
	strs_add(a, c->log, e->key.name);
	strs_add(a, c->log, str_printf(a, "%lld spam, %lld ham of %lld",
				       (long long)e->spam, (long long)e->ham,
				       (long long)e->seen));
	if (e->people_spam + e->people_ham > 0)
		strs_add(a, c->log,
			 str_printf(a, "people: %lld spam, %lld ham",
				    (long long)e->people_spam,
				    (long long)e->people_ham));
}

static int check_reputation(struct eval_ctx *c, const struct strs *args)
{
	const struct band *b = c->prepared;
	const struct evidence *e, *other;

	(void)args;
	if (!b || c->memory->state != MEMORY_KNOWN)
		return 0;
	e = worst(c->memory, b->kind);
	if (!e || !e->known || e->score < b->min ||
	    (e->score >= b->max && b->max < 1))
		return 0;
	if (b->unless >= 0) {
		other = worst(c->memory, (enum evidence_kind)b->unless);
		if (other && fabs(other->score) >=
		    fmin(fabs(b->min), fabs(b->max)))
			return 0;
	}
	show(c, e);
	return 1;
}

/* Is anything known of one of the kinds; of any, if none is named? */
static int check_remembered(struct eval_ctx *c, const struct strs *args)
{
	const struct memory_facts *m = c->memory;

	for (size_t i = 0; m->state == MEMORY_KNOWN && i < m->nevidence; i++)
		if (m->evidence[i].known &&
		    (!args->n ||
		     strs_has(args, str_cstr(evidence_word(
						m->evidence[i].key.kind)))))
			return 1;
	return 0;
}

/* The arguments of check_same_text: all are the least that it takes. */
struct spread {
	double domains, recipients, messages;
	double sender;		/* reputation of the address, NAN: any, and
				 * mail from inside, too */
};

static void *prepare_same_text(struct arena *a, const struct strs *args,
			       struct err *err)
{
	struct spread *s = arena_alloc(a, sizeof(*s));

	s->domains = eval_arg_num(args, 0, NAN);
	s->recipients = eval_arg_num(args, 1, 0);
	s->messages = eval_arg_num(args, 2, 0);
	s->sender = eval_arg_num(args, 3, NAN);
	if (!isnan(s->domains))
		return s;
	err_set(err, "expected how many domains, recipients and messages had "
		"the same text at least, and the least reputation of the "
		"sending address");
	return NULL;
}

/* Mail from inside has no address of which it is evidence. */
static bool is_from(const struct memory_facts *m, double least)
{
	const struct evidence *e = worst(m, EVIDENCE_IP);

	return isnan(least) || (e && e->score >= least);
}

static int check_same_text(struct eval_ctx *c, const struct strs *args)
{
	const struct spread *least = c->prepared;
	const struct same_text *t = &c->memory->text;

	(void)args;
	if (!least || c->memory->state != MEMORY_KNOWN || !t->digest.n ||
	    t->domains < least->domains || t->recipients < least->recipients ||
	    t->messages < least->messages || !is_from(c->memory, least->sender))
		return 0;
	if (c->log)
		strs_add(c->arena, c->log,
			 str_printf(c->arena, "%u domains, %u recipients in "
				    "%.4g h", t->domains, t->recipients,
				    t->window / 3600));
	return 1;
}

static int check_memory_missing(struct eval_ctx *c, const struct strs *args)
{
	(void)args;
	if (c->memory->state != MEMORY_MISSING)
		return 0;
	if (c->log && c->memory->why.n)
		strs_add(c->arena, c->log, c->memory->why);
	return 1;
}

/* scan/senders.c adds the hit, which has its own score. */
static int check_senders(struct eval_ctx *c, const struct strs *args)
{
	(void)c;
	(void)args;
	return 0;
}

const struct eval_test eval_memory_tests[] = {
	{ "check_senders_reputation",
	  EVAL_HEADER | EVAL_REMEMBERS | EVAL_SENDERS, check_senders, NULL,
	  "Moves the score towards what TxRep remembers of the sender." },
	{ "check_from_in_auto_welcomelist",
	  EVAL_HEADER | EVAL_REMEMBERS | EVAL_SENDERS, check_senders, NULL,
	  "Moves the score towards the mean of the sender's, as AWL." },
	{ "check_from_in_auto_whitelist",
	  EVAL_HEADER | EVAL_REMEMBERS | EVAL_SENDERS, check_senders, NULL,
	  "The same by its older name." },
	{ "check_reputation", EVAL_HEADER | EVAL_REMEMBERS, check_reputation,
	  prepare_reputation,
	  "The reputation of the kind (ip, net, envelope, from, url) is in the "
	  "range, and that of another kind, if one is named, nearer to 0." },
	{ "check_remembered", EVAL_HEADER | EVAL_REMEMBERS, check_remembered,
	  NULL, "Something is known of one of the kinds, or of any." },
	{ "check_same_text", EVAL_HEADER | EVAL_REMEMBERS, check_same_text,
	  prepare_same_text,
	  "The text reached so many domains and, if they are given, recipients "
	  "and messages within same_text_window; with a fourth number it came "
	  "from outside, of an address with that reputation or a worse one." },
	{ "check_memory_missing", EVAL_HEADER | EVAL_REMEMBERS,
	  check_memory_missing, NULL,
	  "What is remembered could not be asked in time." },
	{ NULL, 0, NULL, NULL, NULL },
};
