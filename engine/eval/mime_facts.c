/*
 * The pass over all MIME parts behind the tests of mime.c. It reads the text
 * before transfer decoding, line by line as SpamAssassin keeps it.
 */
#include "eval/mime.h"

#include "base/arena.h"
#include "eval/eval.h"
#include "eval/locales.h"
#include "mail/content_type.h"
#include "mail/header.h"
#include "mail/message.h"
#include "mail/part.h"

/* A quoted-printable line of more bytes than this (and its newline) is long
 * by RFC 5322. */
#define LONG_LINE 79

struct walk {
	struct eval_ctx *c;
	struct mime_facts *f;
	size_t normal, entities;	/* bytes of text, code points in it */
	size_t qp_encoded;		/* bytes that needed no encoding */
	ssize_t text_bytes, html_bytes;	/* of the last such parts; -1 none */
};

/* The headers of a part that matter, in lower case. */
struct look {
	struct content_type ct;
	struct str charset;
	struct str encoding;
	struct str disposition;
};

static struct str lower_header(struct part *p, const char *name)
{
	struct str v = part_header(p, str_cstr(name));

	return str_lower(p->msg->arena, v);
}

static struct look look_at(struct part *p)
{
	struct arena *a = p->msg->arena;
	struct str type = part_header(p, STR("content-type"));
	struct look l;

	/* A header that is there but empty is not a missing one here. */
	if (headers_last(&p->headers, STR("content-type")))
		type = str_cat(a, type, STR("\n"));
	l.ct = content_type_parse(a, type);
	l.charset = l.ct.charset.p ? str_lower(a, l.ct.charset) : STR_NONE;
	l.encoding = lower_header(p, "content-transfer-encoding");
	l.disposition = lower_header(p, "content-disposition");
	return l;
}

static bool contains(struct str s, const char *what)
{
	return str_find(s, str_cstr(what)) >= 0;
}

/* "us" anywhere is enough for SpamAssassin. */
static bool is_ascii_charset(struct str cs)
{
	static const char *const names[] = {
		"us", "ascii", "ansi_x3.4-1968", "ansi_x3.4-1986",
		"iso-ir-6", "iso_646.irv:1991", "ibm367", "cp367",
	};

	if (cs.n == 0 || str_eq(cs, STR("0")))
		return true;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (contains(cs, names[i]))
			return true;
	return false;
}

/* "iso-8859-15" or "iso-2022-jp" at the front of s. */
static bool is_real_iso(struct str s)
{
	size_t digits = 0;

	if (str_starts(s, STR("iso-2022-jp")) ||
	    str_starts(s, STR("iso-2022-kr")))
		return s.n == 11 || !is_word((unsigned char)s.p[11]);
	if (!str_starts(s, STR("iso-8859-")))
		return false;
	while (digits < 2 && 9 + digits < s.n &&
	       is_digit((unsigned char)s.p[9 + digits]))
		digits++;
	return digits && (9 + digits == s.n ||
			  !is_word((unsigned char)s.p[9 + digits]));
}

/* A charset with "iso-X-Y" that is none of ISO's that mail uses. */
static bool is_bad_iso(struct str cs)
{
	struct str rest = cs;
	ssize_t at;
	bool claims = false;

	while ((at = str_find(rest, STR("iso-"))) >= 0) {
		struct str tail, word;

		rest = str_from(rest, (size_t)at);
		if (is_real_iso(rest))
			return false;
		tail = str_from(rest, 4);
		if (tail.n && !is_space((unsigned char)tail.p[0]) &&
		    str_next_word(&tail, &word)) {
			ssize_t dash = str_chr(str_from(word, 1), '-');

			/* A word character somewhere behind the dash. */
			for (size_t i = (size_t)(dash + 2);
			     dash >= 0 && i < word.n; i++)
				claims |= is_word((unsigned char)word.p[i]);
		}
		rest = str_from(rest, 4);
	}
	return claims;
}

static bool has_letter(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (is_alpha((unsigned char)s.p[i]))
			return true;
	return false;
}

static void count_headers(struct walk *w, const struct look *l)
{
	struct mime_facts *f = w->f;
	struct str type = l->ct.type, cd = l->disposition, word;
	struct str rest = l->charset;
	bool base64 = contains(l->encoding, "base64");

	f->alternative |= str_eq(type, STR("multipart/alternative"));
	if (str_eq(type, STR("text/html")))
		f->html_count++;
	else if (str_starts(type, STR("text")))
		f->text_count++;
	f->base64_count += base64;
	f->qp_count += !base64 && contains(l->encoding, "quoted-printable");
	f->attachments += contains(cd, "attachment");
	if (str_starts(type, STR("text")) && base64 &&
	    is_ascii_charset(l->charset) &&
	    !str_starts(cd, STR("attachment")) &&
	    !str_starts(cd, STR("inline")))
		f->base64_encoded_text = true;
	f->bad_iso_charset |= is_bad_iso(l->charset);
	if (!has_letter(l->charset))
		return;
	if (!locales_charset_ok(w->c->arena, w->c->settings, l->charset))
		f->faraway_charset = true;
	while (str_next_word(&rest, &word))
		strs_add(w->c->arena, &f->charsets, word);
}

