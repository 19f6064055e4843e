/*
 * Lua's statements, for lint: which names are local where, which globals are
 * assigned, what callbacks return. Nesting is bounded by the compiler, which
 * has seen the text before.
 */
#include "lua/lint_int.h"


#define DEPTH_MAX 250
#define LISTED 8		/* values of a list that are looked at */

const struct lint_token *lint_now(struct lint *p)
{
	return &p->tokens[p->at];
}

static bool token_is(const struct lint_token *t, const char *text)
{
	return (t->kind == TOKEN_WORD || t->kind == TOKEN_SIGN) &&
	       str_eq(t->text, str_cstr(text));
}

bool lint_is(struct lint *p, const char *text)
{
	return token_is(lint_now(p), text);
}

static void advance(struct lint *p)
{
	if (p->at < p->ntokens - 1)
		p->at++;
}

bool lint_take(struct lint *p, const char *text)
{
	if (!lint_is(p, text))
		return false;
	advance(p);
	return true;
}

void lint_expect(struct lint *p, const char *text)
{
	if (!lint_take(p, text))
		p->lost = true;
}

struct str lint_name(struct lint *p)
{
	const struct lint_token *t = lint_now(p);

	if (t->kind != TOKEN_NAME) {
		p->lost = true;
		return STR("");
	}
	advance(p);
	return t->text;
}

/* ---- locals ---- */

struct lint_local *lint_find_local(struct lint *p, struct str name)
{
	for (size_t i = p->nlocals; i-- > 0;)
		if (str_eq(p->locals[i].name, name))
			return &p->locals[i];
	return NULL;
}

static struct lint_fact *fact(struct lint *p, size_t ordinal)
{
	while (p->nfacts <= ordinal) {
		p->facts = arena_grow(p->arena, p->facts, p->nfacts,
				      &p->facts_cap, sizeof(*p->facts));
		p->facts[p->nfacts++] = (struct lint_fact){ 0 };
	}
	return &p->facts[ordinal];
}

static void declare(struct lint *p, struct str name, struct lint_value value)
{
	struct lint_local *l;

	p->locals = arena_grow(p->arena, p->locals, p->nlocals,
			       &p->locals_cap, sizeof(*p->locals));
	l = &p->locals[p->nlocals++];
	l->name = name;
	l->ordinal = p->ordinal++;
	/* A value that may be another one later is none that is known. */
	l->value = fact(p, l->ordinal)->reassigned ?
		(struct lint_value){ 0 } : value;
}

void lint_mark_callback(struct lint *p, const struct lint_value *v)
{
	if (v->local && v->local <= p->nlocals)
		fact(p, p->locals[v->local - 1].ordinal)->callback = true;
}

/* ---- functions ---- */

static void parameter(struct lint *p, bool first, bool callback)
{
	struct lint_value v = { 0 };
	struct str name = lint_name(p);

	if (str_eq(name, STR("task")) || (first && callback)) {
		v.class = lint_class("rspamd{task}");
		v.kind = v.class ? IS_OBJECT : IS_UNKNOWN;
		p->function->scanning = true;
	}
	declare(p, name, v);
}

void lint_function_body(struct lint *p, bool callback, bool method)
{
	struct lint_function f = { .outer = p->function,
				   .callback = callback,
				   .scanning = callback ||
					p->function->scanning };
	size_t locals = p->nlocals;
	bool first = true;

	p->function = &f;
	if (method)
		declare(p, STR("self"), (struct lint_value){ 0 });
	lint_expect(p, "(");
	while (!p->lost && !lint_take(p, ")")) {
		if (!lint_take(p, "..."))
			parameter(p, first, callback);
		first = false;
		lint_take(p, ",");
	}
	lint_block(p);
	lint_expect(p, "end");
	p->nlocals = locals;
	p->function = f.outer;
}

/* ---- statements ---- */

static void scoped_block(struct lint *p, const char *end)
{
	size_t locals = p->nlocals;

	lint_block(p);
	p->nlocals = locals;
	if (end)
		lint_expect(p, end);
}

static void if_statement(struct lint *p)
{
	do {
		lint_expression(p);
		lint_expect(p, "then");
		scoped_block(p, NULL);
	} while (!p->lost && lint_take(p, "elseif"));
	if (lint_take(p, "else"))
		scoped_block(p, NULL);
	lint_expect(p, "end");
}

