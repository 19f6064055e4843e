/*
 * Hashes: fields and their values as members.
 */
#include <math.h>
#include <stdio.h>

#include "redis/embedded_int.h"

static bool open_hash(struct call *c, struct members *m)
{
	return members_open(c, c->argv[1], TYPE_HASH, m) >= 0;
}

static void cmd_hget(struct call *c)
{
	struct members m;
	struct str v;

	if (!open_hash(c, &m))
		return;
	if (members_get(&m, c->argv[2], &v))
		reply_text(c, v);
	else
		reply_nil(c);
}

static void cmd_hmget(struct call *c)
{
	struct store_reply *items;
	struct members m;
	struct str v;

	if (!open_hash(c, &m))
		return;
	items = reply_list(c, c->argc - 2);
	for (size_t i = 2; i < c->argc; i++)
		if (members_get(&m, c->argv[i], &v))
			item_text(c, &items[i - 2], v);
}

static void cmd_hexists(struct call *c)
{
	struct members m;
	struct str v;

	if (open_hash(c, &m))
		reply_int(c, members_get(&m, c->argv[2], &v));
}

static void cmd_hlen(struct call *c)
{
	struct members m;

	if (open_hash(c, &m))
		reply_int(c, (int64_t)m.count);
}

static void cmd_hstrlen(struct call *c)
{
	struct members m;
	struct str v = STR("");

	if (!open_hash(c, &m))
		return;
	members_get(&m, c->argv[2], &v);
	reply_int(c, (int64_t)v.n);
}

/* All of it: the names, the values or both. */
static void list_fields(struct call *c, bool names, bool values)
{
	struct store_reply *items;
	struct member_walk w;
	struct members m;
	size_t n = 0, most;

	if (!open_hash(c, &m))
		return;
	most = (size_t)m.count * (size_t)(names + values);
	items = reply_list(c, most);
	member_walk_begin(&w, &m, false);
	while (n < most && member_walk_next(&w)) {
		if (names)
			item_text(c, &items[n++], w.name);
		if (values)
			item_text(c, &items[n++], w.value);
	}
}

static void cmd_hgetall(struct call *c)
{
	list_fields(c, true, true);
}

static void cmd_hkeys(struct call *c)
{
	list_fields(c, true, false);
}

static void cmd_hvals(struct call *c)
{
	list_fields(c, false, true);
}

/* ---- writing ---- */

static bool set_fields(struct call *c, int64_t *added_r)
{
	struct members m;

	if (c->argc % 2) {
		reply_error(c, "ERR wrong number of arguments for '%s' command",
			    c->row->name);
		return false;
	}
	if (!open_hash(c, &m))
		return false;
	*added_r = 0;
	for (size_t i = 2; i + 1 < c->argc; i += 2)
		*added_r += members_put(&m, c->argv[i], c->argv[i + 1]);
	members_save(&m);
	return true;
}

static void cmd_hset(struct call *c)
{
	int64_t added;

	if (set_fields(c, &added))
		reply_int(c, added);
}

static void cmd_hmset(struct call *c)
{
	int64_t added;

	if (set_fields(c, &added))
		reply_ok(c);
}

static void cmd_hsetnx(struct call *c)
{
	struct members m;
	struct str v;
	bool there;

	if (!open_hash(c, &m))
		return;
	there = members_get(&m, c->argv[2], &v);
	if (!there)
		members_put(&m, c->argv[2], c->argv[3]);
	members_save(&m);
	reply_int(c, !there);
}

static void cmd_hdel(struct call *c)
{
	struct members m;
	int64_t gone = 0;

	if (!open_hash(c, &m))
		return;
	for (size_t i = 2; i < c->argc; i++)
		gone += members_del(&m, c->argv[i]);
	members_save(&m);
	reply_int(c, gone);
}

static void cmd_hincrby(struct call *c)
{
	char text[32];
	struct members m;
	struct str old;
	int64_t v = 0, by;

	if (!arg_int(c, 3, &by) || !open_hash(c, &m))
		return;
	if (members_get(&m, c->argv[2], &old) && !parse_int(old, &v)) {
		reply_error(c, "ERR hash value is not an integer");
		return;
	}
	if (__builtin_add_overflow(v, by, &v)) {
		reply_error(c, "ERR increment or decrement would overflow");
		return;
	}
	snprintf(text, sizeof(text), "%lld", (long long)v);
	members_put(&m, c->argv[2], str_cstr(text));
	members_save(&m);
	reply_int(c, v);
}

static void cmd_hincrbyfloat(struct call *c)
{
	char text[PRINT_FLOAT_MAX];
	struct members m;
	struct str s;
	long double v = 0, by;

	if (!parse_float(c->argv[3], &by)) {
		reply_error(c, "ERR value is not a valid float");
		return;
	}
	if (isinf(by)) {
		reply_error(c, "ERR value is NaN or Infinity");
		return;
	}
	if (!open_hash(c, &m))
		return;
	if (members_get(&m, c->argv[2], &s) && !parse_float(s, &v)) {
		reply_error(c, "ERR hash value is not a float");
		return;
	}
	v += by;
	if (isnan(v) || isinf(v)) {
		reply_error(c, "ERR increment would produce NaN or Infinity");
		return;
	}
	s = str_make(text, print_float(text, sizeof(text), v));
	members_put(&m, c->argv[2], s);
	members_save(&m);
	reply_text(c, s);
}

const struct command_row embedded_hash_commands[] = {
	{ "hget", 3, 0, cmd_hget },
	{ "hmget", -3, 0, cmd_hmget },
	{ "hgetall", 2, 0, cmd_hgetall },
	{ "hkeys", 2, 0, cmd_hkeys },
	{ "hvals", 2, 0, cmd_hvals },
	{ "hlen", 2, 0, cmd_hlen },
	{ "hstrlen", 3, 0, cmd_hstrlen },
	{ "hexists", 3, 0, cmd_hexists },
	{ "hset", -4, CMD_WRITE, cmd_hset },
	{ "hmset", -4, CMD_WRITE, cmd_hmset },
	{ "hsetnx", 4, CMD_WRITE, cmd_hsetnx },
	{ "hdel", -3, CMD_WRITE | CMD_SHRINKS, cmd_hdel },
	{ "hincrby", 4, CMD_WRITE, cmd_hincrby },
	{ "hincrbyfloat", 4, CMD_WRITE, cmd_hincrbyfloat },
	{ 0 },
};
