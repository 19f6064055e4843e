/*
 * What calls give, and what is asked of their arguments, for lint: modules
 * that exist, rules and symbols that exist, floats that are made text.
 */
#include "lua/lint_int.h"

#include "conf/loader.h"
#include "lua/symbols.h"

/* ---- what calls give ---- */

/* A method of a class (or a function, class ""), and what it gives. "*x" is a
 * list of x, "string" a string or nil. */
static const struct {
	const char *class, *name, *gives;
} results[] = {
	{ "rspamd{task}", "get_from_ip", "rspamd{ip}" },
	{ "rspamd{task}", "get_ip", "rspamd{ip}" },
	{ "rspamd{task}", "get_client_ip", "rspamd{ip}" },
	{ "rspamd{task}", "get_text_parts", "*rspamd{textpart}" },
	{ "rspamd{task}", "get_parts", "*rspamd{mimepart}" },
	{ "rspamd{task}", "get_urls", "*rspamd{url}" },
	{ "rspamd{task}", "get_emails", "*rspamd{url}" },
	{ "rspamd{task}", "get_mempool", "rspamd{mempool}" },
	{ "rspamd{task}", "get_content", "rspamd{text}" },
	{ "rspamd{task}", "get_rawbody", "rspamd{text}" },
	{ "rspamd{task}", "get_raw_headers", "rspamd{text}" },
	{ "rspamd{task}", "get_header", "string" },
	{ "rspamd{task}", "get_header_raw", "string" },
	{ "rspamd{task}", "get_subject", "string" },
	{ "rspamd{task}", "get_message_id", "string" },
	{ "rspamd{task}", "get_user", "string" },
	{ "rspamd{task}", "get_helo", "string" },
	{ "rspamd{task}", "get_hostname", "string" },
	{ "rspamd{task}", "get_queue_id", "string" },
	{ "rspamd{textpart}", "get_mimepart", "rspamd{mimepart}" },
	{ "rspamd{textpart}", "get_html", "rspamd{html}" },
	{ "rspamd{textpart}", "get_content", "rspamd{text}" },
	{ "rspamd{textpart}", "get_content_oneline", "rspamd{text}" },
	{ "rspamd{textpart}", "get_raw_content", "rspamd{text}" },
	{ "rspamd{textpart}", "get_language", "string" },
	{ "rspamd{mimepart}", "get_text", "rspamd{textpart}" },
	{ "rspamd{mimepart}", "get_parent", "rspamd{mimepart}" },
	{ "rspamd{mimepart}", "get_children", "*rspamd{mimepart}" },
	{ "rspamd{mimepart}", "get_content", "rspamd{text}" },
	{ "rspamd{mimepart}", "get_raw_content", "rspamd{text}" },
	{ "rspamd{mimepart}", "get_archive", "rspamd{archive}" },
	{ "rspamd{mimepart}", "get_image", "rspamd{image}" },
	{ "rspamd{mimepart}", "get_filename", "string" },
	{ "rspamd{mimepart}", "get_header", "string" },
	{ "rspamd{url}", "get_host", "string" },
	{ "rspamd{url}", "get_tld", "string" },
	{ "rspamd{url}", "get_text", "string" },
	{ "rspamd{url}", "get_path", "string" },
	{ "rspamd{url}", "get_query", "string" },
	{ "rspamd{ip}", "to_string", "string" },
	{ "", "rspamd_ip.from_string", "rspamd{ip}" },
	{ "", "rspamd_ip.fromstring", "rspamd{ip}" },
	{ "", "rspamd_regexp.create", "rspamd{regexp}" },
	{ "", "rspamd_regexp.create_cached", "rspamd{regexp}" },
	{ "", "rspamd_text.fromstring", "rspamd{text}" },
	{ "", "rspamd_util.encode_base64", "rspamd{text}" },
	{ "", "rspamd_util.decode_base64", "rspamd{text}" },
	{ "", "rspamd_util.get_tld", "string" },
	{ "", "tostring", "string" },
	{ "", "string.format", "string" }, { "", "string.lower", "string" },
	{ "", "string.upper", "string" }, { "", "string.sub", "string" },
	{ "", "string.gsub", "string" }, { "", "string.rep", "string" },
	{ "", "table.concat", "string" },
};

static struct lint_value result_of(const char *class, struct str name)
{
	struct lint_value v = { 0 };
	const char *gives = NULL;

