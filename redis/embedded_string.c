/*
 * Strings: the payload of their record is the text itself.
 */
#include <math.h>
#include <stdio.h>

#include "redis/embedded_int.h"

/* Redis's proto-max-bulk-len, smaller. */
#define STRING_MAX (EMBEDDED_VALUE_MAX - 4096)

/* 1: there is one; 0: there is nothing; -1: another type, and the reply says
 * so. */
static int find_string(struct call *c, struct str key, struct record *r)
{
	if (!record_find(c->e, key, r))
		return 0;
	if (r->type == TYPE_STRING)
		return 1;
	reply_wrong_type(c);
	return -1;
}

/* Puts text, whatever was there before; the record was looked for. */
static void save_string(struct record *r, struct str text, int64_t expires)
{
	if (r->found && r->spread)
		record_remove(r);
	r->type = TYPE_STRING;
	r->spread = false;
	r->expires = expires;
	buf_adds(record_begin(r), text);
	record_save(r);
}

static void reply_string(struct call *c, const struct record *r)
{
	reply_text(c, r->payload);
}

static void cmd_get(struct call *c)
{
	struct record r;
	int found = find_string(c, c->argv[1], &r);

	if (found > 0)
		reply_string(c, &r);
	else if (found == 0)
		reply_nil(c);
}

static void cmd_strlen(struct call *c)
{
	struct record r;
	int found = find_string(c, c->argv[1], &r);

	if (found >= 0)
		reply_int(c, found ? (int64_t)r.payload.n : 0);
}

/* ---- setting ---- */

struct set_time {
	const char *word;
	int unit;		/* ms */
	bool absolute;		/* since 1970, not from now */
};

static const struct set_time set_times[] = {
	{ "ex", 1000, false }, { "px", 1, false },
	{ "exat", 1000, true }, { "pxat", 1, true },
};

#define NSET_TIMES (sizeof(set_times) / sizeof(*set_times))

struct set_options {
	bool nx, xx, get, keep_ttl;
	const struct set_time *timed;
	size_t time;		/* the argument */
	int64_t expires;
};

static bool read_time(struct call *c, size_t i, const struct set_time *how,
		      int64_t *expires_r)
{
	int64_t v;

	if (!arg_int(c, i, &v))
		return false;
	if (v <= 0 || v > (INT64_MAX - c->e->now) / how->unit) {
		reply_error(c, "ERR invalid expire time in '%s' command",
			    c->row->name);
		return false;
	}
	*expires_r = v * how->unit + (how->absolute ? 0 : c->e->now);
	return true;
}

/* EX and its kin; its time is looked at when all else is in order. */
static bool read_set_time(struct call *c, size_t *i, struct set_options *o)
{
	for (size_t w = 0; w < NSET_TIMES; w++) {
		if (!arg_is(c, *i, set_times[w].word) || *i + 1 >= c->argc ||
		    (o->timed && o->timed != &set_times[w]) || o->keep_ttl)
			continue;
		o->timed = &set_times[w];
		o->time = ++*i;
		return true;
	}
	reply_syntax(c);
	return false;
}

static bool read_set_options(struct call *c, struct set_options *o)
{
	*o = (struct set_options){ .nx = false };
	for (size_t i = 3; i < c->argc; i++) {
		if (arg_is(c, i, "nx") && !o->xx)
			o->nx = true;
		else if (arg_is(c, i, "xx") && !o->nx)
			o->xx = true;
		else if (arg_is(c, i, "get"))
			o->get = true;
		else if (arg_is(c, i, "keepttl") && !o->timed)
			o->keep_ttl = true;
		else if (!read_set_time(c, &i, o))
			return false;
	}
	return !o->timed || read_time(c, o->time, o->timed, &o->expires);
}

static void cmd_set(struct call *c)
{
	struct set_options o;
	struct record r;
	bool there;

	if (!read_set_options(c, &o))
		return;
	there = record_find(c->e, c->argv[1], &r);
	if (o.get && there && r.type != TYPE_STRING) {
		reply_wrong_type(c);
		return;
	}
	if (o.get && there)
		reply_string(c, &r);
	else
		reply_nil(c);
	if (there ? o.nx : o.xx)
		return;
	if (!o.get)
		reply_ok(c);
	save_string(&r, c->argv[2], o.timed ? o.expires :
		    o.keep_ttl ? r.expires : 0);
}

static void set_for(struct call *c, const struct set_time *how)
{
	struct record r;
	int64_t expires;

	if (!read_time(c, 2, how, &expires))
		return;
	record_find(c->e, c->argv[1], &r);
	save_string(&r, c->argv[3], expires);
	reply_ok(c);
}

static void cmd_setex(struct call *c)
{
	set_for(c, &set_times[0]);
}

static void cmd_psetex(struct call *c)
{
	set_for(c, &set_times[1]);
}

static void cmd_setnx(struct call *c)
{
	struct record r;
	bool there = record_find(c->e, c->argv[1], &r);

	if (!there)
		save_string(&r, c->argv[2], 0);
	reply_int(c, !there);
}

