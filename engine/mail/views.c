/*
 * The texts that body and rawbody rules are asked about (reference 6.2).
 * Small changes here have large effects: white space is squeezed by Perl's
 * \s, which means Unicode's white space as soon as one part of the message
 * was characters, and a NUL in the text becomes a paragraph's end.
 */
#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "mail/html.h"
#include "mail/message.h"
#include "mail/part.h"
#include "mail/settings.h"
#include "mail/unicode.h"

/* A cut may be moved this far to a better place. */
#define CUT_SLACK 1024
/* All parts together; SpamAssassin's 50,000 bytes a part rarely let a message
 * come near it. */
#define TEXT_MAX LIMIT_PART_TEXT

/* Offset of the first c in s at from or up to CUT_SLACK behind; -1. */
static ssize_t near(struct str s, int c, size_t from)
{
	struct str window = str_head(str_from(s, from), CUT_SLACK + 1);
	ssize_t at = str_chr(window, c);

	return at < 0 ? -1 : at + (ssize_t)from;
}

/* Cuts s behind the first of the separators that is near offset size. */
static struct str cut_near(struct str s, size_t size, const char *separators)
{
	for (; *separators; separators++) {
		ssize_t at = near(s, *separators, size);

		if (at >= 0)
			return str_head(s, (size_t)at + 1);
	}
	return str_head(s, size);
}

/* The same for text of characters: sizes count characters. */
static struct str cut_rendered(struct str s, bool utf8, size_t size)
{
	size_t bytes, window;
	struct str head;

	if (!size || s.n <= size)
		return s;
	if (!utf8)
		return cut_near(s, size, "\n ");
	bytes = utf8_bytes(s, size);
	if (bytes >= s.n)
		return s;
	window = utf8_bytes(str_from(s, bytes), CUT_SLACK + 1);
	head = str_head(s, bytes + window);
	for (const char *sep = "\n "; *sep; sep++) {
		ssize_t at = str_chr(str_from(head, bytes), *sep);

		if (at >= 0)
			return str_head(s, bytes + (size_t)at + 1);
	}
	return str_head(s, bytes);
}

/* Which text of a part a view is made of. */
enum text_kind { TEXT_ALL, TEXT_VISIBLE, TEXT_INVISIBLE };

static struct str part_text(struct part *p, enum text_kind kind)
{
	part_render(p);
	return kind == TEXT_VISIBLE ? p->visible :
		kind == TEXT_INVISIBLE ? p->invisible : p->rendered;
}

/* True if that text is characters. The three texts of HTML may differ: only
 * one of them may hold a character above U+00FF. */
static bool part_text_utf8(const struct part *p, enum text_kind kind)
{
	if (p->html && kind == TEXT_VISIBLE)
		return p->html->visible_wide;
	if (p->html && kind == TEXT_INVISIBLE)
		return p->html->invisible_wide;
	/* The hidden text of a plain part is "", no characters. */
	return kind != TEXT_INVISIBLE && p->rendered_utf8;
}

/* True if one part's text is characters, which makes all text characters. */
static bool any_utf8(struct message *m, enum text_kind kind)
{
	for (size_t i = 0; i < m->nleaves; i++) {
		struct part *p = m->leaves[i];

		if (part_text(p, kind).p && part_text_utf8(p, kind))
			return true;
	}
	return false;
}

/* A run of white space at the front of s is written as Perl's three
 * substitutions leave it: from the first newline to the last one, if these
 * are two, a paragraph's end; what is around it a space each. Returns the
 * bytes of the run. */
static size_t squeeze_run(struct buf *out, struct str s, bool utf8)
{
	size_t n = 0, first = 0, last = 0, len;
	size_t newlines = 0;

	while ((len = space_at(str_from(s, n), utf8))) {
		if (s.p[n] == '\n') {
			if (!newlines++)
				first = n;
			last = n;
		}
		n += len;
	}
	if (newlines < 2) {
		buf_addc(out, ' ');
		return n;
	}
	if (first > 0)
		buf_addc(out, ' ');
	buf_addc(out, '\n');
	if (last + 1 < n)
		buf_addc(out, ' ');
	return n;
}

static void squeeze(struct buf *out, struct str s, bool utf8)
{
	for (size_t i = 0; i < s.n; ) {
		size_t from = i;

		while (i < s.n && s.p[i] != '\0' &&
		       !space_at(str_from(s, i), utf8))
			i++;
		buf_add(out, s.p + from, i - from);
		if (i >= s.n)
			break;
		if (s.p[i] == '\0') {
			buf_addc(out, '\n');
			i++;
		} else {
			i += squeeze_run(out, str_from(s, i), utf8);
		}
	}
}

