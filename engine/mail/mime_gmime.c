/*
 * MIME trees by GMime, for the multiparts whose structure is as it should be:
 * most mail. GMime parses; then its tree is held against the text: each part
 * begins where it says, right behind a boundary line, with nothing but headers
 * and an empty line before its content; every multipart has a boundary of its
 * own and is closed; nothing else looks like a boundary. Where all that holds,
 * SpamAssassin sees the same parts. Where it does not, or where a mail is
 * inside, the answer is no and mime_lines.c reads in SpamAssassin's way.
 *
 * GMime is asked only about bodies with few boundary-like lines and few
 * Content-Type lines, because its cost is their product and its recursion as
 * deep as the latter. It never writes anything. This file alone knows GMime's
 * parser.
 */
#include <gmime/gmime.h>

#include "base/arena.h"
#include "base/limits.h"
#include "mail/content_type.h"
#include "mail/header.h"
#include "mail/message.h"
#include "mail/mime.h"
#include "mail/part.h"
#include "mail/settings.h"

#define MAX_DASH_LINES 2000
#define MAX_TYPE_LINES 100
/* More than this goes to the line reader, which copies nothing. */
#define MAX_BYTES ((size_t)8 << 20)

/* A part that was found, before it becomes a struct part. */
struct found {
	struct found *next;	/* in document order */
	struct found *parent;	/* NULL: below the multipart of the job */
	struct headers headers;
	struct content_type ct;
	bool multipart;
	struct str text;
	struct str epilogue;	/* of a multipart */
	int levels;
	struct part *made;
};

struct check {
	struct mime_reader *rd;
	struct str all;		/* what GMime read: a header and the body */
	struct found *first, **end;
	size_t n;
};

void mime_gmime_init(void)
{
	static bool done;

	if (!done)
		g_mime_init();
	done = true;
}

/* Is GMime safe and fast on this? */
static bool is_tame(const struct mime_job *job)
{
	struct str rest = job->body, line;
	size_t dashes = 0, types = 0;

	if (rest.n > MAX_BYTES)
		return false;
	while (str_next_line(&rest, &line)) {
		dashes += str_starts(line, STR("--"));
		types += str_istarts(line, STR("content-type"));
	}
	if (dashes > MAX_DASH_LINES || types > MAX_TYPE_LINES)
		return false;
	/* It is put in quotes below. */
	for (size_t i = 0; i < job->boundary.n; i++) {
		unsigned char c = (unsigned char)job->boundary.p[i];

		if (c < 32 || c > 126 || c == '"' || c == '\\')
			return false;
	}
	return true;
}

/* The next boundary line of s: its kind, where it begins, and where the next
 * line does. LINE_TEXT if there is none. */
static enum line_kind next_boundary(struct str s, struct str boundary,
				    size_t *start_r, size_t *end_r)
{
	struct str rest = s, line;

	while (str_next_line(&rest, &line)) {
		enum line_kind kind = boundary_line(line, boundary);

		if (kind == LINE_TEXT)
			continue;
		*start_r = (size_t)(line.p - s.p);
		*end_r = *start_r + line.n;
		return kind;
	}
	return LINE_TEXT;
}

/* Reads the header lines at the front of s; the bytes of them and of the empty
 * line behind, or -1 if something else is there. */
static ssize_t read_head(struct message *m, struct str s, struct headers *hs)
{
	struct str rest = s, line, field = STR_NONE;

	while (str_next_line(&rest, &line)) {
		if (field.p && (line.p[0] == ' ' || line.p[0] == '\t')) {
			field.n += line.n;
			continue;
		}
		if (field.p)
			mime_add_header(m, hs, field);
		field = line;
		if (str_eq(line, STR("\n")))
			return hs->n ? (ssize_t)(s.n - rest.n) : -1;
		if (!is_header_line(line, hs->n > 0))
			return -1;
	}
	return -1;
}

/* Does GMime say that the headers of o begin at p? */
static bool begins_at(const struct check *c, GMimeObject *o, const char *p)
{
	GMimeHeaderList *list = g_mime_object_get_header_list(o);

	return g_mime_header_list_get_count(list) > 0 &&
	       g_mime_header_get_offset(
			g_mime_header_list_get_header_at(list, 0)) ==
		       p - c->all.p;
}

/* Does GMime say that the content of the leaf o is s, but for the newline
 * before the boundary? */
static bool content_is(const struct check *c, GMimeObject *o, struct str s)
{
	GMimeDataWrapper *content = g_mime_part_get_content(GMIME_PART(o));
	GMimeStream *stream = content ?
		g_mime_data_wrapper_get_stream(content) : NULL;
	gint64 from = s.p - c->all.p;

	if (str_ends(s, STR("\n")))
		s.n--;
	return stream && stream->bound_start == from &&
	       stream->bound_end == from + (gint64)s.n;
}

/* SpamAssassin cuts long lines of a multipart inside another one before it
 * looks for boundaries there. */
static bool has_long_line(struct str s)
{
	struct str line;

	while (str_next_line(&s, &line))
		if (line.n > LIMIT_BODY_LINE)
			return true;
	return false;
}

static bool check_multipart(struct check *c, GMimeMultipart *mp,
			    struct str boundary, struct found *parent,
			    struct str s, int levels, struct str *rest_r);

/* Holds the child o against s: headers, an empty line, content. */
static bool check_child(struct check *c, GMimeObject *o, struct str boundary,
			struct found *parent, struct str s, int levels)
{
	struct message *m = c->rd->m;
	struct found *f = arena_alloc(m->arena, sizeof(*f));
	ssize_t head = read_head(m, s, &f->headers);
	struct header *type;

