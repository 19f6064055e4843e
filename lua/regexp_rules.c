/*
 * config['regexp']: once all scripts have run, its entries become symbols with
 * an expression. Each regex in one becomes a rule of its own that nobody sees
 * (equal ones share it), which the matcher asks with all others in its one
 * pass over an input; so it costs what a rule of a .cf file costs. When the
 * symbol's turn comes the expression only reads what is known by then.
 *
 * A regex with a condition (re_conditions) is searched again, if it hit, to
 * show each match to the function.
 */
#include "lua/symbols.h"

#include "conf/script.h"
#include "lua/config.h"
#include "lua/expression.h"
#include "lua/re_functions.h"
#include "lua/regexp.h"
#include "lua/sandbox.h"
#include "lua/task.h"
#include "match/matcher.h"

/* Entries of the table, and matches of one regex that a condition sees. */
#define MAX_RULES 10000
#define MAX_SHOWN 1000

struct lua_expression {
	struct expr *tree;
	bool calls_lua;		/* a function of the script */
};

/* Where an entry was assigned. */
struct place {
	const char *file;
	int line;
};

/* What is being bound. */
struct binding {
	lua_State *L;
	struct lua_vm *vm;
	struct lua_symbol *s;
	struct place at;
	int table;		/* stack index of the rule's table, or 0 */
};

/* ---- noting places ---- */

static const char places_key;

/* __newindex of config.regexp: t, key, value. */
static int regexp_newindex(lua_State *L)
{
	struct lua_vm *vm = lua_vm_of(L);
	struct place *p;

	lua_settop(L, 3);
	if (lua_type(L, 2) == LUA_TSTRING && !vm->sealed) {
		p = arena_alloc(vm->arena, sizeof(*p));
		lua_where(L, &p->file, &p->line);
		lua_rawgetp(L, LUA_REGISTRYINDEX, &places_key);
		lua_pushvalue(L, 2);
		lua_pushlightuserdata(L, p);
		lua_rawset(L, -3);
		lua_pop(L, 1);
	}
	lua_rawset(L, 1);
	return 0;
}

/* Lets the table on the top note where its entries are assigned. */
static void watch(lua_State *L)
{
	if (lua_getmetatable(L, -1)) {
		lua_pop(L, 1);
		return;
	}
	lua_createtable(L, 0, 1);
	lua_pushcfunction(L, regexp_newindex);
	lua_setfield(L, -2, "__newindex");
	lua_setmetatable(L, -2);
}

/* __newindex of config: a new table for regexp is watched too. */
static int config_newindex(lua_State *L)
{
	lua_settop(L, 3);
	if (lua_type(L, 2) == LUA_TSTRING && lua_type(L, 3) == LUA_TTABLE &&
	    strcmp(lua_tostring(L, 2), "regexp") == 0)
		watch(L);
	lua_rawset(L, 1);
	return 0;
}

void lua_regexp_watch(lua_State *L)
{
	lua_newtable(L);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &places_key);
	lua_createtable(L, 0, 2);
	lua_createtable(L, 0, 1);
	lua_newtable(L);
	watch(L);
	lua_setfield(L, -2, "regexp");
	lua_setfield(L, -2, "__index");
	lua_pushcfunction(L, config_newindex);
	lua_setfield(L, -2, "__newindex");
	lua_setmetatable(L, -2);
}

static struct place place_of(lua_State *L, struct str name)
{
	struct place none = { "", 0 };
	const struct place *p;

	lua_rawgetp(L, LUA_REGISTRYINDEX, &places_key);
	lua_push_str(L, name);
	lua_rawget(L, -2);
	p = lua_touserdata(L, -1);
	lua_pop(L, 2);
	return p ? *p : none;
}

/* ---- binding ---- */

static void say(struct binding *b, enum diag_level level, struct str what)
{
	script_fault(b->vm->loader, level, b->at.file, b->at.line,
		     "config['regexp'].%.*s: %.*s", STR_ARG(b->s->name),
		     STR_ARG(what));
}

/* The function field[name] of the rule's table as a reference, LUA_NOREF if
 * there is none. */
