/*
 * Watching over the calls of rules, for `mekiki check --lua`: what a callback
 * returned, as text, and what it cost. A daemon never watches.
 */
#include "lua/watch.h"

#include "base/buf.h"
#include "conf/ruleset.h"
#include "lua/sandbox.h"
#include "lua/symbols.h"

#define TEXT_MAX 2000		/* of all values that were returned */
#define ITEMS_MAX 20		/* of a table */

void lua_vm_watch(struct lua_vm *vm, const struct lua_watch *w)
{
	vm->watch = w;
}

static void add_string(struct buf *b, struct str s)
{
	buf_addc(b, '"');
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c == '"' || c == '\\')
			buf_addf(b, "\\%c", c);
		else if (c == '\n')
			buf_adds(b, STR("\\n"));
		else if (c < 0x20 || c == 0x7f)
			buf_addf(b, "\\%d", c);
		else
			buf_addc(b, c);
	}
	buf_addc(b, '"');
}

static void add_value(struct buf *b, lua_State *L, int idx, int depth);

static void add_table(struct buf *b, lua_State *L, int idx, int depth)
{
	int n = 0;

	if (depth > 2) {
		buf_adds(b, STR("{...}"));
		return;
	}
	buf_addc(b, '{');
	lua_pushnil(L);
	while (lua_next(L, idx)) {
		buf_adds(b, n ? STR(", ") : STR(""));
		if (++n > ITEMS_MAX) {
			buf_adds(b, STR("..."));
			lua_pop(L, 2);
			break;
		}
		if (lua_type(L, -2) == LUA_TSTRING)
			buf_addf(b, "%s = ", lua_tostring(L, -2));
		add_value(b, L, lua_gettop(L), depth + 1);
		lua_pop(L, 1);
	}
	buf_addc(b, '}');
}

static void add_value(struct buf *b, lua_State *L, int idx, int depth)
{
	const struct lua_class *c;

	switch (lua_type(L, idx)) {
	case LUA_TBOOLEAN:
		buf_adds(b, lua_toboolean(L, idx) ? STR("true") : STR("false"));
		break;
	case LUA_TNUMBER:
		if (lua_isinteger(L, idx))
			buf_addf(b, "%lld", (long long)lua_tointeger(L, idx));
		else
			buf_addf(b, "%.14g", lua_tonumber(L, idx));
		break;
	case LUA_TSTRING: {
		size_t n;
		const char *p = lua_tolstring(L, idx, &n);

		add_string(b, str_make(p, n));
		break;
	}
	case LUA_TTABLE:
		add_table(b, L, idx, depth);
		break;
	case LUA_TUSERDATA:
		c = lua_class_at(L, idx);
		buf_addf(b, "(%s)", c ? c->name : "userdata");
		break;
	default:
		buf_adds(b, str_cstr(lua_typename(L, lua_type(L, idx))));
	}
}

void lua_watch_returned(struct lua_run *run, lua_State *co, int n,
			size_t memory, struct lua_called *seen_r)
{
	struct lua_meter *m = &run->vm->meter;
	int top = lua_gettop(co);
	struct buf b;

	seen_r->cpu_us = lua_meter_used(m);
	seen_r->steps = m->steps;
	seen_r->memory = m->memory_peak > memory ? m->memory_peak - memory : 0;
	if (n < 0 || !lua_checkstack(co, 20))
		return;
	buf_in(&b, run->arena, TEXT_MAX);
	for (int i = top - n + 1; i <= top; i++) {
		buf_adds(&b, b.n ? STR(", ") : STR(""));
		add_value(&b, co, i, 0);
	}
	seen_r->returned = n ? buf_str(&b) : STR("nothing");
}

enum lua_outcome lua_watch_called(struct lua_run *run,
				  const struct lua_symbol *s,
				  struct lua_called *seen,
				  enum lua_outcome outcome)
{
	const struct lua_watch *w = run->vm->watch;

	if (!w)
		return outcome;
	seen->rule = &run->vm->rules->rules[s->id];
	seen->outcome = outcome;
	w->called(w->ctx, seen);
	return outcome;
}
