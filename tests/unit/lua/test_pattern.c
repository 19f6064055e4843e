/*
 * Patterns against Lua's own: tests/lua/patterns.lua makes some thousand calls
 * of string.find, match, gmatch and gsub, and tests/lua/patterns.answers has
 * what lua5.4 printed for them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>

#include "lua/sandbox.h"

struct answers {
	FILE *in;
	size_t lines, wrong;
};

/* emit(line): compares it with the next line of the answers. */
static int emit(lua_State *L)
{
	struct answers *a = lua_touserdata(L, lua_upvalueindex(1));
	const char *line = luaL_checkstring(L, 1);
	char *want = NULL;
	size_t cap = 0;
	ssize_t n = getline(&want, &cap, a->in);

	a->lines++;
	if (n > 0 && want[n - 1] == '\n')
		want[n - 1] = '\0';
	if (n <= 0 || strcmp(want, line) != 0) {
		a->wrong++;
		print_message("line %zu\n  want %s\n  got  %s\n", a->lines,
			      n > 0 ? want : "(no line)", line);
	}
	free(want);
	return 0;
}

/* A machine with Lua's libraries, but our string functions. */
static lua_State *machine(struct lua_vm *vm)
{
	lua_State *L = lua_newstate(lua_alloc_metered, vm);

	*(struct lua_vm **)lua_getextraspace(L) = vm;
	vm->L = L;
	luaL_openlibs(L);
	lua_getglobal(L, "string");
	for (const struct lua_row *r = lua_pattern_rows; r->name; r++) {
		lua_pushcfunction(L, r->fn);
		lua_setfield(L, -2, r->name);
	}
	lua_pop(L, 1);
	return L;
}

static void as_in_lua(void **state)
{
	struct lua_vm vm = { 0 };
	lua_State *L = machine(&vm);
	struct answers a = { fopen("tests/lua/patterns.answers", "r"), 0, 0 };

	(void)state;
	assert_non_null(a.in);
	if (luaL_loadfile(L, "tests/lua/patterns.lua") != LUA_OK)
		fail_msg("%s", lua_tostring(L, -1));
	lua_pushlightuserdata(L, &a);
	lua_pushcclosure(L, emit, 1);
	if (lua_pcall(L, 1, 0, 0) != LUA_OK)
		fail_msg("%s", lua_tostring(L, -1));
	assert_true(a.lines > 5000);
	assert_int_equal(getc(a.in), EOF);
	assert_int_equal(a.wrong, 0);
	fclose(a.in);
	lua_close(L);
}

/* A long subject neither recurses nor takes more than linear time. */
static void long_subjects(void **state)
{
	static const char *const programs[] = {
		"return #(('a'):rep(1e6)):match('.-$') == 1e6",
		"return (('a'):rep(1e6)..'b'):find('^a*b') == 1",
		"return #(('(' ):rep(5e5)..(')'):rep(5e5)):match('%b()') == 1e6",
		"return select(2, (('ab'):rep(3e5)):gsub('a?b?', 'x')) == 3e5",
		"return (('a'):rep(1e5)):find(('a?'):rep(2000)) == 1",
	};
	struct lua_vm vm = { 0 };
	lua_State *L = machine(&vm);

	(void)state;
	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
		if (luaL_dostring(L, programs[i]) != LUA_OK)
			fail_msg("%s", lua_tostring(L, -1));
		if (!lua_toboolean(L, -1))
			fail_msg("%s", programs[i]);
		lua_settop(L, 0);
	}
	lua_close(L);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_in_lua),
		cmocka_unit_test(long_subjects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