static int function_ref(struct binding *b, const char *field, struct str name)
{
	lua_State *L = b->L;
	int ref = LUA_NOREF, top = lua_gettop(L);

	if (!b->table)
		return ref;
	lua_getfield(L, b->table, field);
	if (lua_type(L, -1) == LUA_TTABLE) {
		lua_push_str(L, name);
		lua_gettable(L, -2);
		if (lua_type(L, -1) == LUA_TFUNCTION)
			ref = luaL_ref(L, LUA_REGISTRYINDEX);
	}
	lua_settop(L, top);
	return ref;
}

static bool bind_regex(struct binding *b, struct expr_atom *at)
{
	struct loader *ld = b->vm->loader;
	struct rule def = {
		.kind = at->input.kind,
		.texts = at->input.texts,
		.source = STR(""),
		.re = { .pattern = at->pattern, .mods = STR(""),
			.pcre = true, .flags = at->flags },
		.tflags = at->all ? TF_MULTIPLE : 0,
	};
	struct err err = { "" };
	struct arena *scratch = arena_new();
	bool ok = regex_compile_pcre(scratch, at->pattern, at->flags |
				     REGEX_BRIEF, &err) != NULL;

	arena_free(&scratch);
	if (!ok) {
		say(b, DIAG_ERROR, str_printf(b->vm->arena, "regex /%.*s/: %s",
			STR_ARG(str_head(at->pattern, 100)), err.text));
		return false;
	}
	at->rule = (unsigned)script_define_hidden(ld, &def, b->at.file,
						  b->at.line);
	strs_add(b->vm->arena, &b->s->needs, ld->rs->rules[at->rule].name);
	at->ref = function_ref(b, "re_conditions", at->text);
	if (at->ref != LUA_NOREF)
		at->search = regex_compile_pcre(b->vm->arena, at->pattern,
						at->flags, NULL);
	return true;
}

static bool bind_args(struct binding *b, struct expr_atom *at)
{
	struct err err = { "" };

	for (size_t i = 0; i < at->nargs; i++) {
		struct expr_arg *arg = &at->args[i];

		if (!arg->is_regex)
			continue;
		arg->bound = regex_compile_pcre(b->vm->arena, arg->text,
						arg->flags, &err);
		if (!arg->bound) {
			say(b, DIAG_ERROR, str_printf(b->vm->arena,
				"%.*s(): regex /%.*s/: %s", STR_ARG(at->name),
				STR_ARG(str_head(arg->text, 100)), err.text));
			return false;
		}
	}
	return true;
}

static bool bind_function(struct binding *b, struct expr_atom *at)
{
	const struct re_function *f = re_function_find(at->name);
	struct str near;

	if (!f) {
		near = nearest_word(at->name, re_function_names());
		say(b, DIAG_ERROR, str_printf(b->vm->arena, "there is no "
			"function %.*s()%s%.*s%s", STR_ARG(at->name),
			near.p ? ", but there is " : "", STR_ARG(near),
			near.p ? "()" : ""));
		return false;
	}
	if (at->nargs < f->min_args || at->nargs > f->max_args) {
		say(b, DIAG_ERROR, str_printf(b->vm->arena, "%s() takes %zu "
			"to %zu arguments, not %zu", f->name, f->min_args,
			f->max_args, at->nargs));
		return false;
	}
	at->function = f;
	if (str_eq(at->name, STR("has_symbol")))
		strs_add(b->vm->arena, &b->s->needs, at->args[0].text);
	return bind_args(b, at);
}

static bool bind_lua(struct binding *b, struct expr_atom *at)
{
	at->ref = function_ref(b, "functions", at->name);
	if (at->ref != LUA_NOREF)
		return true;
	say(b, DIAG_ERROR, str_printf(b->vm->arena, "lua:%.*s: there is no "
		"such function in its table 'functions'", STR_ARG(at->name)));
	return false;
}

/* All faults of an expression are told, not only the first. */
static bool bind_atoms(struct binding *b, struct expr *e)
{
	size_t n;
	struct expr_atom *const *atoms = expr_atoms(e, &n);
	bool ok = true;

	for (size_t i = 0; i < n; i++) {
		struct expr_atom *at = atoms[i];

		at->ref = LUA_NOREF;
		ok &= at->kind == ATOM_REGEX ? bind_regex(b, at) :
			at->kind == ATOM_FUNCTION ? bind_function(b, at) :
			bind_lua(b, at);
	}
	return ok;
}

static bool calls_lua(const struct expr *e)
{
	size_t n;
	struct expr_atom *const *atoms = expr_atoms(e, &n);

	for (size_t i = 0; i < n; i++)
		if (atoms[i]->ref != LUA_NOREF)
			return true;
	return false;
}

