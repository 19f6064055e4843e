/*
 * Marks of documents: where OLE files have their streams' names, RTF its
 * keywords, Office its XML. All of them are plain searches, linear in the
 * data.
 */
#include "eval/ole.h"

#include <string.h>

#include "match/regex.h"

/* A literal with NULs in it. */
#define MARK(lit) STR(lit)

static bool has(struct str data, struct str mark)
{
	return str_find(data, mark) >= 0;
}

bool ole_is_office(struct str data)
{
	return str_starts(data, MARK("\xd0\xcf\x11\xe0"));
}

static bool octet_is(struct str data, size_t at, int c)
{
	return at < data.n && (unsigned char)data.p[at] == c;
}

/* The name of a stream, where each NUL may stand as a blank, or as the two
 * characters \0. */
static bool names_package(struct str data)
{
	static const char name[] = "EncryptedPackage";

	for (size_t i = 0; i < data.n; i++) {
		size_t at = i, k = 0;

		while (name[k] && octet_is(data, at, name[k])) {
			at++;
			k++;
			if (!name[k])
				return true;
			if (octet_is(data, at, ' '))
				at++;
			else if (octet_is(data, at, '\\') &&
				 octet_is(data, at + 1, '0'))
				at += 2;
			else
				break;
		}
	}
	return false;
}

bool ole_is_encrypted(struct str data)
{
	struct str head = str_head(data, 2000);

	if (!ole_is_office(data))
		return false;
	if (str_ifind(data, STR("<encryption xmlns")) >= 0 ||
	    has(head, MARK("E\0n\0c\0r\0y\0p\0t\0e\0d\0"
			   "P\0a\0c\0k\0a\0g\0e")) ||
	    names_package(head))
		return true;
	/* Excel's stream is there in files only that are not encrypted. */
	if (has(head, MARK("W\0o\0r\0k\0b\0o\0o\0k\0")))
		return false;
	return octet_is(data, 0x208, 0xfe) || octet_is(data, 0x214, 0x2f) ||
	       octet_is(data, 0x20b, 0x13);
}

bool ole_has_macro(struct str data)
{
	static const struct str marks[] = {
		STR("\\objemb"), STR("\\objdat"), STR("\\ objdat"),
		STR("w:macrosPresent=\"yes\""), STR("vbaProject.bin.rels"),
	};

	/* An OLE file is asked for its own marks only. */
	if (ole_is_office(data))
		return has(data, MARK("\0Attribut\0")) ||
		       has(data, MARK("\1\0O\0l\0e\0001\0000\0N\0a\0"));
	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++)
		if (has(data, marks[i]))
			return true;
	return false;
}

/* Does s end in one of the words that come before "open"? */
static bool ends_in_opener(struct str s)
{
	if (s.n && s.p[s.n - 1] == '_')
		s.n--;
	return str_iends(s, STR("document")) || str_iends(s, STR("auto")) ||
	       str_iends(s, STR("workbook"));
}

/* document_open, AutoOpen, ... */
bool ole_has_malice(struct str data)
{
	for (size_t i = 4; i + 4 <= data.n; i++) {
		const char *p = data.p + i;

		if ((p[0] == 'o' || p[0] == 'O') &&
		    (p[1] == 'p' || p[1] == 'P') &&
		    str_ieq(str_make(p, 4), STR("open")) &&
		    ends_in_opener(str_head(data, i)))
			return true;
	}
	return false;
}

bool ole_has_csv_command(struct str data)
{
	struct str command = STR("Windows\\System32\\cmd.exe");
	ssize_t at;

	while ((at = str_find(data, STR("MSEXCEL|"))) >= 0) {
		data = str_from(data, (size_t)at + 8);
		for (size_t i = 0; i <= 20 && i < data.n; i++) {
			if (i && str_starts(str_from(data, i), command))
				return true;
			if (data.p[i] == '\n')
				break;
		}
	}
	return false;
}

/* ---- Downloads ---- */

static bool in_uri(int c, bool last)
{
	return is_alnum(c) ||
	       (c && (strchr("-+&@#/%=~_|", c) != NULL ||
		      (!last && strchr("?!:,.;", c) != NULL)));
}

/*
 * Can the octets before a file's ending be a link of that pattern: 5 to 1000
 * octets of a link, then 5 to 1000 that may end one? `tail` is how many of the
 * n octets may end one.
 */
static bool splits(size_t n, size_t tail)
{
	size_t least = n > 1005 ? n - 1000 : 5;
	size_t most = n < 10 ? 0 : n - 5;

	if (most > 1000)
		most = 1000;
	if (most > tail)
		most = tail;
	return least <= most;
}

static bool ends_program(struct str s)
{
	if (s.n < 4 || (s.p[3] != '\6' && s.p[3] != '|' && s.p[3] != '\0'))
		return false;
	s.n = 3;
	return str_ieq(s, STR("exe")) || str_ieq(s, STR("cmd")) ||
	       str_ieq(s, STR("bat"));
}

/* s begins behind "://". The octet before the ending can be any. */
static bool names_program(struct str s)
{
	size_t tail = 0;

	for (size_t n = 0; n <= 2000 && n < s.n; n++) {
		int c = (unsigned char)s.p[n];

		if (n >= 10 && c != '\n' && ends_program(str_from(s, n + 1)) &&
		    splits(n, tail))
			return true;
		if (!in_uri(c, false))
			return false;
		tail = in_uri(c, true) ? tail + 1 : 0;
	}
	return false;
}

/* Does s end in a NUL and http or https? */
static bool ends_in_scheme(struct str s)
{
	/* Most octets before "://" are none of these; a bomb has millions. */
	if (!s.n || !s.p[s.n - 1] ||
	    !strchr("psPS", s.p[s.n - 1]))
		return false;
	if (to_lower((unsigned char)s.p[s.n - 1]) == 's')
		s.n--;
	return s.n > 4 && s.p[s.n - 5] == '\0' && str_iends(s, STR("http"));
}

/* A link to a program, all by itself between NULs. */
static bool has_program(struct str data)
{
	/* A slip of OLEVBMacro's, which wanted this name to be there. */
	if (str_starts(data, STR("URLDownloadToFileA")))
		return false;
	/* A loop of its own: a search begun anew at each of millions of hits
	 * would cost more than all else. */
	for (size_t i = 5; i + 3 <= data.n; i++) {
		const char *p = data.p + i;

		if (p[0] == ':' && p[1] == '/' && p[2] == '/' &&
		    ends_in_scheme(str_head(data, i)) &&
		    names_program(str_from(data, i + 3)))
			return true;
	}
	return false;
}

bool ole_has_download(struct str data, const struct regex *marker)
{
	return has_program(data) || regex_hits(marker, data);
}