static void for_statement(struct lint *p)
{
	struct str names[LISTED];
	struct lint_value v[LISTED] = { 0 };
	size_t n = 0, locals = p->nlocals;

	do {
		struct str name = lint_name(p);

		if (n < LISTED)
			names[n++] = name;
	} while (lint_take(p, ","));
	if (!lint_take(p, "="))
		lint_expect(p, "in");
	lint_expressions(p, v, LISTED);
	lint_expect(p, "do");
	for (size_t i = 0; i < n; i++) {
		struct lint_value each = { 0 };

		if (i == 1 && v[0].kind == IS_EACH) {
			each.kind = IS_OBJECT;
			each.class = v[0].class;
		}
		declare(p, names[i], each);
	}
	lint_block(p);
	p->nlocals = locals;
	lint_expect(p, "end");
}

static void local_function(struct lint *p)
{
	struct lint_value v = { .kind = IS_FUNCTION, .line = lint_now(p)->line };

	/* Known by its name inside of itself. */
	declare(p, lint_name(p), v);
	lint_function_body(p, fact(p, p->ordinal - 1)->callback, false);
}

static void local_statement(struct lint *p)
{
	struct str names[LISTED];
	struct lint_value v[LISTED] = { 0 };
	size_t n = 0, values = 0;

	do {
		struct str name = lint_name(p);

		if (lint_take(p, "<")) {
			lint_name(p);
			lint_expect(p, ">");
		}
		if (n < LISTED)
			names[n++] = name;
	} while (!p->lost && lint_take(p, ","));
	if (lint_take(p, "=")) {
		/* `local f = function` may be a callback by its name. */
		p->expect_rule = fact(p, p->ordinal)->callback;
		values = lint_expressions(p, v, LISTED);
	}
	for (size_t i = 0; i < n; i++) {
		/* Only the first value of a call is known. */
		struct lint_value one = i < values ? v[i] :
			(struct lint_value){ 0 };

		one.local = 0;
		one.global = STR_NONE;
		declare(p, names[i], one);
	}
}

static void function_statement(struct lint *p)
{
	struct str name = lint_name(p);
	struct lint_local *l = lint_find_local(p, name);
	bool field = false, method = false, rule = false;

	while (!p->lost && (lint_is(p, ".") || lint_is(p, ":"))) {
		method = lint_is(p, ":");
		advance(p);
		lint_name(p);
		rule = !field && !l &&
			str_eq(name, STR("rspamd_config"));
		field = true;
	}
	if (!field && l)
		fact(p, l->ordinal)->reassigned = true;
	else if (!field)
		map_set(&p->assigned, name, p);
	lint_function_body(p, rule, method);
}

static void told_assigned(struct lint *p, struct str name, int line)
{
	/* A function that is called while files are loaded may set it. */
	if (p->function->outer && !p->function->scanning &&
	    lint_has_global(p, name))
		return;
	if (p->function->outer)
		lint_tell(p, DIAG_WARN, line, "the global '%.*s' is assigned "
			  "in a function: that is forgotten when the message "
			  "is done; say local", STR_ARG(name));
	else if ((uintptr_t)map_get(p->uses, name) < 2)
		lint_tell(p, DIAG_WARN, line, "the global '%.*s' is assigned, "
			  "but used nowhere; say local",
			  STR_ARG(name));
}

static void assign_to(struct lint *p, const struct lint_value *v)
{
	if (v->local) {
		fact(p, p->locals[v->local - 1].ordinal)->reassigned = true;
	} else if (v->global.p) {
		if (!map_has(&p->assigned, v->global))
			map_set(&p->assigned, v->global, p);
		told_assigned(p, v->global, v->line);
	}
}

static void expression_statement(struct lint *p)
{
	struct lint_value v, list[LISTED];
	bool config;

	p->at_head = true;
	v = lint_suffixed(p);
	config = v.kind == IS_CONFIG;

	if (!lint_is(p, "=") && !lint_is(p, ",")) {
		if (!v.call)
			p->lost = true;
		return;
	}
	assign_to(p, &v);
	while (!p->lost && lint_take(p, ",")) {
		p->at_head = true;
		v = lint_suffixed(p);
		assign_to(p, &v);
	}
	lint_expect(p, "=");
	p->expect_rule = config;
	if (lint_expressions(p, list, LISTED) && config)
		lint_mark_callback(p, &list[0]);
}

static void tell_fraction(struct lint *p, const struct lint_value *v)
{
	long whole = (long)v->number;

	if (!p->function->callback || !v->literal || v->kind != IS_FLOAT ||
	    v->number < -1e6 || v->number > 1e6 || (double)whole == v->number)
		return;
	if (whole == 0)
		lint_tell(p, DIAG_WARN, v->line, "a rule that returns %g does "
			  "not hit: the number is cut to an integer first; "
			  "say return true, %g", v->number, v->number);
	else
		lint_tell(p, DIAG_WARN, v->line, "a rule that returns %g counts "
			  "as %ld: the number is cut to an integer first; "
			  "say return true, %g", v->number, whole, v->number);
}

