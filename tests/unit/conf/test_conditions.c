/*
 * The preprocessor: conditions, else, endif, include and their quirks, with
 * SpamAssassin 4.0.1's answers. Each case is a file; the rules that exist in
 * the end are listed by name.
 */
#include "conf_load.h"

#include "base/limits.h"

struct cond_case {
	const char *text;
	bool holds;
	size_t faults;
};

/* Conditions, each as `if TEXT`. */
static const struct cond_case conditions[] = {
	{ "(version >= 4.0)", true, 0 },
	{ "version >= 4.000002", false, 0 },
	{ "version == 4.000001", true, 0 },
	{ "version > 3.002004 && version < 5", true, 0 },
	{ "(perl_version >= 5.010)", true, 0 },
	{ "local_tests_only", true, 0 },
	{ "!local_tests_only", false, 0 },
	{ "plugin(Mail::SpamAssassin::Plugin::DKIM)", true, 0 },
	{ "plugin ( Mail::SpamAssassin::Plugin::DKIM )", true, 0 },
	{ "plugin(Mail::SpamAssassin::Plugin::TextCat)", false, 0 },
	{ "plugin(Mail::SpamAssassin::Plugin::Dmarc)", true, 0 },
	{ "plugin(Mail::SpamAssassin::Plugin::WhiteListSubject)", true, 0 },
	{ "plugin(Mail::SpamAssassin::Plugin::RaciallyCharged)", true, 0 },
	{ "plugin(Mekiki)", true, 0 },
	{ "plugin(DKIM)", false, 0 },
	{ "plugin()", false, 0 },
	{ "can(Mail::SpamAssassin::Conf::feature_bug6558_free)", true, 0 },
	{ "has(Mail::SpamAssassin::Conf::feature_bug6558_free)", true, 0 },
	{ "can(Mail::SpamAssassin::Conf::feature_no_such)", false, 0 },
	{ "can(Mail::SpamAssassin::Conf::perl_min_version_5010000)", true, 0 },
	{ "can(Mail::SpamAssassin::Conf::compat_welcomelist_blocklist)", true,
	  0 },
	{ "can(Mail::SpamAssassin::Conf::compat_other)", false, 0 },
	{ "can(Mail::SpamAssassin::Plugin::DKIM::has_arc)", true, 0 },
	{ "can(Mail::SpamAssassin::Plugin::SPF::has_arc)", false, 0 },
	{ "can(Mail::SpamAssassin::Plugin::ASN::has_check_asn)", false, 0 },
	{ "has(Mail::SpamAssassin::Plugin::DKIM::check_dkim_valid)", true, 0 },
	{ "can(foo)", false, 1 },
	{ "has()", false, 1 },
	{ "nosuch(foo)", false, 1 },
	{ "!plugin(Mail::SpamAssassin::Plugin::TextCat) && version > 3", true,
	  0 },
	{ "version - 1 > 3 && 1 + 1 == 2", true, 0 },
	{ "version -1 > 3", true, 0 },
	{ "(1 || 0) && !0", true, 0 },
	{ "0", false, 0 }, { "1", true, 0 }, { "-1", true, 0 },
	{ "1 / 0", false, 0 },
	{ "foo", true, 0 },
	{ "(", false, 1 }, { "1 1", false, 1 }, { "&& 1", false, 1 },
};

static void conditions_hold(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(conditions) / sizeof(conditions[0]);
	     i++) {
		const struct cond_case *c = &conditions[i];
		struct arena *a = arena_new();
		struct str text = str_printf(a, "if %s\nbody YES /x/\nelse\n"
			"body NO /x/\nendif\n", c->text);
		struct ruleset *rs = conf_load(a, text.p);

		print_message("if %s\n", c->text);
		assert_int_equal(ruleset_find(rs, STR("YES")) != NULL,
				 c->holds);
		assert_int_equal(ruleset_find(rs, STR("NO")) != NULL,
				 !c->holds);
		assert_int_equal(rs->diags.n, c->faults);
		arena_free(&a);
	}
}

static struct str rule_names(struct arena *a, const struct ruleset *rs)
{
	struct strs names = { 0 };

	for (size_t i = 0; i < rs->nrules; i++)
		strs_add(a, &names, rs->rules[i].name);
	return strs_join(a, &names, STR(" "));
}

