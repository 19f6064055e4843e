/*
 * Lines that define rules, against what SpamAssassin 4.0.1 makes of them.
 */
#include "conf_load.h"

#include "conf/regex_text.h"

/* A header line and the test that it defines; selector NULL: refused. */
struct header_case {
	const char *test;
	const char *selector, *mods;
	bool exists, negated;
	const char *if_unset, *pattern, *re_mods;
};

static const struct header_case headers[] = {
	{ "Subject =~ /foo/i", "Subject", "", 0, 0, NULL, "foo", "i" },
	{ "Subject:raw =~ m{^x}s [if-unset: UNSET]", "Subject", "raw", 0, 0,
	  "UNSET", "^x", "s" },
	{ "exists:X-Foo", "X-Foo", "", 1, 0, NULL, "", "" },
	{ "exists:X-Foo:", "X-Foo", "", 1, 0, NULL, "", "" },
	{ "exists:X-Foo:addr", NULL, NULL, 0, 0, NULL, NULL, NULL },
	{ "From:addr:first =~ /x/", "From", "addr first", 0, 0, NULL, "x", "" },
	{ "From:addr:first:raw =~ /x/", NULL, NULL, 0, 0, NULL, NULL, NULL },
	{ "From:foo =~ /x/", NULL, NULL, 0, 0, NULL, NULL, NULL },
	{ "From: =~ /x/", "From", "", 0, 0, NULL, "x", "" },
	{ "From=~/x/", "From", "", 0, 0, NULL, "x", "" },
	{ "From !~/x/   ", "From", "", 0, 1, NULL, "x", "" },
	{ "Subject =~ /a/ [if-unset:   b c  ]", "Subject", "", 0, 0, "b c  ",
	  "a", "" },
	{ "Subject =~ /a/ [if-unset:b]", NULL, NULL, 0, 0, NULL, NULL, NULL },
	{ "Subject", NULL, NULL, 0, 0, NULL, NULL, NULL },
	{ "Sub ject =~ /x/", NULL, NULL, 0, 0, NULL, NULL, NULL },
	{ "Sub$ject =~ /x/", NULL, NULL, 0, 0, NULL, NULL, NULL },
	{ "Subject =~ /unclosed", NULL, NULL, 0, 0, NULL, NULL, NULL },
	{ "ALL-UNTRUSTED =~ /x/m", "ALL-UNTRUSTED", "", 0, 0, NULL, "x", "m" },
};

static void header_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		const struct header_case *c = &headers[i];
		struct arena *a = arena_new();
		struct str line = str_printf(a, "header X %s\n", c->test);
		struct ruleset *rs = conf_load(a, line.p);
		const struct rule *r = ruleset_find(rs, STR("X"));

		print_message("%s\n", c->test);
		if (!c->selector) {
			assert_null(r);
			assert_int_equal(rs->diags.nerrors, 1);
		} else {
			assert_non_null(r);
			assert_int_equal(r->kind, RULE_HEADER);
			assert_str_is(r->header.selector, c->selector);
			assert_str_is(strs_join(a, &r->header.mods, STR(" ")),
				      c->mods);
			assert_int_equal(r->header.exists, c->exists);
			assert_int_equal(r->header.negated, c->negated);
			assert_int_equal(r->header.if_unset.p != NULL,
					 c->if_unset != NULL);
			if (c->if_unset)
				assert_str_is(r->header.if_unset, c->if_unset);
			assert_str_is(r->header.re.pattern, c->pattern);
			assert_str_is(r->header.re.mods, c->re_mods);
			assert_int_equal(rs->diags.n, 0);
		}
		arena_free(&a);
	}
}

/* A regex with delimiters: pattern and modifiers, or a word of the fault. */
static const struct {
	const char *text, *pattern, *mods, *fault;
} regexes[] = {
	{ "/a/", "a", "", NULL },
	{ "/a/ix", "a", "ix", NULL },
	{ "/a\\/b/", "a\\/b", "", NULL },
	{ "m!a\\!b!xi", "a\\!b", "xi", NULL },
	{ "m(a(b)c)", "a(b)c", "", NULL },
	{ "qr<a>i", "a", "i", NULL },
	{ "m{[}]}", "[}]", "", NULL },
	{ "m,a,", "a", "", NULL },
	{ "/a/pa", "a", "", NULL },
	{ "/a/sim", "a", "sim", NULL },
	{ "//", "", "", NULL },
	{ "/a/g", NULL, NULL, "useless" },
	{ "/a/o", NULL, NULL, "useless" },
	{ "/a/e", NULL, NULL, "closing" },
	{ "/a/I", NULL, NULL, "closing" },
	{ "/a/y", NULL, NULL, "unknown" },
	{ "/a/b/", NULL, NULL, "inside" },
	{ "/a\\\\/b/", NULL, NULL, "inside" },
	{ "m\\a\\", NULL, NULL, "backslash" },
	{ "/a(?{1})/", NULL, NULL, "Perl code" },
	{ "/a(??{1})/", NULL, NULL, "Perl code" },
	{ "foo", NULL, NULL, "missing" },
	{ "mxax", NULL, NULL, "missing" },
	{ "/a", NULL, NULL, "missing" },
	{ "/", NULL, NULL, "missing" },
	{ "m", NULL, NULL, "missing" },
	{ "", NULL, NULL, "missing" },
};

