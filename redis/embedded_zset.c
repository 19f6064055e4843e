/*
 * Sorted sets: members whose values are scores, in score_pack's form. What
 * asks for ranges of them is in embedded_zrange.c.
 */
#include <math.h>

#include "redis/embedded_int.h"

static bool open_zset(struct call *c, struct members *m)
{
	return members_open(c, c->argv[1], TYPE_ZSET, m) >= 0;
}

static void put_score(struct members *m, struct str name, double score)
{
	char buf[SCORE_OCTETS];

	members_put(m, name, score_pack(score, buf));
}

/* ---- adding ---- */

struct add_options {
	bool nx, xx, gt, lt, ch, incr;
	size_t first;		/* argument: of the pairs */
};

static bool refuse(struct call *c, const char *why)
{
	reply_error(c, "ERR %s", why);
	return false;
}

static bool check_options(struct call *c, const struct add_options *o)
{
	size_t n = c->argc - o->first;

	if (n == 0 || n % 2)
		return refuse(c, "syntax error");
	if (o->nx && o->xx)
		return refuse(c, "XX and NX options at the same time are not "
			      "compatible");
	if ((o->gt && o->nx) || (o->lt && o->nx) || (o->gt && o->lt))
		return refuse(c, "GT, LT, and/or NX options at the same time "
			      "are not compatible");
	if (o->incr && n > 2)
		return refuse(c, "INCR option supports a single "
			      "increment-element pair");
	return true;
}

static bool read_options(struct call *c, struct add_options *o)
{
	size_t i;

	*o = (struct add_options){ .nx = false };
	for (i = 2; i < c->argc; i++) {
		if (arg_is(c, i, "nx"))
			o->nx = true;
		else if (arg_is(c, i, "xx"))
			o->xx = true;
		else if (arg_is(c, i, "gt"))
			o->gt = true;
		else if (arg_is(c, i, "lt"))
			o->lt = true;
		else if (arg_is(c, i, "ch"))
			o->ch = true;
		else if (arg_is(c, i, "incr"))
			o->incr = true;
		else
			break;
	}
	o->first = i;
	return check_options(c, o);
}

enum added { ADD_NOTHING, ADD_SAME, ADD_NEW, ADD_CHANGED, ADD_NAN };

/* *score is the increment, or the score, and in the end what it became. */
static enum added add_one(struct members *m, const struct add_options *o,
			  struct str name, double *score)
{
	struct str packed;
	double old;

	if (!members_get(m, name, &packed)) {
		if (o->xx)
			return ADD_NOTHING;
		put_score(m, name, *score);
		return ADD_NEW;
	}
	if (o->nx)
		return ADD_NOTHING;
	old = score_unpack(packed);
	if (o->incr)
		*score += old;
	if (isnan(*score))
		return ADD_NAN;
	if ((o->lt && *score >= old) || (o->gt && *score <= old))
		return ADD_NOTHING;
	if (*score == old)
		return ADD_SAME;
	put_score(m, name, *score);
	return ADD_CHANGED;
}

static double *read_scores(struct call *c, size_t first)
{
	size_t n = (c->argc - first) / 2;
	double *v = arena_alloc(c->e->scratch, n * sizeof(*v));

	for (size_t i = 0; i < n; i++)
		if (!parse_double(c->argv[first + 2 * i], &v[i])) {
			reply_error(c, "ERR value is not a valid float");
			return NULL;
		}
	return v;
}

static void add_all(struct call *c, const struct add_options *o)
{
	double *scores = read_scores(c, o->first);
	enum added what = ADD_NOTHING;
	struct members m;
	int64_t count = 0;
	size_t i;

	if (!scores || !open_zset(c, &m))
		return;
	for (i = 0; o->first + 2 * i < c->argc && what != ADD_NAN; i++) {
		what = add_one(&m, o, c->argv[o->first + 2 * i + 1],
			       &scores[i]);
		count += what == ADD_NEW || (o->ch && what == ADD_CHANGED);
	}
	members_save(&m);
	if (what == ADD_NAN)
		refuse(c, "resulting score is not a number (NaN)");
	else if (!o->incr)
		reply_int(c, count);
	else if (what == ADD_NOTHING)
		reply_nil(c);
	else
		reply_double(c, scores[0]);
}

static void cmd_zadd(struct call *c)
{
	struct add_options o;

	if (read_options(c, &o))
		add_all(c, &o);
}

static void cmd_zincrby(struct call *c)
{
	struct add_options o = { .incr = true, .first = 2 };

	add_all(c, &o);
}

static void cmd_zrem(struct call *c)
{
	struct members m;
	int64_t gone = 0;

	if (!open_zset(c, &m))
		return;
	for (size_t i = 2; i < c->argc; i++)
		gone += members_del(&m, c->argv[i]);
	members_save(&m);
	reply_int(c, gone);
}

/* ---- asking ---- */

static void cmd_zscore(struct call *c)
{
	struct members m;
	struct str v;

	if (!open_zset(c, &m))
		return;
	if (members_get(&m, c->argv[2], &v))
		reply_double(c, score_unpack(v));
	else
		reply_nil(c);
}

static void cmd_zmscore(struct call *c)
{
	struct store_reply *items;
	struct members m;
	struct str v;

	if (!open_zset(c, &m))
		return;
	items = reply_list(c, c->argc - 2);
	for (size_t i = 2; i < c->argc; i++)
		if (members_get(&m, c->argv[i], &v))
			item_double(c, &items[i - 2], score_unpack(v));
}

static void cmd_zcard(struct call *c)
{
	struct members m;

	if (open_zset(c, &m))
		reply_int(c, (int64_t)m.count);
}

static void rank(struct call *c, bool reverse)
{
	struct member_walk w;
	struct members m;
	struct str v;

	if (!open_zset(c, &m))
		return;
	reply_nil(c);
	if (!members_get(&m, c->argv[2], &v))
		return;
	member_walk_begin(&w, &m, reverse);
	for (int64_t i = 0; member_walk_next(&w); i++)
		if (str_eq(w.name, c->argv[2])) {
			reply_int(c, i);
			return;
		}
}

static void cmd_zrank(struct call *c)
{
	rank(c, false);
}

static void cmd_zrevrank(struct call *c)
{
	rank(c, true);
}

const struct command_row embedded_zset_commands[] = {
	{ "zadd", -4, CMD_WRITE, cmd_zadd },
	{ "zincrby", 4, CMD_WRITE, cmd_zincrby },
	{ "zrem", -3, CMD_WRITE | CMD_SHRINKS, cmd_zrem },
	{ "zscore", 3, 0, cmd_zscore },
	{ "zmscore", -3, 0, cmd_zmscore },
	{ "zcard", 2, 0, cmd_zcard },
	{ "zrank", 3, 0, cmd_zrank },
	{ "zrevrank", 3, 0, cmd_zrevrank },
	{ 0 },
};
