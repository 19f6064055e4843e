/*
 * Eval tests about MIME structure and transfer encodings (SpamAssassin's
 * MIMEEval plugin). One pass over all parts counts everything that
 * check_for_mime and its kin ask; it is made at the first question and kept
 * with the message.
 */
#include "eval/mime.h"

#include <math.h>

#include "base/arena.h"
#include "base/limits.h"
#include "eval/eval.h"
#include "eval/locales.h"
#include "mail/charset.h"
#include "mail/content_type.h"
#include "mail/header.h"
#include "mail/message.h"
#include "mail/part.h"

/* Charsets whose letters look like capitals to a test made for Latin; an
 * exact match of letters, digits, '-' and '_' around one of these. */
static const char *const caps_charsets[] = {
	"koi", "jp", "jis", "euc", "gb", "big5", "isoir", "cp1251",
	"windows-1251", "georgianps", "pt154", "tis",
};

static bool looks_like_caps(struct str charset)
{
	for (size_t i = 0; i < charset.n; i++) {
		unsigned char c = (unsigned char)charset.p[i];

		if (!is_alnum(c) && c != '-' && c != '_')
			return false;
	}
	for (size_t i = 0; i < sizeof(caps_charsets) / sizeof(caps_charsets[0]);
	     i++)
		if (str_ifind(charset, str_cstr(caps_charsets[i])) >= 0)
			return true;
	return false;
}

/* charset="X", charset='X' or charset=X in a Content-Type; STR_NONE. */
static struct str charset_in(struct str type)
{
	static const char *const openers[] = { "charset=\"", "charset='" };
	struct str rest, word;
	ssize_t at, end;

	for (size_t i = 0; i < 2; i++) {
		struct str opener = str_cstr(openers[i]);

		rest = type;
		while ((at = str_ifind(rest, opener)) >= 0) {
			rest = str_from(rest, (size_t)at + opener.n);
			end = str_chr(rest, opener.p[opener.n - 1]);
			if (end > 0)
				return str_head(rest, (size_t)end);
		}
	}
	rest = type;
	while ((at = str_ifind(rest, STR("charset="))) >= 0) {
		rest = str_from(rest, (size_t)at + 8);
		word = rest;
		if (rest.n && !is_space((unsigned char)rest.p[0]) &&
		    str_next_word(&word, &word))
			return word;
	}
	return STR_NONE;
}

/* check_for_mime: one of the facts by its name. */
static int check_for_mime(struct eval_ctx *c, const struct strs *args)
{
	const struct mime_facts *f = mime_facts(c);
	struct str what = eval_arg(args, 0);
	const struct { const char *name; double value; } facts[] = {
		{ "mime_attachment", f->attachments },
		{ "mime_ascii_text_illegal", f->ascii_text_illegal },
		{ "mime_bad_iso_charset", f->bad_iso_charset },
		{ "mime_base64_count", f->base64_count },
		{ "mime_base64_encoded_text", f->base64_encoded_text },
		{ "mime_body_html_count", f->html_count },
		{ "mime_body_text_count", f->text_count },
		{ "mime_faraway_charset", f->faraway_charset },
		{ "mime_html_charsets", f->charsets.n > 0 },
		{ "mime_missing_boundary", c->msg->missing_boundary },
		{ "mime_multipart_alternative", f->alternative },
		{ "mime_multipart_ratio", f->multipart_ratio },
		{ "mime_qp_bytes", f->qp_bytes },
		{ "mime_qp_count", f->qp_count },
		{ "mime_qp_long_line", f->qp_long_line },
		{ "mime_qp_ratio", f->qp_ratio },
		{ "mime_text_unicode_ratio", f->unicode_ratio },
	};

	for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++)
		if (str_eq(what, str_cstr(facts[i].name)))
			return facts[i].value != 0;
	return 0;
}

static bool top_is_html(struct eval_ctx *c)
{
	struct str type = message_header(c->msg, STR("Content-Type"), false);

	return str_istarts(type, STR("text/html"));
}

static int check_for_mime_html(struct eval_ctx *c, const struct strs *args)
{
	(void)args;
	return top_is_html(c) || mime_facts(c)->html_count > 0;
}

static int check_for_mime_html_only(struct eval_ctx *c, const struct strs *args)
{
	(void)args;
	return top_is_html(c) || (mime_facts(c)->html_count > 0 &&
				  mime_facts(c)->text_count == 0);
}

