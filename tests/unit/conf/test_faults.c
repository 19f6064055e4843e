/*
 * Faults: each with its file, its line, and a sentence that says what was
 * expected. Lines that SpamAssassin 4.0.1 only warns of are warnings; but a file to include
 * that is not there, of which it says nothing, is an error.
 */
#include "conf_load.h"

struct fault_case {
	const char *line;
	enum diag_level level;
	const char *word;	/* in the sentence */
};

#define E DIAG_ERROR
#define W DIAG_WARN

static const struct fault_case faults[] = {
	{ "nosuchdirective foo", E, "unknown directive 'nosuchdirective'" },
	{ "use_dcc 1", E, "plug-in DCC" },
	{ "ok_languages en", W, "plug-in TextCat" },
	{ "required_score", E, "lacks its value" },
	{ "required_score abc", E, "expected a number" },
	{ "use_bayes maybe", E, "expected 0, 1, yes or no" },
	{ "time_limit 5x", E, "expected a duration" },
	{ "clear_headers x", E, "expected nothing" },
	{ "report_safe 3", E, "expected 0, 1 or 2" },
	{ "lock_method foo", E, "expected one of nfssafe|flock|win32" },
	{ "add_header both X y", E, "expected ham, spam or all" },
	{ "add_header all Bad!Name x", E, "letters" },
	{ "add_header all NoText", E, "and a text" },
	{ "remove_header all Foo bar", E, "header name" },
	{ "rewrite_header Foo bar", E, "expected Subject, From or To" },
	{ "rewrite_header", E, "lacks its value" },
	{ "welcomelist_from", E, "lacks its value" },
	{ "welcomelist_from_rcvd a@b.c", E, "relay" },
	{ "welcomelist_from_rcvd a@b.c d e", E, "relay" },
	{ "enlist_uri_host L1 a", E, "(LISTNAME)" },
	{ "enlist_uri_host (L1)", E, "(LISTNAME)" },
	{ "enlist_addrlist x@y.z", E, "(LISTNAME)" },
	{ "util_rb_tld a.b", E, "names of 1 label" },
	{ "util_rb_2tld co.uk x", E, "got 'x'" },
	{ "util_rb_3tld a..uk", E, "names of 3 labels" },
	{ "bayes_path /tmp", E, "not a folder" },
	{ "bayes_file_mode 7777", E, "octal" },
	{ "dns_available perhaps", E, "expected yes, no" },
	{ "dns_local_ports_avoid 70000", E, "70000" },
	{ "rbl_timeout soon", E, "duration" },
	{ "trusted_networks", E, "lacks its value" },
	{ "trusted_networks 1.2.3.444", W, "1.2.3.444" },
	{ "freemail_domains foo.com bad_dom", W, "bad_dom" },
	{ "freemail_welcomelist foo", W, "'foo'" },
	{ "score A", E, "1 or 4 numbers" },
	{ "score A 1 x 3 4", E, "got 'x'" },
	{ "describe A", E, "lacks its value" },
	{ "tflags A", E, "lacks its value" },
	{ "priority A x", E, "whole number" },
	{ "header A", E, "a rule name and its test" },
	{ "header A Subject", E, "Header =~ /regex/" },
	{ "header A Subject:foo =~ /x/", E, "':foo' is no header modifier" },
	{ "header A exists:Bad Name", E, "header's name" },
	{ "header A eval:foo", E, "eval:function()" },
	{ "body A /a/g", E, "the modifier 'g' is useless" },
	{ "body A /a", E, "closing delimiter" },
	{ "body A foo", E, "/pattern/" },
	{ "body 1A /a/", E, "no digit first" },
	{ "body A-B /a/", E, "'A-B'" },
	{ "body A eval:foo(a b)", E, "quoted texts or bare words" },
	{ "body A eval:check_subject_in_welcomelist()", E, "expects 'header'" },
	{ "full A eval:check_for_mime('x')", E, "expects 'body'" },
	{ "meta A B &&", E, "ends where an operand was expected" },
	{ "meta A (B", E, "')'" },
	{ "meta A B C", E, "before 'C'" },
	{ "meta A B +1", E, "'+1' is no number" },
	{ "meta A 1 / B", E, "divides by zero" },
	{ "meta A B ** C", E, "no '**'" },
	{ "meta A B % C", W, "'%' has no place" },
	{ "meta A A", E, "depends on itself" },
	{ "reuse !", E, "name of a rule" },
	{ "askdns A b NOTYPE", E, "record types" },
	{ "urirhssub A b. A", E, "RULE ZONE TYPE SUBTEST" },
	{ "mimeheader A Content-Type:x =~ /x/", E, "Header:raw" },
	{ "uri_detail A foo =~ /x/", E, "raw, type, cleaned" },
	{ "uri_detail A text", E, "at least one" },
	{ "redirector_pattern /x", E, "closing delimiter" },
	{ "loadplugin a-b", E, "plug-in's name" },
	{ "loadplugin My::Plugin my.pm", W, "cannot be loaded" },
	{ "enable_compat a-b", E, "letters" },
	{ "include nosuch.cf", E, "nosuch.cf" },
	{ "uridnsbl_timeout 5", W, "obsolete" },
	{ "bayes_token_sources", E, "lacks its value" },
	{ "internal_networks 10.1/16\n", E, "does not contain" },
};

