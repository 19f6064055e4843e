/*
 * Charsets: the answers of SpamAssassin 4.0.1 over Perl's Encode, which labels
 * are known, and what is well-formed UTF-8.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "base/arena.h"
#include "mail/charset.h"
#include "mail/unicode.h"

static const struct charset_case {
	const char *label;
	enum charset_how how;
	struct str in;
	bool decoded;		/* of bodies: are there characters now? */
	struct str out;
} cases[] = {
	{ "utf-8", CHARSET_BODY, STR("\x63\x61\x66\xe9"), true,
	  STR("\x63\x61\x66\xc3\xa9") },
	{ "utf-8", CHARSET_BODY, STR("\x63\x61\x66\xc3\xa9"), true,
	  STR("\x63\x61\x66\xc3\xa9") },
	{ "us-ascii", CHARSET_BODY, STR("\x63\x61\x66\xc3\xa9"), true,
	  STR("\x63\x61\x66\xc3\xa9") },
	{ "us-ascii", CHARSET_BODY, STR("\x93\xe9\x94"), true,
	  STR("\xe2\x80\x9c\xc3\xa9\xe2\x80\x9d") },
	{ "iso-8859-1", CHARSET_BODY, STR("\x93\xe9"), true,
	  STR("\xe2\x80\x9c\xc3\xa9") },
	{ "latin1", CHARSET_BODY, STR("\x93\xe9"), true,
	  STR("\xc2\x93\xc3\xa9") },
	{ "iso-8859-2", CHARSET_BODY, STR("\xe9\xb1"), true,
	  STR("\xc3\xa9\xc4\x85") },
	{ "windows-1251", CHARSET_BODY, STR("\xcf\xf0\xe8\xe2\xe5\xf2"), true,
	  STR("\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82") },
	{ "koi8-r", CHARSET_BODY, STR("\xf0\xd2\xc9"), true,
	  STR("\xd0\x9f\xd1\x80\xd0\xb8") },
	{ "cp-1251", CHARSET_BODY, STR("\xcf"), true,
	  STR("\xd0\x9f") },
	{ "x-unknown", CHARSET_BODY, STR("\xe9"), true,
	  STR("\xc3\xa9") },
	{ "unknown-8bit", CHARSET_BODY, STR("\x61\x62\x63"), false,
	  STR("\x61\x62\x63") },
	{ "utf-8", CHARSET_BODY, STR("\x61\x62\x63"), false,
	  STR("\x61\x62\x63") },
	{ "iso-2022-jp", CHARSET_BODY, STR("\x61\x62\x63"), true,
	  STR("\x61\x62\x63") },
	{ "iso-2022-jp", CHARSET_BODY, STR("\x1b\x24\x42\x24\x33\x24\x73\x1b\x28\x42"), true,
	  STR("\xe3\x81\x93\xe3\x82\x93") },
	{ "gb2312", CHARSET_BODY, STR("\xd6\xd0\xce\xc4"), true,
	  STR("\xe4\xb8\xad\xe6\x96\x87") },
	{ "gb18030", CHARSET_BODY, STR("\xd6\xd0\xce\xc4"), true,
	  STR("\xe4\xb8\xad\xe6\x96\x87") },
	{ "gbk", CHARSET_BODY, STR("\xd6\xd0\xce"), true,
	  STR("\xe4\xb8\xad") },
	{ "gb2312", CHARSET_BODY, STR("\xd6\xd0\xff"), true,
	  STR("\xc3\x96\xc3\x90\xc3\xbf") },
	{ "big5", CHARSET_BODY, STR("\xa4\xa4\xa4\xe5"), true,
	  STR("\xe4\xb8\xad\xe6\x96\x87") },
	{ "euc-kr", CHARSET_BODY, STR("\xb0\xa1"), true,
	  STR("\xea\xb0\x80") },
	{ "ks_c_5601-1987", CHARSET_BODY, STR("\xb0\xa1"), true,
	  STR("\xea\xb0\x80") },
	{ "shift_jis", CHARSET_BODY, STR("\x82\xa0\x5c\x7e"), true,
	  STR("\xe3\x81\x82\x5c\x7e") },
	{ "windows-1252", CHARSET_BODY, STR("\x81\x81"), true,
	  STR("\xef\xbf\xbd\xef\xbf\xbd") },
	{ "windows-1255", CHARSET_BODY, STR("\xe0\xc7"), true,
	  STR("\xd7\x90\xd6\xb7") },
	{ "utf-16", CHARSET_BODY, STR("\x61\x00\x62\x00\x20\x00"), true,
	  STR("\x61\x62\x20") },
	{ "utf-16", CHARSET_BODY, STR("\xff\xfe\x61\x00"), true,
	  STR("\xc3\xbf\xc3\xbe\x61\x00") },
	{ "utf-16le", CHARSET_BODY, STR("\x61\x00\x20\x00\x62\x00\x20"), false,
	  STR("\x61\x00\x20\x00\x62\x00\x20") },
	{ "utf-8", CHARSET_WORD, STR("\xe2\x82"), true,
	  STR("\xef\xbf\xbd") },
	{ "utf-8", CHARSET_WORD, STR("\x80\xc3\xa9\xff"), true,
	  STR("\xef\xbf\xbd\xc3\xa9\xef\xbf\xbd") },
	{ "us-ascii", CHARSET_WORD, STR("\x61\xe9"), true,
	  STR("\x61\xef\xbf\xbd") },
	{ "gb2312", CHARSET_WORD, STR("\xf9\xe2\xd6\xd0"), true,
	  STR("\xef\xbf\xbd\xe5\xba\xb5") },
	{ "iso-8859-1", CHARSET_WORD, STR("\x81"), true,
	  STR("\xef\xbf\xbd") },
	{ "windows-874", CHARSET_WORD, STR("\xa1"), true,
	  STR("\xe0\xb8\x81") },
	{ "tis-620", CHARSET_WORD, STR("\xa1"), true,
	  STR("\xe0\xb8\x81") },
	{ "utf-7", CHARSET_WORD, STR("\x61\xff"), true,
	  STR("\x61\xc3\xbf") },
	{ "utf-8", CHARSET_BODY, STR("\xef\xbf\xbe"), true,
	  STR("\xc3\xaf\xc2\xbf\xc2\xbe") },
	{ "utf-8", CHARSET_BODY, STR("\xed\xa0\x80"), true,
	  STR("\xc3\xad\xc2\xa0\xe2\x82\xac") },
	{ "iso-8859-8-i", CHARSET_BODY, STR("\xe0"), true,
	  STR("\xc3\xa0") },
	{ "ISO_8859-1", CHARSET_BODY, STR("\x80"), true,
	  STR("\xc2\x80") },
	{ "macintosh", CHARSET_BODY, STR("\x8e"), true,
	  STR("\xc3\xa9") },
};

