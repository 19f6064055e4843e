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
 * output; all but memory are counted over all calls of one rule for one
 * message. When a budget is spent an error is raised, again and again at every
 * step (pcall, coroutine.resume, close handlers and error handlers included)
 * until the callback has been left.
 */
#ifndef MEKIKI_LUA_SANDBOX_H
#define MEKIKI_LUA_SANDBOX_H

#include "lua/vm.h"

/* Fills the globals of a new machine: the allow-listed standard functions in
 * their bounded forms, what LuaJIT scripts expect (bit, unpack, table.getn,
 * loadstring, math.pow, ...). What C assigns to a global while no call is
 * metered (rspamd_config, ...) belongs to the machine as well: scripts cannot
 * change it. */
void lua_globals_open(lua_State *L);

/* Pops a value into a global that scripts may assign anew. */
void lua_globals_set(lua_State *L, const char *name);

/* Makes the table on the top read-only for scripts: what replaces it there
 * reads through to it. */
void lua_table_freeze(lua_State *L);

/* Loading is over. */
void lua_globals_seal(lua_State *L);

/* What the message's callbacks assigned is forgotten. */
void lua_globals_reset(lua_State *L);

/* A rule sees what it assigned itself for this message, and not what others
 * did: lua_meter_begin calls this. */
void lua_globals_switch(struct lua_vm *vm, struct lua_symbol *payer);

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

/* Microseconds of CPU time that the running call has used. */
int64_t lua_meter_used(struct lua_meter *m);

/* What is made between the two is everybody's (a view of the message), and not
 * paid by the rule that asked first; lua_meter_pause's answer goes to
 * lua_meter_resume. */
int64_t lua_meter_pause(void);
void lua_meter_resume(struct lua_vm *vm, int64_t paused);

/* Raises the error of a spent budget: at once, or only if one is spent. Whoever
 * could catch an error of a script (lua_pcall, lua_resume) calls
 * lua_check_spent() afterwards. */
void lua_raise_spent(lua_State *L) __attribute__((noreturn));
void lua_check_spent(lua_State *L);

/* Around each lua_resume of a script's own coroutine: it runs under the
 * running call's hook. lua_thread_leave gets what lua_thread_enter gave. */
lua_State *lua_thread_enter(lua_State *co);
void lua_thread_leave(lua_State *L, lua_State *before);

/* Takes n octets of a line for the log out of the running rule's output; false
 * if there is no room left for them: then the line is left out. */
bool lua_may_log(struct lua_vm *vm, size_t n);

/* After a message: looks how much memory scripts keep, and which rule to
 * suspect of it. The suspect's next call is weighed, and ends with SPENT_KEPT if
 * the memory was its. False if the machine is too large to be used on. */
bool lua_memory_look(struct lua_vm *vm);

/* "CPU time", "instructions", ... for the log. */
const char *lua_spent_name(enum lua_spent s);

/* The account of a symbol for the message being scanned. */
struct lua_account {
	unsigned lookups;
	size_t output, results;
	unsigned shots;		/* inserted results of this symbol */
	int64_t used_us;	/* of its time, by the calls so far */
	uint64_t steps;
	bool over;		/* a budget is spent: not called any more */
	size_t grown;		/* octets of memory, garbage included */
};
struct lua_account *lua_account_of(struct lua_run *run,
				   const struct lua_symbol *s);

/* Fills of the libraries: each leaves its table on the top
 * (globals_*.c). */
void lua_open_calls(lua_State *L);		/* into the table on the top */
void lua_open_coroutine(lua_State *L);
void lua_open_table(lua_State *L);
void lua_open_string(lua_State *L);
void lua_open_math(lua_State *L);
void lua_open_bit(lua_State *L);
void lua_open_os(lua_State *L);
void lua_open_io(lua_State *L);

/* What io.open gives. */
extern const struct lua_class lua_file_class;

/* The value at idx as text, on the top: like LuaJIT's tostring, so that whole
 * floats have no ".0". */
struct str lua_tostring_plain(lua_State *L, int idx);

/* Functions of Lua's own library, into the table on the top, by name; each
 * pays for the octets of the strings that it is given. */
void lua_take_paid(lua_State *L, lua_CFunction open, const char *const *names);

/* What is behind the table at idx if it is read-only or the globals, pushed;
 * false, and nothing pushed, if it is an ordinary one. */
bool lua_table_behind(lua_State *L, int idx);

/* globals_pairs.c: pushes an iterator over the table at idx in LuaJIT's order,
 * if Lua's own would be another one; else pushes nothing: false. */
bool lua_pairs_listed(lua_State *L, int idx);

/* pattern.c: string.find, match, gmatch, gsub with Lua's own patterns, but
 * every step is paid and nothing recurses without a bound. */
extern const struct lua_row lua_pattern_rows[];

#endif
