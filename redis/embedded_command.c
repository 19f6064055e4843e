/*
 * Which commands there are, and what is checked before one is executed. The
 * tables are in the files of their kinds; here a hash of the names finds the
 * row, because a batch has hundreds of commands.
 */
#include <stdio.h>

#include "redis/embedded_int.h"

static const struct command_row *const tables[] = {
	embedded_string_commands, embedded_hash_commands,
	embedded_set_commands, embedded_zset_commands,
	embedded_zrange_commands, embedded_list_commands,
	embedded_key_commands, embedded_server_commands,
	embedded_script_commands,
};

#define NTABLES (sizeof(tables) / sizeof(*tables))
#define SLOTS 512		/* a power of two, four times the commands */
#define NAME_LONGEST 24

static const struct command_row *slots[SLOTS];
static bool filled;

static unsigned hash_name(struct str name)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < name.n; i++)
		h = (h ^ (unsigned char)to_lower((unsigned char)name.p[i])) *
			16777619u;
	return (h ^ h >> 15) & (SLOTS - 1);
}

static void fill(void)
{
	for (size_t t = 0; t < NTABLES; t++)
		for (const struct command_row *r = tables[t]; r->name; r++) {
			unsigned i = hash_name(str_cstr(r->name));

			while (slots[i])
				i = (i + 1) & (SLOTS - 1);
			slots[i] = r;
		}
	filled = true;
}

const struct command_row *command_find(struct str name)
{
	if (!filled)
		fill();
	if (name.n > NAME_LONGEST)
		return NULL;
	for (unsigned i = hash_name(name); slots[i]; i = (i + 1) & (SLOTS - 1))
		if (str_ieq(name, str_cstr(slots[i]->name)))
			return slots[i];
	return NULL;
}

static void unknown(struct call *c)
{
	char args[160];
	size_t n = 0;

	args[0] = '\0';
	for (size_t i = 1; i < c->argc && n < 128; i++)
		n += (size_t)snprintf(args + n, sizeof(args) - n, "'%.*s' ",
				      (int)(128 - n < c->argv[i].n ?
					    128 - n : c->argv[i].n),
				      c->argv[i].p ? c->argv[i].p : "");
	reply_error(c, "ERR unknown command '%.128s', with args beginning "
		    "with: %s", arena_strndup(c->e->scratch, c->argv[0].p,
					      c->argv[0].n), args);
}

bool command_takes(const struct command_row *row, size_t argc)
{
	return row->arity >= 0 ? argc == (size_t)row->arity :
		argc >= (size_t)-row->arity;
}

void command_execute(struct call *c)
{
	const struct command_row *row;

	if (!c->argc) {
		reply_error(c, "ERR empty command");
		return;
	}
	row = c->row = command_find(c->argv[0]);
	if (!row) {
		unknown(c);
	} else if (!command_takes(row, c->argc)) {
		reply_error(c, "ERR wrong number of arguments for '%s' command",
			    row->name);
	} else if (row->flags & CMD_WRITE && !c->e->writing) {
		/* A script that turns out to write, or a store that may only
		 * be read. */
		c->e->must_write = !c->e->read_only;
		reply_error(c, "READONLY You can't write against a read only "
			    "store.");
	} else {
		row->fn(c);
	}
}
