/*
 * The inside of lua/: the virtual machine, and what every file of bindings
 * needs. One C file per Lua object; each exports a struct lua_class or a
 * struct lua_module, which registry.c lists.
 *
 * The document above each binding is part of the program: tools/luadoc.pl
 * makes docs/lua.md from it, and a test runs its examples. Its form:
 *
 *	/\* task:get_header(name [, case_sensitive]) -> string or nil
 *	 * The decoded text of the first header called name, without the white
 *	 * space around it.
 *	 * > assert(task:get_header("Subject") == "Hello")
 *	 * > assert(task:get_header("X-None") == nil)
 *	 *\/
 *
 * The first line is the signature, `>` lines are an example that must run
 * without an error on the sample message tests/lua/sample.eml (`task` is
 * given; methods of other objects get theirs from it).
 *
 * Rules for bindings:
 * - They may leave by luaL_error at any call into Lua (longjmp): hold nothing
 *   but arena memory, Lua values and integers across one.
 * - What belongs to the message is pushed as a handle (lua_handle_push); it
 *   raises an error when it is used after the message.
 * - Work that is not paid by Lua instructions (copying, searching, hashing of
 *   n octets) is paid with lua_spend(L, n).
 * - Text comes in through lua_str_arg (a string, a number or an rspamd_text)
 *   and may hold any octets.
 * - Nothing recurses or loops without a bound that the script cannot choose.
 */
#ifndef MEKIKI_LUA_VM_H
#define MEKIKI_LUA_VM_H

#include <lauxlib.h>
#include <lua.h>

#include "base/arena.h"
#include "base/map.h"
#include "base/str.h"
#include "lua/scripts.h"

/* One function or method. Tables end with a row whose name is NULL. */
struct lua_row {
	const char *name;
	lua_CFunction fn;
};

/* A kind of object, and its methods. */
struct lua_class {
	const char *name;		/* "rspamd{task}" */
	const struct lua_row *methods;
	const struct lua_row *meta;	/* __tostring, __len, ...; or NULL.
					 * __index is made from methods, __eq
					 * of handles compares the objects */
};

/* What require("name") gives. */
struct lua_module {
	const char *name;
	const struct lua_row *functions;	/* or NULL */
	/* Adds constants to the module's table, which is on the top; or
	 * NULL. */
	void (*fill)(lua_State *L);
};

/* registry.c: all of them, each list ended by NULL. */
extern const struct lua_class *const lua_classes[];
extern const struct lua_module *const lua_modules[];

/* Modules written in Lua (lua/lib/NAME.lua, embedded when the program is
 * built). The chunk gets the C module of the same name (or an empty table) as
 * its argument and returns the module. Ends with a NULL name. */
struct lua_embedded {
	const char *name;
	const char *text;
	size_t n;
};
extern const struct lua_embedded lua_embedded[];

/* Why a call is over its budget. */
enum lua_spent { SPENT_NOTHING, SPENT_TIME, SPENT_STEPS, SPENT_MEMORY,
		 SPENT_LOOKUPS, SPENT_OUTPUT, SPENT_KEPT };

/* Budgets, from the settings. */
struct lua_budget {
	double seconds;		/* CPU time of one call of one rule */
	uint64_t steps;		/* Lua instructions of one call */
	size_t memory;		/* octets, of the machine beyond its size
				 * after loading */
	unsigned lookups;	/* questions of one rule and message */
	size_t output;		/* octets of results and log lines of one rule
				 * and message */
	size_t results;		/* inserted results of one rule and message */
};

struct lua_map;
struct lua_symbol;

/* A dependency that was registered before its symbol. */
struct late_need {
	struct str name, needed;
	const char *file;
	int line;
};

struct lua_vm {
	lua_State *L;
	struct arena *arena;		/* of the configuration */
	const struct settings *settings;
	const struct ruleset *rules;
	struct loader *loader;		/* while loading, else NULL */
	struct lua_run *run;		/* while a message is scanned */
	uint64_t epoch;			/* of the message; handles remember
					 * theirs */
	bool sealed;			/* loading is over */
	bool tired;			/* it kept too much memory */