/* Lines of at most LIMIT_BODY_LINE bytes, cut behind a space if there is
 * one. A line that is cut at its very end leaves an empty one behind. */
static void split_lines(struct arena *a, struct str text, struct strs *out)
{
	struct str line;

	while (str_next_line(&text, &line)) {
		while (line.n > LIMIT_BODY_LINE) {
			ssize_t at = str_rchr(str_head(line, LIMIT_BODY_LINE + 1),
					      ' ');
			size_t n = at < 0 ? LIMIT_BODY_LINE : (size_t)at + 1;

			strs_add(a, out, str_head(line, n));
			line = str_from(line, n);
		}
		strs_add(a, out, line);
	}
}

/* All leaves' text, with a newline between parts. */
static struct str join_parts(struct message *m, enum text_kind kind, bool utf8)
{
	size_t size = m->settings->body_part_scan_size;
	struct buf b;

	buf_in(&b, m->arena, TEXT_MAX);
	for (size_t i = 0; i < m->nleaves; i++) {
		struct part *p = m->leaves[i];
		struct str s;

		if (b.n)
			buf_addc(&b, '\n');
		s = part_text(p, kind);
		if (!s.p)
			continue;
		s = cut_rendered(s, part_text_utf8(p, kind), size);
		if (utf8 && !part_text_utf8(p, kind))
			s = latin1_to_utf8(m->arena, s);
		buf_adds(&b, s);
	}
	if (b.full)
		m->flags |= MSG_TEXT_CUT;
	return buf_str(&b);
}

static struct strs *make_view(struct message *m, enum text_kind kind)
{
	struct strs *lines = arena_alloc(m->arena, sizeof(*lines));
	struct header *subject;
	struct buf b;
	bool utf8;

	if (m->nleaves == 0)
		return lines;
	utf8 = any_utf8(m, kind);
	buf_in(&b, m->arena, TEXT_MAX + LIMIT_HEADER_VALUE * 4);
	subject = headers_last(&m->headers, STR("Subject"));
	if (subject && kind != TEXT_INVISIBLE)
		buf_adds(&b, header_text(m->arena, m->settings, subject));
	if (kind != TEXT_INVISIBLE)
		buf_addc(&b, '\n');
	squeeze(&b, join_parts(m, kind, utf8), utf8);
	split_lines(m->arena, buf_str(&b), lines);
	return lines;
}

const struct strs *message_body(struct message *m)
{
	if (!m->body_lines)
		m->body_lines = make_view(m, TEXT_ALL);
	return m->body_lines;
}

const struct strs *message_visible(struct message *m)
{
	if (!m->visible_lines)
		m->visible_lines = make_view(m, TEXT_VISIBLE);
	return m->visible_lines;
}

const struct strs *message_invisible(struct message *m)
{
	if (!m->invisible_lines)
		m->invisible_lines = make_view(m, TEXT_INVISIBLE);
	return m->invisible_lines;
}

void text_chunks(struct arena *a, struct str s, struct strs *out)
{
	const size_t size = LIMIT_BODY_LINE;

	if (s.n <= size) {
		strs_add(a, out, s);
		return;
	}
	while (s.n > 2 * size) {
		size_t n = size + 1;

		for (const char *sep = "\n> "; *sep; sep++) {
			struct str window = str_head(str_from(s, size), size);
			ssize_t at = str_chr(window, *sep);

			if (at >= 0) {
				n = size + (size_t)at + 1;
				break;
			}
		}
		strs_add(a, out, str_head(s, n));
		s = str_from(s, n);
	}
	if (s.n)
		strs_add(a, out, s);
}

/* Text and message parts, but no calendars (mostly attachments that nobody
 * sees). */
static bool is_raw_text(const struct part *p)
{
	size_t n = str_starts(p->type, STR("text")) ? 4 :
		str_starts(p->type, STR("message")) ? 7 : 0;

	return n && (p->type.n == n || !is_word((unsigned char)p->type.p[n])) &&
	       !str_eq(p->declared_type, STR("text/calendar"));
}

const struct strs *message_rawbody(struct message *m)
{
	size_t size = m->settings->rawbody_part_scan_size;

	if (m->rawbody_chunks)
		return m->rawbody_chunks;
	m->rawbody_chunks = arena_alloc(m->arena, sizeof(*m->rawbody_chunks));
	for (size_t i = 0; i < m->nleaves; i++) {
		struct str s;

		if (!is_raw_text(m->leaves[i]))
			continue;
		s = part_decoded(m->leaves[i]);
		if (size && s.n > size)
			s = cut_near(s, size, "\n> ");
		text_chunks(m->arena, s, m->rawbody_chunks);
	}
	return m->rawbody_chunks;
}
