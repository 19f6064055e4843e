/*
 * Charset labels: which ones Perl's Encode knows, and what iconv calls them.
 * A label Encode does not know is not converted by SpamAssassin even where
 * iconv could, so this is an allow-list. Encode finds a name by itself or by
 * a list of patterns that mostly look at its end; the tables below say the
 * same, with '-' in a pattern for an optional '-', '_' or space, and '^' where
 * nothing may stand before, '=' for a '-' that must be there.
 */
#include <stdio.h>
#include <string.h>

#include "mail/charset.h"

/* Encode's names in lower case, and iconv's. */
static const struct known {
	const char *name;
	const char *iconv;
} known[] = {
	{ "ascii", "US-ASCII" }, { "utf-8-strict", "UTF-8" },
	{ "utf8", "UTF-8" }, { "utf-7", "UTF-7" },
	{ "utf-16", "UTF-16" }, { "utf-16be", "UTF-16BE" },
	{ "utf-16le", "UTF-16LE" }, { "utf-32", "UTF-32" },
	{ "utf-32be", "UTF-32BE" }, { "utf-32le", "UTF-32LE" },
	{ "ucs-2be", "UCS-2BE" }, { "ucs-2le", "UCS-2LE" },
	{ "iso-8859-1", "ISO-8859-1" }, { "iso-8859-2", "ISO-8859-2" },
	{ "iso-8859-3", "ISO-8859-3" }, { "iso-8859-4", "ISO-8859-4" },
	{ "iso-8859-5", "ISO-8859-5" }, { "iso-8859-6", "ISO-8859-6" },
	{ "iso-8859-7", "ISO-8859-7" }, { "iso-8859-8", "ISO-8859-8" },
	{ "iso-8859-9", "ISO-8859-9" }, { "iso-8859-10", "ISO-8859-10" },
	{ "iso-8859-11", "ISO-8859-11" }, { "iso-8859-13", "ISO-8859-13" },
	{ "iso-8859-14", "ISO-8859-14" }, { "iso-8859-15", "ISO-8859-15" },
	{ "iso-8859-16", "ISO-8859-16" },
	{ "cp1250", "CP1250" }, { "cp1251", "CP1251" },
	{ "cp1252", "CP1252" }, { "cp1253", "CP1253" },
	{ "cp1254", "CP1254" }, { "cp1255", "CP1255" },
	{ "cp1256", "CP1256" }, { "cp1257", "CP1257" },
	{ "cp1258", "CP1258" }, { "cp37", "IBM037" },
	{ "cp437", "CP437" }, { "cp500", "IBM500" },
	{ "cp737", "CP737" }, { "cp775", "CP775" }, { "cp850", "CP850" },
	{ "cp852", "CP852" }, { "cp855", "CP855" }, 
	{ "cp857", "CP857" }, { "cp858", "CP858" }, { "cp860", "CP860" },
	{ "cp861", "CP861" }, { "cp862", "CP862" }, { "cp863", "CP863" },
	{ "cp864", "CP864" }, { "cp865", "CP865" }, { "cp866", "CP866" },
	{ "cp869", "CP869" }, { "cp874", "CP874" }, { "cp932", "CP932" },
	{ "cp936", "CP936" }, { "cp949", "UHC" }, { "cp950", "CP950" },
	{ "big5-eten", "BIG5" }, { "big5-hkscs", "BIG5-HKSCS" },
	{ "euc-cn", "EUC-CN" }, { "euc-jp", "EUC-JP" },
	{ "euc-kr", "EUC-KR" }, { "shiftjis", "SJIS" },
	{ "johab", "JOHAB" }, { "7bit-jis", "ISO-2022-JP" },
	{ "iso-2022-jp", "ISO-2022-JP" },
	{ "iso-2022-jp-1", "ISO-2022-JP" },
	{ "iso-2022-kr", "ISO-2022-KR" },
	{ "koi8-r", "KOI8-R" }, { "koi8-u", "KOI8-U" },
	
	{ "viscii", "VISCII" },
	{ "cp1006", "=cp1006" }, { "cp856", "=cp856" },
	{ "hp-roman8", "=hp-roman8" }, { "koi8-f", "=koi8-f" },
	{ "nextstep", "=nextstep" },
	{ "maccentraleurroman", "=maccentraleurroman" },
	{ "maccroatian", "=maccroatian" }, { "maccyrillic", "=maccyrillic" },
	{ "macgreek", "=macgreek" },
	{ "macicelandic", "=macicelandic" },
	{ "macroman", "=macroman" }, { "macromanian", "=macromanian" },
	{ "macrumanian", "=macrumanian" }, { "macsami", "=macsami" },
	{ "macthai", "=macthai" }, { "macturkish", "=macturkish" },
	{ "macukrainian", "=macukrainian" }, { "cp424", "=cp424" },
	{ "cp875", "=cp875" }, { "cp1026", "=cp1026" },
	{ "cp1047", "=cp1047" }, { "posix-bc", "=posix-bc" }, { "hz", "=hz" },
};

