/*
 * One message in the machine: callbacks are called in coroutines, so that a
 * rule which asked the world can wait while the others go on; the scan, in
 * its one place, waits for the answers and gives them back here.
 *
 * Nothing that a callback does can end the run: an error is logged (once a
 * rule, with the message's id and a traceback, then at every tenfold), a
 * spent budget is a strike as well, and in both cases the rule did not hit.
 */
#include "lua/vm.h"

#include "base/log.h"
#include "conf/ruleset.h"
#include "lua/sandbox.h"
#include "lua/symbols.h"
#include "lua/task.h"
#include "lua/watch.h"

/* A question that is open, and who waits for its answer. */
struct lua_wait {
	uint32_t id;
	struct lua_symbol *symbol;
	int thread;		/* reference of a suspended coroutine, or */
	int callback;		/* of a function */
	int (*deliver)(lua_State *L, const struct ask_answer *answer);
	bool open;
	bool refused;		/* nobody is there to answer: */
	struct str why;
};

struct lua_run *lua_run_of(lua_State *L)
{
	struct lua_run *run = lua_vm_of(L)->run;

	if (!run)
		luaL_error(L, "no message is being scanned");
	return run;
}

struct lua_run *lua_run_begin(struct lua_vm *vm, const struct lua_host *host)
{
	struct lua_run *run = arena_alloc(host->arena, sizeof(*run));

	run->vm = vm;
	run->host = *host;
	run->msg = host->msg;
	run->arena = host->arena;
	run->variables = MAP_IN(host->arena);
	run->memo = MAP_IN(host->arena);
	run->accounts = arena_alloc(host->arena, (vm->nsymbols + 1) *
				    sizeof(*run->accounts));
	vm->run = run;
	vm->epoch++;
	vm->cpu_seen_at_us = 0;		/* a process may have been born since */
	return run;
}

void lua_run_final(struct lua_run *run)
{
	run->verdict_is_final = true;
}

/* ---- threads ---- */

/* A thread for a callback, referenced from the registry. One that came to its
 * end is used again. */
static lua_State *take_thread(struct lua_vm *vm, int *ref_r)
{
	lua_State *co;

	if (vm->idle_thread) {
		*ref_r = vm->idle_thread;
		vm->idle_thread = 0;
		lua_rawgeti(vm->L, LUA_REGISTRYINDEX, *ref_r);
		co = lua_tothread(vm->L, -1);
		lua_pop(vm->L, 1);
		return co;
	}
	co = lua_newthread(vm->L);
	*ref_r = luaL_ref(vm->L, LUA_REGISTRYINDEX);
	return co;
}

static void give_thread(struct lua_vm *vm, lua_State *co, int ref)
{
	/* One that ended by an error is dropped as it is: resetting it would
	 * run its close handlers, and no hook would stop them. */
	if (lua_status(co) != LUA_OK || vm->idle_thread) {
		luaL_unref(vm->L, LUA_REGISTRYINDEX, ref);
		return;
	}
	lua_settop(co, 0);
	vm->idle_thread = ref;
}

/* ---- what went wrong ---- */

static bool is_round(uint32_t n)
{
	while (n >= 10 && n % 10 == 0)
		n /= 10;
	return n == 1;
}

static void log_lines(struct str text)
{
	struct str line;

	while (str_next(&text, '\n', &line))
		if (str_trim(line).n)
			log_warn("  %.*s", STR_ARG(str_trim(line)));
}

/* One error more of the rule that is running; how many that are. */
static uint32_t count_error(struct lua_run *run)
{
	struct lua_tally *t = &run->vm->tallies[run->current->id];

	return __atomic_add_fetch(&t->errors, 1, __ATOMIC_RELAXED);
}

void lua_run_fault(struct lua_run *run, const char *why)
{
	uint32_t n = count_error(run);

	if (is_round(n))
		lua_run_log(run, "%s%s", why,
			    n > 1 ? " (and it was not the first error)" : "");
}

static void failed(struct lua_run *run, lua_State *co, enum lua_spent spent)
{
	struct lua_symbol *s = run->current;
	struct lua_tally *t = &run->vm->tallies[s->id];
	uint32_t n = count_error(run);
	struct str text = STR("an error without a text");

	if (spent != SPENT_NOTHING) {
		bool disabled = lua_tally_strike(t);

		lua_run_log(run, "its budget of %s is spent: it did not hit",
			    lua_spent_name(spent));
		if (disabled)
			log_error("rule %.*s (%s:%d) is disabled until the "
				  "rules are loaded again: it spent its budget "
				  "%d times", STR_ARG(s->name), s->file,
				  s->line, LUA_STRIKES);
		return;
	}
	if (lua_type(co, -1) == LUA_TSTRING)
		text = lua_str_arg(co, -1);
	if (!is_round(n))
		return;
	lua_run_log(run, "%.*s%s", STR_ARG(str_head(text, 600)),
		    n > 1 ? " (and it was not the first error)" : "");
	if (n == 1 && lua_checkstack(co, 10)) {
		luaL_traceback(co, co, NULL, 0);
		log_lines(str_head(lua_str_arg(co, -1), 4000));
		lua_pop(co, 1);
	}
}

