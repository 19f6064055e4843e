/*
 * Commands that ask the server about itself.
 */
#include <stdio.h>

#include "redis/embedded_int.h"

static void cmd_ping(struct call *c)
{
	if (c->argc > 2)
		reply_error(c, "ERR wrong number of arguments for 'ping' "
			    "command");
	else if (c->argc == 2)
		reply_text(c, c->argv[1]);
	else
		reply_status(c, "PONG");
}

static void cmd_echo(struct call *c)
{
	reply_text(c, c->argv[1]);
}

static void cmd_time(struct call *c)
{
	struct store_reply *items = reply_list(c, 2);
	char text[32];

	snprintf(text, sizeof(text), "%lld", (long long)c->e->now / 1000);
	item_text(c, &items[0], str_cstr(text));
	snprintf(text, sizeof(text), "%lld",
		 (long long)(c->e->now % 1000 * 1000));
	item_text(c, &items[1], str_cstr(text));
}

static void cmd_info(struct call *c)
{
	const struct kv *kv = c->e->kv;
	struct kv_stat stat;

	kv->ops->stat(c->e->kv, &stat);
	reply_text(c, str_printf(c->out,
		"# Server\r\nmekiki_store:%s\r\nmekiki_version:%s\r\n"
		"# Memory\r\nused_memory:%llu\r\nmaxmemory:%llu\r\n"
		"# Keyspace\r\ndb0:keys=%llu\r\n",
		kv->ops->name, MEKIKI_VERSION,
		(unsigned long long)stat.used, (unsigned long long)stat.size,
		(unsigned long long)record_count(c->e)));
}

const struct command_row embedded_server_commands[] = {
	{ "ping", -1, 0, cmd_ping },
	{ "echo", 2, 0, cmd_echo },
	{ "time", 1, 0, cmd_time },
	{ "info", -1, 0, cmd_info },
	{ 0 },
};
