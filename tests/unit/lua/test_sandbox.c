/*
 * The sandbox without any rules: what the globals give (tests/lua/globals.tsv,
 * where most answers are LuaJIT's), which budget stops what, and how soon.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "lua/sandbox.h"
#include "lua/symbols.h"

/* A sanitizer makes each octet and instruction dearer: what is to be stopped by
 * its memory must not meet the end of its time before. */
#ifdef __SANITIZE_ADDRESS__
#define SECONDS 0.5
#else
#define SECONDS 0.05
#endif

static struct lua_symbol payer, other = { .index = 1, .id = 1 };

static int open_globals(lua_State *L)
{
	lua_globals_open(L);
	return 0;
}

static void setup(struct lua_vm *vm)
{
	memset(vm, 0, sizeof(*vm));
	vm->budget = (struct lua_budget){
		.seconds = SECONDS, .steps = SECONDS * 2e9, .memory = 8 << 20,
		.lookups = 10, .output = 100, .results = 1000,
	};
	vm->L = lua_newstate(lua_alloc_metered, vm);
	*(struct lua_vm **)lua_getextraspace(vm->L) = vm;
	lua_pushcfunction(vm->L, open_globals);
	assert_int_equal(lua_pcall(vm->L, 0, 0, 0), LUA_OK);
	lua_globals_seal(vm->L);
	vm->memory_base = vm->memory;
}

/* Runs text on a thread of its own, for whom; what it left is on `*co_r`. */
static enum lua_spent run(struct lua_vm *vm, struct lua_symbol *whom,
			  const char *text, lua_State **co_r, int *status_r)
{
	lua_State *co;
	int n;

	lua_settop(vm->L, 0);
	co = lua_newthread(vm->L);
	if (luaL_loadbuffer(co, text, strlen(text), "=x") != LUA_OK)
		fail_msg("%s: %s", text, lua_tostring(co, -1));
	lua_meter_begin(vm, co, whom);
	*status_r = lua_resume(co, NULL, 0, &n);
	*co_r = co;
	return lua_meter_end(vm);
}

/* Adds the value at i to the line, behind sep. */
static void add_value(lua_State *L, int i, const char *sep, char *out,
		      size_t size)
{
	size_t n = strlen(out), len;
	const char *text = lua_type(L, i) == LUA_TTABLE ? "table" :
		luaL_tolstring(L, i, &len);

	if (lua_type(L, i) == LUA_TTABLE)
		lua_pushnil(L);
	else if (lua_type(L, i) == LUA_TNUMBER) {
		lua_pop(L, 1);
		text = lua_tostring_plain(L, i).p;
	}
	len = lua_type(L, -1) == LUA_TSTRING ? lua_rawlen(L, -1) :
		strlen(text);
	if (*sep && n + 3 < size)
		out[n++] = *sep;
	for (size_t k = 0; k < len && n + 3 < size; k++) {
		if (text[k] == '\n' || !text[k]) {
			out[n++] = '\\';
			out[n++] = text[k] ? 'n' : '0';
		} else {
			out[n++] = text[k];
		}
	}
	out[n] = '\0';
	lua_pop(L, 1);
}

static void globals(void **state)
{
	FILE *in = fopen("tests/lua/globals.tsv", "r");
	char line[1024], program[1200], got[1024];
	struct lua_vm vm;
	int seen = 0, wrong = 0;

	(void)state;
	assert_non_null(in);
	setup(&vm);
	while (fgets(line, sizeof(line), in)) {
		char *tab = strchr(line, '\t');
		lua_State *co;
		int status;

		if (line[0] == '#' || !tab)
			continue;
		*tab++ = '\0';
		tab[strcspn(tab, "\n")] = '\0';
		snprintf(program, sizeof(program), "return %s", line);
		run(&vm, &payer, program, &co, &status);
		snprintf(got, sizeof(got), "%s", status ? "false" : "");
		for (int n = lua_gettop(co), i = status ? n : 1; i <= n; i++) {
			add_value(co, i, i > 1 || status ? " " : "", got,
				  sizeof(got));
		}
		seen++;
		if (strcmp(got, tab) == 0)
			continue;
		wrong++;
		print_message("%s\n  want %s\n  got  %s\n", line, tab, got);
	}
	fclose(in);
	assert_true(seen > 160);
	assert_int_equal(wrong, 0);
	lua_close(vm.L);
}

