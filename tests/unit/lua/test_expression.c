/*
 * Expressions: values as rspamd 3.4's own expression parser gives them for
 * atoms A=1 B=2 C=0 D=3 (written lua:A and so on), what is read of atoms, and
 * what is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "lua/expression.h"
#include "match/regex.h"

static struct arena *arena;

static int setup(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static unsigned asked;

static double atom(void *ctx, const struct expr_atom *at)
{
	(void)ctx;
	asked++;
	assert_int_equal(at->kind, ATOM_LUA);
	switch (at->name.p[0]) {
	case 'A':
		return 1;
	case 'B':
		return 2;
	case 'D':
		return 3;
	default:
		return 0;
	}
}

/* "A & B" with its letters as lua:A and lua:B. */
static struct str spelt(const char *text)
{
	struct buf b;

	buf_in(&b, arena, 10000);
	for (const char *p = text; *p; p++) {
		if (*p >= 'A' && *p <= 'D')
			buf_adds(&b, STR("lua:"));
		buf_addc(&b, *p);
	}
	return buf_str(&b);
}

static void values(void **state)
{
	static const struct { const char *text; double want; } cases[] = {
		{ "A", 1 }, { "B", 2 }, { "A & B", 1 }, { "B & D", 1 },
		{ "B | D", 2 }, { "C | D", 1 }, { "B & C", 0 },
		{ "!C", 1 }, { "!B", 0 }, { "A + B", 3 },
		{ "A + B + D", 6 }, { "A + B > 2", 1 }, { "A + B >= 3", 1 },
		{ "A + B + D > 6", 0 }, { "D > B", 1 }, { "D < B", 0 },
		{ "D <= 3", 1 }, { "D == 3", 1 }, { "D != 3", 0 },
		{ "A - B", -1 }, { "B * D", 6 }, { "A & B | C", 1 },
		{ "A | C & C", 1 }, { "!A | B", 1 }, { "!(A & C)", 1 },
		{ "A && B || C", 1 }, { "A + B & C", 0 },
		{ "A & B + D", 1 }, { "A && !C", 1 }, { "!A & C | A", 1 },
		{ "A > 0 & B > 1", 1 }, { "A + B = 3", 1 }, { "!!A", 1 },
		{ "1", 1 }, { "A + 1 > 1", 1 }, { "2 > A", 1 },
		{ "C + C", 0 }, { "A + C + D >= 2", 1 }, { "A | B | D", 1 },
		{ "B & D & B", 1 }, { "A+B>2", 1 }, { "(B)", 2 },
		{ "A and not C or C", 1 }, { "not (A or B)", 0 },
		{ "B - A - A", 0 }, { "A + B * D", 7 }, { "C|C|C", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct err err = { "" };
		struct expr *e = expr_parse(arena, spelt(cases[i].text), &err);

		if (!e)
			fail_msg("%s: %s", cases[i].text, err.text);
		if (expr_value(e, atom, NULL) != cases[i].want)
			fail_msg("%s is %g", cases[i].text,
				 expr_value(e, atom, NULL));
	}
}

static void what_cannot_matter_is_not_asked(void **state)
{
	(void)state;
	asked = 0;
	expr_value(expr_parse(arena, spelt("C & A & B"), NULL), atom, NULL);
	assert_int_equal(asked, 1);
	asked = 0;
	expr_value(expr_parse(arena, spelt("A | B | D"), NULL), atom, NULL);
	assert_int_equal(asked, 1);
}

static void refused(void **state)
{
	static const struct { const char *text, *why; } cases[] = {
		{ "", "operand at the end" },
		{ "A B", "expected an operator" },
		{ "(A", "expected ')'" }, { "A)", "expected an operator" },
		{ "A &", "operand at the end" }, { "& A", "operand" },
		{ "A & & B", "operand" }, { "A ^ B", "expected an operator" },
		{ "foo", "has_symbol(foo)" }, { "1.2.3", "no number" },
		{ "/x/", "no type" }, { "/x/H", "has no name" },
		{ "X=/x", "no '/' ends" }, { "/x/{sa_body", "no '}'" },
		{ "/x/{nothing}", "nothing" }, { "/x/PZ", "'Z'" },
		{ "/x/$", "selectors" }, { "x=/x/{selector}", "selectors" },
		{ "f(1", "expected ')'" }, { "f('1)", "no '" },
		{ "f(1 2, 3", "expected ')'" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct err err = { "" };

		if (expr_parse(arena, spelt(cases[i].text), &err))
			fail_msg("'%s' is taken", cases[i].text);
		if (str_find(str_cstr(err.text), str_cstr(cases[i].why)) < 0)
			fail_msg("'%s': %s", cases[i].text, err.text);
	}
}

/* A million of anything ends, with a fault or a value. */
static void bounded(void **state)
{
	static const char *const pieces[] = { "(", "!", "lua:A|", "lua:A+",
					      "not ", "lua:A>" };

	(void)state;
	for (size_t i = 0; i < sizeof(pieces) / sizeof(*pieces); i++) {
		struct str piece = str_cstr(pieces[i]);
		struct err err = { "" };
		struct buf b;

		buf_init(&b, 10 << 20);
		for (int k = 0; k < 1000000; k++)
			buf_adds(&b, piece);
		assert_null(expr_parse(arena, buf_str(&b), &err));
		assert_true(err.text[0] != '\0');
		buf_free(&b);
	}
}

static const struct expr_atom *only_atom(const char *text)
{
	struct err err = { "" };
	struct expr *e = expr_parse(arena, str_cstr(text), &err);
	size_t n;

	if (!e)
		fail_msg("%s: %s", text, err.text);
	assert_int_equal((expr_atoms(e, &n), n), 1);
	return expr_atoms(e, &n)[0];
}

static void regexes(void **state)
{
	static const struct {
		const char *text;
		enum rule_kind kind;
		enum text_input input;
		const char *header, *pattern;
		unsigned flags;
	} cases[] = {
		{ "Subject=/^a\\/b/iH", RULE_TEXTS, TEXT_HEADER, "Subject",
		  "^a\\/b", REGEX_CASELESS },
		{ "Subject=/x/i{header}", RULE_TEXTS, TEXT_HEADER, "Subject",
		  "x", REGEX_CASELESS },
		{ "X-A=/x/{raw_header}", RULE_TEXTS, TEXT_RAW_HEADER, "X-A",
		  "x", 0 },
		{ "Date=/^x/", RULE_TEXTS, TEXT_HEADER, "Date", "^x", 0 },
		{ "To=/x/miX", RULE_TEXTS, TEXT_RAW_HEADER, "To", "x",
		  REGEX_CASELESS | REGEX_MULTILINE },
		{ "Content-Type=/x/B", RULE_TEXTS, TEXT_MIME_HEADER,
		  "Content-Type", "x", 0 },
		{ "/a(b|c)&d/{sa_body}i", RULE_BODY, 0, NULL, "a(b|c)&d",
		  REGEX_CASELESS },
		{ "/x/D", RULE_RAWBODY, 0, NULL, "x", 0 },
		{ "/x/M", RULE_FULL, 0, NULL, "x", 0 },
		{ "/x/isPr", RULE_TEXTS, TEXT_PART, NULL, "x",
		  REGEX_CASELESS | REGEX_DOTALL },
		{ "/a=b/{url}", RULE_TEXTS, TEXT_URL, NULL, "a=b", 0 },
		{ "/x/Ui", RULE_TEXTS, TEXT_URL, NULL, "x", REGEX_CASELESS },
		{ "/x/u{words}", RULE_TEXTS, TEXT_WORDS, NULL, "x",
		  REGEX_UTF },
		{ "/x/{stem_words}", RULE_TEXTS, TEXT_STEM_WORDS, NULL, "x",
		  0 },
		{ "/x/R", RULE_TEXTS, TEXT_ALL_HEADERS, NULL, "x", 0 },
		{ "/x/{email}", RULE_TEXTS, TEXT_EMAIL, NULL, "x", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct expr_atom *at = only_atom(cases[i].text);
		struct str header = str_cstr(cases[i].header);

		assert_int_equal(at->kind, ATOM_REGEX);
		assert_int_equal(at->input.kind, cases[i].kind);
		assert_int_equal(at->input.texts.input, cases[i].input);
		assert_true(str_eq(at->input.texts.header, header));
		assert_true(str_eq(at->pattern, str_cstr(cases[i].pattern)));
		assert_int_equal(at->flags, cases[i].flags);
		assert_true(str_eq(at->text, str_cstr(cases[i].text)));
	}
	assert_true(only_atom("/x/AC")->all);
	assert_true(only_atom("X=/x/SH")->input.texts.exact);
}

static void functions(void **state)
{
	const struct expr_atom *at = only_atom(
		"check('a, b)', /x,\\/)/i, \"it's\" , 7bit)");

	(void)state;
	assert_int_equal(at->kind, ATOM_FUNCTION);
	assert_true(str_eq(at->name, STR("check")));
	assert_int_equal(at->nargs, 4);
	assert_true(str_eq(at->args[0].text, STR("a, b)")));
	assert_true(at->args[1].is_regex);
	assert_true(str_eq(at->args[1].text, STR("x,\\/)")));
	assert_int_equal(at->args[1].flags, REGEX_CASELESS);
	assert_true(str_eq(at->args[2].text, STR("it's")));
	assert_true(str_eq(at->args[3].text, STR("7bit")));
	assert_int_equal(only_atom("f( )")->nargs, 0);
}

static void nearest(void **state)
{
	static const char *const words[] = { "has_html_tag", "has_flag",
					     "header_exists", NULL };

	(void)state;
	assert_true(str_eq(nearest_word(STR("has_htmltag"), words),
			   STR("has_html_tag")));
	assert_true(str_eq(nearest_word(STR("header_exist"), words),
			   STR("header_exists")));
	assert_null(nearest_word(STR("zzz"), words).p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(values, setup, teardown),
		cmocka_unit_test_setup_teardown(
			what_cannot_matter_is_not_asked, setup, teardown),
		cmocka_unit_test_setup_teardown(refused, setup, teardown),
		cmocka_unit_test_setup_teardown(bounded, setup, teardown),
		cmocka_unit_test_setup_teardown(regexes, setup, teardown),
		cmocka_unit_test_setup_teardown(functions, setup, teardown),
		cmocka_unit_test_setup_teardown(nearest, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
