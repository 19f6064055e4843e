/*
 * What exists, for lint: globals, modules and their functions, methods of
 * objects, rules and symbols. All of it is asked of the machine itself, after
 * its files have run. Only what calls give back is written down here, because
 * the functions do not say it.
 */
#include "lua/lint_int.h"

#include <stdarg.h>
#include <stdio.h>

#include "conf/script.h"
#include "lua/load.h"

#define NEAR_MAX 48		/* longer names have no near ones */

/* ---- telling ---- */

void lint_tell(struct lint *p, enum diag_level level, int line,
	       const char *fmt, ...)
{
	char text[512];
	struct str key;
	va_list ap;

	if (!p->telling)
		return;
	for (size_t i = 0; i < p->nquiet; i++)
		if (p->quiet[i] == line)
			return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	key = str_printf(p->arena, "%d %s", line, text);
	if (map_has(&p->told, key))
		return;
	map_set(&p->told, key, p);
	script_fault(p->ld, level, p->file, line, "%s", text);
}

/* ---- near names ---- */

/* How many letters are wrong, missing, too many or exchanged. */
static size_t distance(struct str a, struct str b)
{
	size_t row[3][NEAR_MAX + 1];

	for (size_t j = 0; j <= b.n; j++)
		row[0][j] = j;
	for (size_t i = 1; i <= a.n; i++) {
		size_t *now = row[i % 3], *last = row[(i + 2) % 3];

		now[0] = i;
		for (size_t j = 1; j <= b.n; j++) {
			size_t d = last[j - 1] + (a.p[i - 1] != b.p[j - 1]);

			d = last[j] + 1 < d ? last[j] + 1 : d;
			d = now[j - 1] + 1 < d ? now[j - 1] + 1 : d;
			if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] &&
			    a.p[i - 2] == b.p[j - 1] &&
			    row[(i + 1) % 3][j - 2] + 1 < d)
				d = row[(i + 1) % 3][j - 2] + 1;
			now[j] = d;
		}
	}
	return row[a.n % 3][b.n];
}

void lint_near_begin(struct lint_near *n, struct str name)
{
	n->name = name;
	n->best = STR_NONE;
	n->far = name.n > NEAR_MAX ? 0 : name.n < 4 ? 2 : 2 + name.n / 8;
}

void lint_near_try(struct lint_near *n, struct str known)
{
	size_t longer = known.n > n->name.n ? known.n - n->name.n :
		n->name.n - known.n;
	size_t d;

	if (longer >= n->far || known.n > NEAR_MAX)
		return;
	d = distance(n->name, known);
	if (d < n->far) {
		n->far = d;
		n->best = known;
	}
}

const char *lint_near_text(struct lint *p, const struct lint_near *n)
{
	if (!n->best.p)
		return "";
	return str_printf(p->arena, "; did you mean %.*s?",
			  STR_ARG(n->best)).p;
}

/* ---- asking the machine ---- */

/* t, key -> t[key] */
static int get_field(lua_State *L)
{
	lua_gettable(L, 1);
	return 1;
}

/* Puts _G[name] on the stack. */
static void push_global(lua_State *L, struct str name)
{
	lua_pushcfunction(L, get_field);
	lua_pushglobaltable(L);
	lua_push_str(L, name);
	if (lua_pcall(L, 2, 1, 0) != LUA_OK) {
		lua_pop(L, 1);
		lua_pushnil(L);
	}
}

static int get_module(lua_State *L)
{
	return lua_module_push(L, lua_tostring(L, 1));
}

static void push_module(lua_State *L, struct str name)
{
	lua_pushcfunction(L, get_module);
	lua_push_str(L, name);
	if (lua_pcall(L, 1, 1, 0) != LUA_OK) {
		lua_pop(L, 1);
		lua_pushnil(L);
	}
}

/* The type of a field of the table on the top. */
static int type_of_field(lua_State *L, struct str name)
{
	int type;

	lua_pushcfunction(L, get_field);
	lua_pushvalue(L, -2);
	lua_push_str(L, name);
	type = lua_pcall(L, 2, 1, 0) == LUA_OK ? lua_type(L, -1) : LUA_TNIL;
	lua_pop(L, 1);
	return type;
}

/* Calls pairs(t) and hands every key that is a string to near. */
static int each_key(lua_State *L)
{
	struct lint_near *n = lua_touserdata(L, 2);

	lua_getglobal(L, "pairs");
	lua_pushvalue(L, 1);
	lua_call(L, 1, 3);	/* at 3, 4, 5: the iterator's three */
	for (int i = 0; i < 10000; i++) {
		lua_pushvalue(L, 3);
		lua_pushvalue(L, 4);
		lua_pushvalue(L, 5);
		lua_call(L, 2, 1);
		if (lua_isnil(L, -1))
			break;
		if (lua_type(L, -1) == LUA_TSTRING)
			lint_near_try(n, str_dup(lua_vm_of(L)->arena,
					    lua_str_arg(L, -1)));
		lua_replace(L, 5);
	}
	return 0;
}