static void add_condition(struct binding *b)
{
	struct lua_symbol *s = b->s;

	lua_getfield(b->L, b->table, "condition");
	if (lua_type(b->L, -1) != LUA_TFUNCTION) {
		lua_pop(b->L, 1);
		return;
	}
	s->conditions = arena_grow(b->vm->arena, s->conditions, s->nconditions,
				   &s->conditions_cap, sizeof(int));
	s->conditions[s->nconditions++] = luaL_ref(b->L, LUA_REGISTRYINDEX);
}

/* The expression's text, of a string or a table with `re`. */
static struct str expression_text(lua_State *L, int idx, struct arena *a)
{
	struct str text = STR_NONE;

	if (lua_type(L, idx) == LUA_TTABLE)
		lua_getfield(L, idx, "re");
	else
		lua_pushvalue(L, idx);
	if (lua_type(L, -1) == LUA_TSTRING)
		text = str_dup(a, lua_str_arg(L, -1));
	lua_pop(L, 1);
	return text;
}

/* One entry: its name and its value. */
static int load_entry(lua_State *L)
{
	struct lua_vm *vm = lua_vm_of(L);
	struct str name = str_dup(vm->arena, lua_str_arg(L, 1));
	struct binding b = { .L = L, .vm = vm, .at = place_of(L, name) };
	struct err err = { "" };
	struct str text = expression_text(L, 2, vm->arena);
	struct lua_expression *e = arena_alloc(vm->arena, sizeof(*e));

	b.s = lua_symbol_add_at(L, name, b.at.file, b.at.line);
	if (lua_type(L, 2) == LUA_TTABLE) {
		b.table = 2;
		lua_config_fields(L, 2, b.s);
		add_condition(&b);
	}
	if (!text.p) {
		say(&b, DIAG_ERROR, STR("expected an expression, or a table "
					"with one as its field 're'"));
		return 0;
	}
	e->tree = expr_parse(vm->arena, text, &err);
	if (!e->tree) {
		say(&b, DIAG_ERROR, str_cstr(err.text));
		return 0;
	}
	if (bind_atoms(&b, e->tree)) {
		e->calls_lua = calls_lua(e->tree);
		b.s->expression = e;
		b.s->stage = LUA_FILTER;
	}
	return 0;
}

/* Names in order, so that rules have the same ids each time. */
static struct strs names_of(lua_State *L, struct arena *a)
{
	struct strs names = { 0 };

	lua_pushnil(L);
	while (lua_next(L, 1)) {
		if (lua_type(L, -2) == LUA_TSTRING && names.n < MAX_RULES)
			strs_add(a, &names, str_dup(a, lua_str_arg(L, -2)));
		lua_pop(L, 1);
	}
	strs_sort(&names);
	return names;
}

static int load_entries(lua_State *L)
{
	struct lua_vm *vm = lua_vm_of(L);
	struct strs names;

	if (lua_getglobal(L, "config") != LUA_TTABLE ||
	    lua_getfield(L, -1, "regexp") != LUA_TTABLE)
		return 0;
	lua_replace(L, 1);
	lua_settop(L, 1);
	names = names_of(L, vm->arena);
	for (size_t i = 0; i < names.n; i++) {
		lua_pushcfunction(L, load_entry);
		lua_push_str(L, names.v[i]);
		lua_push_str(L, names.v[i]);
		lua_rawget(L, 1);
		if (lua_pcall(L, 2, 0, 0) != LUA_OK) {
			struct place at = place_of(L, names.v[i]);

			script_fault(vm->loader, DIAG_ERROR, at.file, at.line,
				     "config['regexp'].%.*s: %s",
				     STR_ARG(str_head(names.v[i], 100)),
				     lua_type(L, -1) == LUA_TSTRING ?
				     lua_tostring(L, -1) : "an error");
		}
		lua_settop(L, 1);
	}
	return 0;
}