static void cmd_getset(struct call *c)
{
	struct record r;
	int found = find_string(c, c->argv[1], &r);

	if (found < 0)
		return;
	if (found)
		reply_string(c, &r);
	else
		reply_nil(c);
	save_string(&r, c->argv[2], 0);
}

static void cmd_getdel(struct call *c)
{
	struct record r;
	int found = find_string(c, c->argv[1], &r);

	if (found > 0) {
		reply_string(c, &r);
		record_remove(&r);
	} else if (found == 0) {
		reply_nil(c);
	}
}

static void cmd_mget(struct call *c)
{
	struct store_reply *items = reply_list(c, c->argc - 1);
	struct record r;

	for (size_t i = 1; i < c->argc; i++)
		if (record_find(c->e, c->argv[i], &r) && r.type == TYPE_STRING)
			item_text(c, &items[i - 1], r.payload);
}

static void cmd_mset(struct call *c)
{
	struct record r;

	if (c->argc % 2 == 0) {
		reply_error(c, "ERR wrong number of arguments for '%s' command",
			    c->row->name);
		return;
	}
	for (size_t i = 1; i + 1 < c->argc; i += 2) {
		record_find(c->e, c->argv[i], &r);
		save_string(&r, c->argv[i + 1], 0);
	}
	reply_ok(c);
}

static void cmd_append(struct call *c)
{
	struct record r;
	struct buf *b;
	size_t n;
	int found = find_string(c, c->argv[1], &r);

	if (found < 0)
		return;
	n = (found ? r.payload.n : 0) + c->argv[2].n;
	if (n > STRING_MAX) {
		reply_error(c, "ERR string exceeds maximum allowed size "
			    "(proto-max-bulk-len)");
		return;
	}
	r.type = TYPE_STRING;
	b = record_begin(&r);
	buf_adds(b, r.payload);
	buf_adds(b, c->argv[2]);
	record_save(&r);
	reply_int(c, (int64_t)n);
}

/* ---- counting ---- */

static void add_int(struct call *c, int64_t by)
{
	char text[32];
	struct record r;
	int64_t v = 0;
	int found = find_string(c, c->argv[1], &r);

	if (found < 0)
		return;
	if (found && !parse_int(r.payload, &v)) {
		reply_error(c, "ERR value is not an integer or out of range");
		return;
	}
	if (__builtin_add_overflow(v, by, &v)) {
		reply_error(c, "ERR increment or decrement would overflow");
		return;
	}
	snprintf(text, sizeof(text), "%lld", (long long)v);
	save_string(&r, str_cstr(text), r.expires);
	reply_int(c, v);
}

static void cmd_incr(struct call *c)
{
	add_int(c, 1);
}

static void cmd_decr(struct call *c)
{
	add_int(c, -1);
}

static void cmd_incrby(struct call *c)
{
	int64_t by;

	if (arg_int(c, 2, &by))
		add_int(c, by);
}

static void cmd_decrby(struct call *c)
{
	int64_t by;

	if (!arg_int(c, 2, &by))
		return;
	if (by == INT64_MIN)
		reply_error(c, "ERR decrement would overflow");
	else
		add_int(c, -by);
}

static void cmd_incrbyfloat(struct call *c)
{
	char text[PRINT_FLOAT_MAX];
	long double v = 0, by;
	struct record r;
	struct str s;
	int found = find_string(c, c->argv[1], &r);

	if (found < 0)
		return;
	if ((found && !parse_float(r.payload, &v)) ||
	    !parse_float(c->argv[2], &by)) {
		reply_error(c, "ERR value is not a valid float");
		return;
	}
	v += by;
	if (isnan(v) || isinf(v)) {
		reply_error(c, "ERR increment would produce NaN or Infinity");
		return;
	}
	s = str_make(text, print_float(text, sizeof(text), v));
	save_string(&r, s, r.expires);
	reply_text(c, s);
}

const struct command_row embedded_string_commands[] = {
	{ "get", 2, 0, cmd_get },
	{ "set", -3, CMD_WRITE, cmd_set },
	{ "setex", 4, CMD_WRITE, cmd_setex },
	{ "psetex", 4, CMD_WRITE, cmd_psetex },
	{ "setnx", 3, CMD_WRITE, cmd_setnx },
	{ "getset", 3, CMD_WRITE, cmd_getset },
	{ "getdel", 2, CMD_WRITE | CMD_SHRINKS, cmd_getdel },
	{ "mget", -2, 0, cmd_mget },
	{ "mset", -3, CMD_WRITE, cmd_mset },
	{ "append", 3, CMD_WRITE, cmd_append },
	{ "strlen", 2, 0, cmd_strlen },
	{ "incr", 2, CMD_WRITE, cmd_incr },
	{ "decr", 2, CMD_WRITE, cmd_decr },
	{ "incrby", 3, CMD_WRITE, cmd_incrby },
	{ "decrby", 3, CMD_WRITE, cmd_decrby },
	{ "incrbyfloat", 3, CMD_WRITE, cmd_incrbyfloat },
	{ 0 },
};
