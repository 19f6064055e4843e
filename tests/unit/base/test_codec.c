/*
 * Encoders against rspamd's own answers, and digests against it and against
 * the published ones.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/codec.h"
#include "base/digest.h"

static const struct codec_lines one_line = { 0 };

#define CHECK(expected, out, n) \
	assert_true(str_eq(str_cstr(expected), str_make(out, n)))

static void base32_in_three_alphabets(void **state)
{
	static const struct {
		const char *text, *encoded[3];
	} cases[] = {
		{ "", { "", "", "" } },
		{ "a", { "bd", "ME", "vy" } },
		{ "ab", { "buay", "MFRA", "v93q" } },
		{ "abc", { "buagg", "MFRGG", "v93xx" } },
		{ "abcd", { "buagg1b", "MFRGGZA", "v93xxeq" } },
		{ "abcde", { "buagg1ic", "MFRGGZDF", "v93xxer9" } },
		{ "hello world", { "em3ags7py376g3tprd",
				   "NBSWY3DPEB3W64TMMQ",
				   "dpjkcmr0ypmk7unvvs" } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		for (int kind = 0; kind < 3; kind++) {
			struct str s = str_cstr(cases[i].text), e;
			char out[64], back[64];

			CHECK(cases[i].encoded[kind], out,
			      base32_encode(s, kind, out));
			e = str_cstr(cases[i].encoded[kind]);
			assert_int_equal(base32_decode(e, kind, back), s.n);
			assert_memory_equal(back, s.p, s.n);
		}
	}
	assert_int_equal(base32_decode(STR("!"), BASE32_ZOOKO,
				       (char[8]){ 0 }), -1);
}

static void base64_with_and_without_lines(void **state)
{
	struct codec_lines lines = { 10, STR("\n") };
	char out[128];

	(void)state;
	CHECK("", out, base64_encode(STR(""), &one_line, out));
	CHECK("aGVsbG8=", out, base64_encode(STR("hello"), &one_line, out));
	CHECK("eHh4eHh4eH\nh4eHh4eHh4\n", out,
	      base64_encode(STR("xxxxxxxxxxxxxxx"), &lines, out));
	CHECK("hello", out, base64_decode(STR("aGVs\nbG8"), out));
	CHECK("", out, base64_decode(STR("a!="), out));
}

static void quoted_printable(void **state)
{
	struct codec_lines lines = { 5, STR("\n") };
	char out[128];

	(void)state;
	CHECK("a=3D=20\nb=09", out,
	      qp_encode(STR("a= \nb\t"), &one_line, out));
	CHECK("abcd=\nefgh=\nijk", out,
	      qp_encode(STR("abcdefghijk"), &lines, out));
	CHECK("a=bc", out, qp_decode(STR("a=3Db=\nc"), out));
	CHECK("a=zzb=", out, qp_decode(STR("a=zzb="), out));
	CHECK("a", out, qp_decode(STR("a=4"), out));
	CHECK("a==41", out, qp_decode(STR("a==41"), out));
}

static void percent_escapes(void **state)
{
	char out[32];

	(void)state;
	CHECK("a bzz c", out, url_decode(STR("a%20b%zz+c%"), out));
	CHECK("41", out, url_decode(STR("%4%41"), out));
}

static void sizes_are_never_exceeded(void **state)
{
	char in[300], out[4096];

	(void)state;
	memset(in, '\xff', sizeof(in));
	for (size_t n = 0; n < sizeof(in); n += 7) {
		for (size_t width = 4; width < 80; width += 5) {
			struct codec_lines lines = { width, STR("\r\n\t") };
			struct str s = str_make(in, n);

			assert_true(base64_encode(s, &lines, out) <=
				    base64_size(n, &lines));
			assert_true(qp_encode(s, &lines, out) <=
				    qp_size(n, &lines));
			assert_true(base32_encode(s, BASE32_RFC, out) <=
				    base32_size(n));
		}
	}
}

static void digests(void **state)
{
	static const struct {
		const char *name, *key, *hex;
	} cases[] = {
		{ "md5", NULL, "900150983cd24fb0d6963f7d28e17f72" },
		{ "SHA1", NULL, "a9993e364706816aba3e25717850c26c9cd0d89d" },
		{ "sha256", NULL, "ba7816bf8f01cfea414140de5dae2223"
				  "b00361a396177a9cb410ff61f20015ad" },
		{ "blake2", NULL, "ba80a53f981c4d0d6a2797b69f12f6e9"
				  "4c212f14685ac4b74b12bb6fdbffa2d1"
				  "7d87c5392aab792dc252d5de4533cc95"
				  "18d38aa8dbf1925ab92386edd4009923" },
		{ "blake2", "key", "5c6a9a4ae911c02fb7e71a991eb9aea3"
				   "71ae993d4842d206e6020d46f5e41358"
				   "c6d5c277c110ef86c959ed63e6ecaaac"
				   "eaaff38019a43264ae06acf73b9550b1" },
		{ "md5", "key", "d2fe98063f876b03193afb49b4979591" },
		{ "sha256", "key", "9c196e32dc0175f86f4b1cb89289d661"
				   "9de6bee699e4c378e68309ed97a1a6ab" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		enum digest_kind kind = DIGEST_MD5;
		uint8_t result[DIGEST_MAX];
		struct digest d;
		char hex[DIGEST_MAX * 2];
		size_t n;

		assert_true(digest_named(str_cstr(cases[i].name), &kind));
		digest_begin(&d, kind, str_cstr(cases[i].key));
		digest_add(&d, STR("a"));
		digest_add(&d, STR("bc"));
		n = digest_end(&d, result);
		CHECK(cases[i].hex, hex, hex_encode(
			str_make((const char *)result, n), hex));
	}
	assert_false(digest_named(STR("crc32"), &(enum digest_kind){ 0 }));
}

/* Lengths around the end of a block, where BLAKE2b marks its last one; known
 * from Python's hashlib. */
