/*
 * Transfer decoders: SpamAssassin's answers for clean and broken encodings.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "base/arena.h"
#include "mail/decode.h"

struct decode_case {
	struct str in, out;
};

#define CASE(in, out) { STR(in), STR(out) }

static void check(struct str (*decode)(struct arena *a, struct str s),
		  const struct decode_case *c, size_t n)
{
	struct arena *a = arena_new();

	for (size_t i = 0; i < n; i++) {
		struct str out = decode(a, c[i].in);

		print_message("%.*s\n", STR_ARG(c[i].in));
		assert_int_equal(out.n, c[i].out.n);
		assert_memory_equal(out.p, c[i].out.p, out.n);
	}
	arena_free(&a);
}

static void base64(void **state)
{
	static const struct decode_case cases[] = {
		CASE("aGVsbG8=", "hello"), CASE("aGVsbG8", "hello"),
		CASE("aGVs bG8=\n", "hello"), CASE("aGVsbG8==", "hello"),
		/* A '=' inside is a digit: 63 unless the groups are whole. */
		CASE("aGVs=bG8", "hel\x01\xb1\xbc"),
		CASE("aGV=bG8=", "he@lo"),
		CASE("aGVs!bG8=", "hello"), CASE("a=b=!", "k\xf6"),
		CASE("====", ""), CASE("", ""), CASE("A", ""),
		CASE("AB", "\0"), CASE("ABC", "\0\x10"),
		CASE("ABC=DEF=", "\0\x10\x80\x0c\x41"),
		CASE("YQ==YQ==", "a\0\0a"), CASE("Y!Q", "a"),
		CASE("aG\0Vs", "hel"), CASE("/+/+", "\xff\xef\xfe"),
	};

	(void)state;
	check(decode_base64, cases, sizeof(cases) / sizeof(*cases));
}

static void quoted_printable(void **state)
{
	static const struct decode_case cases[] = {
		CASE("a=3D=41", "a=A"), CASE("a=3d", "a="),
		CASE("a=\nb", "ab"), CASE("a=\r\nb", "ab"),
		CASE("a \nb \t\r\nc ", "a\nb\r\nc "),
		/* Soft breaks go before =XX is looked at, and only once. */
		CASE("=4=\n1", "A"), CASE("=4", "=4"), CASE("==41", "=A"),
		CASE("= \nx", "x"), CASE("a=  \nb", "ab"),
		CASE("=0D=0Ax", "\r\nx"), CASE("=GG", "=GG"), CASE("a=", "a="),
		CASE("=\n\n", "\n"), CASE("=3D=\n", "="), CASE("", ""),
		CASE("  ", "  "),
	};

	(void)state;
	check(decode_qp, cases, sizeof(cases) / sizeof(*cases));
}

static void line_ends(void **state)
{
	static const struct decode_case cases[] = {
		CASE("a\r\nb\rc\r\r\n", "a\nb\rc\r\n"), CASE("a\n", "a\n"),
		CASE("\r", "\r"), CASE("", ""),
	};

	(void)state;
	check(crlf_to_lf, cases, sizeof(cases) / sizeof(*cases));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(base64),
		cmocka_unit_test(quoted_printable),
		cmocka_unit_test(line_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
