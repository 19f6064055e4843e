/*
 * Taking markup off again (what spamassassin -d does, and what learning needs
 * first): an original that report_safe wrapped is taken out of its wrapper;
 * otherwise X-Spam-* headers go and X-Spam-Prev-* ones come back.
 */
#include "scan/engine.h"

#include "base/arena.h"
#include "base/buf.h"
#include "mail/message.h"
#include "mail/settings.h"

/* The boundary of a multipart/mixed Content-Type as our wrapper writes it. */
static struct str wrapper_boundary(struct message *m)
{
	struct str v = str_ltrim(message_header(m, STR("Content-Type"), false));
	ssize_t at;
	size_t n = 0;

	if (!str_istarts(v, STR("multipart/mixed;")))
		return STR_NONE;
	at = str_ifind(v, STR("boundary"));
	if (at < 0)
		return STR_NONE;
	v = str_ltrim(str_from(v, (size_t)at + STR("boundary").n));
	if (v.n == 0 || v.p[0] != '=')
		return STR_NONE;
	v = str_ltrim(str_from(v, 1));
	if (v.n && (v.p[0] == '"' || v.p[0] == '\''))
		v = str_from(v, 1);
	while (n < v.n && !memchr("\"';\n", v.p[n], 4))
		n++;
	return n ? str_rtrim(str_head(v, n)) : STR_NONE;
}

static bool is_boundary(struct str line, struct str boundary)
{
	return str_starts(line, STR("--")) &&
	       str_starts(str_from(line, 2), boundary);
}

static bool is_blank(struct str line)
{
	return str_trim(line).n == 0;
}

/* Does a part with this Content-Type hold the original? */
static bool holds_original(struct str type)
{
	ssize_t semi = str_chr(type, ';');
	struct str main = semi < 0 ? type : str_head(type, (size_t)semi);

	return (str_eq(main, STR("message/rfc822")) ||
		str_eq(main, STR("text/plain"))) &&
	       semi >= 0 &&
	       str_starts(str_ltrim(str_from(type, (size_t)semi + 1)),
			  STR("x-spam-type=original"));
}

/* Moves *rest behind the header of the next part and returns its type. */
static bool next_part(struct str *rest, struct str boundary, struct str *type_r)
{
	struct str line;
	bool inside = false;

	*type_r = STR("");
	while (str_next_line(rest, &line)) {
		if (!inside) {
			inside = is_boundary(line, boundary);
			continue;
		}
		if (is_blank(line))
			return true;
		if (str_istarts(line, STR("Content-Type:")))
			*type_r = str_trim(str_from(line,
					STR("Content-Type:").n));
	}
	return false;
}

/* The wrapped original, or STR_NONE. */
static struct str unwrap(struct message *m)
{
	struct str boundary = wrapper_boundary(m), type;
	struct str rest = m->pristine_body, line, body, before = STR("x");
	size_t n = 0;

	if (!boundary.p)
		return STR_NONE;
	do {
		if (!next_part(&rest, boundary, &type))
			return STR_NONE;
	} while (!holds_original(type));
	body = rest;
	while (str_next_line(&rest, &line)) {
		if (is_boundary(line, boundary)) {
			/* The blank line before it is the wrapper's. */
			if (is_blank(before))
				n -= before.n;
			break;
		}
		n += line.n;
		before = line;
	}
	return str_head(body, n);
}

static bool is_continuation(struct str line)
{
	return line.n && (line.p[0] == ' ' || line.p[0] == '\t');
}

static bool same_field(struct str a, struct str b)
{
	ssize_t i = str_chr(a, ':'), k = str_chr(b, ':');

	return i >= 0 && i == k &&
	       str_ieq(str_head(a, (size_t)i), str_head(b, (size_t)k));
}

/* The header as fields, each with its continuation lines. */
static void split_fields(struct arena *a, struct str header, struct strs *out)
{
	struct str line;

	while (str_next_line(&header, &line)) {
		if (out->n && is_continuation(line) && !is_blank(line))
			out->v[out->n - 1].n += line.n;
		else
			strs_add(a, out, line);
	}
}

/* Puts the previous version of a field where the rewritten one stands. */
static void restore(struct arena *a, struct strs *fields, struct str prev)
{
	bool gone = str_ieq(str_trim(str_from(prev, STR("Subject:").n)),
			    STR("(nonexistent)")) &&
		    str_istarts(prev, STR("Subject:"));

	for (size_t i = 0; i < fields->n; i++)
		if (same_field(fields->v[i], prev)) {
			fields->v[i] = gone ? STR("") : prev;
			return;
		}
	if (!gone)
		strs_add(a, fields, prev);
}

struct str message_unmarked(struct arena *a, struct str raw)
{
	struct mail_settings settings;
	struct message *m;
	struct strs fields = { 0 }, kept = { 0 };
	struct str original, separator = STR("");
	struct buf out;

	mail_settings_init(&settings);
	m = message_parse(a, &settings, raw);
	original = unwrap(m);
	buf_in(&out, a, raw.n + 64);
	buf_adds(&out, m->mbox_line);
	if (original.p) {
		buf_adds(&out, original);
		return buf_str(&out);
	}
	split_fields(a, m->pristine_header, &fields);
	if (fields.n && is_blank(fields.v[fields.n - 1]))
		separator = fields.v[--fields.n];
	for (size_t i = 0; i < fields.n; i++)
		if (!str_istarts(fields.v[i], STR("X-Spam-")))
			strs_add(a, &kept, fields.v[i]);
	for (size_t i = 0; i < fields.n; i++)
		if (str_istarts(fields.v[i], STR("X-Spam-Prev-")))
			restore(a, &kept, str_from(fields.v[i],
						   STR("X-Spam-Prev-").n));
	for (size_t i = 0; i < kept.n; i++)
		buf_adds(&out, kept.v[i]);
	buf_adds(&out, separator);
	buf_adds(&out, m->pristine_body);
	return buf_str(&out);
}