static void each_is_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		const struct fault_case *c = &faults[i];
		struct arena *a = arena_new();
		struct str text = str_printf(a, "# one\n%s%s\nbody AFTER /x/\n",
			strstr(c->line, "internal") ?
				"trusted_networks 1.2.3.4\n" : "\n", c->line);
		struct ruleset *rs = conf_load(a, text.p);
		const struct diag *d = rs->diags.v;

		print_message("%s\n", c->line);
		conf_print_diags(rs);
		assert_int_equal(rs->diags.n, 1);
		assert_int_equal(d->level, c->level);
		assert_int_equal(d->line, 3);
		assert_true(str_ends(str_cstr(d->file), STR("/a.cf")));
		assert_true(str_find(d->text, str_cstr(c->word)) >= 0);
		assert_int_equal(rs->diags.nerrors, c->level == E);
		/* The rest goes on. */
		assert_non_null(ruleset_find(rs, STR("AFTER")));
		arena_free(&a);
	}
}

/* Faults that only `lint` finds. */
static void lint_only(void **state)
{
	static const char text[] =
		"body EMPTY //\nbody BARS /a||b/\nheader BAR Subject =~ /|b/\n"
		"body A_NAME_OF_MORE_THAN_FORTY_CHARACTERS_IN_ALL /x/\n"
		"body __A_NAME_OF_MORE_THAN_FORTY_CHARACTERS_IN_ALL /x/\n"
		"mimeheader M Content-Type =~ //\n";
	struct arena *a = arena_new();
	struct ruleset *rs = conf_load(a, text);
	struct conf_dir d;

	(void)state;
	assert_int_equal(rs->diags.n, 0);
	assert_int_equal(rs->nrules, 6);
	conf_dir_begin(&d);
	conf_dir_put(&d, "a.pre", default_pre, sizeof(default_pre) - 1);
	conf_dir_put(&d, "a.cf", text, sizeof(text) - 1);
	rs = conf_dir_load(a, &d, true, "C");
	conf_dir_end(&d);
	conf_print_diags(rs);
	assert_int_equal(rs->diags.nerrors, 4);
	for (int i = 0; i < 4; i++)
		assert_int_equal(rs->diags.v[i].line, i + 1);
	assert_null(ruleset_find(rs, STR("EMPTY")));
	assert_null(ruleset_find(rs, STR("BARS")));
	assert_null(ruleset_find(rs, STR("BAR")));
	/* A long name is a fault, but the rule is kept. */
	assert_int_equal(rs->nrules, 3);
	rs = conf_load(a, "ignore_always_matching_regexps 1\nbody A //\n");
	assert_int_equal(rs->diags.nerrors, 1);
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_named),
		cmocka_unit_test(lint_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
