/*
 * The multipart reader: it walks over the lines of a multipart's body once
 * and finds the same parts as SpamAssassin, whose reading of malformed mail
 * is its own. What differs from RFC 2046: text without any start boundary is
 * one part; the headers of a part end at the first line that is no header; a
 * header right before a boundary or the end of the text is lost (or becomes
 * text); a part whose Content-Type repeats the boundary of its parent hides
 * boundaries up to the next closing one; a nested multipart without boundary
 * uses its parent's; lines of more than 2,048 bytes are cut in pieces.
 */
#include "base/arena.h"
#include "base/limits.h"
#include "mail/content_type.h"
#include "mail/header.h"
#include "mail/message.h"
#include "mail/mime.h"
#include "mail/part.h"

bool is_header_line(struct str line, bool blanks)
{
	size_t i = 0;

	while (i < line.n && line.p[i] > 32 && line.p[i] < 127 &&
	       line.p[i] != ':')
		i++;
	if (i == 0)
		return false;
	while (blanks && i < line.n && (line.p[i] == ' ' || line.p[i] == '\t'))
		i++;
	return i < line.n && line.p[i] == ':';
}

static bool all_space(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_space((unsigned char)s.p[i]))
			return false;
	return true;
}

enum line_kind boundary_line(struct str line, struct str boundary)
{
	struct str rest;

	if (line.n < 2 + boundary.n || line.p[0] != '-' || line.p[1] != '-')
		return LINE_TEXT;
	rest = str_from(line, 2);
	if (!str_starts(rest, boundary))
		return LINE_TEXT;
	rest = str_from(rest, boundary.n);
	if (str_starts(rest, STR("--")))
		return all_space(str_from(rest, 2)) ? LINE_END : LINE_TEXT;
	return all_space(rest) ? LINE_START : LINE_TEXT;
}

/* The body behind the first start boundary; false if there is none. */
static bool skip_preamble(struct mime_reader *rd, struct str boundary,
			  struct str *body)
{
	struct message *m = rd->m;
	struct str rest = *body, line;

	while (str_next_line(&rest, &line)) {
		if (boundary_line(line, boundary) != LINE_START)
			continue;
		map_set(&rd->open, boundary, rd);
		if (rest.n && !is_header_line(rest, false))
			m->flags |= MSG_MISSING_MIME_HEADERS;
		*body = rest.p ? rest : str_make(line.p + line.n, 0);
		return true;
	}
	return false;
}

/* Cuts lines of more than LIMIT_BODY_LINE bytes in pieces. */
static struct str cut_long_lines(struct arena *a, struct str text)
{
	struct str rest = text, line;
	size_t extra = 0, n = 0;
	char *out;

	while (str_next_line(&rest, &line))
		extra += line.n ? (line.n - 1) / LIMIT_BODY_LINE : 0;
	if (!extra)
		return text;
	out = arena_text(a, text.n + extra);
	rest = text;
	while (str_next_line(&rest, &line)) {
		while (line.n > LIMIT_BODY_LINE) {
			memcpy(out + n, line.p, LIMIT_BODY_LINE);
			n += LIMIT_BODY_LINE;
			out[n++] = '\n';
			line = str_from(line, LIMIT_BODY_LINE);
		}
		memcpy(out + n, line.p, line.n);
		n += line.n;
	}
	return str_make(out, n);
}

/* The part that is being read. */
struct reading {
	struct headers headers;
	struct str pending;	/* a header with its continuations so far */
	struct str text;	/* p == NULL: no line of the body yet */
	bool in_body;
};

struct splitter {
	struct mime_reader *rd;
	const struct mime_job *job;
	struct reading part;
	bool hide;		/* the part's boundary is its parent's */
	size_t nparts;
};

void mime_add_header(struct message *m, struct headers *hs, struct str field)
{
	ssize_t colon = str_chr(field, ':');

	if (!headers_add(m->arena, hs, str_head(field, (size_t)colon),
			 str_ltrim(str_from(field, (size_t)colon + 1))))
		m->flags |= MSG_HEADERS_CUT;
}

/* The pending header becomes one of the part. */
static void store_pending(struct splitter *sp)
{
	if (!sp->part.pending.p)
		return;
	mime_add_header(sp->rd->m, &sp->part.headers, sp->part.pending);
	sp->part.pending = STR_NONE;
}

/* A part that ends its headers with a Content-Type that repeats our boundary
 * hides boundary lines from now on. */
static void check_repeated_boundary(struct splitter *sp)
{
	struct message *m = sp->rd->m;
	struct header *h;
	struct str b;

	if (!sp->part.headers.n)
		return;
	h = &sp->part.headers.v[sp->part.headers.n - 1];
	if (!str_ieq(h->name, STR("content-type")))
		return;
	b = content_type_parse(m->arena, header_text(m->arena, m->settings,
						     h)).boundary;
	if (b.p && str_eq(b, sp->job->boundary))
		sp->hide = true;
}

