/*
 * Address headers against SpamAssassin's answers (parse_header_addresses with
 * Email::Address::XS installed): each entry as [address] {name}, "-" where
 * there is none.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "mail/address.h"

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

struct address_case {
	const char *header, *want;
};

#define LONE(s) { s, "-{" s "}" }

static const struct address_case cases[] = {
	{ "", "" }, { " \n", "" },
	{ "a@b", "[a@b]-" },
	{ " a@b\n", "[a@b]-" },
	{ "<a@b>", "[a@b]-" },
	{ " Foo <a@b>", "[a@b]{Foo }" },
	{ "\"Foo\" <a@b>", "[a@b]{Foo }" },
	{ "\"Foo\"<a@b>", "[a@b]{Foo}" },
	{ "\"Fo\\\"o, B\" <a@b>", "[a@b]{Fo\"o, B }" },
	{ "\"x\\\\y\" <a@b>", "[a@b]{xy }" },
	{ "Foo \"Bar\" Baz <a@b>", "[a@b]{Foo Bar Baz }" },
	{ "Foo (c) Bar <a@b>", "[a@b]{Foo  Bar }" },
	{ "a@b (Foo)", "[a@b]{Foo}" },
	{ "Foo <a@b> (c)", "[a@b]{Foo }" },
	{ "<a@b> (c)", "[a@b]{c}" },
	{ "\"a@b\" <a@b>", "[a@b]{a@b }" },
	{ "\"a@b\"<a@b>", "[a@b]-" },
	{ "a@b, c@d", "[a@b]-[c@d]-" },
	{ "a@b;c@d", "[a@b]-[c@d]-" },
	{ "a@b, Foo <c@d>", "[a@b]-[c@d]{Foo }" },
	{ "Foo, Bar <a@b>", "-{Foo}[a@b]{Bar }" },
	/* A phrase that is an address with a sound host becomes one. */
	{ "\"joe@example.com\"", "[joe@example.com]-" },
	{ "\"joe@example\"", "-{joe@example}" },
	LONE("foo"), LONE("foo bar"),
	{ "<foo>", "--" }, { "Foo <foo>", "-{Foo }" }, { "<>", "--" },
	{ "a@b@c", "[a@b]-" }, { "<a@b@c>", "[a@b]-" },
	{ "\"\"@b", "--" },
	{ "\"a b\"@c", "[\"a b\"@c]-" },
	{ "a@[1.2.3.4]", "[a@[1.2.3.4]]-" },
	{ "Group: a@b, c@d;", "[a@b]-[c@d]-" },
	{ "undisclosed-recipients:;", "" },
	{ "Foo <a@b> <a@b>", "[a@b]{Foo }" },
	/* Left-overs: every bracketed address counts. */
	{ "<a@b> foo <c@d>", "[a@b]-[c@d]-" },
	{ "=?utf-8?Q?\"Foo\"_<x@foo.com>?=", "[x@foo.com]-" },
	/* Where it finds less than the commas promise, the second opinion. */
	{ "<a@b>,<c@d>", "[a@b]-[c@d]-" },
	{ "a@b,", "[a@b]-" },
	{ "\"Foo, Bar\" <a@b>", "[a@b]{Foo, Bar }" },
	{ "g: a@b,, c@d;", "[a@b]--{g: a@b,, c@d;}[c@d]-" },
	{ "Foo <a@b,com>", "[a@b]{Foo}-{Foo <a@b,com>}" },
	{ "<a@x,b@y>", "[a@x]-[b@y]-" },
	{ "a@b,,c@d", "[a@b]--{a@b,,c@d}[c@d]-" },
	{ "from .. (c) by x <", "-{from .. by x}" },
};

static void put(struct buf *b, struct str s, const char *brackets)
{
	if (!s.p) {
		buf_addc(b, '-');
		return;
	}
	buf_addc(b, brackets[0]);
	buf_adds(b, s);
	buf_addc(b, brackets[1]);
}

static struct str answer(struct str header)
{
	struct addresses as = { 0 };
	struct buf b;

	addresses_parse(arena, header, &as);
	buf_in(&b, arena, 1 << 20);
	for (size_t i = 0; i < as.n; i++) {
		put(&b, as.v[i].addr, "[]");
		put(&b, as.v[i].name, "{}");
	}
	return str_dup(arena, buf_str(&b));
}

static void answers_like_spamassassin(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_string_equal(answer(str_cstr(cases[i].header)).p,
				    cases[i].want);
}

/* Headers built to make a backtracking reader slow are read in bounded time:
 * this test ends. */
static void hostile_headers_end(void **state)
{
	static const char *const parts[] = {
		"<", "<a@", "\"", "(", "<>", "a@b,", "\\(", "<\"\"x>",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		struct buf b;

		buf_in(&b, arena, 1 << 20);
		while (b.n < 8192)
			buf_adds(&b, str_cstr(parts[i]));
		answer(buf_str(&b));
	}
}

static void nul_octets_are_text(void **state)
{
	(void)state;
	assert_true(str_eq(answer(STR("a\0c@b")), STR("[a\0c@b]-")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_like_spamassassin),
		cmocka_unit_test(hostile_headers_end),
		cmocka_unit_test(nul_octets_are_text),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
