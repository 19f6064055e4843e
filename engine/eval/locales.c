/*
 * Charsets that belong to languages, for the faraway_charset tests. Roman and
 * Unicode charsets are always expected; ok_locales names two-letter languages
 * whose own charsets are expected too, and so does the environment of the
 * process.
 */
#include "eval/locales.h"

#include <stdlib.h>

#include "base/arena.h"
#include "conf/settings.h"

#define CYRILLIC "KOI8R KOI8U KOI8T ISOIR111 CP1251 GEORGIANPS PT154 CP866"
#define BIG5 "BIG5HKSCS BIG5 EUCTW"
#define GB "GB1988 GB2312 GB231219800 GB18030 GBK ISO2022CN"

static const struct {
	const char *language;
	const char *charsets;
} known[] = {
	{ "ja", "EUCJP JISX020119760 JISX020819830 JISX020819900 "
		"JISX020819970 JISX021219900 JISX021320001 JISX021320002 "
		"SHIFT_JIS SHIFTJIS ISO2022JP SJIS JIS7 JISX0201 JISX0208 "
		"JISX0212" },
	{ "ko", "EUCKR KSC56011987" },
	{ "ru", CYRILLIC }, { "ka", CYRILLIC }, { "tg", CYRILLIC },
	{ "be", CYRILLIC }, { "uk", CYRILLIC }, { "bg", CYRILLIC },
	{ "th", "TIS620" },
	{ "zh", BIG5 " " GB },
	{ "zh.big5", BIG5 }, { "zh.gb2312", GB },
};

/* Charsets nobody is surprised by: whole names, and beginnings. */
static bool is_roman(struct str cs)
{
	static const char *const whole[] = {
		"USASCII", "ASCII", "IBM852", "XUNKNOWN", "ISO",
	};
	static const char *const fronts[] = {
		"ISO8859", "ISO10646", "UTF", "UCS", "CP125", "WINDOWS",
		"UNICODE11UTF7", "UNICODE11UTF8",
	};

	for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++)
		if (str_eq(cs, str_cstr(whole[i])))
			return true;
	for (size_t i = 0; i < sizeof(fronts) / sizeof(fronts[0]); i++)
		if (str_starts(cs, str_cstr(fronts[i])))
			return true;
	return false;
}

/* Upper case, letters and digits only, without a "3D" that a broken
 * quoted-printable left in front. */
static struct str canonical(struct arena *a, struct str charset)
{
	char *p = arena_text(a, charset.n);
	size_t n = 0;

	for (size_t i = 0; i < charset.n; i++)
		if (is_alnum((unsigned char)charset.p[i]))
			p[n++] = (char)to_upper((unsigned char)charset.p[i]);
	return str_from(str_make(p, n), str_starts(str_make(p, n), STR("3D"))
			? 2 : 0);
}

static bool language_has(struct str language, struct str cs)
{
	/* zh_TW means zh; C means English, which has no charsets here. */
	if (language.n > 2 && is_lower((unsigned char)language.p[0]) &&
	    is_lower((unsigned char)language.p[1]))
		language = str_head(language, 2);
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		struct str rest = str_cstr(known[i].charsets), one;

		if (!str_eq(language, str_cstr(known[i].language)))
			continue;
		while (str_next_word(&rest, &one))
			if (str_eq(one, cs))
				return true;
	}
	return false;
}

static struct str environment_language(void)
{
	static const char *const names[] = {
		"LC_ALL", "LANGUAGE", "LC_MESSAGES", "LANG",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct str v = str_cstr(getenv(names[i]));

		if (v.n && !str_eq(v, STR("0")))
			return v;
	}
	return STR_NONE;
}

/* ok_locales and the environment's language. */
static struct strs locales(struct arena *a, const struct settings *s)
{
	struct str rest = settings_option(s, STR("ok_locales")), word;
	struct strs list = { NULL, 0, 0 };

	if (!rest.n)
		rest = STR("all");
	while (str_next_word(&rest, &word))
		strs_add(a, &list, word);
	word = environment_language();
	if (word.p)
		strs_add(a, &list, word);
	return list;
}

bool locales_all(struct arena *a, const struct settings *s)
{
	struct strs list = locales(a, s);

	return strs_has(&list, STR("all"));
}

bool locales_charset_ok(struct arena *a, const struct settings *s,
			struct str charset)
{
	struct strs list = locales(a, s);
	struct str cs = canonical(a, charset);

	if (strs_has(&list, STR("all")) || is_roman(cs))
		return true;
	for (size_t i = 0; i < list.n; i++)
		if (language_has(list.v[i], cs))
			return true;
	return false;
}