static void add_text(struct reading *r, struct str line)
{
	if (!r->text.p)
		r->text = str_make(line.p, 0);
	r->text.n += line.n;
}

static bool is_blank(struct str line)
{
	return line.n == 0 || (line.n == 1 && line.p[0] == '\n') ||
	       (line.n == 2 && line.p[0] == '\r' && line.p[1] == '\n') ||
	       (line.n == 1 && line.p[0] == '\r');
}

/* A line that is no boundary. */
static void take_line(struct splitter *sp, struct str line)
{
	struct reading *r = &sp->part;

	if (r->in_body) {
		add_text(r, line);
		return;
	}
	if (is_header_line(line, true)) {
		store_pending(sp);
		r->pending = line;
		return;
	}
	if (r->pending.p && (line.p[0] == ' ' || line.p[0] == '\t')) {
		r->pending.n += line.n;
		return;
	}
	if (r->pending.p) {
		store_pending(sp);
		check_repeated_boundary(sp);
	}
	r->in_body = true;
	if (is_blank(line))
		return;
	sp->rd->m->flags |= MSG_MISSING_MIME_HEAD_BODY_SEPARATOR;
	add_text(r, line);
}

struct str mime_part_text(struct arena *a, struct str text, bool at_boundary)
{
	text = cut_long_lines(a, text);
	/* The newline before a boundary belongs to the boundary. */
	if (at_boundary && str_ends(text, STR("\n")))
		text.n--;
	return text;
}

/* Ends the part: it becomes a child with a job of its own. False if the
 * message has too many. */
static bool finish_part(struct splitter *sp, bool at_boundary)
{
	struct message *m = sp->rd->m;
	struct part *parent = sp->job->part;
	struct part *p = mime_part_new(sp->rd, parent);
	struct content_type ct;
	struct str boundary;

	if (!p)
		return false;
	p->headers = sp->part.headers;
	ct = content_type_parse(m->arena,
				part_header(p, STR("content-type")));
	p->declared_type = ct.type;
	if (ct.missing && str_eq(parent->declared_type,
				 STR("multipart/digest")))
		p->declared_type = STR("message/rfc822");
	p->type = p->declared_type;
	boundary = ct.boundary;
	if (!boundary.p || str_eq(boundary, STR("0")))
		boundary = sp->job->boundary;
	mime_enqueue(sp->rd, (struct mime_job){
		.part = p, .boundary = boundary,
		.body = mime_part_text(m->arena, sp->part.text, at_boundary),
		.levels = sp->job->levels - 1,
	});
	sp->part = (struct reading){ .in_body = false };
	return true;
}

void mime_look_at_epilogue(struct message *m, struct str rest)
{
	for (size_t i = 0; i < rest.n; i++) {
		if (rest.p[i] != '.' && !is_space((unsigned char)rest.p[i])) {
			m->flags |= MSG_MIME_EPILOGUE_EXISTS;
			return;
		}
	}
}

/* Ends a part at a boundary or at the last line. False: read no further. */
static bool close_part(struct splitter *sp, struct str line,
		       enum line_kind kind, struct str rest)
{
	struct message *m = sp->rd->m;

	if (kind == LINE_TEXT)
		add_text(&sp->part, line);
	if (!finish_part(sp, kind != LINE_TEXT))
		return false;
	if (kind == LINE_END) {
		/* An end without a start is out of balance too. */
		if (!map_del(&sp->rd->open, sp->job->boundary))
			m->missing_boundary = true;
		mime_look_at_epilogue(m, rest);
		return false;
	}
	if (rest.n && !is_header_line(rest, false))
		m->flags |= MSG_MISSING_MIME_HEADERS;
	if (++sp->nparts == LIMIT_MIME_PARTS) {
		m->flags |= MSG_MIMEPART_LIMIT;
		return false;
	}
	return true;
}

void mime_split(struct mime_reader *rd, const struct mime_job *job)
{
	struct splitter sp = { .rd = rd, .job = job };
	struct str rest = job->body, line;

	job->part->container = true;
	/* An empty line that stands before the body ends the headers of the
	 * part that begins there. */
	if (!skip_preamble(rd, job->boundary, &rest))
		sp.part.in_body = job->blank_first;
	while (str_next_line(&rest, &line)) {
		enum line_kind kind = boundary_line(line, job->boundary);

		if (kind != LINE_TEXT && sp.hide) {
			/* Hidden ends are text, but the very last line's
			 * closes the multipart all the same. */
			if (kind == LINE_END && rest.n == 0)
				map_del(&rd->open, job->boundary);
			if (kind == LINE_END)
				sp.hide = false;
			kind = LINE_TEXT;
		}
		if (kind == LINE_TEXT && rest.n)
			take_line(&sp, line);
		else if (!close_part(&sp, line, kind, rest))
			break;
	}
}