	for (size_t i = 0; i < sizeof(results) / sizeof(*results); i++)
		if (strcmp(results[i].class, class) == 0 &&
		    str_eq(str_cstr(results[i].name), name))
			gives = results[i].gives;
	if (!gives)
		return v;
	if (strcmp(gives, "string") == 0) {
		v.kind = IS_STRING;
		return v;
	}
	v.class = lint_class(gives[0] == '*' ? gives + 1 : gives);
	if (v.class)
		v.kind = gives[0] == '*' ? IS_LIST : IS_OBJECT;
	return v;
}

/* ---- rules and symbols ---- */

static bool symbol_exists(struct lint *p, struct str name)
{
	const struct rule *r = rule_of(p->ld, name);

	return (r && r->kind != RULE_EMPTY) ||
	       lua_symbol_find(p->vm, name) != NULL;
}

static void near_symbol(struct lint *p, const struct lint_value *v,
			struct lint_near *n)
{
	const struct ruleset *rs = p->ld->rs;

	lint_near_begin(n, v->text);
	for (size_t i = 0; p->telling && i < rs->nrules; i++)
		if (rs->rules[i].kind != RULE_EMPTY && !rs->rules[i].hidden &&
		    !str_eq(rs->rules[i].name, v->text))
			lint_near_try(n, rs->rules[i].name);
}

static void check_symbol(struct lint *p, const struct lint_value *v)
{
	struct lint_near n;

	if (v->kind != IS_STRING || !v->literal || !v->text.n || p->partial ||
	    symbol_exists(p, v->text))
		return;
	near_symbol(p, v, &n);
	lint_tell(p, DIAG_WARN, v->line, "no rule and no symbol is called "
		  "'%.*s'%s", STR_ARG(v->text), lint_near_text(p, &n));
}

static void insert_result(struct lint *p, const struct lint_value *args,
			  size_t n)
{
	/* With true before it the symbol need not be there. */
	if (n && args[0].kind == IS_STRING)
		check_symbol(p, &args[0]);
}

static void first(struct lint *p, const struct lint_value *args, size_t n)
{
	if (n)
		check_symbol(p, &args[0]);
}

static void dependency(struct lint *p, const struct lint_value *args, size_t n)
{
	struct lua_vm *vm = p->vm;

	for (size_t i = 0; i < n && i < 2; i++)
		check_symbol(p, &args[i]);
	/* Told here, with the place of the call. */
	if (p->telling && !p->partial && n > 1 && args[1].kind == IS_STRING &&
	    args[1].literal)
		strs_add(vm->arena, &vm->told_needs,
			 str_dup(vm->arena, args[1].text));
}

static void field_name(struct lint *p, const struct lint_value *args,
		       size_t nargs)
{
	struct lint_value v = { .kind = IS_STRING, .literal = true };
	const struct lua_symbol *s;
	struct lint_near n;

	if (!nargs || args[0].kind != IS_TABLE || !args[0].text.p)
		return;
	v.text = args[0].text;
	v.line = args[0].line;
	/* The call itself makes the symbol: it is wrong only if nobody can
	 * mean it and it looks like another. */
	s = lua_symbol_find(p->vm, v.text);
	if (!s || s->callback != LUA_NOREF || s->expression || s->parent ||
	    (uintptr_t)map_get(p->uses, v.text) > 1)
		return;
	near_symbol(p, &v, &n);
	if (n.best.p)
		lint_tell(p, DIAG_WARN, v.line, "nothing inserts the symbol "
			  "'%.*s'%s", STR_ARG(v.text), lint_near_text(p, &n));
}

/* Methods whose arguments are names of symbols. */
static const struct {
	const char *class, *name;
	void (*check)(struct lint *p, const struct lint_value *args, size_t n);
} symbol_calls[] = {
	{ "rspamd{task}", "insert_result", insert_result },
	{ "rspamd{task}", "has_symbol", first },
	{ "rspamd{task}", "get_symbol", first },
	{ "rspamd{config}", "register_dependency", dependency },
	{ "rspamd{config}", "add_condition", first },
	{ "rspamd{config}", "set_metric_symbol", field_name },
};