	struct lua_budget budget;
	/* The CPU clock when it was last read, and when that was. */
	int64_t cpu_seen_us, cpu_seen_at_us;

	/* The meter of the call that is running (sandbox.c). */
	struct lua_meter {
		bool on;
		enum lua_spent spent;
		size_t arena_start;
		int64_t wall_start_us, cpu_start_us, cpu_max_us, wall_check_us;
		int64_t cpu_seen_us;	/* the CPU clock not long before it */
		bool cpu_known;		/* cpu_start_us was looked at */
		uint64_t steps, work, looked_at;
		size_t memory_max, memory_peak, output;
		size_t refused;		/* octets; 0: none lately */
		size_t memory_start;
		bool weighed;		/* the garbage is collected before and
					 * after it */
		size_t biggest;		/* block that instructions may work
					 * on */
		int stride;		/* instructions between two looks */
		unsigned closing;	/* nested coroutine.close */
		lua_State *root, *running;	/* the call's thread; the one
						 * that runs now */
		struct lua_symbol *payer;	/* whose call it is */
	} meter;
	const struct lua_watch *watch;	/* or NULL */
	int idle_thread;		/* reference of one to be used again */
	size_t biggest_string;		/* of those made while loading */
	struct lua_symbol *suspect;	/* of keeping memory */
	struct lua_symbol *grower;	/* whose calls for this message made
					 * the machine grow most */
	struct lua_symbol *globals_of;	/* whose assignments are visible */
	bool globals_written;		/* by a rule of this message */
	size_t memory;			/* octets in use */
	size_t memory_base;		/* after loading */

	struct lua_symbol **symbols;	/* symbols.c */
	size_t nsymbols, symbols_cap;
	struct strs told_needs;		/* unknown dependencies that lint told */
	struct map by_name;		/* name -> struct lua_symbol * */
	struct lua_symbol **by_rule;	/* by rule id; NULL while loading */
	int task_ref;			/* of the message's task, or 0 */
	struct late_need *late_needs;
	size_t nlate_needs, late_needs_cap;
	unsigned *callbacks;		/* rule ids of symbols with one */
	size_t ncallbacks;
	struct lua_tally *tallies;	/* by rule id */

	struct lua_map **maps;		/* map.h */
	size_t nmaps, maps_cap;
	bool maps_stale;		/* a file has changed */
	int64_t maps_check_us;

	struct map options;		/* get_all_opt (options.c) */
	struct str local_dir;		/* of lua.local.d's parent, or none */
};

/* The machine that L belongs to. */
static inline struct lua_vm *lua_vm_of(lua_State *L)
{
	return *(struct lua_vm **)lua_getextraspace(L);
}

/* The message being scanned; raises an error if there is none. */
struct lua_run *lua_run_of(lua_State *L);

/* ---- handles and objects ---- */

/* Pushes an object of the message being scanned (nil if object is NULL). */
void lua_handle_push(lua_State *L, const struct lua_class *c, void *object);

/* The object at idx; raises an error if it is none of class c or its message
 * is over. */
void *lua_handle_get(lua_State *L, int idx, const struct lua_class *c);

/* The same, but NULL if it is no c at all. */
void *lua_handle_test(lua_State *L, int idx, const struct lua_class *c);

/* Pushes an object of its own life: size octets, zeroed, that Lua's garbage
 * collector releases (no destructor: keep no foreign memory in it). */
void *lua_object_new(lua_State *L, const struct lua_class *c, size_t size);
void *lua_object_get(lua_State *L, int idx, const struct lua_class *c);
void *lua_object_test(lua_State *L, int idx, const struct lua_class *c);

/* The class of the userdata at idx, or NULL if it is none. */
const struct lua_class *lua_class_at(lua_State *L, int idx);

/* The metamethods __eq and __tostring of classes that bring none. */
int lua_handle_equal(lua_State *L);
int lua_userdata_name(lua_State *L);

/* ---- text ---- */

/* The octets at idx: of a string, a number (converted in place) or an
 * rspamd_text; raises an error for anything else. They live as long as the
 * value at idx. */
struct str lua_str_arg(lua_State *L, int idx);

/* The same for an optional argument: STR_NONE if it is nil or missing. */
struct str lua_str_opt(lua_State *L, int idx);

