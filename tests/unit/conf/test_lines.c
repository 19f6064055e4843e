/*
 * Lines: comments, escapes, keys, languages, files and their order, and what
 * is no text at all.
 */
#include "conf_load.h"

#include "base/buf.h"
#include "base/limits.h"

/* A line and the pattern that rule X then has; NULL: no rule X. */
static const struct {
	const char *line, *pattern;
} lines[] = {
	{ "body X /a/", "a" },
	{ "  \t body \t X \t  /a/ \t ", "a" },
	{ "BODY X /a/", "a" },
	{ "bOdY X /a/ # a comment", "a" },
	{ "body X /a/\r", "a" },
	{ "# body X /a/", NULL },
	{ "body X /a#b/", NULL },
	{ "body X /a\\#b/", "a#b" },
	{ "body X /a\\\\#b/", "a\\#b" },
	{ "body X /\\#a/ # b \\# c", "#a" },
	{ "lang en body X /a/", "a" },
	{ "lang EN body X /a/", "a" },
	{ "lang en_US body X /a/", "a" },
	{ "lang e. body X /a/", "a" },
	{ "lang de|en body X /a/", "a" },
	{ "lang de body X /a/", NULL },
	{ "lang en_GB body X /a/", NULL },
	{ "0", NULL },
	{ "body X /a/\\", NULL },
};

static void line_forms(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct arena *a = arena_new();
		struct ruleset *rs = conf_load(a, lines[i].line);
		const struct rule *r = ruleset_find(rs, STR("X"));

		print_message("%s\n", lines[i].line);
		assert_int_equal(r != NULL, lines[i].pattern != NULL);
		if (r)
			assert_str_is(r->re.pattern, lines[i].pattern);
		arena_free(&a);
	}
}

static void dashes_are_underscores(void **state)
{
	struct arena *a = arena_new();
	struct ruleset *rs = conf_load(a,
		"unsafe-report one\nRequired-Score 7\nrequired_hits 8\n"
		"whitelist-from *@Friend.ORG\n");

	(void)state;
	assert_int_equal(rs->diags.n, 0);
	assert_str_is(rs->site->unsafe_report_template, "one\n");
	assert_true(rs->site->required_score == 8);
	assert_true(settings_addr_listed(rs->site, STR("welcomelist_from"),
					 STR("x@friend.org"), NULL));
	arena_free(&a);
}

static void languages(void **state)
{
	static const char text[] =
		"describe A plain\nlang de describe A deutsch\n"
		"lang pt_BR describe A brasileiro\n";
	static const struct { const char *lang, *want; } cases[] = {
		{ "C", "plain" }, { "POSIX", "plain" },
		{ "de", "deutsch" }, { "de_AT.UTF-8", "deutsch" },
		{ "pt_BR.ISO-8859-1@euro", "brasileiro" },
		{ "pt_PT", "plain" }, { "DE_de", "deutsch" },
		{ "de:fr", "deutsch" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct arena *a = arena_new();
		struct conf_dir d;
		struct ruleset *rs;

		conf_dir_begin(&d);
		conf_dir_put(&d, "a.cf", text, sizeof(text) - 1);
		rs = conf_dir_load(a, &d, false, cases[i].lang);
		conf_dir_end(&d);
		print_message("%s\n", cases[i].lang);
		assert_str_is(settings_describe(rs->site, STR("A")),
			      cases[i].want);
		arena_free(&a);
	}
}

/* The official channel goes first, then byte order; .pre before .cf; other
 * endings are no files of ours. */
static void file_order(void **state)
{
	static const char *const names[] = {
		"b.cf", "a.cf", "Z.cf", "updates_spamassassin_org.cf",
		"z.pre", "c.CF", "d.txt", "e.cf~",
	};
	static const char *const order[] = {
		"z.pre", "updates_spamassassin_org.cf", "Z.cf", "a.cf",
		"b.cf", "c.CF",
	};
	struct arena *a = arena_new();
	struct conf_dir d;
	struct ruleset *rs;

	(void)state;
	conf_dir_begin(&d);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		conf_dir_put(&d, names[i], "# UPDATE version 123\n", 21);
	rs = conf_dir_load(a, &d, false, "C");
	conf_dir_end(&d);
	assert_int_equal(rs->files.n, sizeof(order) / sizeof(order[0]));
	for (size_t i = 0; i < rs->files.n; i++)
		assert_true(str_ends(rs->files.v[i], str_cstr(order[i])));
	assert_str_is(rs->rules_version, "123");
	arena_free(&a);
}

/* --pre, --cf, -p and more files, in their places. */
static void extra_lines(void **state)
{
	static const char *const pre[] = {
		"loadplugin Mail::SpamAssassin::Plugin::TextCat",
		"describe A pre", NULL };
	static const char *const cf[] = { "describe A last", "body B /x/",
					  NULL };
	struct arena *a = arena_new();
	struct load_options opt = { .rules_dir = "/nonexistent-rules",
				    .site_dir = "/nonexistent-site",
				    .pre_lines = pre, .cf_lines = cf,
				    .prefs_file = "/nonexistent-prefs" };
	struct ruleset *rs = ruleset_load(a, &opt);

	(void)state;
	assert_str_is(settings_describe(rs->site, STR("A")), "last");
	assert_non_null(ruleset_find(rs, STR("B")));
	assert_true(map_has(&rs->plugins,
			    STR("Mail::SpamAssassin::Plugin::TextCat")));
	assert_int_equal(rs->diags.n, 2);	/* the two folders */
	arena_free(&a);
}

/* A file of noise: faults are named and cut, the rest goes on. */
static void noise(void **state)
{
	struct arena *a = arena_new();
	struct conf_dir d;
	struct ruleset *rs;
	struct buf b;
	uint32_t x = 1;

	(void)state;
	buf_in(&b, a, LIMIT_RULE_LINE * 3);
	for (int i = 0; i < 100000; i++) {
		x = x * 1664525 + 1013904223;
		buf_addc(&b, (int)(x >> 24));
	}
	buf_addf(&b, "\nbody AFTER /x/\nbody LONG /");
	while (b.n < LIMIT_RULE_LINE + 200000)
		buf_addf(&b, "aaaaaaaaaaaaaaaa");
	buf_addf(&b, "/\nbody NUL /a");
	buf_addc(&b, '\0');
	buf_addf(&b, "b/\n");
	conf_dir_begin(&d);
	conf_dir_put(&d, "a.cf", b.p, b.n);
	conf_dir_put(&d, "b.cf", "body OTHER /x/\nnonsense\n", 24);
	rs = conf_dir_load(a, &d, false, "C");
	conf_dir_end(&d);
	assert_non_null(ruleset_find(rs, STR("AFTER")));
	assert_non_null(ruleset_find(rs, STR("OTHER")));
	assert_null(ruleset_find(rs, STR("LONG")));
	assert_int_equal(ruleset_find(rs, STR("NUL"))->re.pattern.n, 3);
	assert_true(rs->diags.nerrors > LIMIT_FILE_FAULTS);
	assert_true(rs->diags.n <= LIMIT_FILE_FAULTS + 3);
	for (size_t i = 0; i < rs->diags.n; i++)
		for (size_t j = 0; j < rs->diags.v[i].text.n; j++)
			assert_true((unsigned char)rs->diags.v[i].text.p[j]
				    >= 0x20);
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(line_forms),
		cmocka_unit_test(dashes_are_underscores),
		cmocka_unit_test(languages),
		cmocka_unit_test(file_order),
		cmocka_unit_test(extra_lines),
		cmocka_unit_test(noise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