/* ---- calling ---- */

static int call_expression(lua_State *L)
{
	struct lua_run *run = lua_run_of(L);

	lua_pushnumber(L, lua_expression_value(run, run->current->expression));
	if (lua_tonumber(L, -1) <= 0)
		return 0;
	lua_pushboolean(L, 1);
	lua_insert(L, -2);
	return 2;
}

static void begin_call(struct lua_run *run, struct lua_symbol *s,
		       lua_State *co)
{
	run->current = s;
	run->L = co;
	lua_meter_begin(run->vm, co, s);
}

static enum lua_spent end_call(struct lua_run *run)
{
	struct lua_vm *vm = run->vm;
	enum lua_spent spent = lua_meter_end(vm);

	run->L = NULL;
	return spent;
}

static bool has_open_waits(const struct lua_run *run,
			   const struct lua_symbol *s)
{
	for (size_t i = 0; i < run->nwaits; i++)
		if (run->waits[i].open && run->waits[i].symbol == s)
			return true;
	return false;
}

/* Goes on with co, which has nargs values (and, at the start, the function
 * below them) on its stack. */
static enum lua_outcome resume(struct lua_run *run, struct lua_symbol *s,
			       lua_State *co, int ref, int nargs)
{
	struct lua_vm *vm = run->vm;
	enum lua_spent spent;
	size_t waits = run->nwaits, memory = vm->memory;
	struct lua_called seen = { .returned = STR_NONE };
	int nres = 0, status;

	begin_call(run, s, co);
	status = lua_resume(co, vm->L, nargs, &nres);
	if (vm->watch)
		lua_watch_returned(run, co, status == LUA_OK ? nres : -1,
				   memory, &seen);
	if (status == LUA_OK && nres > 0) {
		lua_pushcfunction(co, lua_callback_results);
		lua_rotate(co, 1, 1);
		status = lua_pcall(co, nres, 0, 0);
	}
	spent = end_call(run);
	if (status == LUA_YIELD && spent == SPENT_NOTHING) {
		if (run->nwaits > waits &&
		    run->waits[run->nwaits - 1].thread == LUA_NOREF &&
		    run->waits[run->nwaits - 1].callback == LUA_NOREF) {
			run->waits[run->nwaits - 1].thread = ref;
			return lua_watch_called(run, s, &seen, LUA_WAITING);
		}
		lua_settop(co, 0);
		lua_pushstring(co, "it yielded, and nobody will resume it");
		status = LUA_ERRRUN;
	}
	if (status != LUA_OK || spent != SPENT_NOTHING)
		failed(run, co, spent);
	give_thread(vm, co, ref);
	if (status != LUA_OK || spent != SPENT_NOTHING)
		return lua_watch_called(run, s, &seen, LUA_FAILED);
	return lua_watch_called(run, s, &seen, has_open_waits(run, s) ?
				LUA_WAITING : LUA_DONE);
}

static bool conditions_hold(struct lua_run *run, struct lua_symbol *s)
{
	struct lua_vm *vm = run->vm;
	bool hold = true;

	for (size_t i = 0; i < s->nconditions && hold; i++) {
		enum lua_spent spent;
		int ref, status;
		lua_State *co = take_thread(vm, &ref);

		lua_rawgeti(co, LUA_REGISTRYINDEX, s->conditions[i]);
		lua_task_push(co, run);
		begin_call(run, s, co);
		status = lua_pcall(co, 1, 1, 0);
		spent = end_call(run);
		hold = status == LUA_OK && lua_toboolean(co, -1);
		if (status != LUA_OK || spent != SPENT_NOTHING) {
			failed(run, co, spent);
			hold = false;
		}
		give_thread(vm, co, ref);
	}
	return hold;
}

/* An expression that calls no script is none of Lua's work: it needs neither a
 * thread nor a meter (a hundred of them would cost more than their regexes). */
static enum lua_outcome run_plain(struct lua_run *run, struct lua_symbol *s)
{
	double v;

	run->current = s;
	v = lua_expression_value(run, s->expression);
	if (v > 0)
		lua_insert_result(run->vm->L, s->name, v, NULL);
	run->current = NULL;
	return LUA_DONE;
}