static void conversions(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct charset_case *c = &cases[i];
		bool decoded;
		struct str out = charset_decode(a, c->in, str_cstr(c->label),
						c->how, &decoded);

		print_message("%zu %s\n", i, c->label);
		assert_int_equal(out.n, c->out.n);
		assert_memory_equal(out.p, c->out.p, out.n);
		if (c->how == CHARSET_BODY)
			assert_int_equal(decoded, c->decoded);
	}
	arena_free(&a);
}

static void labels(void **state)
{
	static const struct { const char *label, *iconv; } known[] = {
		{ "windows-1251", "CP1251" }, { "Windows 1251", "CP1251" },
		{ "ibm850", "CP850" }, { "cp99999", NULL },
		{ "iso_8859-15", "ISO-8859-15" }, { "iso88592", "ISO-8859-2" },
		{ "iso8859-2", "ISO-8859-2" }, { "latin2", "ISO-8859-2" },
		{ "x-sjis", "SJIS" }, { "Shift_JIS", "SJIS" },
		{ "cn-big5", "BIG5" }, { "chinesebig5", NULL },
		{ "gb2312_charset", "EUC-CN" }, { "gb_2312-80", "EUC-CN" },
		{ "x-gbk", NULL }, { "GBK", "CP936" }, { "gb18030", NULL },
		{ "euc_jp", "EUC-JP" }, { "x-euc-tw", NULL },
		{ "koi8r", "KOI8-R" }, { "KOI8-U", "KOI8-U" },
		{ "utf8", "UTF-8" }, { "x-utf-8", "UTF-8" },
		{ "x-utf8", NULL }, { "us-ascii", "US-ASCII" },
		{ "ANSI_X3.4-1968", "US-ASCII" }, { "", NULL },
		{ "default", NULL }, { "unknown-8bit", NULL },
		{ "iso-8859-12", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		const char *got = charset_iconv_name(str_cstr(known[i].label));

		print_message("%s: %s\n", known[i].label, got ? got : "-");
		if (known[i].iconv)
			assert_string_equal(got, known[i].iconv);
		else
			assert_null(got);
	}
}

static void strict_utf8(void **state)
{
	static const struct { struct str s; bool good; } texts[] = {
		{ STR(""), true }, { STR("a\0b"), true },
		{ STR("\xc2\x80"), true }, { STR("\xf4\x8f\xbf\xbd"), true },
		{ STR("\xc1\x80"), false }, { STR("\x80"), false },
		{ STR("\xe0\x9f\xbf"), false }, { STR("\xed\xa0\x80"), false },
		{ STR("\xf0\x8f\xbf\xbf"), false },
		{ STR("\xf4\x90\x80\x80"), false },
		{ STR("\xef\xbf\xbf"), false }, { STR("\xef\xb7\x90"), false },
		{ STR("\xe2\x82"), false }, { STR("\xff"), false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		assert_int_equal(utf8_is_strict(texts[i].s), texts[i].good);
}

static void white_space(void **state)
{
	(void)state;
	assert_int_equal(space_at(STR("\v"), false), 1);
	assert_int_equal(space_at(STR("\xc2\xa0"), false), 0);
	assert_int_equal(space_at(STR("\xc2\xa0"), true), 2);
	assert_int_equal(space_at(STR("\xc2\x85"), true), 2);
	assert_int_equal(space_at(STR("\xe3\x80\x80"), true), 3);
	assert_int_equal(space_at(STR("\xe2\x80\x8b"), true), 0);
	assert_int_equal(space_at(STR(""), true), 0);
	assert_true(text_has_word(STR("-\xd0\xb0"), true));
	assert_false(text_has_word(STR("-\xd0\xb0"), false));
	assert_false(text_has_word(STR("\xe2\x80\x94"), true));
	assert_int_equal(utf8_bytes(STR("\xd0\xb0x\xd0\xb0"), 2), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(conversions),
		cmocka_unit_test(labels),
		cmocka_unit_test(strict_utf8),
		cmocka_unit_test(white_space),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
