/*
 * Encoded words for added headers; see encode.h. Only the stretch of a line
 * that needs it is encoded, from a blank to a blank.
 */
#include "scan/encode.h"

#include "base/arena.h"
#include "base/buf.h"

static bool is_plain(int c)
{
	return c == '\t' || (c >= 0x20 && c <= 0x7e);
}

static bool all_plain(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_plain((unsigned char)s.p[i]))
			return false;
	return true;
}

/* Bytes that Q encoding writes as =XX. */
static bool needs_q(int c)
{
	return c == '=' || c == '?' || c == '_' || c < 0x20 || c >= 0x7f;
}

static void add_q(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		int c = (unsigned char)s.p[i];

		if (c == ' ')
			buf_addc(out, '_');
		else if (needs_q(c))
			buf_addf(out, "=%02X", (unsigned)c);
		else
			buf_addc(out, c);
	}
}

static void add_b(struct buf *out, struct str s)
{
	static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				  "abcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < s.n; i += 3) {
		size_t left = s.n - i;
		unsigned v = (unsigned)(unsigned char)s.p[i] << 16;

		if (left > 1)
			v |= (unsigned)(unsigned char)s.p[i + 1] << 8;
		if (left > 2)
			v |= (unsigned char)s.p[i + 2];
		buf_addc(out, set[v >> 18]);
		buf_addc(out, set[v >> 12 & 63]);
		buf_addc(out, left > 1 ? set[v >> 6 & 63] : '=');
		buf_addc(out, left > 2 ? set[v & 63] : '=');
	}
}

/* The plain end of a line that may stay: from a blank (or its start) on. */
static size_t plain_suffix(struct str line)
{
	size_t first = line.n;

	for (size_t i = line.n; i > 0 && is_plain((unsigned char)line.p[i - 1]);
	     i--)
		if (i == 1 || line.p[i - 1] == ' ' || line.p[i - 1] == '\t')
			first = i - 1;
	return first;
}

/* The plain start of a line that may stay: up to and with its last blank. */
static size_t plain_prefix(struct str line)
{
	size_t keep = 0;

	for (size_t i = 0; i < line.n && is_plain((unsigned char)line.p[i]); i++)
		if (line.p[i] == ' ' || line.p[i] == '\t')
			keep = i + 1;
	return keep;
}

static void encode_line(struct buf *out, struct str line)
{
	size_t end = plain_suffix(line), start, quoted = 0;
	struct str middle;

	start = plain_prefix(str_head(line, end));
	middle = str_make(line.p + start, end - start);
	buf_add(out, line.p, start);
	if (middle.n) {
		for (size_t i = 0; i < middle.n; i++)
			quoted += needs_q((unsigned char)middle.p[i]);
		/* The shorter one, by SpamAssassin's reckoning. */
		if (3 * (middle.n + quoted * 2) <= 4 * (middle.n + 2)) {
			buf_adds(out, STR("=?UTF-8?Q?"));
			add_q(out, middle);
		} else {
			buf_adds(out, STR("=?UTF-8?B?"));
			add_b(out, middle);
		}
		buf_adds(out, STR("?="));
	}
	buf_adds(out, str_from(line, end));
}

struct str header_encode(struct arena *a, struct str text)
{
	struct str rest = text, line;
	struct buf out;

	if (all_plain(text) && str_chr(text, '\n') < 0)
		return text;
	buf_in(&out, a, 4 * text.n + 64);
	while (str_next_line(&rest, &line)) {
		bool ended = line.p[line.n - 1] == '\n';
		struct str bare = str_head(line, line.n - ended);

		if (all_plain(bare))
			buf_adds(&out, bare);
		else
			encode_line(&out, bare);
		if (ended)
			buf_addc(&out, '\n');
	}
	return buf_str(&out);
}
