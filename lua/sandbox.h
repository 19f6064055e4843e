/*
 * The sandbox: which globals a script sees, and what a call may use.
 *
 * While files are loaded the globals can be written (rspamd's files do, and
 * so can one file use what an earlier one defined). Then they are sealed:
 * whatever a callback assigns to a global lands in a table of the message and
 * is gone with it; tables that the machine made (string, rspamd_util, ...)
 * cannot be changed at all, from the start.
 *
 * A call is metered: CPU time, instructions, octets of memory, look-ups,
 * output. When a budget is spent an error is raised, again and again at every
 * step (pcall, coroutine.resume, close handlers and error handlers included)
 * until the callback has been left.
 */
#ifndef MEKIKI_LUA_SANDBOX_H
#define MEKIKI_LUA_SANDBOX_H

#include "lua/vm.h"

/* Fills the globals of a new machine: the allow-listed standard functions in
 * their bounded forms, what LuaJIT scripts expect (bit, unpack, table.getn,
 * loadstring, math.pow, ...), require, dofile. */
void lua_globals_open(lua_State *L);

/* Makes the table on the top read-only for scripts: what replaces it there
 * reads through to it. */
void lua_table_freeze(lua_State *L);

/* Loading is over. */
void lua_globals_seal(lua_State *L);

/* What the message's callbacks assigned is forgotten. */
void lua_globals_reset(lua_State *L);

/* The hook and allocator of the machine: lua_alloc_metered is what
 * lua_newstate gets, with the vm as ud. */
void *lua_alloc_metered(void *ud, void *p, size_t osize, size_t nsize);

/* The budgets of the settings. */
void lua_budget_read(struct lua_budget *b, const struct settings *s);

/* Begins and ends the metering of one call, which runs on the thread co for
 * payer (NULL: a load-time call, which only has time and memory). */
void lua_meter_begin(struct lua_vm *vm, lua_State *co,
		     struct lua_symbol *payer);
enum lua_spent lua_meter_end(struct lua_vm *vm);

/* "CPU time", "instructions", ... for the log. */
const char *lua_spent_name(enum lua_spent s);

/* The account of a symbol for the message being scanned. */
struct lua_account {
	unsigned lookups;
	size_t output, results;
	unsigned shots;		/* inserted results of this symbol */
};
struct lua_account *lua_account_of(struct lua_run *run,
				   const struct lua_symbol *s);

/* pattern.c: string.find, match, gmatch, gsub with Lua's own patterns, but
 * every step is paid and nothing recurses without a bound. */
extern const struct lua_row lua_pattern_rows[];

#endif
