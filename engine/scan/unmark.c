/*
 * Taking markup off again (what spamassassin -d does, and what learning needs
 * first): an original that report_safe wrapped is taken out of its wrapper;
 * otherwise X-Spam-* headers go and X-Spam-Prev-* ones come back.
 */
#include "scan/engine.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/map.h"
#include "mail/message.h"
#include "mail/settings.h"

/* The boundary of a multipart/mixed Content-Type as our wrapper writes it. */
static struct str wrapper_boundary(struct message *m)
{
	struct header *h = headers_last(&m->headers, STR("Content-Type"));
	struct str v;
	ssize_t at;
	size_t n = 0;

	if (!h)
		return STR_NONE;
	v = str_ltrim(header_text(m->arena, m->settings, h));
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

/* The line end before the closing boundary is the wrapper's: the original need
 * not end with one. */
static struct str without_line_end(struct str text, bool crlf)
{
	if (!str_ends(text, STR("\n")))
		return text;
	text.n--;
	if (crlf && str_ends(text, STR("\r")))
		text.n--;
	return text;
}

/* The wrapped original, or STR_NONE. */
static struct str unwrap(struct message *m)
{
	struct str boundary = wrapper_boundary(m), type;
	struct str rest = m->pristine_body, line, body;
	size_t n = 0;

	if (!boundary.p)
		return STR_NONE;
	do {
		if (!next_part(&rest, boundary, &type))
			return STR_NONE;
	} while (!holds_original(type));
	body = rest;
	while (str_next_line(&rest, &line)) {
		if (is_boundary(line, boundary))
			return without_line_end(str_head(body, n), m->crlf);
		n += line.n;
	}
	return str_head(body, n);
}

static bool is_continuation(struct str line)
{
	return line.n && (line.p[0] == ' ' || line.p[0] == '\t');
}

/* The header as fields, each with its continuation lines. A blank line closes
 * the header only if it is the last one. */
static void split_fields(struct arena *a, struct str header, struct strs *out)
{
	struct str line;

	while (str_next_line(&header, &line)) {
		bool separator = header.n == 0 && is_blank(line);

		if (out->n && is_continuation(line) && !separator)
			out->v[out->n - 1].n += line.n;
		else
			strs_add(a, out, line);
	}
}

/* What stood where prev says. Only the first line of a field is rewritten and
 * kept as the previous one; its other lines are still behind the new one. */
static struct str previous(struct arena *a, struct str field, struct str prev)
{
	struct str rest = field, prev_rest = prev, line;

	if (str_istarts(prev, STR("Subject:")) &&
	    str_ieq(str_trim(str_from(prev, STR("Subject:").n)),
		    STR("(nonexistent)")))
		return STR("");
	str_next_line(&rest, &line);
	str_next_line(&prev_rest, &line);
	return prev_rest.n ? prev : str_cat(a, prev, rest);
}

/* The previous versions of the fields of one name, in order. */
struct prevs {
	struct strs texts;
	size_t next;		/* not put back yet */
};

static struct prevs *prevs_of(struct map *all, struct str field)
{
	ssize_t colon = str_chr(field, ':');
	void **slot;

	if (colon < 0)
		return NULL;
	slot = map_slot(all, str_lower(all->arena,
				       str_head(field, (size_t)colon)));
	if (!*slot) {
		*slot = arena_alloc(all->arena, sizeof(struct prevs));
		memset(*slot, 0, sizeof(struct prevs));
	}
	return *slot;
}

/* Puts previous versions where the rewritten ones stand, and those of fields
 * that are gone at the end. */
static void restore(struct arena *a, struct strs *kept, struct map *all)
{
	struct map_entry *e;

	for (size_t i = 0; i < kept->n; i++) {
		struct prevs *p = prevs_of(all, kept->v[i]);

		if (p && p->next < p->texts.n)
			kept->v[i] = previous(a, kept->v[i],
					      p->texts.v[p->next++]);
	}
	for (size_t i = 0; (e = map_next(all, &i));) {
		struct prevs *p = e->value;

		while (p->next < p->texts.n)
			strs_add(a, kept, previous(a, STR(""),
						   p->texts.v[p->next++]));
	}
}

static void keep_previous(struct map *all, struct str field)
{
	struct prevs *p = prevs_of(all, field);

	if (p)
		strs_add(all->arena, &p->texts, field);
}

struct str message_unmarked(struct arena *a, struct str raw)
{
	static const struct str mark = STR("X-Spam-Prev-");
	struct mail_settings settings;
	struct message *m;
	struct strs fields = { 0 }, kept = { 0 };
	struct map prevs = MAP_IN(a);
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
		else if (str_istarts(fields.v[i], mark))
			keep_previous(&prevs, str_from(fields.v[i], mark.n));
	restore(a, &kept, &prevs);
	for (size_t i = 0; i < kept.n; i++)
		buf_adds(&out, kept.v[i]);
	buf_adds(&out, separator);
	buf_adds(&out, m->pristine_body);
	return buf_str(&out);
}