static int check_mime_multipart_ratio(struct eval_ctx *c,
				      const struct strs *args)
{
	double ratio = mime_facts(c)->multipart_ratio;

	return ratio >= eval_arg_num(args, 0, 0) &&
	       ratio < eval_arg_num(args, 1, 0);
}

static int check_qp_ratio(struct eval_ctx *c, const struct strs *args)
{
	return mime_facts(c)->qp_ratio >= eval_arg_num(args, 0, 0);
}

static int check_for_ascii_text_illegal(struct eval_ctx *c,
					const struct strs *args)
{
	(void)args;
	return mime_facts(c)->ascii_text_illegal > 0;
}

/* The argument must look like ".05" or "12.5". */
static bool is_ratio(struct str s)
{
	ssize_t dot = str_chr(s, '.');

	if (dot < 0 || dot > 3 || s.n - (size_t)dot < 2 ||
	    s.n - (size_t)dot > 4)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (i != (size_t)dot && !is_digit((unsigned char)s.p[i]))
			return false;
	return true;
}

static int check_abundant_unicode_ratio(struct eval_ctx *c,
					const struct strs *args)
{
	return is_ratio(eval_arg(args, 0)) &&
	       mime_facts(c)->unicode_ratio >= eval_arg_num(args, 0, 0);
}

/* At least as many 8-bit bytes as others. */
static int check_for_faraway_charset(struct eval_ctx *c,
				     const struct strs *args)
{
	struct str type = message_header(c->msg, STR("Content-Type"), false);
	const struct strs *body = message_body(c->msg);
	size_t high = 0, all = 0;
	struct str charset = charset_in(type);

	(void)args;
	if (!charset.p || locales_charset_ok(c->arena, c->settings, charset))
		return 0;
	for (size_t i = 0; i < body->n; i++) {
		high += count_8bit(body->v[i]);
		/* The lines are joined by a newline. */
		all += body->v[i].n + (i > 0);
	}
	return all - high <= high && high > 3;
}

/* All headers together are more than SpamAssassin's ALL holds, which it notes
 * as a truncated header when some rule first asks for ALL. */
static bool all_is_cut(struct message *m)
{
	size_t size = 0;

	for (size_t i = 0; i < m->headers.n; i++)
		size += m->headers.v[i].name.n + 3 +
			header_text(m->arena, m->settings, &m->headers.v[i]).n;
	return size > LIMIT_ALL_HEADERS;
}

static int check_msg_parse_flags(struct eval_ctx *c, const struct strs *args)
{
	static const struct { const char *name; unsigned flag; } flags[] = {
		{ "missing_head_body_separator",
		  MSG_MISSING_HEAD_BODY_SEPARATOR },
		{ "truncated_header", MSG_TRUNCATED_HEADER },
		{ "missing_mime_head_body_separator",
		  MSG_MISSING_MIME_HEAD_BODY_SEPARATOR },
		{ "missing_mime_headers", MSG_MISSING_MIME_HEADERS },
		{ "mime_epilogue_exists", MSG_MIME_EPILOGUE_EXISTS },
		{ "mimepart_limit_exceeded", MSG_MIMEPART_LIMIT },
	};
	struct str what = eval_arg(args, 0);

	if (str_eq(what, STR("truncated_header")) && all_is_cut(c->msg))
		return 1;
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (str_eq(what, str_cstr(flags[i].name)))
			return (c->msg->flags & flags[i].flag) != 0;
	return 0;
}

static bool likely_to_look_like_caps(struct eval_ctx *c)
{
	const struct mime_facts *f = mime_facts(c);
	struct str type = message_header(c->msg, STR("Content-Type"), false);
	struct str charset = charset_in(type);

	if (charset.p && looks_like_caps(charset))
		return true;
	for (size_t i = 0; i < f->charsets.n; i++)
		if (looks_like_caps(f->charsets.v[i]))
			return true;
	return false;
}

/* White space between two things that are not. */
static bool has_inner_space(struct str line)
{
	struct str s = str_trim(line);

	for (size_t i = 0; i < s.n; i++)
		if (is_space((unsigned char)s.p[i]))
			return true;
	return false;
}

static bool is_base64_digit(int c)
{
	return is_alnum(c) || c == '+' || c == '/' || c == '=';
}

/* Two words of 60 to 76 base64 digits in front: a forwarded attachment. */
static bool is_base64_line(struct str line)
{
	for (int words = 0; words < 2; words++) {
		size_t n = 0;

		while (n < line.n && is_base64_digit((unsigned char)line.p[n]))
			n++;
		if (n < 60 || n > 76 || n >= line.n || line.p[n] != ' ')
			return false;
		line = str_from(line, n + 1);
	}
	return true;
}