	if (head < 0 || !begins_at(c, o, s.p) || ++c->n >= LIMIT_MIME_PARTS)
		return false;
	type = headers_last(&f->headers, STR("content-type"));
	f->ct = content_type_parse(m->arena, !type ? STR("") :
				   header_text(m->arena, m->settings, type));
	f->multipart = str_starts(f->ct.type, STR("multipart/"));
	f->parent = parent;
	f->levels = levels;
	f->text = str_from(s, (size_t)head);
	*c->end = f;
	c->end = &f->next;
	if ((f->ct.boundary.p && str_eq(f->ct.boundary, boundary)) ||
	    str_eq(f->ct.type, STR("multipart/digest")))
		return false;
	if (!f->multipart)
		return GMIME_IS_PART(o) && content_is(c, o, f->text);
	return GMIME_IS_MULTIPART(o) && f->ct.boundary.p && levels > 0 &&
	       !str_eq(f->ct.boundary, STR("0")) && !has_long_line(f->text) &&
	       check_multipart(c, GMIME_MULTIPART(o), f->ct.boundary, f,
			       f->text, levels, &f->epilogue);
}

/* Holds the multipart mp against its body s. The depth is bounded by levels.
 * *rest_r is what stands behind the closing boundary. */
static bool check_multipart(struct check *c, GMimeMultipart *mp,
			    struct str boundary, struct found *parent,
			    struct str s, int levels, struct str *rest_r)
{
	const char *theirs = g_mime_multipart_get_boundary(mp);
	int n = g_mime_multipart_get_count(mp);
	size_t start = 0, end = 0;
	enum line_kind kind = next_boundary(s, boundary, &start, &end);

	if (!theirs || !str_eq(str_cstr(theirs), boundary))
		return false;
	for (int i = 0; i < n; i++) {
		GMimeObject *o = g_mime_multipart_get_part(mp, i);

		if (kind != LINE_START)
			return false;
		s = str_from(s, end);
		kind = next_boundary(s, boundary, &start, &end);
		if (kind == LINE_TEXT ||
		    !check_child(c, o, boundary, parent, str_head(s, start),
				 levels - 1))
			return false;
	}
	*rest_r = str_from(s, end);
	return n > 0 && kind == LINE_END &&
	       next_boundary(*rest_r, boundary, &start, &end) == LINE_TEXT;
}

/* Everything was as it should be: the parts are made. */
static void make_parts(struct check *c, const struct mime_job *job)
{
	struct mime_reader *rd = c->rd;
	struct arena *a = rd->m->arena;

	for (struct found *f = c->first; f; f = f->next) {
		struct part *parent = f->parent ? f->parent->made : job->part;
		struct part *p = parent ? mime_part_new(rd, parent) : NULL;

		f->made = p;
		if (!p)
			continue;
		p->headers = f->headers;
		p->type = p->declared_type = f->ct.type;
		p->container = f->multipart;
		if (f->multipart) {
			map_del(&rd->open, f->ct.boundary);
			mime_look_at_epilogue(rd->m, f->epilogue);
			continue;
		}
		mime_enqueue(rd, (struct mime_job){
			.part = p, .levels = f->levels,
			.boundary = f->ct.boundary.p ? f->ct.boundary :
				f->parent ? f->parent->ct.boundary :
				job->boundary,
			.body = mime_part_text(a, f->text, true),
		});
	}
}

/* What GMime makes of the body under a header of our own; NULL if it makes no
 * multipart of it. all is that text. */
static GMimeObject *parse(struct arena *a, const struct mime_job *job,
			  struct str *all)
{
	struct str head = str_printf(a,
		"Content-Type: multipart/mixed; boundary=\"%.*s\"\n\n",
		STR_ARG(job->boundary));
	GByteArray *bytes;
	GMimeStream *stream;
	GMimeParser *parser;
	GMimeObject *o;

	*all = str_cat(a, head, job->body);
	bytes = g_byte_array_new_take((guint8 *)all->p, all->n);
	stream = g_mime_stream_mem_new_with_byte_array(bytes);
	g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream), FALSE);
	parser = g_mime_parser_new_with_stream(stream);
	g_mime_parser_set_persist_stream(parser, TRUE);
	o = g_mime_parser_construct_part(parser, NULL);
	g_object_unref(parser);
	g_object_unref(stream);
	/* The bytes are the arena's. */
	g_byte_array_free(bytes, FALSE);
	if (o && !GMIME_IS_MULTIPART(o)) {
		g_object_unref(o);
		o = NULL;
	}
	return o;
}

bool mime_split_gmime(struct mime_reader *rd, const struct mime_job *job)
{
	struct check c = { .rd = rd };
	struct arena *a = rd->m->arena;
	unsigned flags = rd->m->flags;
	struct str rest;
	GMimeObject *o;
	bool good;

	c.end = &c.first;
	if (rd->m->settings->mime_by_lines || !is_tame(job) ||
	    str_eq(job->part->declared_type, STR("multipart/digest")))
		return false;
	mime_gmime_init();
	o = parse(a, job, &c.all);
	if (!o)
		return false;
	good = check_multipart(&c, GMIME_MULTIPART(o), job->boundary, NULL,
			       str_from(c.all, c.all.n - job->body.n),
			       job->levels, &rest);
	g_object_unref(o);
	if (!good) {
		rd->m->flags = flags;
		return false;
	}
	job->part->container = true;
	/* Another multipart that used the same boundary is forgiven. */
	map_del(&rd->open, job->boundary);
	make_parts(&c, job);
	mime_look_at_epilogue(rd->m, rest);
	return true;
}
