/*
 * Sets: members without values.
 */
#include "redis/embedded_int.h"

static bool open_set(struct call *c, struct members *m)
{
	return members_open(c, c->argv[1], TYPE_SET, m) >= 0;
}

static void cmd_sadd(struct call *c)
{
	struct members m;
	struct str v;
	int64_t added = 0;

	if (!open_set(c, &m))
		return;
	for (size_t i = 2; i < c->argc; i++)
		if (!members_get(&m, c->argv[i], &v)) {
			members_put(&m, c->argv[i], STR(""));
			added++;
		}
	members_save(&m);
	reply_int(c, added);
}

static void cmd_srem(struct call *c)
{
	struct members m;
	int64_t gone = 0;

	if (!open_set(c, &m))
		return;
	for (size_t i = 2; i < c->argc; i++)
		gone += members_del(&m, c->argv[i]);
	members_save(&m);
	reply_int(c, gone);
}

static void cmd_sismember(struct call *c)
{
	struct members m;
	struct str v;

	if (open_set(c, &m))
		reply_int(c, members_get(&m, c->argv[2], &v));
}

static void cmd_smismember(struct call *c)
{
	struct store_reply *items;
	struct members m;
	struct str v;

	if (!open_set(c, &m))
		return;
	items = reply_list(c, c->argc - 2);
	for (size_t i = 2; i < c->argc; i++)
		item_int(&items[i - 2], members_get(&m, c->argv[i], &v));
}

static void cmd_scard(struct call *c)
{
	struct members m;

	if (open_set(c, &m))
		reply_int(c, (int64_t)m.count);
}

static void cmd_smembers(struct call *c)
{
	struct store_reply *items;
	struct member_walk w;
	struct members m;

	if (!open_set(c, &m))
		return;
	items = reply_list(c, (size_t)m.count);
	member_walk_begin(&w, &m, false);
	for (size_t i = 0; i < m.count && member_walk_next(&w); i++)
		item_text(c, &items[i], w.name);
}

const struct command_row embedded_set_commands[] = {
	{ "sadd", -3, CMD_WRITE, cmd_sadd },
	{ "srem", -3, CMD_WRITE | CMD_SHRINKS, cmd_srem },
	{ "sismember", 3, 0, cmd_sismember },
	{ "smismember", -3, 0, cmd_smismember },
	{ "scard", 2, 0, cmd_scard },
	{ "smembers", 2, 0, cmd_smembers },
	{ 0 },
};