static bool ends_block(const struct lint_token *t)
{
	return t->kind == TOKEN_END || token_is(t, "end") ||
	       token_is(t, "else") || token_is(t, "elseif") ||
	       token_is(t, "until");
}

static void return_statement(struct lint *p)
{
	struct lint_value v[LISTED];

	if (!ends_block(lint_now(p)) && !lint_is(p, ";") &&
	    lint_expressions(p, v, LISTED))
		tell_fraction(p, &v[0]);
	lint_take(p, ";");
}

static void repeat_statement(struct lint *p)
{
	size_t locals = p->nlocals;

	lint_block(p);
	lint_expect(p, "until");
	/* The condition sees the block's locals. */
	lint_expression(p);
	p->nlocals = locals;
}

static void while_statement(struct lint *p)
{
	lint_expression(p);
	lint_expect(p, "do");
	scoped_block(p, "end");
}

static void do_statement(struct lint *p)
{
	scoped_block(p, "end");
}

static void local_or_function(struct lint *p)
{
	if (lint_take(p, "function"))
		local_function(p);
	else
		local_statement(p);
}

static void goto_statement(struct lint *p)
{
	lint_name(p);
}

static void label_statement(struct lint *p)
{
	lint_name(p);
	lint_expect(p, "::");
}

static void nothing(struct lint *p)
{
	(void)p;
}

static const struct {
	const char *word;
	void (*read)(struct lint *p);
} statements[] = {
	{ ";", nothing }, { "break", nothing },
	{ "if", if_statement }, { "for", for_statement },
	{ "while", while_statement }, { "repeat", repeat_statement },
	{ "do", do_statement }, { "local", local_or_function },
	{ "function", function_statement }, { "goto", goto_statement },
	{ "::", label_statement }, { "return", return_statement },
};

static void statement(struct lint *p)
{
	for (size_t i = 0; i < sizeof(statements) / sizeof(*statements); i++) {
		if (lint_take(p, statements[i].word)) {
			statements[i].read(p);
			return;
		}
	}
	expression_statement(p);
}

void lint_block(struct lint *p)
{
	if (++p->depth > DEPTH_MAX)
		p->lost = true;
	while (!p->lost && !ends_block(lint_now(p)))
		statement(p);
	p->depth--;
}

/* ---- a file ---- */

static void count_uses(struct lint *p, struct map *uses)
{
	for (size_t i = 0; i < p->ntokens; i++) {
		struct str name = p->tokens[i].text;
		uintptr_t n;

		if (p->tokens[i].kind != TOKEN_NAME &&
		    (p->tokens[i].kind != TOKEN_STRING || !p->tokens[i].plain))
			continue;
		n = (uintptr_t)map_get(uses, name);
		map_set(uses, name, (void *)(n + 1));
	}
}

/* One pass. */
static void pass(struct lint *p, bool telling)
{
	struct lint_function chunk = { 0 };

	p->telling = telling;
	p->at = 0;
	p->nlocals = 0;
	p->ordinal = 0;
	p->depth = 0;
	p->expect_rule = false;
	p->function = &chunk;
	lint_block(p);
	if (lint_now(p)->kind != TOKEN_END)
		p->lost = true;
}

static void check_file(struct lint *p)
{
	pass(p, false);
	if (!p->lost)
		pass(p, true);
}

void lua_lint(struct lua_vm *vm, struct loader *ld, const struct strs *paths,
	      const struct strs *texts, bool partial)
{
	struct arena *a = arena_new();
	struct lint *files = arena_alloc(a, (paths->n + 1) * sizeof(*files));
	struct map uses = MAP_IN(a);

	for (size_t i = 0; i < paths->n; i++) {
		struct lint *p = &files[i];

		p->vm = vm;
		p->ld = ld;
		p->arena = a;
		p->file = str_dup(ld->a, paths->v[i]).p;
		p->uses = &uses;
		p->assigned = MAP_IN(a);
		p->told = MAP_IN(a);
		p->guarded = MAP_IN(a);
		p->partial = partial;
		p->lost = !lint_tokens(p, texts->v[i]);
		if (!p->lost)
			count_uses(p, &uses);
	}
	for (size_t i = 0; i < paths->n; i++)
		if (!files[i].lost)
			check_file(&files[i]);
	lint_scores(vm, ld);
	arena_free(&a);
}
