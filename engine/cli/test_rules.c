/*
 * mekiki test-rules [FILE|DIR...]: runs the tests that stand beside rules.
 * For NAME.tests the rules are NAME.lua and NAME.cf, read behind the site's;
 * the stock rules and our own are left out unless they are asked for by -C
 * and --own-rules. The output is TAP, with a line behind it that counts.
 */
#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/log.h"
#include "cli/commands.h"
#include "cli/input.h"
#include "cli/options.h"
#include "cli/runner.h"
#include "cli/test_file.h"
#include "scan/engine.h"

struct testing {
	struct common_options common;
	struct arena *arena;
	struct strs files;
	unsigned number, passed, failed;
};

/* What became of the rules of one scan. */
struct watching {
	struct lua_watch watch;
	struct arena *arena;
	struct strs failed;
};

/* ---- which files ---- */

static void add_dir(struct testing *t, const char *dir)
{
	DIR *d = opendir(dir);
	struct strs names = { 0 };
	struct dirent *e;

	while (d && (e = readdir(d))) {
		struct str name = str_cstr(e->d_name);

		if (str_ends(name, STR(".tests")))
			strs_add(t->arena, &names, str_dup(t->arena, name));
	}
	if (d)
		closedir(d);
	strs_sort(&names);
	for (size_t i = 0; i < names.n; i++)
		strs_add(t->arena, &t->files, str_printf(t->arena, "%s/%s",
			 dir, names.v[i].p));
}

/* path with its ending replaced. */
static struct str with_ending(struct arena *a, struct str path,
			      const char *ending)
{
	ssize_t dot = str_rchr(path, '.');

	return str_printf(a, "%.*s%s", STR_ARG(str_head(path, (size_t)dot)),
			  ending);
}

static bool add_named(struct testing *t, const char *path)
{
	struct str s = str_cstr(path);
	struct stat st;

	if (stat(path, &st) < 0) {
		log_error("%s: there is no such file", path);
		return false;
	}
	if (S_ISDIR(st.st_mode))
		add_dir(t, path);
	else if (str_ends(s, STR(".tests")))
		strs_add(t->arena, &t->files, s);
	else if (str_ends(s, STR(".lua")) || str_ends(s, STR(".cf")))
		strs_add(t->arena, &t->files,
			 with_ending(t->arena, s, ".tests"));
	else {
		log_error("%s: expected NAME.tests, NAME.lua, NAME.cf or a "
			  "folder", path);
		return false;
	}
	return true;
}

static void add_site(struct testing *t)
{
	if (t->common.load.site_dir) {
		add_dir(t, t->common.load.site_dir);
		return;
	}
	add_dir(t, "/etc/spamassassin");
	add_dir(t, MEKIKI_SYSCONFDIR "/mekiki");
}

/* ---- one test ---- */