static void answer_refused(struct lua_run *run);

enum lua_outcome lua_run_rule(struct lua_run *run, const struct rule *r)
{
	struct lua_vm *vm = run->vm;
	struct lua_symbol *s = lua_symbol_of(vm, r);
	struct lua_tally *t;
	enum lua_outcome outcome;
	lua_State *co;
	int ref, nargs;

	if (!s || s->stage == LUA_PASSIVE)
		return LUA_DONE;
	t = &vm->tallies[s->id];
	if (__atomic_load_n(&t->disabled, __ATOMIC_RELAXED))
		return LUA_DONE;
	__atomic_fetch_add(&t->calls, 1, __ATOMIC_RELAXED);
	if (!conditions_hold(run, s))
		return LUA_DONE;
	if (s->expression && !vm->watch &&
	    lua_expression_is_plain(s->expression))
		return run_plain(run, s);
	co = take_thread(vm, &ref);
	if (s->expression) {
		lua_pushcfunction(co, call_expression);
		nargs = 0;
	} else {
		lua_rawgeti(co, LUA_REGISTRYINDEX, s->callback);
		lua_task_push(co, run);
		nargs = 1;
	}
	outcome = resume(run, s, co, ref, nargs);
	answer_refused(run);
	if (outcome == LUA_WAITING && !has_open_waits(run, s))
		outcome = LUA_DONE;
	run->current = NULL;
	return outcome;
}

/* ---- waiting ---- */

static int after_wait(lua_State *L, int status, lua_KContext ctx)
{
	struct lua_run *run = lua_run_of(L);
	int (*deliver)(lua_State *, const struct ask_answer *) =
		run->waits[ctx].deliver;

	(void)status;
	return deliver(L, run->answer);
}

/* Why there is no host to ask. */
static const char *why_nobody(const struct lua_vm *vm)
{
	if (vm->rules->local_only)
		return "only local tests are run (-L)";
	if (!settings_bool(vm->settings, STR("lua_http")))
		return "lua_http is 0";
	return "nobody is there to be asked";
}

/* Is anybody there to be asked? After the verdict only the store is, which
 * rules may tell what became of the message. */
static bool send(struct lua_run *run, const struct ask *ask, struct err *err)
{
	if (run->gave_up || (run->verdict_is_final && ask->kind != ASK_REDIS)) {
		err_set(err, "it is too late to ask");
		return false;
	}
	err_set(err, "%s", why_nobody(run->vm));
	return run->host.ask && run->host.ask(run->host.ctx, ask, err);
}

static int ask_or_refuse(lua_State *L, struct ask *ask, int callback,
			 int (*deliver)(lua_State *L,
					const struct ask_answer *answer),
			 const char *why)
{
	struct lua_run *run = lua_run_of(L);
	struct lua_wait *w;
	struct err err;

	if (!callback && L != run->L)
		return luaL_error(L, "a coroutine of one's own cannot wait for "
				  "an answer: give a callback");
	lua_spend_lookup(L);
	run->waits = arena_grow(run->arena, run->waits, run->nwaits,
				&run->waits_cap, sizeof(*run->waits));
	w = &run->waits[run->nwaits++];
	*w = (struct lua_wait){ .symbol = run->current, .deliver = deliver,
				.thread = LUA_NOREF, .callback = LUA_NOREF,
				.open = true };
	w->id = ask->id = ++run->next_ask;
	run->nopen++;
	if (callback) {
		lua_pushvalue(L, callback);
		w->callback = luaL_ref(L, LUA_REGISTRYINDEX);
	}
	if (why || !send(run, ask, &err)) {
		w->refused = true;
		w->why = str_dup(run->arena, str_cstr(why ? why : err.text));
	}
	if (callback)
		return 0;
	return lua_yieldk(L, 0, (lua_KContext)(run->nwaits - 1), after_wait);
}

int lua_ask(lua_State *L, struct ask *ask, int callback,
	    int (*deliver)(lua_State *L, const struct ask_answer *answer))
{
	return ask_or_refuse(L, ask, callback, deliver, NULL);
}

int lua_ask_refused(lua_State *L, int callback,
		    int (*deliver)(lua_State *L,
				   const struct ask_answer *answer),
		    const char *why)
{
	struct ask ask = { 0 };

	return ask_or_refuse(L, &ask, callback, deliver, why);
}

size_t lua_run_open(const struct lua_run *run)
{
	return run->nopen;
}

bool lua_run_is_waiting(const struct lua_run *run, const struct rule *r)
{
	const struct lua_symbol *s = lua_symbol_of(run->vm, r);

	return s && has_open_waits(run, s);
}