struct lint_value lint_method_call(struct lint *p, const struct lint_value *of,
				   struct str name,
				   const struct lint_value *args,
				   size_t nargs)
{
	struct lint_value v = { 0 };
	const char *class;

	if (of->kind == IS_STRING) {
		struct str full = str_printf(p->arena, "string.%.*s",
					     STR_ARG(name));

		return result_of("", full);
	}
	if (of->kind != IS_OBJECT || !of->class)
		return v;
	class = of->class->name;
	for (size_t i = 0; i < sizeof(symbol_calls) / sizeof(*symbol_calls);
	     i++)
		if (strcmp(symbol_calls[i].class, class) == 0 &&
		    str_eq(str_cstr(symbol_calls[i].name), name))
			symbol_calls[i].check(p, args, nargs);
	return result_of(class, name);
}

/* ---- functions ---- */

static bool module_exists(struct str name)
{
	for (size_t i = 0; lua_modules[i]; i++)
		if (str_eq(str_cstr(lua_modules[i]->name), name))
			return true;
	for (size_t i = 0; lua_embedded[i].name; i++)
		if (str_eq(str_cstr(lua_embedded[i].name), name))
			return true;
	return false;
}

static struct lint_value require_call(struct lint *p,
				      const struct lint_value *name)
{
	struct lint_value v = { 0 };
	struct lint_near n;

	if (name->kind != IS_STRING || !name->literal)
		return v;
	if (module_exists(name->text)) {
		v.kind = IS_MODULE;
		v.text = name->text;
		return v;
	}
	lint_near_begin(&n, name->text);
	for (size_t i = 0; lua_modules[i]; i++)
		lint_near_try(&n, str_cstr(lua_modules[i]->name));
	for (size_t i = 0; lua_embedded[i].name; i++)
		lint_near_try(&n, str_cstr(lua_embedded[i].name));
	/* Running the file has said so, but nothing of near ones. */
	if (n.best.p || !p->partial)
		lint_tell(p, DIAG_ERROR, name->line, "there is no module "
			  "'%.*s'%s", STR_ARG(name->text),
			  lint_near_text(p, &n));
	return v;
}

/* %s prints a whole float with its point. */
static void check_format(struct lint *p, const struct lint_value *args,
			 size_t nargs)
{
	struct str f = args[0].text;
	size_t arg = 0;

	if (args[0].kind != IS_STRING || !args[0].literal)
		return;
	for (size_t i = 0; i + 1 < f.n; i++) {
		if (f.p[i] != '%')
			continue;
		i++;
		if (f.p[i] == '%')
			continue;
		while (i < f.n && (is_digit((unsigned char)f.p[i]) ||
				   memchr("-+ #.", f.p[i], 5)))
			i++;
		if (i >= f.n || ++arg >= nargs || args[arg].literal ||
		    args[arg].kind != IS_FLOAT)
			continue;
		if (f.p[i] == 's')
			lint_point(p, &args[arg], args[0].line);
	}
}

struct lint_value lint_call(struct lint *p, const struct lint_value *fn,
			    const struct lint_value *args, size_t nargs)
{
	struct lint_value v = { 0 };

	if (fn->kind != IS_FUNCTION || !fn->text.p || !nargs)
		return v;
	if (str_eq(fn->text, STR("require")))
		return require_call(p, &args[0]);
	if (str_eq(fn->text, STR("ipairs")) && args[0].kind == IS_LIST) {
		v.kind = IS_EACH;
		v.class = args[0].class;
		return v;
	}
	if (str_eq(fn->text, STR("tostring")))
		lint_point(p, &args[0], fn->line);
	else if (str_eq(fn->text, STR("string.format")))
		check_format(p, args, nargs);
	return result_of("", fn->text);
}

/* ---- symbols that count nothing ---- */

static bool has_children(const struct lua_vm *vm, const struct lua_symbol *s)
{
	for (size_t i = 0; i < vm->nsymbols; i++)
		if (vm->symbols[i]->parent == s)
			return true;
	return false;
}

void lint_scores(struct lua_vm *vm, struct loader *ld)
{
	for (size_t i = 0; i < vm->nsymbols; i++) {
		const struct lua_symbol *s = vm->symbols[i];
		const struct script_defaults *d =
			map_get(&ld->script_defaults, s->name);

		if (str_starts(s->name, STR("__")) || has_children(vm, s) ||
		    map_has(&ld->scores, s->name) || (d && d->has_score) ||
		    (s->stage != LUA_FILTER && s->stage != LUA_PASSIVE) ||
		    s->reports_others)
			continue;
		script_fault(ld, DIAG_WARN, s->file, s->line, "%.*s has no "
			     "score: it counts 0; name it __%.*s if it is "
			     "only for others to ask", STR_ARG(s->name),
			     STR_ARG(s->name));
	}
}
