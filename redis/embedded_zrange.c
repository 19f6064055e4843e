/*
 * Ranges of sorted sets, by rank or by score, from either end: listed,
 * counted, removed. A walk begins where the range does (by score) or at the
 * nearer end of the set's order (by rank), and costs a step a member.
 */
#include <math.h>
#include <stdlib.h>

#include "redis/embedded_int.h"

struct range {
	bool by_score, reverse, with_scores;
	int64_t start, stop;	/* ranks */
	double min, max;
	bool min_open, max_open;	/* the end itself is not in it */
	bool limited;
	int64_t offset, limit;	/* limit < 0: all */
};

/* ---- arguments ---- */

static bool read_end(struct str s, double *v_r, bool *open_r)
{
	char buf[128], *end;

	*open_r = s.n && s.p[0] == '(';
	s = str_from(s, *open_r);
	if (s.n >= sizeof(buf))
		return false;
	if (s.n)
		memcpy(buf, s.p, s.n);
	buf[s.n] = '\0';
	*v_r = strtod(buf, &end);
	return end == buf + s.n && !isnan(*v_r);
}

static bool read_ends(struct call *c, size_t min, size_t max, struct range *r)
{
	if (read_end(c->argv[min], &r->min, &r->min_open) &&
	    read_end(c->argv[max], &r->max, &r->max_open))
		return true;
	reply_error(c, "ERR min or max is not a float");
	return false;
}

static bool read_range_options(struct call *c, struct range *r, bool general)
{
	for (size_t i = 4; i < c->argc; i++) {
		if (arg_is(c, i, "withscores")) {
			r->with_scores = true;
		} else if (arg_is(c, i, "limit") && i + 2 < c->argc) {
			if (!arg_int(c, i + 1, &r->offset) ||
			    !arg_int(c, i + 2, &r->limit))
				return false;
			r->limited = true;
			i += 2;
		} else if (general && arg_is(c, i, "rev")) {
			r->reverse = true;
		} else if (general && arg_is(c, i, "byscore")) {
			r->by_score = true;
		} else {
			reply_syntax(c);
			return false;
		}
	}
	return true;
}

static bool read_range(struct call *c, struct range *r, bool general)
{
	r->limit = -1;
	if (!read_range_options(c, r, general))
		return false;
	if (r->by_score)
		return read_ends(c, r->reverse ? 3 : 2, r->reverse ? 2 : 3, r);
	if (r->limited && r->limit != -1) {
		reply_error(c, "ERR syntax error, LIMIT is only supported in "
			    "combination with either BYSCORE or BYLEX");
		return false;
	}
	return arg_int(c, 2, &r->start) && arg_int(c, 3, &r->stop);
}

/* ---- walking ---- */

struct range_walk {
	struct member_walk w;
	const struct range *r;
	int64_t left;		/* members that may still come; < 0: any */
};

/* Ranks as given become the first and the number of members. */
static int64_t clip(struct range *r, int64_t n)
{
	if (r->start < 0)
		r->start = r->start + n < 0 ? 0 : r->start + n;
	if (r->stop < 0)
		r->stop += n;
	if (r->stop >= n)
		r->stop = n - 1;
	return r->start > r->stop || r->start >= n ? 0 :
		r->stop - r->start + 1;
}

static bool is_below(const struct range *r, double score)
{
	return r->min_open ? score <= r->min : score < r->min;
}

static bool is_above(const struct range *r, double score)
{
	return r->max_open ? score >= r->max : score > r->max;
}

static bool next_by_score(struct range_walk *rw)
{
	const struct range *r = rw->r;

	while (member_walk_next(&rw->w)) {
		double score = score_unpack(rw->w.value);

		/* Open ends let the walk begin with members outside. */
		if (r->reverse ? is_above(r, score) : is_below(r, score))
			continue;
		return r->reverse ? !is_below(r, score) : !is_above(r, score);
	}
	return false;
}

static bool range_next(struct range_walk *rw)
{
	if (rw->left == 0)
		return false;
	if (rw->left > 0)
		rw->left--;
	return rw->r->by_score ? next_by_score(rw) : member_walk_next(&rw->w);
}

static void range_begin(struct range_walk *rw, struct members *m,
			struct range *r)
{
	int64_t skip;

	rw->r = r;
	if (r->by_score) {
		member_walk_seek(&rw->w, m, r->reverse,
				 r->reverse ? r->max : r->min);
		rw->left = r->min > r->max ? 0 : -1;
		if (r->limited && r->offset < 0)
			rw->left = 0;
		for (skip = r->limited ? r->offset : 0;
		     skip > 0 && range_next(rw); skip--)
			;
		if (r->limited && rw->left < 0)
			rw->left = skip ? 0 : r->limit;
		return;
	}
	rw->left = clip(r, (int64_t)m->count);
	member_walk_begin(&rw->w, m, r->reverse);
	for (skip = rw->left ? r->start : 0;
	     skip > 0 && member_walk_next(&rw->w); skip--)
		;
}