/* config['regexp'][NAME] = { re = expression, score =, description =, ... }
 * A rule that is an expression over regexes and functions, joined by &, |, !,
 * +, >, >= and brackets. Header=/re/flags searches a header, /re/flags{type}
 * a text: header (H), raw_header (X), all_headers (R), mime_header (B), body
 * (M), sa_body (C), sa_raw_body (D), mime (P), raw_mime (Q), url (U), words.
 * Its regexes are searched together with those of .cf rules and cost what
 * these cost. Other fields: group, condition (a function that gets the task;
 * false skips the rule), re_conditions, one_shot.
 * > config['regexp']['EXAMPLE_REGEXP'] = {
 * >   re = 'Subject=/^hello/i{header} & /our news/{mime} & !header_exists(X-None)',
 * >   score = 0.5, description = 'A greeting with news',
 * > }
 */
void lua_regexp_rules_load(struct lua_vm *vm)
{
	lua_State *L = vm->L;
	enum lua_spent spent;
	int status;

	lua_meter_begin(vm, L, NULL);
	lua_pushcfunction(L, load_entries);
	lua_pushnil(L);
	status = lua_pcall(L, 1, 0, 0);
	spent = lua_meter_end(vm);
	if (status == LUA_OK && spent == SPENT_NOTHING)
		return;
	script_fault(vm->loader, DIAG_ERROR, "", 0, "config['regexp']: %s",
		     spent != SPENT_NOTHING ? lua_spent_name(spent) :
		     lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) :
		     "an error");
	lua_settop(L, 0);
}

/* ---- values ---- */

/* What a function of a rule returned, on the top. */
static double take_value(lua_State *L)
{
	double v = lua_type(L, -1) == LUA_TNUMBER ? lua_tonumber(L, -1) :
		lua_toboolean(L, -1);

	lua_pop(L, 1);
	return v;
}

static double call_lua(struct lua_run *run, const struct expr_atom *at)
{
	lua_State *L = run->L;

	luaL_checkstack(L, 8, "expression");
	lua_rawgeti(L, LUA_REGISTRYINDEX, at->ref);
	lua_task_push(L, run);
	lua_call(L, 1, 1);
	return take_value(L);
}

/* Shows each match in a text to the condition; how many it took. */
static double show_matches(struct lua_run *run, const struct expr_atom *at,
			   struct str text, size_t *shown)
{
	lua_State *L = run->L;
	struct regex_match m;
	size_t pos = 0;
	bool empty = false;
	double n = 0;

	lua_spend(L, text.n);
	while (*shown < MAX_SHOWN &&
	       regex_next(at->search, text, &pos, &empty, &m) == 1) {
		++*shown;
		lua_rawgeti(L, LUA_REGISTRYINDEX, at->ref);
		lua_task_push(L, run);
		lua_text_push(L, text);
		lua_pushinteger(L, (lua_Integer)(pos - m.group[0].n));
		lua_pushinteger(L, (lua_Integer)pos);
		lua_call(L, 4, 1);
		n += take_value(L) != 0;
		if (n > 0 && !at->all)
			break;
	}
	return n;
}

static double conditioned(struct lua_run *run, const struct expr_atom *at)
{
	const struct strs texts = matcher_texts(run->arena, run->msg,
						at->input.kind,
						&at->input.texts);
	size_t shown = 0;
	double n = 0;

	luaL_checkstack(run->L, 10, "expression");
	for (size_t i = 0; i < texts.n && shown < MAX_SHOWN; i++) {
		n += show_matches(run, at, texts.v[i], &shown);
		if (n > 0 && !at->all)
			break;
	}
	return n;
}

static double atom_value(void *ctx, const struct expr_atom *at)
{
	struct lua_run *run = ctx;
	const struct re_function *f = at->function;
	struct lua_result res;

	switch (at->kind) {
	case ATOM_LUA:
		return call_lua(run, at);
	case ATOM_FUNCTION:
		return f->fn(run, at->args, at->nargs);
	case ATOM_REGEX:
		break;
	}
	if (!run->host.result(run->host.ctx, &run->host.rules->rules[at->rule],
			      &res) || !res.hit)
		return 0;
	if (at->search)
		return conditioned(run, at);
	return at->all ? res.value : 1;
}

double lua_expression_value(struct lua_run *run,
			    const struct lua_expression *e)
{
	return expr_value(e->tree, atom_value, run);
}

bool lua_expression_is_plain(const struct lua_expression *e)
{
	return !e->calls_lua;
}

/* rspamd_config:register_regexp{re=, type=, header=, ...}
 * Does nothing: task:process_regexp needs no preparation.
 * > assert(rspamd_config.register_regexp)
 */
int config_register_regexp(lua_State *L)
{
	lua_loading(L, "register_regexp");
	return 0;
}
