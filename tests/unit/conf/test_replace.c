/*
 * ReplaceTags: patterns before and after, as SpamAssassin 4.0.1 has them.
 */
#include "conf_load.h"

#include "base/buf.h"

static const char tags[] =
	"replace_tag A [a4]\nreplace_tag B (?:b|<A>)\nreplace_tag LOOP x<LOOP>\n"
	"replace_tag ZERO 0\nreplace_tag C <B>c\n"
	"replace_pre P1 (?:pre)\nreplace_inter I1 \\W?\nreplace_post P2 +\n";

static const struct {
	const char *rule, *pattern;
} cases[] = {
	{ "body X /<A><B>c/i", "[a4](?:b|[a4])c" },
	{ "body X /<inter I1><A><B>c<A>/", "[a4]\\W?(?:b|[a4])c[a4]" },
	{ "header X Subject =~ /<inter I1><A><A><A>/",
	  "[a4]\\W?[a4]\\W?[a4]" },
	{ "body X /<pre P1><post P2><A>x<B>/",
	  "(?:pre)[a4]+x(?:pre)(?:b|[a4])+" },
	{ "body X /<LOOP>/", "xxxxxx<LOOP>" },
	{ "body X /a<NOPE>b/", "a<NOPE>b" },
	{ "body X /a<ZERO>b/", "a<ZERO>b" },
	{ "body X /(?<!foo)<A>(?<=x)y<B>/i",
	  "(?<!foo)[a4](?<=x)y(?:b|[a4])" },
	{ "body X /<inter NOPE><A><A>/", "[a4][a4]" },
	{ "rawbody X /<C>/", "(?:b|[a4])c" },
	{ "uri X /no tags/", "no tags" },
	{ "full X /<><A>/", "<>[a4]" },
	{ "body X /<a<A>/", "<a[a4]" },
	{ "body X /a<inter I1>/", "a" },
	/* Not mimeheader. */
	{ "mimeheader X Content-Type =~ /<A>/", "<A>" },
};

static void expansions(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct arena *a = arena_new();
		struct str text = str_printf(a, "%sreplace_rules NOBODY X\n"
					     "%s\n", tags, cases[i].rule);
		struct ruleset *rs = conf_load(a, text.p);
		const struct rule *r = ruleset_find(rs, STR("X"));
		const struct regex_text *re;

		print_message("%s\n", cases[i].rule);
		assert_int_equal(rs->diags.n, 0);
		re = r->kind == RULE_HEADER || r->kind == RULE_MIMEHEADER
			? &r->header.re : &r->re;
		assert_str_is(re->pattern, cases[i].pattern);
		arena_free(&a);
	}
}

/* Rules that are not named stay as they are, and so does everything without
 * the plug-in; other marks may be chosen. */
static void only_named(void **state)
{
	struct arena *a = arena_new();
	struct ruleset *rs = conf_load(a,
		"replace_tag A [a4]\nbody X /<A>/\nbody Y /{A}<A>/\n"
		"replace_rules Y\nreplace_start {\nreplace_end }\n");

	(void)state;
	assert_str_is(ruleset_find(rs, STR("X"))->re.pattern, "<A>");
	assert_false(ruleset_find(rs, STR("X"))->replaced);
	assert_str_is(ruleset_find(rs, STR("Y"))->re.pattern, "[a4]<A>");
	assert_true(ruleset_find(rs, STR("Y"))->replaced);
	arena_free(&a);
}

/* A tag that doubles itself ends at the ceiling, and says so. */
static void explosion(void **state)
{
	struct arena *a = arena_new();
	struct buf b;
	struct ruleset *rs;

	(void)state;
	buf_in(&b, a, 1 << 20);
	buf_addf(&b, "replace_tag A ");
	for (int i = 0; i < 1000; i++)
		buf_addf(&b, "<A>");
	buf_addf(&b, "\nreplace_rules X\nbody X /<A>/\n");
	buf_addc(&b, '\0');
	rs = conf_load(a, b.p);
	assert_int_equal(rs->diags.nerrors, 1);
	assert_str_is(ruleset_find(rs, STR("X"))->re.pattern, "<A>");
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest unit[] = {
		cmocka_unit_test(expansions),
		cmocka_unit_test(only_named),
		cmocka_unit_test(explosion),
	};

	return cmocka_run_group_tests(unit, NULL, NULL);
}