/* Other ends of labels, in the order Encode prefers them. A pattern "x*y" is
 * x at the start of a word, anything, y at the end. */
static const struct alias {
	const char *end;
	const char *name;
} aliases[] = {
	{ "utf=8", "utf-8-strict" }, { "cp65001", "utf-8-strict" },
	{ "hk-big5", "big5-hkscs" }, { "hkscs-big5", "big5-hkscs" },
	{ "big5hk", "big5-hkscs" }, { "big5-hkscs", "big5-hkscs" },
	{ "tca-big5", "big5-eten" }, { "big5-et", "big5-eten" },
	{ "big5-eten", "big5-eten" }, { "big-5", "big5-eten" },
	{ "ks_c_5601-1987", "cp949" }, { "windows-949", "cp949" },
	{ "uhc", "cp949" }, { "kr*euc", "euc-kr" }, { "euc*kr", "euc-kr" },
	{ "windows-31j", "cp932" }, { "sjis", "shiftjis" },
	{ "shift*jis", "shiftjis" }, { "ujis", "euc-jp" },
	{ "jp*euc", "euc-jp" }, { "euc*jp", "euc-jp" }, { "jis", "7bit-jis" },
	{ "^gbk", "cp936" }, { "cn*euc", "euc-cn" }, { "euc*cn", "euc-cn" },
	{ "koi8-r", "koi8-r" }, { "koi8-u", "koi8-u" },
	{ "^macce", "maccentraleurroman" }, { "^macintosh", "macroman" },
	{ "^mac-roman", "macroman" }, { "^mac-cyrillic", "maccyrillic" },
	{ "winlatin1", "cp1252" }, { "winlatin2", "cp1250" },
	{ "wincyrillic", "cp1251" }, { "wingreek", "cp1253" },
	{ "winturkish", "cp1254" }, { "winhebrew", "cp1255" },
	{ "winarabic", "cp1256" }, { "winbaltic", "cp1257" },
	{ "winvietnamese", "cp1258" }, { "^thai", "iso-8859-11" },
	{ "^hebrew", "iso-8859-8" }, { "^greek", "iso-8859-7" },
	{ "^arabic", "iso-8859-6" }, { "^cyrillic", "iso-8859-5" },
	{ "latin-1", "iso-8859-1" }, { "latin-2", "iso-8859-2" },
	{ "latin-3", "iso-8859-3" }, { "latin-4", "iso-8859-4" },
	{ "latin-5", "iso-8859-9" }, { "latin-6", "iso-8859-10" },
	{ "latin-7", "iso-8859-13" }, { "latin-8", "iso-8859-14" },
	{ "latin-9", "iso-8859-15" }, { "latin-10", "iso-8859-16" },
	{ "ansi-x3.4-1968", "ascii" }, { "646", "ascii" },
	{ "646-us", "ascii" }, { "^us-ascii", "ascii" },
	{ "^utf-16", "utf-16" }, { "^utf-16-be", "utf-16be" },
	{ "^utf-16-le", "utf-16le" }, { "^utf-32", "utf-32" },
	{ "^utf-32-be", "utf-32be" }, { "^utf-32-le", "utf-32le" },
	{ "^ucs-2", "ucs-2be" }, { "^ucs-2-be", "ucs-2be" },
	{ "^ucs-2-le", "ucs-2le" }, { "^iso-10646-1", "ucs-2be" },
	{ "^ucs-4", "utf-32" }, { "^utf-7", "utf-7" },
	{ "^unicode=1=1=utf-7", "utf-7" }, { "cp65000", "utf-7" },
};

static bool is_separator(int c)
{
	return c == '-' || c == '_' || c == ' ';
}

/* True if s ends with pattern and a word starts there; *start_r is where. A
 * separator in the pattern may be missing or be another one in s. */
static bool ends_with(struct str s, const char *pattern, size_t plen,
		      size_t *start_r)
{
	size_t i = s.n;

	while (plen > 0) {
		char c = pattern[--plen];

		if (is_separator(c)) {
			if (i > 0 && is_separator(s.p[i - 1]))
				i--;
			continue;
		}
		if (i == 0 || s.p[--i] != (c == '=' ? '-' : c))
			return false;
	}
	*start_r = i;
	return i == 0 || !is_word((unsigned char)s.p[i - 1]);
}

/* True if a word in s starts with what is before the '*' of pattern and s
 * ends with what is behind it. */
static bool brackets(struct str s, const char *pattern, const char *star)
{
	struct str head = str_make(pattern, (size_t)(star - pattern));
	struct str tail = str_cstr(star + 1);
	ssize_t at = str_find(s, head);

	return str_ends(s, tail) && at >= 0 &&
	       (size_t)at + head.n + tail.n <= s.n &&
	       (at == 0 || !is_word((unsigned char)s.p[at - 1]));
}