/* ---- listing ---- */

static void list_range(struct call *c, struct range *r)
{
	struct store_reply *items = NULL;
	struct range_walk rw;
	struct members m;
	size_t n = 0, cap = 0;

	if (members_open(c, c->argv[1], TYPE_ZSET, &m) < 0)
		return;
	range_begin(&rw, &m, r);
	while (range_next(&rw)) {
		items = arena_grow(c->out, items, n, &cap, sizeof(*items));
		item_text(c, &items[n++], rw.w.name);
		if (!r->with_scores)
			continue;
		items = arena_grow(c->out, items, n, &cap, sizeof(*items));
		item_double(c, &items[n++], score_unpack(rw.w.value));
	}
	*c->reply = (struct store_reply){ .kind = REPLY_LIST, .items = items,
					  .n = n };
}

static void cmd_zrange(struct call *c)
{
	struct range r = { .by_score = false };

	if (read_range(c, &r, true))
		list_range(c, &r);
}

static void cmd_zrevrange(struct call *c)
{
	struct range r = { .reverse = true };

	if (read_range(c, &r, false))
		list_range(c, &r);
}

static void cmd_zrangebyscore(struct call *c)
{
	struct range r = { .by_score = true };

	if (read_range(c, &r, false))
		list_range(c, &r);
}

static void cmd_zrevrangebyscore(struct call *c)
{
	struct range r = { .by_score = true, .reverse = true };

	if (read_range(c, &r, false))
		list_range(c, &r);
}

static void cmd_zcount(struct call *c)
{
	struct range r = { .by_score = true };
	struct range_walk rw;
	struct members m;
	int64_t n = 0;

	if (!read_ends(c, 2, 3, &r) ||
	    members_open(c, c->argv[1], TYPE_ZSET, &m) < 0)
		return;
	range_begin(&rw, &m, &r);
	while (range_next(&rw))
		n++;
	reply_int(c, n);
}

/* ---- removing ---- */

static void remove_range(struct call *c, struct range *r)
{
	struct strs names = { 0 };
	struct range_walk rw;
	struct members m;

	if (members_open(c, c->argv[1], TYPE_ZSET, &m) < 0)
		return;
	range_begin(&rw, &m, r);
	while (range_next(&rw))
		strs_add(c->e->scratch, &names,
			 str_dup(c->e->scratch, rw.w.name));
	for (size_t i = 0; i < names.n; i++)
		members_del(&m, names.v[i]);
	members_save(&m);
	reply_int(c, (int64_t)names.n);
}

static void cmd_zremrangebyrank(struct call *c)
{
	struct range r = { .by_score = false };

	if (arg_int(c, 2, &r.start) && arg_int(c, 3, &r.stop))
		remove_range(c, &r);
}

static void cmd_zremrangebyscore(struct call *c)
{
	struct range r = { .by_score = true };

	if (read_ends(c, 2, 3, &r))
		remove_range(c, &r);
}

/* ZPOPMIN, ZPOPMAX: the ends, with their scores. */
static void pop(struct call *c, bool reverse)
{
	struct range r = { .reverse = reverse, .with_scores = true };
	struct store_reply *items;
	struct members m;
	int64_t count = 1;

	if (c->argc > 3) {
		reply_syntax(c);
		return;
	}
	if (c->argc == 3 && (!parse_int(c->argv[2], &count) || count < 0)) {
		reply_error(c, "ERR value is out of range, must be positive");
		return;
	}
	r.stop = count - 1;
	if (!count) {
		r.start = 1;	/* nothing */
		r.stop = 0;
	}
	list_range(c, &r);
	if (c->reply->kind != REPLY_LIST || !c->reply->n)
		return;
	items = c->reply->items;
	members_open(c, c->argv[1], TYPE_ZSET, &m);
	for (size_t i = 0; i < c->reply->n; i += 2)
		members_del(&m, items[i].text);
	members_save(&m);
}

static void cmd_zpopmin(struct call *c)
{
	pop(c, false);
}

static void cmd_zpopmax(struct call *c)
{
	pop(c, true);
}

const struct command_row embedded_zrange_commands[] = {
	{ "zrange", -4, 0, cmd_zrange },
	{ "zrevrange", -4, 0, cmd_zrevrange },
	{ "zrangebyscore", -4, 0, cmd_zrangebyscore },
	{ "zrevrangebyscore", -4, 0, cmd_zrevrangebyscore },
	{ "zcount", 4, 0, cmd_zcount },
	{ "zremrangebyrank", 4, CMD_WRITE | CMD_SHRINKS, cmd_zremrangebyrank },
	{ "zremrangebyscore", 4, CMD_WRITE | CMD_SHRINKS,
	  cmd_zremrangebyscore },
	{ "zpopmin", -2, CMD_WRITE | CMD_SHRINKS, cmd_zpopmin },
	{ "zpopmax", -2, CMD_WRITE | CMD_SHRINKS, cmd_zpopmax },
	{ 0 },
};