/* True for an =XX that stands for a printable character or a tab. */
static bool needless_qp(const char *p)
{
	int a = (unsigned char)p[1], b = (unsigned char)p[2];

	if (!is_xdigit(b) || is_lower(b))
		return false;
	switch (a) {
	case '0':
		return b == '9';
	case '3':
		return b != 'D';
	case '2': case '4': case '5': case '6':
		return true;
	case '7':
		return b != 'F';
	default:
		return false;
	}
}

/* How many =09 and =20 stand at the end of the line. */
static size_t trailing_blanks(struct str line)
{
	size_t n = 0;

	line = str_rtrim(line);
	while (str_ends(line, STR("=09")) || str_ends(line, STR("=20"))) {
		line = str_head(line, line.n - 3);
		n++;
	}
	return n;
}

static void count_qp_line(struct walk *w, struct str line)
{
	size_t n = 0;

	if (str_starts(line, STR("SPAM: ")))
		return;
	if (line.n > LONG_LINE)
		w->f->qp_long_line = true;
	w->f->qp_bytes += line.n;
	for (size_t i = 0; i + 2 < line.n; i++) {
		if (line.p[i] == '=' && needless_qp(line.p + i)) {
			n++;
			i += 2;
		}
	}
	/* Those that the loop found; n includes the trailing ones. */
	w->qp_encoded += n ? n - trailing_blanks(line) : 0;
}

/* &#xABCD; at p? */
static bool is_code_point(struct str s)
{
	if (s.n < 8 || memcmp(s.p, "&#x", 3) != 0 || s.p[7] != ';')
		return false;
	for (size_t i = 3; i < 7; i++)
		if (!is_xdigit((unsigned char)s.p[i]) ||
		    is_lower((unsigned char)s.p[i]))
			return false;
	return true;
}

static void count_code_points(struct walk *w, struct str text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '&' && is_code_point(str_from(text, i))) {
			n++;
			i += 7;
		}
	}
	w->entities += n;
	w->normal += text.n - 8 * n;
}

/* NUL, CR and 8-bit bytes. */
static bool is_not_ascii_text(struct str line)
{
	for (size_t i = 0; i < line.n; i++)
		if (line.p[i] == '\0' || line.p[i] == '\r' ||
		    (unsigned char)line.p[i] >= 0x80)
			return true;
	return false;
}

/* The sizes of the last text and HTML parts of a mail that has alternatives;
 * those before the first multipart/alternative have size 0. */
static void measure_alternative(struct walk *w, struct part *p,
				const struct look *l)
{
	ssize_t n = w->f->alternative ? (ssize_t)p->raw.n : 0;

	if (contains(l->disposition, "attachment"))
		return;
	if (str_eq(l->ct.type, STR("text/html")))
		w->html_bytes = n;
	else if (str_eq(l->ct.type, STR("text/plain")))
		w->text_bytes = n;
}

static void count_leaf(struct walk *w, struct part *p, const struct look *l,
		       bool qp)
{
	bool plain = str_eq(l->ct.type, STR("text/plain"));
	bool ascii = plain && (!l->charset.p ||
			       str_eq(l->charset, STR("us-ascii")));
	bool base64 = str_eq(l->encoding, STR("base64")) &&
		!str_eq(l->ct.type, STR("application/ics"));
	struct str rest = p->raw, line;

	measure_alternative(w, p, l);
	if (plain && (l->encoding.n == 0 ||
		      str_eq(l->encoding, STR("7bit")) ||
		      str_eq(l->encoding, STR("8bit"))))
		count_code_points(w, p->raw);
	while (str_next_line(&rest, &line)) {
		if (qp)
			count_qp_line(w, line);
		if (ascii)
			w->f->ascii_text_illegal += is_not_ascii_text(line);
		if (base64 && line.n > w->f->base64_line)
			w->f->base64_line = line.n;
	}
}

/* All parts in document order; the depth is bounded by LIMIT_MIME_DEPTH. */
static void walk_parts(struct walk *w, struct part *p)
{
	struct look l = look_at(p);

	if (p->declared_type.n)
		count_headers(w, &l);
	if (part_is_leaf(p) && p->declared_type.n)
		count_leaf(w, p, &l,
			   str_eq(l.encoding, STR("quoted-printable")));
	for (size_t i = 0; i < p->nchildren; i++)
		walk_parts(w, p->children[i]);
}

struct mime_facts *mime_facts(struct eval_ctx *c)
{
	struct mime_facts *f = c->msg->memo[MEMO_MIME];
	struct walk w = { .c = c, .text_bytes = -1, .html_bytes = -1 };

	if (f)
		return f;
	f = w.f = arena_alloc(c->msg->arena, sizeof(*f));
	c->msg->memo[MEMO_MIME] = f;
	f->multipart_ratio = 1;
	f->uppercase = -1;
	walk_parts(&w, c->msg->root);
	/* The count of QP parts gives way to that of bytes. */
	if (f->qp_bytes) {
		f->qp_count = w.qp_encoded;
		f->qp_ratio = (double)w.qp_encoded / (double)f->qp_bytes;
	}
	if (w.normal)
		f->unicode_ratio = (double)w.entities / (double)w.normal;
	if (f->alternative && w.text_bytes >= 0 && w.html_bytes > 0)
		f->multipart_ratio = (double)w.text_bytes /
			(double)w.html_bytes;
	return f;
}