static const char *find_alias(struct str s)
{
	size_t at;

	for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++) {
		const char *e = aliases[i].end, *star = strchr(e, '*');
		bool whole = *e == '^';

		e += whole;
		if (star ? brackets(s, e, star)
			 : ends_with(s, e, strlen(e), &at) &&
			   (!whole || at == 0))
			return aliases[i].name;
	}
	return NULL;
}

/* "windows-1251", "ibm_850", "cp-437": the digits at the end of s, printed
 * behind prefix, if s ends with one of the words and they. */
static const char *find_numbered(struct str s, char *out, size_t size)
{
	static const char *const words[] = { "cp-", "ibm-", "ms-", "windows-" };
	size_t digits = 0, start;
	struct str head;

	while (digits < s.n && is_digit((unsigned char)s.p[s.n - 1 - digits]))
		digits++;
	if (digits == 0 || digits > 5)
		return NULL;
	head = str_head(s, s.n - digits);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!ends_with(head, words[i], strlen(words[i]), &start))
			continue;
		snprintf(out, size, "cp%.*s", (int)digits, s.p + head.n);
		return out;
	}
	/* iso8859-1, iso-8859_1, iso88591 */
	if (ends_with(head, "iso-8859-", 9, &start)) {
		snprintf(out, size, "iso-8859-%.*s", (int)digits, s.p + head.n);
		return out;
	}
	head = str_head(s, s.n - digits + 4);
	if (digits == 5 && ends_with(head, "iso-8859", 8, &start)) {
		snprintf(out, size, "iso-8859-%c", s.p[s.n - 1]);
		return out;
	}
	return NULL;
}

/* gb2312 is found anywhere at the start of a word, unless "raw" follows. */
static bool has_gb2312(struct str s)
{
	ssize_t at = str_find(s, STR("gb"));
	struct str rest;

	if (at < 0 || (at > 0 && is_word((unsigned char)s.p[at - 1])))
		return false;
	rest = str_from(s, (size_t)at + 2);
	if (rest.n && is_separator(rest.p[0]))
		rest = str_from(rest, 1);
	return str_starts(rest, STR("2312")) &&
	       !str_starts(str_from(rest, 4), STR("raw")) &&
	       !str_starts(str_from(rest, 4), STR("-raw"));
}

static const char *find_known(struct str s)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (str_eq(s, str_cstr(known[i].name)))
			return known[i].iconv;
	return NULL;
}

const char *charset_iconv_nth(size_t i)
{
	return i < sizeof(known) / sizeof(known[0]) ? known[i].iconv : NULL;
}

/* "x-mac-greek", "mac_greek" */
static const char *find_mac(struct str s)
{
	char made[32];

	if (s.n > 2 && s.p[0] == 'x' && (s.p[1] == '-' || s.p[1] == '_'))
		s = str_from(s, 2);
	if (!str_starts(s, STR("mac")) || s.n < 5 || s.n > 30 ||
	    (s.p[3] != '-' && s.p[3] != '_'))
		return NULL;
	s = str_from(s, 4);
	if (str_eq(s, STR("ce")))
		s = STR("centraleurroman");
	snprintf(made, sizeof(made), "mac%.*s", STR_ARG(s));
	return find_known(str_cstr(made));
}

static const char *find_name(struct str s)
{
	char made[32];
	const char *name = find_known(s);

	if (name)
		return name;
	name = find_mac(s);
	if (name)
		return name;
	if (has_gb2312(s))
		return find_known(STR("euc-cn"));
	if (str_find(s, STR("tis620")) >= 0 || str_find(s, STR("tis-620")) >= 0)
		return find_known(STR("iso-8859-11"));
	name = find_alias(s);
	if (!name)
		name = find_numbered(s, made, sizeof(made));
	return name ? find_known(str_cstr(name)) : NULL;
}

/* Underscores become one '-' if they stand in one place, behind something. */
static bool underscores_to_dash(char *p, size_t *n)
{
	size_t i = 0, end;

	while (i < *n && p[i] != '_')
		i++;
	for (end = i; end < *n && p[end] == '_'; )
		end++;
	if (i == 0 || end == i || memchr(p + end, '_', *n - end))
		return false;
	p[i] = '-';
	memmove(p + i + 1, p + end, *n - end);
	*n -= end - i - 1;
	return true;
}

const char *charset_iconv_name(struct str declared)
{
	char lower[64];
	const char *name;
	size_t n = 0;

	/* Encode leaves white space out of names. */
	for (size_t i = 0; i < declared.n && n < sizeof(lower); i++)
		if (!is_space((unsigned char)declared.p[i]))
			lower[n++] = (char)to_lower((unsigned char)declared.p[i]);
	if (n == 0 || n == sizeof(lower))
		return NULL;
	name = find_name(str_make(lower, n));
	if (!name && underscores_to_dash(lower, &n))
		name = find_name(str_make(lower, n));
	return name;
}