static void fault(bool *ok, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void fault(bool *ok, const char *fmt, ...)
{
	va_list ap;

	*ok = false;
	va_start(ap, fmt);
	printf("# ");
	vprintf(fmt, ap);
	printf("\n");
	va_end(ap);
}

static void on_called(void *ctx, const struct lua_called *call)
{
	struct watching *w = ctx;

	if (call->outcome == LUA_FAILED)
		strs_add(w->arena, &w->failed, call->rule->name);
}

static void on_inserted(void *ctx, const struct rule *by,
			const struct rule *r, double weight,
			const struct strs *options)
{
	(void)ctx;
	(void)by;
	(void)r;
	(void)weight;
	(void)options;
}

static bool has_hit(const struct scan *s, struct str name)
{
	return strs_has(scan_tests(s), name) ||
	       strs_has(scan_subtests(s), name);
}

static bool compare(struct arena *a, struct scan *s, const struct rule_test *t,
		    const struct watching *w)
{
	double score = scan_score(s);
	bool ok = true, spam = scan_is_spam(s);

	for (size_t i = 0; i < t->expect.n; i++)
		if (!has_hit(s, t->expect.v[i]))
			fault(&ok, "expected %.*s, which did not hit",
			      STR_ARG(t->expect.v[i]));
	for (size_t i = 0; i < t->forbid.n; i++)
		if (has_hit(s, t->forbid.v[i]))
			fault(&ok, "%.*s hit", STR_ARG(t->forbid.v[i]));
	if (t->has_min && score < t->min)
		fault(&ok, "the score is %g, not %g at least", score, t->min);
	if (t->has_max && score > t->max)
		fault(&ok, "the score is %g, not %g at most", score, t->max);
	if (t->verdict.n && str_eq(t->verdict, STR("spam")) != spam)
		fault(&ok, "the verdict is %s", spam ? "spam" : "ham");
	for (size_t i = 0; i < w->failed.n; i++)
		fault(&ok, "%.*s failed (see the log)",
		      STR_ARG(w->failed.v[i]));
	if (!ok)
		printf("# score %g, hits: %.*s\n", score, STR_ARG(strs_join(a,
		       scan_tests(s), STR(","))));
	return ok;
}

static bool run_test(struct engine *e, const struct rule_test *t)
{
	struct arena *a = arena_new();
	struct scan_options so = { 0 };
	struct watching w = { .arena = a };
	struct str message = t->message;
	struct err err;
	struct buf raw;
	bool ok = true;

	buf_init(&raw, LIMIT_MESSAGE);
	if (t->file.p) {
		if (input_read(t->file.p, &raw, &err) < 0)
			fault(&ok, "%s", err.text);
		message = buf_str(&raw);
	}
	if (t->has_envelope)
		so.envelope = &t->envelope;
	w.watch = (struct lua_watch){ &w, on_called, on_inserted };
	engine_watch_scripts(e, &w.watch);
	so.runner = cli_runner(e, a);
	if (ok)
		ok = compare(a, scan_message(e, a, message, &so), t, &w);
	engine_watch_scripts(e, NULL);
	arena_free(&a);
	buf_free(&raw);
	return ok;
}

static void count(struct testing *t, bool ok, struct str name)
{
	t->number++;
	t->passed += ok;
	t->failed += !ok;
	printf("%sok %u - %.*s\n", ok ? "" : "not ", t->number, STR_ARG(name));
}

/* ---- one file ---- */

/* Errors of the rules that are tested, not of the whole site. */
static bool rules_are_fine(const struct engine *e, const char *const *files)
{
	const struct diags *d = engine_diags(e);
	bool ok = true;

	for (size_t i = 0; i < d->n; i++)
		for (size_t f = 0; files[f]; f++)
			if (d->v[i].level == DIAG_ERROR &&
			    strcmp(d->v[i].file, files[f]) == 0)
				fault(&ok, "%s:%d: %.*s", files[f],
				      d->v[i].line, STR_ARG(d->v[i].text));
	return ok;
}

static void run_tests(struct testing *t, const struct test_file *f,
		      struct str path)
{
	struct load_options load = t->common.load;
	const char *files[3] = { NULL }, **cf;
	struct str lua = with_ending(t->arena, path, ".lua");
	struct str cfs = with_ending(t->arena, path, ".cf");
	struct engine *e;
	struct stat st;
	size_t n = 0, old = t->common.cf.n;

	if (stat(cfs.p, &st) == 0)
		files[n++] = cfs.p;
	if (stat(lua.p, &st) == 0)
		files[n++] = lua.p;
	load.more_files = files;
	cf = arena_alloc(t->arena, (f->cf.n + old + 1) * sizeof(*cf));
	for (size_t i = 0; i < f->cf.n; i++)
		cf[i] = f->cf.v[i].p;
	for (size_t i = 0; i < old; i++)
		cf[f->cf.n + i] = t->common.cf.v[i];
	load.cf_lines = cf;
	e = engine_load(&load);
	if (!rules_are_fine(e, files))
		count(t, false, STR("the rules can be loaded"));
	for (size_t i = 0; i < f->n; i++)
		count(t, run_test(e, &f->tests[i]), f->tests[i].name);
	engine_free(&e);
}

static void run_file(struct testing *t, struct str path)
{
	struct test_file f;
	struct buf raw;
	struct err err;
	bool ok = true;

	printf("# %.*s\n", STR_ARG(path));
	buf_init(&raw, LIMIT_MESSAGE);
	if (input_read(path.p, &raw, &err) < 0 ||
	    test_file_parse(t->arena, &f, path.p, buf_str(&raw), &err) < 0) {
		fault(&ok, "%s", err.text);
		count(t, ok, STR("the tests can be read"));
	} else {
		run_tests(t, &f, path);
	}
	buf_free(&raw);
}

int cmd_test_rules(int argc, char **argv)
{
	struct testing t = { .arena = arena_new() };
	const struct option_row *common = common_option_rows(&t.common);
	struct err err;
	bool ok = true;
	int n = options_parse(argc, argv, common, NULL, &err);

	if (n < 0)
		log_error("%s", err.text);
	if (n >= 0 && t.common.help) {
		printf("Usage: mekiki test-rules [OPTIONS] [FILE|DIR...]\n\n");
		options_help(stdout, common);
	}
	if (n < 0 || t.common.help) {
		arena_free(&t.arena);
		return n < 0 ? EXIT_USE : 0;
	}
	/* The log then stands where it belongs. */
	setvbuf(stdout, NULL, _IOLBF, 0);
	t.common.no_own_rules |= !t.common.own_dir;
	common_options_apply(&t.common);
	if (!t.common.load.rules_dir)
		t.common.load.rules_dir = "/dev/null";
	for (int i = 0; i < n; i++)
		ok = add_named(&t, argv[i]) && ok;
	if (n == 0)
		add_site(&t);
	for (size_t i = 0; i < t.files.n; i++)
		run_file(&t, t.files.v[i]);
	printf("1..%u\n%u passed, %u failed\n", t.number, t.passed, t.failed);
	arena_free(&t.arena);
	if (!t.number) {
		log_error("no tests were found");
		ok = false;
	}
	return !ok ? EXIT_NOINPUT : t.failed ? 1 : 0;
}