/* Is the value at idx an rspamd_text? */
bool lua_is_text(lua_State *L, int idx);

/* Pushes a string; nil for STR_NONE. */
void lua_push_str(lua_State *L, struct str s);

/* Pushes a list of strings; nil for NULL. */
void lua_push_strs(lua_State *L, const struct strs *list);

/* t[key] = text, with t on the top; nothing for STR_NONE. */
void lua_field_str(lua_State *L, const char *key, struct str s);
void lua_field_num(lua_State *L, const char *key, double v);
void lua_field_int(lua_State *L, const char *key, long v);
void lua_field_bool(lua_State *L, const char *key, bool v);

/* An rspamd_text (text.c) over octets that live as long as the message. */
void lua_text_push(lua_State *L, struct str s);
/* One with a copy of its own, alive as long as Lua holds it. */
void lua_text_push_copy(lua_State *L, struct str s);

/* ---- budgets (sandbox.c) ---- */

/* n octets of work; raises the error that no pcall swallows when the budget
 * of the running call is spent. Nothing while loading. */
void lua_spend(lua_State *L, size_t n);
void lua_spend_lookup(lua_State *L);
void lua_spend_output(lua_State *L, size_t n);
void lua_spend_result(lua_State *L);

/* ---- a message (run.c) ---- */

struct lua_run {
	struct lua_vm *vm;
	struct lua_host host;
	struct message *msg;
	struct arena *arena;		/* of the message */
	lua_State *L;			/* the thread that is running, for
					 * expressions that call functions */
	bool verdict_is_final;		/* results count no more */
	bool gave_up;			/* no more questions */
	struct map variables;		/* task's mempool */
	struct map memo;		/* name -> whatever a binding computed
					 * once for this message */
	struct lua_symbol *current;	/* whose callback is running */
	struct lua_wait *waits;		/* questions, by the order of asking */
	size_t nwaits, waits_cap, nopen;
	uint32_t next_ask;
	const struct ask_answer *answer;	/* for whoever is resumed */
	struct lua_account *accounts;	/* by symbol: spent look-ups, output */
};

/* Asks the world. With a function at idx `callback` it is called with what
 * `deliver` pushes (and returns the number of) once the answer is there; with
 * callback 0 the running coroutine is suspended until then, and the call
 * returns what `deliver` pushes: `return lua_ask(...)`. ask->id is set here.
 * Raises an error where there is nobody to wait. */
int lua_ask(lua_State *L, struct ask *ask, int callback,
	    int (*deliver)(lua_State *L, const struct ask_answer *answer));

/* The same for a question that must not be asked: the answer, in its time, is
 * ASK_REFUSED with why (copied). */
int lua_ask_refused(lua_State *L, int callback,
		    int (*deliver)(lua_State *L,
				   const struct ask_answer *answer),
		    const char *why);

/* Its Message-ID for a line of the log, or words that say there is none. */
struct str lua_run_message_id(struct lua_run *run);

/* A line for the log about the rule that is running, with its name and the
 * message's id. */
void lua_run_log(struct lua_run *run, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* run_results.c: takes all values on the stack for what the callback of the
 * rule that is running has returned. */
int lua_callback_results(lua_State *L);

/* An error of the rule that is running which does not end it: counted, and in
 * the log the first time and then at every tenfold. */
void lua_run_fault(struct lua_run *run, const char *why);

/* Notes (once a name and message) that a script named a symbol that is not
 * there. */
void lua_unknown_symbol(struct lua_run *run, struct str name);

/* ---- loading (load.c) ---- */

/* Raises an error unless the configuration is being loaded. */
struct loader *lua_loading(lua_State *L, const char *what);

/* May a script read this path? (Folders of the configuration and of the
 * scripts named in it, while loading.) False and err if not. */
bool lua_may_read(struct lua_vm *vm, struct str path, struct err *err);

/* A path that a script named, absolute if the script's is: what does not begin
 * with '/' is seen from the file that says it. In the arena, with a NUL. */
struct str lua_path(lua_State *L, struct str path);

/* File and line of the Lua code that called the running C function. */
void lua_where(lua_State *L, const char **file_r, int *line_r);

#endif