static void regex_split(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(regexes) / sizeof(regexes[0]); i++) {
		struct regex_text re;
		struct err err = { "" };
		int rc = regex_text_split(a, str_cstr(regexes[i].text), &re,
					  &err);

		print_message("%s: %s\n", regexes[i].text, err.text);
		if (regexes[i].fault) {
			assert_int_equal(rc, -1);
			assert_non_null(strstr(err.text, regexes[i].fault));
			continue;
		}
		assert_int_equal(rc, 0);
		assert_str_is(re.pattern, regexes[i].pattern);
		assert_str_is(re.mods, regexes[i].mods);
	}
	arena_free(&a);
}

static void matching_all(void **state)
{
	(void)state;
	assert_non_null(regex_text_always_matches(STR("")));
	assert_non_null(regex_text_always_matches(STR("a||b")));
	assert_non_null(regex_text_always_matches(STR("|b")));
	assert_non_null(regex_text_always_matches(STR("b|")));
	assert_null(regex_text_always_matches(STR("b\\|")));
	assert_null(regex_text_always_matches(STR("a\\||b")));
	assert_null(regex_text_always_matches(STR("a|b")));
}

/* Eval arguments; NULL: the rule is defined but its arguments are a fault. */
static const struct {
	const char *call, *args;
} evals[] = {
	{ "eval:foo()", "" },
	{ "eval:foo( )", "" },
	{ "eval:foo('a','b')", "a|b" },
	{ "eval:foo(a, \"b c\" , 1.2:3-x)", "a|b c|1.2:3-x" },
	{ "eval:foo('a'b','c')", "a'b|c" },
	{ "eval:foo(a,)", "a" },
	{ "eval:foo('')", "" },
	{ "eval:foo('a(b)')", "a(b)" },
	{ "eval:foo(a b)", NULL },
	{ "eval:foo(,a)", NULL },
	{ "eval:foo('a)", NULL },
};

static void eval_args(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(evals) / sizeof(evals[0]); i++) {
		struct arena *a = arena_new();
		struct str line = str_printf(a, "header X %s\n",
					     evals[i].call);
		struct ruleset *rs = conf_load(a, line.p);
		const struct rule *r = ruleset_find(rs, STR("X"));

		print_message("%s\n", evals[i].call);
		assert_non_null(r);
		assert_int_equal(r->kind, RULE_HEADER_EVAL);
		assert_str_is(r->eval.function, "foo");
		if (evals[i].args) {
			assert_str_is(strs_join(a, &r->eval.args, STR("|")),
				      evals[i].args);
			/* That nothing has such a function. */
			assert_int_equal(rs->diags.n, 1);
		} else {
			assert_non_null(r->unlive);
			assert_int_equal(rs->diags.nerrors, 1);
		}
		arena_free(&a);
	}
}

/* Kinds of rules by their lines. */
static const struct {
	const char *line;
	enum rule_kind kind;
	bool live;
} kinds[] = {
	{ "body X /x/", RULE_BODY, true },
	{ "rawbody X /x/", RULE_RAWBODY, true },
	{ "full X /x/", RULE_FULL, true },
	{ "uri X /x/", RULE_URI, true },
	{ "meta X 1", RULE_META, true },
	{ "body X eval:check_for_mime('x')", RULE_BODY_EVAL, true },
	{ "rawbody X eval:check_for_mime('x')", RULE_RAWBODY_EVAL, true },
	{ "full X eval:check_pyzor()", RULE_FULL_EVAL, true },
	{ "header X eval:check_for_shifted_date('1','2')", RULE_HEADER_EVAL,
	  true },
	{ "header X eval:check_rbl('a','b.')", RULE_RBL_EVAL, false },
	{ "header X rbleval:check_rbl('a','b.')", RULE_RBL_EVAL, false },
	{ "header X eval:check_dns_sender()", RULE_RBL_EVAL, false },
	{ "body X eval:check_uridnsbl('X')", RULE_BODY_EVAL, false },
	{ "askdns X _A_.b TXT /x/", RULE_ASKDNS, false },
	{ "mimeheader X Content-Type =~ /x/", RULE_MIMEHEADER, true },
	{ "uri_detail X text =~ /x/", RULE_URI_DETAIL, true },
	{ "reuse X", RULE_EMPTY, false },
	{ "reuse X Y Z", RULE_EMPTY, false },
};

static void rule_kinds(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct arena *a = arena_new();
		struct ruleset *rs = conf_load(a, kinds[i].line);
		const struct rule *r = ruleset_find(rs, STR("X"));

		print_message("%s\n", kinds[i].line);
		assert_non_null(r);
		assert_int_equal(r->kind, kinds[i].kind);
		assert_int_equal(r->unlive == NULL, kinds[i].live);
		assert_int_equal(rs->diags.n, 0);
		assert_true(rule_kind_name(r->kind)[0] != '\0');
		arena_free(&a);
	}
}

