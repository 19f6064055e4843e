/*
 * spamd's request line and headers; see spamd_request.h.
 *
 * The rules are spamd's own, oddities included: the word is searched anywhere
 * in the first line; the version is whatever number the rest begins with;
 * header names are case-sensitive; a line ends in CRLF, and of one that ends
 * in a bare LF the LF belongs to its value, which the patterns for numbers and
 * names forgive at the very end; a blank line that is only LF is a header
 * without a colon. Which requests have headers at all depends on the version.
 */
#include "serve/spamd_request.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* spamd looks for the first group, then for TELL, then for the last two; each
 * group is searched from left to right, and at one place in this order. */
static const struct spamd_word_row words[] = {
	{ "PROCESS", WORD_PROCESS, true, 1.0, true },
	{ "CHECK", WORD_CHECK, true, 1.0, true },
	{ "SYMBOLS", WORD_SYMBOLS, true, 1.0, true },
	{ "REPORT", WORD_REPORT, true, 1.0, true },
	{ "HEADERS", WORD_HEADERS, true, 1.0, true },
	{ "REPORT_IFSPAM", WORD_REPORT_IFSPAM, true, 1.0, true },
	{ "TELL", WORD_TELL, true, -1e300, false },
	{ "SKIP", WORD_SKIP, false, 1.5, false },
	{ "PING", WORD_PING, false, 1.5, false },
};

/* Where each group of the table ends. */
static const size_t group_ends[] = { 6, 7, 9 };

#define MAX_HEADER_LINES 256

const struct spamd_word_row *spamd_word_row(enum spamd_word word)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (words[i].word == word)
			return &words[i];
	return NULL;
}

const char *spamd_word_name(enum spamd_word word)
{
	const struct spamd_word_row *row = spamd_word_row(word);

	return row ? row->name : "";
}

void spamd_request_init(struct spamd_request *r, bool allow_tell)
{
	memset(r, 0, sizeof(*r));
	r->allow_tell = allow_tell;
	r->need = NEED_LINE;
}

enum spamd_need spamd_request_refuse(struct spamd_request *r, int code,
				     const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(r->text, sizeof(r->text), fmt, ap);
	va_end(ap);
	r->ntext = n < 0 ? 0 : (size_t)n;
	if (r->ntext >= sizeof(r->text))
		r->ntext = sizeof(r->text) - 1;
	r->code = code;
	return r->need = NEED_ERROR;
}

/* Text of the client's in a refusal; it may contain NULs, which printf cannot
 * copy. */
static enum spamd_need refuse_with(struct spamd_request *r, struct str before,
				   struct str theirs, struct str after)
{
	const struct str pieces[] = { before, theirs, after };

	r->ntext = 0;
	for (size_t i = 0; i < 3; i++) {
		struct str s = str_head(pieces[i], sizeof(r->text) - r->ntext);

		if (s.n)
			memcpy(r->text + r->ntext, s.p, s.n);
		r->ntext += s.n;
	}
	r->code = 76;
	return r->need = NEED_ERROR;
}

double perl_number(struct str s)
{
	char text[64];
	size_t n = 0, mark;
	bool digits = false;

	s = str_ltrim(s);
	if (s.n && (*s.p == '-' || *s.p == '+'))
		n++;
	/* "Inf" and "NaN" are numbers to Perl as well, but in every comparison
	 * that spamd makes with a version NaN is false, as 0 is. */
	if (s.n >= n + 3 && str_ieq(str_make(s.p + n, 3), STR("inf")))
		return *s.p == '-' ? -1e308 : 1e308;
	while (n < s.n && n < 40 && is_digit(s.p[n]))
		n++, digits = true;
	if (n < s.n && s.p[n] == '.')
		for (n++; n < s.n && n < 50 && is_digit(s.p[n]); n++)
			digits = true;
	if (!digits)
		return 0;
	mark = n;
	if (n < s.n && (s.p[n] == 'e' || s.p[n] == 'E')) {
		n++;
		if (n < s.n && (s.p[n] == '-' || s.p[n] == '+'))
			n++;
		while (n < s.n && n < 60 && is_digit(s.p[n]))
			mark = ++n;
	}
	memcpy(text, s.p, mark);
	text[mark] = '\0';
	return strtod(text, NULL);
}

static bool word_at(struct str line, size_t at, const struct spamd_word_row *w,
		    struct str *version_r)
{
	struct str rest = str_from(line, at);
	struct str name = str_cstr(w->name);

	if (!str_starts(rest, name))
		return false;
	rest = str_from(rest, name.n);
	if (!str_starts(rest, STR(" SPAMC/")))
		return false;
	*version_r = str_from(rest, 7);
	return true;
}

static const struct spamd_word_row *find_word(struct str line,
					      struct str *version_r)
{
	size_t from = 0;

	for (size_t g = 0; g < sizeof(group_ends) / sizeof(*group_ends); g++) {
		for (size_t at = 0; at < line.n; at++)
			for (size_t i = from; i < group_ends[g]; i++)
				if (word_at(line, at, &words[i], version_r))
					return &words[i];
		from = group_ends[g];
	}
	return NULL;
}

static enum spamd_need after_headers(struct spamd_request *r)
{
	if (!spamd_word_row(r->word)->body)
		return r->need = NEED_NOTHING;
	if (r->word == WORD_TELL) {
		if (!r->allow_tell)
			return spamd_request_refuse(r, 69,
				"TELL commands are not enabled, set the "
				"--allow-tell switch.");
		if (r->set_local && r->remove_local)
			return spamd_request_refuse(r, 76,
				"Unable to set local and remove local in the "
				"same operation.");
		if (r->set_remote && r->remove_remote)
			return spamd_request_refuse(r, 76,
				"Unable to set remote and remove remote in the "
				"same operation.");
	}
	if (r->zlib && !r->has_length)
		return spamd_request_refuse(r, 69,
			"Compress requires Content-length header");
	return r->need = NEED_BODY;
}

