/*
 * UCL and JSON texts, and the tree they become, written down in one line. What
 * libucl makes of the same texts is what is expected, but where a comment says
 * otherwise.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "lua/ucl_parse.h"

static void describe(struct buf *b, const struct ucl_value *v)
{
	struct map_entry *e;
	size_t i = 0, n = 0;

	switch (v->type) {
	case UCL_NULL:
		buf_adds(b, STR("null"));
		break;
	case UCL_BOOL:
		buf_adds(b, v->b ? STR("true") : STR("false"));
		break;
	case UCL_INT:
		buf_addf(b, "%lld", (long long)v->i);
		break;
	case UCL_REAL:
		buf_addf(b, "%g", v->d);
		break;
	case UCL_TEXT:
		buf_addf(b, "'%.*s'", STR_ARG(v->s));
		break;
	case UCL_LIST:
		buf_addc(b, '[');
		for (; i < v->list.n; i++) {
			if (i)
				buf_addc(b, ',');
			describe(b, v->list.v[i]);
		}
		buf_addc(b, ']');
		break;
	case UCL_OBJECT:
		buf_addc(b, '{');
		while ((e = map_next(v->map, &i))) {
			buf_addf(b, "%s%.*s:", n++ ? "," : "",
				 STR_ARG(e->key));
			describe(b, e->value);
		}
		buf_addc(b, '}');
	}
}

/* want NULL: refused. */
static const struct {
	const char *text, *want;
} cases[] = {
	{ "", "{}" },
	{ "# nothing\n", "{}" },
	{ "a = 1", "{a:1}" },
	{ "a: 1; b 2\nc = x y z", "{a:1,b:2,c:'x y z'}" },
	{ "a = \"x\\ny \\u00e9 \\ud83d\\ude00\"", "{a:'x\ny \xc3\xa9 "
	  "\xf0\x9f\x98\x80'}" },
	{ "a = 'x\\ny\\'z'", "{a:'x\\ny'z'}" },
	{ "a = yes, b = Off, c = null, d = NULL", "{a:true,b:false,c:null,"
	  "d:'NULL'}" },
	{ "a = 1k; b = 1kb; c = 2mb; d = 1g", "{a:1000,b:1024,c:2097152,"
	  "d:1000000000}" },
	{ "a = 5s; b = 5ms; c = 5min; d = 1.5h; e = 1w", "{a:5,b:0.005,c:300,"
	  "d:5400,e:604800}" },
	{ "a = -5; b = 0.5; c = 1e3; d = 0x1f; e = 010", "{a:-5,b:0.5,c:1000,"
	  "d:31,e:10}" },
	{ "a = +5; b = .5; c = 1.2.3.4; d = 10 apples", "{a:'+5',b:'.5',"
	  "c:'1.2.3.4',d:'10 apples'}" },
	{ "a = 1x", "{a:'1x'}" },	/* libucl: 0 */
	{ "a { b = 1 } c = 2", "{a:{b:1},c:2}" },
	{ "a{b=1}", "{a:{b:1}}" },	/* libucl: refused */
	{ "a \"n\" { b = 1 }", "{a:{n:{b:1}}}" },
	{ "a n m { b = 1 }", "{a:{n:{m:{b:1}}}}" },
	{ "a x { b = 1 } a y { c = 2 }", "{a:[{x:{b:1}},{y:{c:2}}]}" },
	{ "a = 1; a = 2; a = 3", "{a:[1,2,3]}" },
	{ "a = [1]; a = [2,3]", "{a:[1,2,3]}" },
	{ "a = 1; a = [2]", "{a:[1,[2]]}" },
	{ "a = [1, \"x\", yes, 10s,]", "{a:[1,'x',true,10]}" },
	{ "a = [1\n2\n# c\n]", "{a:[1,2]}" },
	{ "{\"a\": {\"b\": [1, {\"c\": null}]}}", "{a:{b:[1,{c:null}]}}" },
	{ "[1, [2]]", "[1,[2]]" },
	{ "a = http://x.org/y#z", "{a:'http://x.org/y'}" },
	{ "a = ^re[a-z]{1,2}$", "{a:'^re[a-z]{1,2}$'}" },
	{ "/* a /* b */ c */ a = 1 # d", "{a:1}" },
	{ "a = <<EOD\nx\n y\nEOD\nb = 1", "{a:'x\n y',b:1}" },
	{ "a =\n1", "{a:1}" },
	{ "a", NULL }, { "a = ", NULL }, { "a == 1", NULL },
	{ "a = \"x", NULL }, { "a = \"x\" y", NULL }, { "a = [", NULL },
	{ "a {", NULL }, { "}", NULL }, { "a = 1 }", NULL },
	{ "a = <<EOD\nx", NULL }, { "/* a", NULL }, { "(a) = 1", NULL },
	{ ".include \"x\"", NULL }, { ".lua { }", NULL },
	{ "a = \"\\u12\"", NULL }, { "[1] 2", NULL },
};

