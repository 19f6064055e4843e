/*
 * Headers of a message or MIME part: finding them, and what get() yields of a
 * value: unfolded, trimmed, and in UTF-8. SpamAssassin decodes encoded words
 * in any header but a few, also in places where RFC 2047 forbids them; words
 * of the same charset are joined before they are converted, because mailers
 * cut characters in two. All scans are linear in the length of the value.
 */
#include "mail/header.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "mail/charset.h"
#include "mail/decode.h"

size_t headers_find(const struct headers *hs, struct str name, size_t from)
{
	for (size_t i = from; i < hs->n; i++)
		if (str_ieq(hs->v[i].name, name))
			return i;
	return hs->n;
}

struct header *headers_last(const struct headers *hs, struct str name)
{
	for (size_t i = hs->n; i-- > 0; )
		if (str_ieq(hs->v[i].name, name))
			return &hs->v[i];
	return NULL;
}

bool headers_add(struct arena *a, struct headers *hs, struct str name,
		 struct str raw)
{
	if (hs->n >= LIMIT_HEADERS)
		return false;
	hs->v = arena_grow(a, hs->v, hs->n, &hs->cap, sizeof(*hs->v));
	hs->v[hs->n++] = (struct header){ .name = name, .raw = raw };
	return true;
}

/* Headers whose encoded words are left alone. */
static bool stays_encoded(struct str name)
{
	static const char *const names[] = {
		"Received", "Message-ID", "Date", "Resent-Message-ID",
		"Resent-Date", "MIME-Version", "References", "In-Reply-To",
	};

	if (str_istarts(name, STR("List-")))
		return true;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (str_ieq(name, str_cstr(names[i])))
			return true;
	return false;
}

/* An encoded word "=?charset?B?data?=". */
struct word {
	struct str charset;	/* with its language, if any */
	bool base64;
	struct str data;
	size_t len;		/* of all of it */
};

static bool is_charset_char(int c)
{
	return is_alnum(c) || c == '*' || c == '_' || c == '-';
}

/* True if s begins with an encoded word. What is scanned in vain holds no
 * "=?", so trying at every '=' stays linear. */
static bool word_at(struct str s, struct word *w)
{
	size_t i = 2, start;

	if (s.n < 8 || s.p[0] != '=' || s.p[1] != '?')
		return false;
	while (i < s.n && is_charset_char((unsigned char)s.p[i]))
		i++;
	if (i == 2 || i + 3 >= s.n || s.p[i] != '?' || s.p[i + 2] != '?')
		return false;
	w->charset = str_make(s.p + 2, i - 2);
	w->base64 = to_lower(s.p[i + 1]) == 'b';
	if (!w->base64 && to_lower(s.p[i + 1]) != 'q')
		return false;
	for (start = i += 3; i < s.n && s.p[i] != '?'; )
		i++;
	if (i + 1 >= s.n || s.p[i + 1] != '=')
		return false;
	w->data = str_make(s.p + start, i - start);
	w->len = i + 2;
	return true;
}

/* Drops the white space between an encoded word and the next. */
static struct str join_words(struct arena *a, struct str s)
{
	char *out = arena_text(a, s.n);
	size_t n = 0, i = 0;
	struct word w, next;

	while (i < s.n) {
		size_t j;

		if (s.p[i] != '=' || !word_at(str_from(s, i), &w)) {
			out[n++] = s.p[i++];
			continue;
		}
		for (j = i + w.len; j < s.n &&
		     is_space((unsigned char)s.p[j]); )
			j++;
		if (j > i + w.len && word_at(str_from(s, j), &next)) {
			memcpy(out + n, s.p + i, w.len);
			n += w.len;
			i = j;
		} else {
			out[n++] = s.p[i++];
		}
	}
	return str_make(out, n);
}

/* The octets of one word, before its charset is looked at. */
static void add_word_octets(struct arena *a, struct buf *b,
			    const struct word *w)
{
	char *p;

	if (w->base64) {
		buf_adds(b, decode_base64(a, w->data));
		return;
	}
	p = arena_text(a, w->data.n);
	for (size_t i = 0; i < w->data.n; i++)
		p[i] = w->data.p[i] == '_' ? ' ' : w->data.p[i];
	buf_adds(b, decode_qp_words(a, str_make(p, w->data.n)));
}