static void blake2b_ends_its_blocks(void **state)
{
	static const struct {
		size_t n;
		const char *hex;
	} cases[] = {
		{ 0, "786a02f742015903c6c6fd852552d272" },
		{ 127, "acc1cd9ebcd76c8f0e9afcfe2e2479a1" },
		{ 128, "082b91ea2e15d1556d2ceefdd5af5d64" },
		{ 129, "362a53bbe2ec08097b2f358a41d0e153" },
		{ 300, "fe42f4108dd98f9b4f19fb21f386dfbe" },
	};
	char x[300], hex[DIGEST_MAX * 2];
	uint8_t result[DIGEST_MAX];
	struct digest d;

	(void)state;
	memset(x, 'x', sizeof(x));
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		digest_begin(&d, DIGEST_BLAKE2B, STR_NONE);
		digest_add(&d, str_make(x, cases[i].n));
		assert_int_equal(digest_end(&d, result), DIGEST_MAX);
		hex_encode(str_make((const char *)result, DIGEST_MAX), hex);
		assert_memory_equal(hex, cases[i].hex, 32);
	}
}

static void pieces_do_not_matter(void **state)
{
	char text[1000];
	uint8_t whole[DIGEST_MAX], parts[DIGEST_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)(i * 7);
	for (int kind = DIGEST_MD5; kind <= DIGEST_BLAKE2B; kind++) {
		struct digest d;
		size_t n;

		digest_begin(&d, kind, STR_NONE);
		digest_add(&d, str_make(text, sizeof(text)));
		n = digest_end(&d, whole);
		for (size_t step = 1; step < 300; step += 37) {
			struct str s = str_make(text, sizeof(text));

			digest_begin(&d, kind, STR_NONE);
			for (; s.n > 0; s = str_from(s, step))
				digest_add(&d, str_head(s, step));
			assert_int_equal(digest_end(&d, parts), n);
			assert_memory_equal(whole, parts, n);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(base32_in_three_alphabets),
		cmocka_unit_test(base64_with_and_without_lines),
		cmocka_unit_test(quoted_printable),
		cmocka_unit_test(percent_escapes),
		cmocka_unit_test(sizes_are_never_exceeded),
		cmocka_unit_test(digests),
		cmocka_unit_test(blake2b_ends_its_blocks),
		cmocka_unit_test(pieces_do_not_matter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