static void test_texts(void **state)
{
	struct arena *a = arena_new();
	size_t wrong = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct err err = { "" };
		struct ucl_value *v = ucl_parse(a, str_cstr(cases[i].text),
						NULL, &err);
		struct buf b;

		buf_in(&b, a, 10000);
		if (v)
			describe(&b, v);
		if (v ? cases[i].want && str_eq(buf_str(&b),
						str_cstr(cases[i].want)) :
			!cases[i].want && strncmp(err.text, "line ", 5) == 0)
			continue;
		print_error("%s\n  want %s\n  got  %.*s %s\n", cases[i].text,
			    cases[i].want ? cases[i].want : "(refused)",
			    STR_ARG(buf_str(&b)), err.text);
		wrong++;
	}
	arena_free(&a);
	assert_int_equal(wrong, 0);
}

static void test_fault_has_line(void **state)
{
	struct arena *a = arena_new();
	struct err err;

	(void)state;
	assert_null(ucl_parse(a, STR("a = 1\nb = [1,\n 2]\nc = \"x\n"), NULL,
			      &err));
	assert_int_equal(strncmp(err.text, "line 4: ", 8), 0);
	arena_free(&a);
}

static void test_includes_are_skipped(void **state)
{
	struct arena *a = arena_new();
	struct strs skipped = { 0 };
	struct err err;
	struct ucl_value *v;

	(void)state;
	v = ucl_parse(a, STR(".include(try=true) \"x\"\na = 1\n"), &skipped,
		      &err);
	assert_non_null(v);
	assert_int_equal(ucl_get(v, STR("a"))->i, 1);
	assert_int_equal(skipped.n, 1);
	assert_null(ucl_parse(a, STR(".priority 5\n"), &skipped, &err));
	arena_free(&a);
}

/* Values nested too deeply, too many of them: refused, not survived by luck. */
static void test_bounds(void **state)
{
	struct arena *a = arena_new();
	struct buf b;
	struct err err;

	(void)state;
	buf_in(&b, a, 10 << 20);
	for (size_t i = 0; i < 100000; i++)
		buf_addc(&b, '[');
	assert_null(ucl_parse(a, buf_str(&b), NULL, &err));
	b.n = 0;
	for (size_t i = 0; i < 100000; i++)
		buf_adds(&b, STR("a "));
	buf_addc(&b, '{');
	ucl_parse(a, buf_str(&b), NULL, &err);
	b.n = 0;
	buf_addc(&b, '[');
	for (size_t i = 0; i < UCL_VALUES_MAX + 1; i++)
		buf_adds(&b, STR("1,"));
	buf_addc(&b, ']');
	assert_null(ucl_parse(a, buf_str(&b), NULL, &err));
	arena_free(&a);
}

static void test_merge(void **state)
{
	struct arena *a = arena_new();
	struct err err;
	struct ucl_value *base, *over;
	struct buf b;

	(void)state;
	base = ucl_parse(a, STR("a { b = 1; c = 2 } d = [1]"), NULL, &err);
	over = ucl_parse(a, STR("a { c = 3; e = 4 } d = [2]"), NULL, &err);
	ucl_merge(a, base, over);
	buf_in(&b, a, 1000);
	describe(&b, base);
	assert_true(str_eq(buf_str(&b), STR("{a:{b:1,c:3,e:4},d:[2]}")));
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_fault_has_line),
		cmocka_unit_test(test_includes_are_skipped),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_merge),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