/* A function of a plug-in that nothing loads is an error, as in
 * SpamAssassin's lint. */
static void missing_plugin(void **state)
{
	struct arena *a = arena_new();
	struct ruleset *rs = conf_load(a, "body X eval:check_language()\n");
	const struct rule *r = ruleset_find(rs, STR("X"));

	(void)state;
	assert_int_equal(r->kind, RULE_BODY_EVAL);
	assert_non_null(r->unlive);
	assert_int_equal(rs->diags.nerrors, 1);
	assert_true(str_find(rs->diags.v[0].text, STR("TextCat")) >= 0);
	arena_free(&a);
}

static void redefinition(void **state)
{
	struct arena *a = arena_new();
	struct ruleset *rs = conf_load(a,
		"header A Subject =~ /one/ [if-unset: x]\n"
		"body B /x/\n"
		"header A From !~ /two/\n"
		"header A Subject =~ /broken\n"
		"body B2 /x/\n"
		"meta B A\n"
		"reuse A\n"
		"reuse C\n"
		"body C /x/\n");
	const struct rule *r = ruleset_find(rs, STR("A"));

	(void)state;
	/* The last good definition counts, with nothing left of the first;
	 * the number is that of the first mention. */
	assert_int_equal(rs->diags.nerrors, 1);
	assert_int_equal(rs->diags.v[0].line, 4);
	assert_int_equal(r->id, 0);
	assert_int_equal(r->line, 3);
	assert_str_is(r->header.re.pattern, "two");
	assert_null(r->header.if_unset.p);
	assert_int_equal(ruleset_find(rs, STR("B"))->kind, RULE_META);
	assert_int_equal(ruleset_find(rs, STR("B"))->id, 1);
	assert_int_equal(ruleset_find(rs, STR("C"))->kind, RULE_BODY);
	assert_null(ruleset_find(rs, STR("D")));
	arena_free(&a);
}

static void captures(void **state)
{
	struct arena *a = arena_new();
	struct ruleset *rs = conf_load(a,
		"body A /(?<FOO>x)(?P<BAR_1>y)(?'Q9'z)(?<low>w)/\n"
		"body B /%{FOO}a\\%{NO}%{BAR_1(2)}%{no}%{X_}/\n"
		"body D /%{FOO}a/\n"
		"body C /x/\n");
	const struct rule *r = ruleset_find(rs, STR("A"));

	(void)state;
	assert_str_is(strs_join(a, &r->captures, STR(" ")), "FOO BAR_1 Q9");
	assert_int_equal(r->priority, -10000);
	/* Of several templates the last counts. */
	r = ruleset_find(rs, STR("B"));
	assert_str_is(strs_join(a, &r->templates, STR(" ")), "BAR_1(2)");
	r = ruleset_find(rs, STR("D"));
	assert_str_is(strs_join(a, &r->templates, STR(" ")), "FOO");
	assert_int_equal(r->priority, 0);
	assert_int_equal(ruleset_find(rs, STR("C"))->captures.n, 0);
	arena_free(&a);
}

static void mime_and_detail(void **state)
{
	struct arena *a = arena_new();
	struct ruleset *rs = conf_load(a,
		"mimeheader M Content-Type:raw !~ /x/i [if-unset: z]\n"
		"mimeheader N Content-Type=~/x=~y/\n"
		"uri_detail U text =~ /foo/ type =~ /^a$/i\n"
		"uri_detail U text !~ m!bar! x\n"
		"uri_detail V foo =~ /x/\n"
		"uri_detail W text =~ foo\n");
	const struct rule *r = ruleset_find(rs, STR("M"));

	(void)state;
	assert_str_is(r->header.selector, "Content-Type");
	assert_str_is(strs_join(a, &r->header.mods, STR(" ")), "raw");
	assert_true(r->header.negated);
	assert_str_is(r->header.if_unset, "z");
	/* A name may hold nearly anything, so the last operator parts. */
	r = ruleset_find(rs, STR("N"));
	assert_null(r);
	r = ruleset_find(rs, STR("U"));
	assert_int_equal(r->ndetails, 2);
	assert_str_is(r->details[0].key, "text");
	assert_true(r->details[0].negated);
	assert_str_is(r->details[0].re.pattern, "bar");
	assert_str_is(r->details[1].key, "type");
	assert_str_is(r->details[1].re.mods, "i");
	assert_null(ruleset_find(rs, STR("V")));
	assert_null(ruleset_find(rs, STR("W")));
	assert_int_equal(rs->diags.nerrors, 3);
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(header_lines),
		cmocka_unit_test(regex_split),
		cmocka_unit_test(matching_all),
		cmocka_unit_test(eval_args),
		cmocka_unit_test(rule_kinds),
		cmocka_unit_test(missing_plugin),
		cmocka_unit_test(redefinition),
		cmocka_unit_test(captures),
		cmocka_unit_test(mime_and_detail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