/* Structures; the names of the rules that are left, and the lines at fault. */
static const struct {
	const char *what, *text, *rules, *faults;
} structures[] = {
	{ "nested false",
	  "if 0\nif 1\nbody A /x/\nelse\nbody B /x/\nendif\nbody C /x/\n"
	  "endif\nbody D /x/\n", "D", "" },
	{ "else of an outer false one",
	  "if 0\nif 0\nbody A /x/\nelse\nbody B /x/\nendif\nelse\n"
	  "body C /x/\nendif\n", "C", "" },
	{ "a second else is not flagged",
	  "if 1\nbody A /x/\nelse\nbody B /x/\nelse\nbody C /x/\nendif\n",
	  "A C", "" },
	{ "endif alone", "endif\nbody A /x/\n", "A", "1" },
	{ "else alone", "else\nbody A /x/\n", "A", "1" },
	{ "words behind endif",
	  "if 1\nbody A /x/\nendif foo\nendif\n", "A", "3" },
	{ "words behind else", "if 1\nelse foo\nbody A /x/\nendif\n", "A",
	  "2" },
	{ "no condition", "if\nifplugin\nbody A /x/\n", "A", "1 2" },
	{ "a token that is none",
	  "if x\nbody A /x/\nendif\nbody B /x/\n", "A B", "1 3" },
	{ "a version that is no number",
	  "if 1\nif version > 4.0.1\nbody A /x/\nendif\nendif\n", "A",
	  "2 5" },
	{ "no module's name",
	  "if can(Mail::SpamAssassin:)\nbody A /x/\n", "A", "1" },
	{ "unclosed", "if 1\nbody A /x/\n", "A", "1" },
	{ "unclosed and false", "if 0\nbody A /x/\n", "", "1" },
	{ "ifplugin",
	  "ifplugin Mail::SpamAssassin::Plugin::DKIM\nbody A /x/\nendif\n"
	  "ifplugin Mail::SpamAssassin::Plugin::Nope\nbody B /x/\nelse\n"
	  "body C /x/\nendif\n", "A C", "" },
	{ "other version",
	  "body A /x/\nrequire_version 3.0\nbody B /x/\n", "A", "2" },
	{ "this version",
	  "require_version 4.000001\nrequire_version @@VERSION@@\n"
	  "body A /x/\n", "A", "" },
	{ "version of nothing", "require_version\nbody A /x/\n", "A", "1" },
	{ "endif revives after a version",
	  "if 1\nrequire_version 3\nbody A /x/\nendif\nbody B /x/\n", "B",
	  "2" },
	{ "a condition keeps its first answer",
	  "if plugin(Mail::SpamAssassin::Plugin::TextCat)\nbody A /x/\nendif\n"
	  "loadplugin Mail::SpamAssassin::Plugin::TextCat\n"
	  "if plugin(Mail::SpamAssassin::Plugin::TextCat)\nbody B /x/\nendif\n"
	  "if  plugin(Mail::SpamAssassin::Plugin::TextCat) && 1\n"
	  "body C /x/\nendif\n", "C", "" },
	{ "words of SpamAssassin's own", "file\nfile start x\nbody A /x/\n",
	  "A", "1 2" },
};

static void structures_hold(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(structures) / sizeof(structures[0]);
	     i++) {
		struct arena *a = arena_new();
		struct ruleset *rs = conf_load(a, structures[i].text);
		struct strs lines = { 0 };

		print_message("%s\n", structures[i].what);
		conf_print_diags(rs);
		for (size_t d = 0; d < rs->diags.n; d++)
			strs_add(a, &lines, str_printf(a, "%d",
						rs->diags.v[d].line));
		assert_str_is(rule_names(a, rs), structures[i].rules);
		assert_str_is(strs_join(a, &lines, STR(" ")),
			      structures[i].faults);
		arena_free(&a);
	}
}

/* An include closes every open condition and works inside a false one; files
 * are read once, which ends loops. */
static void includes(void **state)
{
	static const char main_cf[] =
		"if 0\nbody A /x/\ninclude one.inc\nbody B /x/\nendif\n"
		"include nosuch.inc\ninclude\nbody C /x/\n";
	static const char one[] = "body ONE /x/\ninclude two.inc\n";
	static const char two[] =
		"include one.inc\ninclude main.cf\nbody TWO /x/\n";
	struct arena *a = arena_new();
	struct conf_dir d;
	struct ruleset *rs;

	(void)state;
	conf_dir_begin(&d);
	conf_dir_put(&d, "main.cf", main_cf, sizeof(main_cf) - 1);
	conf_dir_put(&d, "one.inc", one, sizeof(one) - 1);
	conf_dir_put(&d, "two.inc", two, sizeof(two) - 1);
	rs = conf_dir_load(a, &d, false, "C");
	conf_dir_end(&d);
	conf_print_diags(rs);
	assert_str_is(rule_names(a, rs), "ONE TWO B C");
	assert_int_equal(rs->diags.n, 4);
	assert_int_equal(rs->diags.v[0].line, 1);	/* the open if */
	assert_int_equal(rs->diags.v[1].line, 5);	/* its endif */
	assert_int_equal(rs->diags.v[2].line, 6);	/* not there */
	assert_int_equal(rs->diags.v[3].line, 7);	/* no value */
	assert_int_equal(rs->files.n, 3);
	arena_free(&a);
}

/* A chain of files deeper than the limit ends with a fault. */
static void include_depth(void **state)
{
	static char names[40][16];
	struct arena *a = arena_new();
	struct ruleset *rs;
	struct conf_dir d;
	size_t found = 0;

	(void)state;
	conf_dir_begin(&d);
	for (int i = 0; i < 20; i++) {
		struct str text = str_printf(a, "include f%d.inc\n", i + 1);

		snprintf(names[i], sizeof(names[i]), i ? "f%d.inc" : "f.cf", i);
		conf_dir_put(&d, names[i], text.p, text.n);
	}
	rs = conf_dir_load(a, &d, false, "C");
	conf_dir_end(&d);
	for (size_t i = 0; i < rs->diags.n; i++)
		found += str_find(rs->diags.v[i].text,
				  STR("include one another")) >= 0;
	assert_int_equal(found, 1);
	assert_int_equal(rs->files.n, LIMIT_INCLUDES);
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(conditions_hold),
		cmocka_unit_test(structures_hold),
		cmocka_unit_test(includes),
		cmocka_unit_test(include_depth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
