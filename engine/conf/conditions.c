/*
 * `if`, `ifplugin`, `else`, `endif`. A condition is evaluated when it is met,
 * so that it sees the plug-ins loaded above it, and its answer is kept under
 * its text for the rest of the configuration, as SpamAssassin does. What Perl
 * could not make sense of counts as false; a condition with a token that is
 * none at all is no condition: what follows counts, and its `endif` is one
 * too many.
 */
#include "base/err.h"
#include "base/limits.h"
#include "conf/expr.h"
#include "conf/loader.h"

static int cond_word(struct expr *e, struct str word)
{
	struct loader *ld = e->ctx;

	if (str_eq(word, STR("version")))
		return expr_emit(e, META_NUMBER, 0, 4.000001);
	if (str_eq(word, STR("perl_version")))
		return expr_emit(e, META_NUMBER, 0, 5.036000);
	if (str_eq(word, STR("local_tests_only")))
		return expr_emit(e, META_NUMBER, 0, ld->rs->local_only);
	/* A bare word is a text to Perl, and so it is true. */
	return expr_emit(e, META_NUMBER, 0, 1);
}

/* The last component of a path. */
static struct str base_name(const char *path)
{
	struct str s = str_cstr(path);

	return str_from(s, (size_t)(str_rchr(s, '/') + 1));
}

static int cond_call(struct expr *e, struct str fn, struct str arg)
{
	struct loader *ld = e->ctx;
	bool can = str_eq(fn, STR("can")), has = str_eq(fn, STR("has"));

	if (str_eq(fn, STR("plugin")))
		return expr_emit(e, META_NUMBER, 0,
				 plugin_loaded(ld->rs, arg));
	if (!can && !has)
		return err_set(e->err, "'%.*s' is no function here: expected "
			       "plugin, can or has", STR_ARG(fn));
	if (str_find(arg, STR("::")) < 0) {
		load_fault(ld, DIAG_ERROR, "%.*s() needs the name of a "
			   "method: expected Module::name", STR_ARG(fn));
		return expr_emit(e, META_NUMBER, 0, 0);
	}
	if (can && str_ends(base_name(ld->file), STR("user_prefs"))) {
		load_fault(ld, DIAG_WARN, "can() is always false in a file "
			   "named user_prefs");
		return expr_emit(e, META_NUMBER, 0, 0);
	}
	return expr_emit(e, META_NUMBER, 0, plugin_can(ld->rs, arg));
}

static const struct expr_hooks cond_hooks = {
	.signed_numbers = true,
	.class_names = true,
	.word = cond_word,
	.call = cond_call,
};

enum answer { COND_FALSE, COND_TRUE, COND_NONE };

static enum answer evaluate(struct loader *ld, struct str text)
{
	struct err err;
	struct expr e = { .a = ld->a, .hooks = &cond_hooks, .ctx = ld,
			  .err = &err };
	double v;

	if (expr_compile(&e, text) < 0) {
		load_fault(ld, e.bad_token ? DIAG_ERROR : DIAG_WARN, "%s: %s",
			   e.bad_token ? "this is no condition, and what "
					 "follows counts" :
			   "the condition is taken as false", err.text);
		return e.bad_token ? COND_NONE : COND_FALSE;
	}
	v = expr_run(e.steps, e.nsteps, ld->rs->local_only, NULL, NULL);
	return v == v && v != 0 ? COND_TRUE : COND_FALSE;
}

/* The answer of all times to this text. */
static enum answer answer_to(struct loader *ld, struct str key, struct str text)
{
	enum answer answer;

	if (map_has(&ld->conds, key))
		return map_get(&ld->conds, key) ? COND_TRUE : COND_FALSE;
	answer = evaluate(ld, text);
	if (answer != COND_NONE)
		map_set(&ld->conds, key, answer == COND_TRUE ? ld : NULL);
	return answer;
}

void cond_begin(struct loader *ld, const char *kind, struct str text)
{
	struct if_frame *f;
	enum answer answer;
	struct str key;

	if (str_eq(str_cstr(kind), STR("ifplugin")))
		text = str_printf(ld->a, "plugin (%.*s)", STR_ARG(text));
	key = str_printf(ld->a, "%s %.*s", kind, STR_ARG(text));
	answer = answer_to(ld, key, text);
	if (answer == COND_NONE)
		return;
	if (ld->nifs >= LIMIT_OPEN_IFS) {
		load_fault(ld, DIAG_ERROR, "more than %d conditions are "
			   "nested: this one is ignored", LIMIT_OPEN_IFS);
		return;
	}
	ld->ifs = arena_grow(ld->a, ld->ifs, ld->nifs, &ld->ifs_cap,
			     sizeof(ld->ifs[0]));
	f = &ld->ifs[ld->nifs++];
	f->kind = kind;
	f->skip = ld->skip;
	f->ours = str_eq(key, STR("ifplugin plugin (Mekiki)"));
	f->line = ld->line;
	if (answer == COND_FALSE)
		ld->skip = true;
}

void cond_else(struct loader *ld)
{
	bool outer = false;

	if (ld->nifs == 0) {
		load_fault(ld, DIAG_ERROR, "'else' without an 'if' before it");
		return;
	}
	for (size_t i = 0; i < ld->nifs; i++)
		outer |= ld->ifs[i].skip;
	ld->skip = outer || !ld->skip;
}

void cond_end(struct loader *ld)
{
	if (ld->nifs == 0) {
		load_fault(ld, DIAG_ERROR, "'endif' without an 'if' before it");
		return;
	}
	ld->skip = ld->ifs[--ld->nifs].skip;
}

void cond_close_all(struct loader *ld)
{
	int line = ld->line;

	for (size_t i = 0; i < ld->nifs; i++) {
		ld->line = ld->ifs[i].line;
		load_fault(ld, DIAG_ERROR, "this '%s' is still open at line "
			   "%d, where the file ends or includes another: "
			   "expected 'endif'", ld->ifs[i].kind, line);
	}
	ld->line = line;
	ld->nifs = 0;
	ld->skip = false;
}
