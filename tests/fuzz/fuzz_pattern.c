/*
 * libFuzzer target: any pattern, replacement and subject through find, match,
 * gmatch and gsub of the sandbox, under a small budget. Beside crashes it looks
 * for two things: that a call ends when its budget does, and, where Lua's own
 * functions can be asked without waiting for them (a short subject, few
 * repetitions), that both say the same.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <lualib.h>

#include "base/clock.h"
#include "base/err.h"
#include "lua/sandbox.h"
#include "lua/symbols.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BUDGET_US 20000
#define SUBJECT_MAX 8192
/* What Lua's own functions are asked. */
#define OWN_SUBJECT_MAX 48
#define OWN_REPEATS_MAX 4

/* All that the functions say, as one text; of an error only that it was one,
 * as its words are not ours. */
static const char program[] =
	"local find, match, gmatch, gsub = string.find, string.match,"
	" string.gmatch, string.gsub\n"
	"local function calls(p, s, r)\n"
	" local out = {}\n"
	" local function add(ok, ...)\n"
	"  out[#out + 1] = ok and 'ok' or 'error'\n"
	"  for i = 1, ok and select('#', ...) or 0 do\n"
	"   out[#out + 1] = tostring((select(i, ...)))\n"
	"  end\n"
	" end\n"
	" add(pcall(find, s, p))\n"
	" add(pcall(find, s, p, -3))\n"
	" add(pcall(match, s, p))\n"
	" add(pcall(match, s, p, 2))\n"
	" add(pcall(function()\n"
	"  local n = 0\n"
	"  for a, b in gmatch(s, p) do\n"
	"   out[#out + 1] = tostring(a)\n"
	"   out[#out + 1] = tostring(b)\n"
	"   n = n + 1\n"
	"  end\n"
	"  return n\n"
	" end))\n"
	" add(pcall(gsub, s, p, r))\n"
	" add(pcall(gsub, s, p, r, 2))\n"
	" add(pcall(gsub, s, p, { a = 'x', b = false, ab = 7 }))\n"
	" add(pcall(gsub, s, p, function(a, b)\n"
	"  return a ~= 'b' and a .. tostring(b)\n"
	" end))\n"
	" return table.concat(out, '\\1')\n"
	"end\n"
	"return calls(...)\n";

struct input {
	struct str pattern, replacement, subject;
};

/* The program with its arguments, on co. */
static void push_call(lua_State *co, const struct input *in)
{
	must(luaL_loadbuffer(co, program, sizeof(program) - 1, "=fuzz") ==
	     LUA_OK);
	lua_pushlstring(co, in->pattern.p, in->pattern.n);
	lua_pushlstring(co, in->subject.p, in->subject.n);
	lua_pushlstring(co, in->replacement.p, in->replacement.n);
}

static struct str answer_of(lua_State *co)
{
	struct str s;

	s.p = lua_tolstring(co, -1, &s.n);
	must(s.p != NULL);
	return s;
}

static int open_globals(lua_State *L)
{
	lua_globals_open(L);
	return 0;
}

static void open_machine(struct lua_vm *vm)
{
	vm->budget = (struct lua_budget){
		.seconds = BUDGET_US / 1e6, .steps = 1000000,
		.memory = 4 << 20, .lookups = 1, .output = 100, .results = 1,
	};
	vm->L = lua_newstate(lua_alloc_metered, vm);
	*(struct lua_vm **)lua_getextraspace(vm->L) = vm;
	lua_pushcfunction(vm->L, open_globals);
	must(lua_pcall(vm->L, 0, 0, 0) == LUA_OK);
	lua_globals_seal(vm->L);
	vm->memory_base = vm->memory;
}

/* Few enough repetitions that Lua's own matcher comes to its end. */
static bool is_tame(const struct input *in)
{
	size_t repeats = 0;

	for (size_t i = 0; i < in->pattern.n; i++)
		repeats += strchr("*+-?", in->pattern.p[i]) != NULL;
	return repeats <= OWN_REPEATS_MAX && in->subject.n <= OWN_SUBJECT_MAX;
}

static void compare(lua_State *own, lua_State *co, const struct input *in)
{
	struct str ours = answer_of(co), theirs;

	push_call(own, in);
	if (lua_pcall(own, 3, 1, 0) != LUA_OK) {
		fprintf(stderr, "Lua's own: %s\n", lua_tostring(own, -1));
		abort();
	}
	theirs = answer_of(own);
	if (!str_eq(ours, theirs)) {
		fprintf(stderr, "pattern [%.*s] subject [%.*s]\nours [%.*s]\n"
			"theirs [%.*s]\n", STR_ARG(in->pattern),
			STR_ARG(in->subject), STR_ARG(ours), STR_ARG(theirs));
		abort();
	}
	lua_settop(own, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct lua_vm vm;
	static struct lua_symbol payer;
	static lua_State *own;
	struct str all = str_make((const char *)data, size);
	struct input in;
	lua_State *co;
	size_t n, m;
	int status, nres;
	int64_t took;

	if (size < 2)
		return 0;
	if (!own) {
		open_machine(&vm);
		own = luaL_newstate();
		luaL_openlibs(own);
	}
	n = data[0] % 64;
	m = data[1] % 16;
	all = str_from(all, 2);
	in.pattern = str_head(all, n);
	all = str_from(all, in.pattern.n);
	in.replacement = str_head(all, m);
	in.subject = str_head(str_from(all, in.replacement.n), SUBJECT_MAX);

	lua_settop(vm.L, 0);
	co = lua_newthread(vm.L);
	push_call(co, &in);
	took = clock_cpu_us();
	lua_meter_begin(&vm, co, &payer);
	status = lua_resume(co, NULL, 3, &nres);
	if (lua_meter_end(&vm) == SPENT_NOTHING) {
		must(status == LUA_OK);
		if (is_tame(&in))
			compare(own, co, &in);
	}
	/* Sanitizers are slow, but not without bounds. */
	took = clock_cpu_us() - took;
	must(took < 20 * BUDGET_US);
	/* What is left to be collected would be taken for a leak. */
	lua_settop(vm.L, 0);
	lua_gc(vm.L, LUA_GCCOLLECT);
	lua_gc(own, LUA_GCCOLLECT);
	return 0;
}