/* Converts what was gathered in one charset and appends it to out. */
static void flush_section(struct arena *a, struct buf *section,
			  struct str charset, struct buf *out)
{
	ssize_t star = str_chr(charset, '*');

	if (star >= 0)
		charset = str_head(charset, (size_t)star);
	if (charset.n == 0)
		buf_adds(out, buf_str(section));
	else
		buf_adds(out, charset_decode(a, str_dup(a, buf_str(section)),
					     charset, CHARSET_WORD, NULL));
	section->n = 0;
}

static struct str decode_words(struct arena *a, struct str s)
{
	struct buf out, section;
	struct str charset = STR("");
	struct word w;

	s = join_words(a, s);
	buf_in(&out, a, LIMIT_PART_TEXT);
	buf_in(&section, a, LIMIT_PART_TEXT);
	for (size_t i = 0; i < s.n; ) {
		struct str rest = str_from(s, i);
		bool found = word_at(rest, &w);

		if (!found)
			w.charset = STR("");
		if (!str_ieq(w.charset, charset)) {
			flush_section(a, &section, charset, &out);
			charset = w.charset;
		}
		if (found) {
			add_word_octets(a, &section, &w);
			i += w.len;
		} else {
			const char *eq = memchr(rest.p + 1, '=', rest.n - 1);
			size_t n = eq ? (size_t)(eq - rest.p) : rest.n;

			buf_add(&section, rest.p, n);
			i += n;
		}
	}
	flush_section(a, &section, charset, &out);
	return buf_str(&out);
}

/* Makes one line of a folded value: no newlines, no CR before them. */
static struct str drop_newlines(struct arena *a, struct str s)
{
	char *out;
	size_t n = 0;

	if (str_chr(s, '\n') < 0)
		return s;
	out = arena_text(a, s.n);
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] != '\n')
			out[n++] = s.p[i];
		else if (i > 0 && s.p[i - 1] == '\r')
			n--;
		if (s.p[i] == '\n' && i + 1 < s.n && s.p[i + 1] == '\t') {
			out[n++] = ' ';
			i++;
		}
	}
	return str_make(out, n);
}

static struct str decode_value(struct arena *a, struct str s, bool words)
{
	s = drop_newlines(a, s);
	if (count_8bit(s))
		s = charset_decode(a, s, STR("UTF-8"), CHARSET_HEADER, NULL);
	if (words && str_find(s, STR("=?")) >= 0)
		s = decode_words(a, s);
	return s;
}

struct str header_decode(struct arena *a, const struct mail_settings *ms,
			 struct str raw)
{
	(void)ms;	/* normalize_charset governs bodies only */
	return raw.n ? decode_value(a, raw, true) : STR("");
}

struct str header_unfold(struct arena *a, struct str raw)
{
	char *out;
	size_t n = 0;

	raw = str_trim(raw);
	if (str_chr(raw, '\n') < 0)
		return raw;
	out = arena_text(a, raw.n);
	for (size_t i = 0; i < raw.n; i++) {
		out[n++] = raw.p[i];
		if (raw.p[i] != '\n' || i + 1 >= raw.n ||
		    (raw.p[i + 1] != ' ' && raw.p[i + 1] != '\t'))
			continue;
		out[n - 1] = ' ';
		while (i + 1 < raw.n &&
		       (raw.p[i + 1] == ' ' || raw.p[i + 1] == '\t'))
			i++;
	}
	return str_trim(str_make(out, n));
}

struct str header_text(struct arena *a, const struct mail_settings *ms,
		       struct header *h)
{
	(void)ms;
	if (!h->decoded) {
		struct str s = header_unfold(a, h->raw);

		h->text = s.n ? decode_value(a, s, !stays_encoded(h->name))
			: STR("");
		h->decoded = true;
	}
	return h->text;
}