struct letters {
	size_t all, lower, upper;
};

/* Digits count as small letters. */
static void count_letters(struct letters *l, struct str s)
{
	l->all += s.n;
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		l->lower += is_lower(c) || is_digit(c);
		l->upper += is_upper(c);
	}
}

/* Shift-JIS text, from the first to the last of its escapes, does not
 * count. */
static void count_line(struct letters *l, struct str line)
{
	ssize_t from = str_find(line, STR("\x1b$B")), to = -1, at;
	struct str rest;

	if (from >= 0) {
		rest = str_from(line, (size_t)from + 3);
		while ((at = str_find(rest, STR("\x1b(B"))) >= 0) {
			rest = str_from(rest, (size_t)at + 3);
			to = rest.p - line.p;
		}
	}
	if (to < 0) {
		count_letters(l, line);
		return;
	}
	count_letters(l, str_head(line, (size_t)from));
	count_letters(l, str_from(line, (size_t)to));
}

/* Percentage of capitals; 0 for short texts. */
static double uppercase_of(struct eval_ctx *c)
{
	const struct strs *body = message_body(c->msg);
	struct letters l = { 0, 0, 0 };

	if (likely_to_look_like_caps(c))
		return 0;
	for (size_t i = 0; i < body->n; i++)
		if (has_inner_space(body->v[i]) && !is_base64_line(body->v[i]))
			count_line(&l, body->v[i]);
	if (l.all < 200 || l.upper + l.lower == 0)
		return 0;
	return (double)l.upper / (double)(l.upper + l.lower) * 100;
}

static int check_for_uppercase(struct eval_ctx *c, const struct strs *args)
{
	struct mime_facts *f = mime_facts(c);

	if (f->uppercase < 0)
		f->uppercase = uppercase_of(c);
	return f->uppercase > eval_arg_num(args, 0, 0) &&
	       f->uppercase <= eval_arg_num(args, 1, 0);
}

/* A leaf that makes a multipart/alternative suspicious. */
static bool is_odd_alternative(const struct part *p)
{
	struct str t = p->declared_type;

	return part_is_leaf(p) && t.n &&
	       !str_ieq(t, STR("multipart/related")) &&
	       !str_ieq(t, STR("application/rtf")) &&
	       !str_istarts(t, STR("text/"));
}

static bool has_odd_alternative(const struct part *p)
{
	if (str_eq(p->declared_type, STR("multipart/alternative"))) {
		if (is_odd_alternative(p))
			return true;
		for (size_t i = 0; i < p->nchildren; i++)
			if (is_odd_alternative(p->children[i]))
				return true;
	}
	/* The depth is bounded by LIMIT_MIME_DEPTH. */
	for (size_t i = 0; i < p->nchildren; i++)
		if (has_odd_alternative(p->children[i]))
			return true;
	return false;
}

static int check_ma_non_text(struct eval_ctx *c, const struct strs *args)
{
	(void)args;
	return has_odd_alternative(c->msg->root);
}

static int check_base64_length(struct eval_ctx *c, const struct strs *args)
{
	double n = (double)mime_facts(c)->base64_line;

	return n <= eval_arg_num(args, 1, INFINITY) &&
	       n >= eval_arg_num(args, 0, 0);
}

#define TEST(name, what) { #name, EVAL_BODY, name, NULL, what }

const struct eval_test eval_mime_tests[] = {
	TEST(check_for_mime, "a named fact about MIME parts is true"),
	TEST(check_for_mime_html, "there is HTML"),
	TEST(check_for_mime_html_only, "there is HTML and no other text"),
	TEST(check_mime_multipart_ratio,
	     "bytes of plain text per byte of HTML lie in a range"),
	TEST(check_qp_ratio, "needless quoted-printable is at least a share"),
	TEST(check_for_ascii_text_illegal,
	     "text that claims to be US-ASCII is not"),
	TEST(check_abundant_unicode_ratio,
	     "HTML's code points in plain text are at least a share"),
	TEST(check_for_faraway_charset,
	     "the body is in a charset that ok_locales does not expect"),
	{ "check_msg_parse_flags", EVAL_HEADER | EVAL_BODY,
	  check_msg_parse_flags, NULL, "a named fault of the message's form" },
	TEST(check_for_uppercase, "the share of capitals lies in a range"),
	TEST(check_ma_non_text,
	     "a multipart/alternative holds something that is no text"),
	TEST(check_base64_length, "the longest line of base64 is in a range"),
	{ NULL, 0, NULL, NULL, NULL }
};