static enum spamd_need on_request_line(struct spamd_request *r, struct str line)
{
	const struct spamd_word_row *row;
	struct str version;

	/* spamd drops the first line end, which is the last bytes of a line. */
	if (str_ends(line, STR("\n")))
		line.n -= str_ends(line, STR("\r\n")) ? 2 : 1;
	row = find_word(line, &version);
	if (!row)
		return refuse_with(r, STR(""), line, STR(""));
	r->word = row->word;
	r->version = perl_number(version);
	if (row->headers_above ? r->version > row->headers_from
			       : r->version >= row->headers_from)
		return r->need = NEED_HEADER;
	return after_headers(r);
}

/* Perl's `$` matches before a last newline as well. */
static struct str without_newline(struct str s)
{
	return str_ends(s, STR("\n")) ? str_head(s, s.n - 1) : s;
}

static enum spamd_need got_length(struct spamd_request *r, struct str value)
{
	value = without_newline(value);
	for (size_t i = 0; i < value.n; i++)
		if (!is_digit(value.p[i]))
			return spamd_request_refuse(r, 76,
				"(Content-Length contains non-numeric bytes)");
	r->has_length = true;
	r->length = 0;
	for (size_t i = 0; i < value.n; i++) {
		unsigned d = (unsigned)(value.p[i] - '0');

		if (r->length > (UINT64_MAX - d) / 10)
			r->length = UINT64_MAX;
		else
			r->length = r->length * 10 + d;
	}
	snprintf(r->length_text, sizeof(r->length_text), "%.*s",
		 STR_ARG(str_head(value, sizeof(r->length_text) - 1)));
	return NEED_HEADER;
}

static enum spamd_need got_user(struct spamd_request *r, struct str value)
{
	value = without_newline(value);
	for (size_t i = 0; i < value.n; i++)
		if ((unsigned char)value.p[i] < 0x20)
			return spamd_request_refuse(r, 76,
				"(User header contains control chars)");
	value = str_head(value, sizeof(r->user) - 1);
	if (value.n)
		memcpy(r->user, value.p, value.n);
	r->user[value.n] = '\0';
	r->has_user = true;
	return NEED_HEADER;
}

static enum spamd_need got_class(struct spamd_request *r, struct str value)
{
	/* Anything is taken; only exactly "spam" means spam. */
	r->class_spam = str_eq(value, STR("spam"));
	return NEED_HEADER;
}

static enum spamd_need got_set(struct spamd_request *r, struct str value)
{
	r->set_local = str_ifind(value, STR("local")) >= 0;
	r->set_remote = str_ifind(value, STR("remote")) >= 0;
	return NEED_HEADER;
}

static enum spamd_need got_remove(struct spamd_request *r, struct str value)
{
	r->remove_local = str_ifind(value, STR("local")) >= 0;
	r->remove_remote = str_ifind(value, STR("remote")) >= 0;
	return NEED_HEADER;
}

static enum spamd_need got_compress(struct spamd_request *r, struct str value)
{
	if (str_ifind(value, STR("zlib")) < 0)
		return refuse_with(r, STR("(compression type not supported: "),
				   value, STR(")"));
	r->zlib = true;
	return NEED_HEADER;
}

static const struct {
	struct str name;
	enum spamd_need (*got)(struct spamd_request *r, struct str value);
} headers[] = {
	{ { "Content-length", 14 }, got_length },
	{ { "User", 4 }, got_user },
	{ { "Message-class", 13 }, got_class },
	{ { "Set", 3 }, got_set },
	{ { "Remove", 6 }, got_remove },
	{ { "Compress", 8 }, got_compress },
};

static enum spamd_need on_header(struct spamd_request *r, struct str line)
{
	struct str name, value;
	ssize_t colon;

	if (str_ends(line, STR("\r\n")))
		line.n -= 2;
	if (line.n == 0)
		return after_headers(r);
	r->nheaders++;
	colon = str_chr(line, ':');
	if (colon < 0)
		return spamd_request_refuse(r, 76,
			"(header not in 'Name: value' format)");
	name = str_head(line, (size_t)colon);
	value = str_ltrim(str_from(line, (size_t)colon + 1));
	for (size_t i = 0; i < sizeof(headers) / sizeof(*headers); i++)
		if (str_eq(name, headers[i].name) &&
		    headers[i].got(r, value) == NEED_ERROR)
			return NEED_ERROR;
	if (r->nheaders >= MAX_HEADER_LINES)
		return spamd_request_refuse(r, 76, "(too many headers)");
	return NEED_HEADER;
}

enum spamd_need spamd_request_line(struct spamd_request *r, struct str line)
{
	return r->need == NEED_LINE ? on_request_line(r, line)
				    : on_header(r, line);
}

enum spamd_need spamd_request_eof(struct spamd_request *r)
{
	return spamd_request_refuse(r, 76, "%s", r->need == NEED_LINE ?
				    "(closed before headers)" :
				    "(EOF during headers)");
}

enum spamd_need spamd_request_too_long(struct spamd_request *r)
{
	return spamd_request_refuse(r, 76, "(line too long)");
}

bool spamd_request_length_ok(struct spamd_request *r, uint64_t got)
{
	if (!r->has_length || r->length == got)
		return true;
	spamd_request_refuse(r, 76, "(Content-Length mismatch: Expected %s "
			     "bytes, got %llu bytes)", r->length_text,
			     (unsigned long long)got);
	return false;
}