static void near_in_table(lua_State *L, struct lint_near *n)
{
	lua_pushcfunction(L, each_key);
	lua_pushvalue(L, -2);
	lua_pushlightuserdata(L, n);
	if (lua_pcall(L, 2, 0, 0) != LUA_OK)
		lua_pop(L, 1);
}

static void near_in_rows(const struct lua_row *rows, struct lint_near *n)
{
	for (; rows && rows->name; rows++)
		lint_near_try(n, str_cstr(rows->name));
}

/* ---- globals ---- */

static const char *const libraries[] = {
	"string", "table", "math", "os", "io", "utf8", "coroutine", "bit",
	"bit32", NULL,
};

static bool is_library(struct str name)
{
	for (size_t i = 0; libraries[i]; i++)
		if (str_eq(name, str_cstr(libraries[i])))
			return true;
	return false;
}

/* What is nowhere in the sandbox, and what to do instead. */
static const struct {
	const char *name, *instead;
} missing[] = {
	{ "setfenv", "Lua 5.4 has none: give load() a table" },
	{ "getfenv", "Lua 5.4 has none: use _G" },
	{ "module", "Lua 5.4 has none: return a table" },
	{ "ffi", "it would lead out of the sandbox" },
	{ "jit", "this is Lua 5.4, not LuaJIT" },
	{ "debug", "it would lead out of the sandbox" },
	{ "package", "require gives the modules that there are" },
	{ "collectgarbage", "memory is the machine's affair" },
	{ "table.setn", "Lua has none since 5.1: the length is #t" },
	{ "table.foreach", "Lua has none since 5.1: for k, v in pairs(t)" },
	{ "table.foreachi", "Lua has none since 5.1: for i, v in ipairs(t)" },
	{ "table.maxn", "Lua has none since 5.2: the length is #t" },
	{ "string.gfind", "Lua has none since 5.1: string.gmatch" },
	{ "string.dump", "the sandbox has no bytecode" },
	{ "math.mod", "Lua has none since 5.1: math.fmod" },
	{ "os.execute", "a rule starts no programs" },
	{ "io.popen", "a rule starts no programs" },
	{ "os.remove", "a rule changes no files" },
	{ "os.rename", "a rule changes no files" },
	{ "os.exit", "a rule ends with return" },
};

static const char *instead_of(struct str name)
{
	for (size_t i = 0; i < sizeof(missing) / sizeof(*missing); i++)
		if (str_eq(name, str_cstr(missing[i].name)))
			return missing[i].instead;
	return NULL;
}

/* Is an unknown name of the tokens from..to only asked for, here or in an
 * earlier place? A slip stands in the file once, or is near to a name. */
static bool is_optional(struct lint *p, struct str name, size_t from,
			size_t to, bool near)
{
	struct str last = p->tokens[to].text;
	enum lint_guard guard = lint_guard(p, from, to);

	if (map_has(&p->guarded, name))
		return true;
	if (guard == GUARD_NONE ||
	    (guard == GUARD_CONDITION &&
	     (near || (uintptr_t)map_get(p->uses, last) < 2)))
		return false;
	map_set(&p->guarded, name, p);
	return true;
}

static void unknown_global(struct lint *p, const struct lint_token *t)
{
	size_t at = (size_t)(t - p->tokens);
	const char *instead = instead_of(t->text);
	struct lint_near n;

	lint_near_begin(&n, t->text);
	lua_pushglobaltable(p->vm->L);
	near_in_table(p->vm->L, &n);
	lua_pop(p->vm->L, 1);
	for (size_t i = 0; i < p->nlocals; i++)
		lint_near_try(&n, p->locals[i].name);
	if (is_optional(p, t->text, at, at, n.best.p != NULL))
		return;
	if (instead)
		lint_tell(p, DIAG_ERROR, t->line, "there is no '%.*s': %s",
			  STR_ARG(t->text), instead);
	else if (!p->partial || n.best.p)
		lint_tell(p, DIAG_WARN, t->line, "the global '%.*s' is not "
			  "defined anywhere%s", STR_ARG(t->text),
			  lint_near_text(p, &n));
}

bool lint_has_global(struct lint *p, struct str name)
{
	bool has;

	push_global(p->vm->L, name);
	has = !lua_isnil(p->vm->L, -1);
	lua_pop(p->vm->L, 1);
	return has;
}

struct lint_value lint_global(struct lint *p, const struct lint_token *t)
{
	lua_State *L = p->vm->L;
	struct lint_value v = { .text = t->text, .line = t->line };
	int type;