static int nothing_more(lua_State *L, int status, lua_KContext ctx)
{
	(void)L, (void)status, (void)ctx;
	return 0;
}

/* Calls the function that waits, with what deliver pushes. */
static int call_callback(lua_State *L)
{
	struct lua_run *run = lua_run_of(L);
	struct lua_wait *w = lua_touserdata(L, 1);
	int n;

	lua_settop(L, 0);
	lua_rawgeti(L, LUA_REGISTRYINDEX, w->callback);
	n = w->deliver(L, run->answer);
	/* It may wait in its turn. */
	lua_callk(L, n, 0, 0, nothing_more);
	return 0;
}

uint32_t lua_run_asker(const struct lua_run *run, uint32_t id)
{
	for (size_t i = 0; i < run->nwaits; i++)
		if (run->waits[i].open && run->waits[i].id == id)
			return run->waits[i].symbol->id;
	return (uint32_t)-1;
}

/* Gives an answer to whoever waits for it. */
static void give(struct lua_run *run, const struct ask_answer *answer)
{
	struct lua_vm *vm = run->vm;
	struct lua_symbol *before = run->current;
	struct lua_wait w;
	lua_State *co;
	size_t i = 0;
	int ref;

	while (i < run->nwaits && (run->waits[i].id != answer->id ||
				   !run->waits[i].open))
		i++;
	if (i == run->nwaits)
		return;
	run->waits[i].open = false;
	run->nopen--;
	/* The list may move while the rule goes on. */
	w = run->waits[i];
	run->answer = answer;
	if (lua_account_of(run, w.symbol)->over) {
		/* One strike a message is enough. */
		luaL_unref(vm->L, LUA_REGISTRYINDEX, w.thread);
		luaL_unref(vm->L, LUA_REGISTRYINDEX, w.callback);
	} else if (w.thread != LUA_NOREF) {
		lua_rawgeti(vm->L, LUA_REGISTRYINDEX, w.thread);
		co = lua_tothread(vm->L, -1);
		lua_pop(vm->L, 1);
		resume(run, w.symbol, co, w.thread, 0);
	} else if (w.callback != LUA_NOREF) {
		co = take_thread(vm, &ref);
		lua_pushcfunction(co, call_callback);
		lua_pushlightuserdata(co, &w);
		resume(run, w.symbol, co, ref, 1);
		luaL_unref(vm->L, LUA_REGISTRYINDEX, w.callback);
	}
	run->answer = NULL;
	run->current = before;
}

/* Questions that nobody could be asked are answered at once, but behind the
 * callback that asked them. Whoever is told so may ask again. */
static void answer_refused(struct lua_run *run)
{
	for (size_t i = 0; i < run->nwaits; i++) {
		struct lua_wait *w = &run->waits[i];
		struct ask_answer answer = { .id = w->id,
					     .status = ASK_REFUSED,
					     .error = w->why };

		if (w->open && w->refused)
			give(run, &answer);
	}
}

void lua_run_answer(struct lua_run *run, const struct ask_answer *answer)
{
	give(run, answer);
	answer_refused(run);
}

void lua_run_give_up(struct lua_run *run, enum ask_status status)
{
	run->gave_up = true;
	for (size_t i = 0; i < run->nwaits; i++) {
		struct ask_answer a = {
			.id = run->waits[i].id,
			.status = status,
			.error = status == ASK_GONE ?
				STR("nobody is there to answer") :
				STR("timeout"),
		};

		if (run->waits[i].open)
			lua_run_answer(run, &a);
	}
}

void lua_run_drop(struct lua_run *run)
{
	lua_State *L = run->vm->L;

	for (size_t i = 0; i < run->nwaits; i++) {
		struct lua_wait *w = &run->waits[i];

		if (!w->open)
			continue;
		w->open = false;
		run->nopen--;
		luaL_unref(L, LUA_REGISTRYINDEX, w->thread);
		luaL_unref(L, LUA_REGISTRYINDEX, w->callback);
	}
}

bool lua_vm_tired(const struct lua_vm *vm)
{
	return vm->tired;
}

void lua_run_end(struct lua_run **run)
{
	struct lua_vm *vm = (*run)->vm;

	lua_run_drop(*run);
	vm->run = NULL;
	vm->epoch++;
	lua_globals_reset(vm->L);
	task_table_drop(vm);
	if (vm->task_ref)
		luaL_unref(vm->L, LUA_REGISTRYINDEX, vm->task_ref);
	vm->task_ref = 0;
	*run = NULL;
	if (!lua_memory_look(vm))
		vm->tired = true;
}