static const struct {
	const char *text;
	enum lua_spent spent;
} stops[] = {
	{ "return 1", SPENT_NOTHING },
	{ "while true do end", SPENT_TIME },
	{ "while true do pcall(function() while true do end end) end",
	  SPENT_TIME },
	{ "return ('a'):rep(40):find(('.-'):rep(40) .. 'b')", SPENT_TIME },
	{ "local t = {} while true do t[#t + 1] = {} end", SPENT_MEMORY },
	{ "return ('x'):rep(1e9)", SPENT_MEMORY },
	{ "return ('x'):rep(1e6):rep(5)", SPENT_NOTHING },
	{ "local s = ('1'):rep(2e6) while true do local _ = s + 1 end",
	  SPENT_TIME },
	{ "for _ = 1, 1e9 do print(('x'):rep(100)) end", SPENT_OUTPUT },
	{ "local t = {} for i = 1, 3e4 do t[i] = i end while true do "
	  "table.sort(t) end", SPENT_TIME },
	{ "local function f() return 1 + f() end return f()", SPENT_MEMORY },
	{ "while true do load('return ' .. ('1 + '):rep(9999) .. '1') end",
	  SPENT_TIME },
};

static void budgets(void **state)
{
	struct lua_vm vm;

	(void)state;
	setup(&vm);
	for (size_t i = 0; i < sizeof(stops) / sizeof(stops[0]); i++) {
		lua_State *co;
		int status;
		int64_t began = clock_cpu_us(), took;
		enum lua_spent spent = run(&vm, &payer, stops[i].text, &co,
					   &status);

		took = clock_cpu_us() - began;
		if (spent != stops[i].spent)
			fail_msg("%s: %s", stops[i].text,
				 lua_spent_name(spent));
		if (took > 4 * SECONDS * 1e6)
			fail_msg("%s: %ld us", stops[i].text, (long)took);
		assert_int_equal(status != LUA_OK, spent != SPENT_NOTHING);
	}
	lua_close(vm.L);
}

/* The number of instructions is a budget of its own. */
static void instructions(void **state)
{
	struct lua_vm vm;
	lua_State *co;
	int status;

	(void)state;
	setup(&vm);
	vm.budget.steps = 100000;
	vm.budget.seconds = 60;
	assert_int_equal(run(&vm, &payer, "for i = 1, 1e9 do end", &co,
			     &status), SPENT_STEPS);
	assert_int_equal(run(&vm, &payer, "for i = 1, 1e4 do end", &co,
			     &status), SPENT_NOTHING);
	lua_close(vm.L);
}

static bool holds(struct lua_vm *vm, struct lua_symbol *whom, const char *text)
{
	lua_State *co;
	int status;

	assert_int_equal(run(vm, whom, text, &co, &status), SPENT_NOTHING);
	if (status != LUA_OK)
		fail_msg("%s: %s", text, lua_tostring(co, -1));
	return lua_gettop(co) == 0 || lua_toboolean(co, 1);
}

/* What a rule assigns is seen by itself only, and only until the message
 * ends. */
static void overlays(void **state)
{
	struct lua_vm vm;

	(void)state;
	setup(&vm);
	vm.sealed = false;
	assert_true(holds(&vm, NULL, "at_load = 1"));
	vm.sealed = true;
	assert_true(holds(&vm, &payer, "at_load = 2 mine = 3 return at_load == "
			  "2 and mine == 3 and _G.mine == 3"));
	assert_true(holds(&vm, &other, "return at_load == 1 and mine == nil"));
	assert_true(holds(&vm, &other, "mine = 4 return mine == 4"));
	assert_true(holds(&vm, &payer, "return at_load == 2 and mine == 3"));
	lua_globals_reset(vm.L);
	assert_true(holds(&vm, &payer, "return at_load == 1 and mine == nil"));
	assert_true(holds(&vm, &other, "return at_load == 1 and mine == nil"));
	assert_true(holds(&vm, &payer, "rawset(_G, 'mine', 5) return mine == 5"
			  " and rawget(_G, 'mine') == 5"));
	assert_true(holds(&vm, &other, "return rawget(_G, 'mine') == nil"));
	lua_close(vm.L);
}

/* Coroutines that a budget ended stay ended. */
static void ended_coroutines(void **state)
{
	struct lua_vm vm;
	lua_State *co;
	int status;

	(void)state;
	setup(&vm);
	vm.sealed = false;
	assert_true(holds(&vm, NULL, "kept = {}"));
	vm.sealed = true;
	assert_int_equal(run(&vm, &payer,
		"kept[1] = coroutine.create(function()\n"
		" local x <close> = setmetatable({}, { __close = function()"
		" while true do end end })\n"
		" while true do end\n"
		"end)\n"
		"coroutine.resume(kept[1])", &co, &status), SPENT_TIME);
	assert_true(holds(&vm, &payer,
			  "return not coroutine.close(kept[1])"));
	assert_true(holds(&vm, &payer,
			  "return not coroutine.resume(kept[1])"));
	lua_close(vm.L);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(globals),
		cmocka_unit_test(budgets),
		cmocka_unit_test(instructions),
		cmocka_unit_test(overlays),
		cmocka_unit_test(ended_coroutines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