	push_global(L, t->text);
	type = lua_type(L, -1);
	if (str_eq(t->text, STR("rspamd_config"))) {
		v.class = lint_class("rspamd{config}");
		v.kind = v.class ? IS_OBJECT : IS_UNKNOWN;
	} else if (type == LUA_TFUNCTION) {
		v.kind = IS_FUNCTION;
	} else if (is_library(t->text) && type != LUA_TNIL) {
		v.kind = IS_MODULE;
	} else if (type == LUA_TNIL && !map_has(&p->assigned, t->text)) {
		unknown_global(p, t);
	}
	lua_pop(L, 1);
	return v;
}

/* ---- fields of modules ---- */

static void unknown_field(struct lint *p, struct str module,
			  const struct lint_token *name)
{
	size_t at = (size_t)(name - p->tokens);
	struct str full = str_printf(p->arena, "%.*s.%.*s", STR_ARG(module),
				     STR_ARG(name->text));
	const char *instead = instead_of(full);
	struct lint_near n;

	lint_near_begin(&n, name->text);
	near_in_table(p->vm->L, &n);
	if (is_optional(p, full, at >= 2 ? at - 2 : at, at, n.best.p != NULL))
		return;
	if (instead)
		lint_tell(p, DIAG_ERROR, name->line, "there is no %.*s: %s",
			  STR_ARG(full), instead);
	else
		lint_tell(p, DIAG_ERROR, name->line, "no such function: %.*s%s",
			  STR_ARG(full), lint_near_text(p, &n));
}

struct lint_value lint_field(struct lint *p, const struct lint_value *of,
			     const struct lint_token *name)
{
	lua_State *L = p->vm->L;
	struct lint_value v = { .line = name->line };
	int type;

	if (of->kind == IS_OBJECT &&
	    of->class == lint_class("rspamd{config}")) {
		v.kind = IS_CONFIG;
		v.text = name->text;
	}
	if (of->kind != IS_MODULE)
		return v;
	if (is_library(of->text))
		push_global(L, of->text);
	else
		push_module(L, of->text);
	type = lua_istable(L, -1) || lua_isuserdata(L, -1) ?
		type_of_field(L, name->text) : LUA_TTABLE;
	if (type == LUA_TNIL)
		unknown_field(p, of->text, name);
	else if (type == LUA_TFUNCTION)
		v.kind = IS_FUNCTION;
	lua_pop(L, 1);
	v.text = str_printf(p->arena, "%.*s.%.*s", STR_ARG(of->text),
			    STR_ARG(name->text));
	return v;
}

/* ---- methods ---- */

const struct lua_class *lint_class(const char *name)
{
	for (size_t i = 0; lua_classes[i]; i++)
		if (strcmp(lua_classes[i]->name, name) == 0)
			return lua_classes[i];
	return NULL;
}

static bool in_rows(const struct lua_row *rows, struct str name)
{
	for (; rows && rows->name; rows++)
		if (str_eq(str_cstr(rows->name), name))
			return true;
	return false;
}

static void string_method(struct lint *p, const struct lint_token *name)
{
	lua_State *L = p->vm->L;
	struct lint_near n;

	push_global(L, STR("string"));
	if (lua_istable(L, -1) && type_of_field(L, name->text) == LUA_TNIL) {
		lint_near_begin(&n, name->text);
		near_in_table(L, &n);
		lint_tell(p, DIAG_ERROR, name->line, "a string has no method "
			  "'%.*s'%s", STR_ARG(name->text), lint_near_text(p, &n));
	}
	lua_pop(L, 1);
}

/* rspamd's texts have rows for these that raise an error. */
static bool is_pattern_method(struct str name)
{
	return str_eq(name, STR("match")) || str_eq(name, STR("gmatch")) ||
	       str_eq(name, STR("gsub"));
}

void lint_method(struct lint *p, const struct lint_value *of,
		 const struct lint_token *name)
{
	struct lint_near n;

	if (of->kind == IS_STRING)
		string_method(p, name);
	if (of->kind == IS_OBJECT && of->class == lint_class("rspamd{text}") &&
	    is_pattern_method(name->text)) {
		lint_tell(p, DIAG_ERROR, name->line, "a text has no method "
			  "'%.*s': say tostring(text):%.*s(...)",
			  STR_ARG(name->text), STR_ARG(name->text));
		return;
	}
	if (of->kind != IS_OBJECT || !of->class ||
	    in_rows(of->class->methods, name->text))
		return;
	lint_near_begin(&n, name->text);
	near_in_rows(of->class->methods, &n);
	lint_tell(p, DIAG_ERROR, name->line, "%s has no method '%.*s'%s",
		  of->class->name, STR_ARG(name->text), lint_near_text(p, &n));
}
