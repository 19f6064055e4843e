/*
 * A whole mail: where its header ends, what its fields are, and its body made
 * ready for the MIME readers. The same is done for the message itself and for
 * each message/rfc822 inside it. SpamAssassin reads the header from lines: a
 * header block ends at an empty line, at a line that begins with "--", or at
 * the fourth line that is no header; if the first or the last line of the mail
 * ends in CRLF then all lines do, and lose their CR; runs of blank lines in
 * the body are cut to twenty. The text as received is kept beside all that.
 */
#include "mail/message.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "mail/charset.h"
#include "mail/content_type.h"
#include "mail/decode.h"
#include "mail/idn.h"
#include "mail/mime.h"
#include "mail/part.h"
#include "mail/words.h"

#define MAX_BLANK_LINES 20
/* Lines that are no headers and are skipped before the body is thought to
 * begin. */
#define MAX_BAD_HEADERS 3

/* One mail while it is read. */
struct mail {
	struct mime_reader *rd;
	struct part *node;
	struct str raw;		/* without the mbox line */
	bool crlf;
	bool top;		/* the message itself */
};

static void set_flag(struct mail *mail, unsigned flag)
{
	/* Of an inner mail only the MIME flags count. */
	if (mail->top)
		mail->rd->m->flags |= flag;
}

/* "From " and something but a colon: a line of an mbox file. */
static bool is_mbox_line(struct str line)
{
	size_t i = 4;

	if (!str_starts(line, STR("From")))
		return false;
	while (i < line.n && is_space((unsigned char)line.p[i]))
		i++;
	return i > 5 || (i == 5 && (i >= line.n || line.p[i] != ':'));
}

/* The line with which an MBX file introduces a mail:
 * "dd-Mon-yyyy hh:mm:ss zone,size;flags-uid". */
static bool is_mbx_line(struct str line)
{
	static const char form[] = "sd-aaa-ddddwdd:dd:dd";
	struct str tail = str_rtrim(line);
	size_t i;

	for (i = 0; form[i]; i++) {
		int c = i < line.n ? (unsigned char)line.p[i] : -1;
		bool ok = form[i] == 's' ? is_space(c) || is_digit(c) :
			form[i] == 'd' ? is_digit(c) :
			form[i] == 'a' ? is_alpha(c) :
			form[i] == 'w' ? is_space(c) : c == form[i];

		if (!ok)
			return false;
	}
	/* ",12345;0123456789ab-0123abcd" */
	if (tail.n < i + 24 || tail.p[tail.n - 9] != '-' ||
	    tail.p[tail.n - 22] != ';')
		return false;
	for (i = tail.n - 23; i > 0 && is_digit((unsigned char)tail.p[i]); )
		i--;
	return i < tail.n - 23 && tail.p[i] == ',';
}

/* Takes an mbox or MBX line off the front. */
static void take_mbox_line(struct mail *mail)
{
	struct str rest = mail->raw, line;

	if (!str_next_line(&rest, &line) ||
	    (!is_mbox_line(line) && !is_mbx_line(line)))
		return;
	if (mail->top)
		mail->rd->m->mbox_line = line;
	mail->raw = rest;
}

/* CRLF is looked for in the first and in the last line. */
static bool has_crlf(struct str raw)
{
	struct str rest = raw, line;
	ssize_t nl;

	if (!str_next_line(&rest, &line))
		return false;
	if (str_ends(line, STR("\r\n")))
		return true;
	nl = raw.n > 1 ? str_rchr(str_head(raw, raw.n - 1), '\n') : -1;
	return str_ends(str_from(raw, (size_t)(nl + 1)), STR("\r\n"));
}

static bool is_empty_line(struct str line, bool crlf)
{
	return str_eq(line, STR("\n")) ||
	       (crlf && str_eq(line, STR("\r\n")));
}

/* Where the header block ends. */
struct head_end {
	size_t fields;		/* bytes of header lines */
	size_t end;		/* the same with the empty line */
	size_t looked_at;	/* bytes of lines that were read to know it */
	bool separated;		/* by an empty line */
};

static struct head_end find_head_end(struct str raw, bool crlf)
{
	struct head_end h = { 0, 0, 0, false };
	struct str rest = raw, line;
	int bad = 0;

	while (str_next_line(&rest, &line)) {
		h.looked_at = h.fields + line.n;
		if (line.p[0] == ' ' || line.p[0] == '\t') {
			h.fields += line.n;
			continue;
		}
		h.end = h.fields + line.n;
		h.separated = is_empty_line(line, crlf);
		if (h.separated)
			return h;
		h.end = h.fields;
		if (str_starts(line, STR("--")) ||
		    (!is_header_line(line, true) && ++bad > MAX_BAD_HEADERS))
			return h;
		h.fields += line.n;
	}
	h.end = h.fields;
	return h;
}

/* Some milters fold headers with a bare LF in a mail of CRLF lines; the lines
 * that were read as header get their CR back. */
static struct str mend_line_ends(struct arena *a, struct str raw, size_t upto)
{
	size_t missing = 0, n = 0;
	char *out;

	for (size_t i = 0; i < upto; i++)
		missing += raw.p[i] == '\n' && (i == 0 || raw.p[i - 1] != '\r');
	if (!missing)
		return raw;
	out = arena_text(a, raw.n + missing);
	for (size_t i = 0; i < upto; i++) {
		if (raw.p[i] == '\n' && (i == 0 || raw.p[i - 1] != '\r'))
			out[n++] = '\r';
		out[n++] = raw.p[i];
	}
	memcpy(out + n, raw.p + upto, raw.n - upto);
	return str_make(out, raw.n + missing);
}

/* A header with its continuation lines; no header without a colon. */
static void read_field(struct mail *mail, struct str field)
{
	struct arena *a = mail->rd->m->arena;
	ssize_t colon = str_chr(field, ':');
	struct str name, value;

	if (colon < 0)
		return;
	name = str_head(field, (size_t)colon);
	value = str_from(field, (size_t)colon + 1);
	if (mail->crlf)
		value = crlf_to_lf(a, value);
	while (name.n && (name.p[name.n - 1] == ' ' ||
			  name.p[name.n - 1] == '\t'))
		name.n--;
	if (name.n > LIMIT_HEADER_NAME || value.n > LIMIT_HEADER_VALUE)
		set_flag(mail, MSG_TRUNCATED_HEADER);
	name = str_head(name, LIMIT_HEADER_NAME);
	value = str_head(value, LIMIT_HEADER_VALUE);
	/* Rules never see what an earlier SpamAssassin wrote. */
	if (mail->top && str_istarts(name, STR("X-Spam-"))) {
		headers_add(a, &mail->rd->m->marks, name, value);
		return;
	}
	if (!headers_add(a, &mail->node->headers, name, value))
		mail->rd->m->flags |= MSG_HEADERS_CUT;
}

static void read_fields(struct mail *mail, struct str fields)
{
	struct str rest = fields, line, field = STR_NONE;

	while (str_next_line(&rest, &line)) {
		if (field.p && (line.p[0] == ' ' || line.p[0] == '\t')) {
			field.n += line.n;
			continue;
		}
		if (field.p)
			read_field(mail, field);
		field = line;
	}
	if (field.p)
		read_field(mail, field);
}

/* Reads the header block; returns the body as received. */
static struct str read_head(struct mail *mail)
{
	struct message *m = mail->rd->m;
	struct head_end h = find_head_end(mail->raw, mail->crlf);
	struct str body;

	if (mail->crlf) {
		mail->raw = mend_line_ends(m->arena, mail->raw, h.looked_at);
		h = find_head_end(mail->raw, true);
	}
	read_fields(mail, str_head(mail->raw, h.fields));
	if (!h.separated)
		set_flag(mail, MSG_MISSING_HEAD_BODY_SEPARATOR);
	body = str_from(mail->raw, h.end);
	if (mail->top) {
		m->crlf = mail->crlf;
		m->pristine = mail->raw;
		m->pristine_header = str_head(mail->raw, h.end);
		m->pristine_body = body;
	}
	return body;
}

static bool is_blank_line(struct str line)
{
	for (size_t i = 0; i < line.n; i++)
		if (!is_space((unsigned char)line.p[i]))
			return false;
	return true;
}

/* The bytes of the blank lines at the front of text; *lines_r counts them. */
static size_t blank_run(struct str text, size_t *lines_r)
{
	struct str rest = text, line;

	*lines_r = 0;
	while (str_next_line(&rest, &line) && is_blank_line(line))
		++*lines_r;
	if (*lines_r == 0)
		return 0;
	/* rest is behind the first line that is not blank, or at the end. */
	return text.n - rest.n - (is_blank_line(line) ? 0 : line.n);
}

/* The first n lines of text, in bytes. */
static size_t lines_bytes(struct str text, size_t n)
{
	struct str rest = text, line;

	while (n-- && str_next_line(&rest, &line))
		;
	return text.n - rest.n;
}

static void add_line(struct buf *out, struct str line, bool crlf)
{
	buf_adds(out, line);
	if (crlf && str_ends(line, STR("\r\n"))) {
		out->n -= 2;
		buf_addc(out, '\n');
	}
}

static void add_lines(struct buf *out, struct str text, bool crlf)
{
	struct str line;

	while (str_next_line(&text, &line))
		add_line(out, line, crlf);
}

/* A run of blank lines keeps its first (at the very top: two) and its last
 * nineteen lines. Returns true if something had to be dropped. */
static bool add_blank_run(struct buf *out, struct str run, size_t lines,
			  bool at_top, bool crlf)
{
	size_t keep = at_top ? 2 : 1;
	size_t cut, from, to;

	if (lines <= MAX_BLANK_LINES - 1 + keep) {
		add_lines(out, run, crlf);
		return false;
	}
	cut = lines - (MAX_BLANK_LINES - 1) - keep;
	from = lines_bytes(run, keep);
	to = from + lines_bytes(str_from(run, from), cut);
	add_lines(out, str_head(run, from), crlf);
	add_lines(out, str_from(run, to), crlf);
	return true;
}

/* The body with lines that end in LF and no long runs of blank lines. */
static struct str tidy_body(struct arena *a, struct str body, bool crlf)
{
	struct str rest = body, line;
	bool changed = crlf;
	struct buf out;

	buf_in(&out, a, body.n);
	buf_room(&out, body.n);
	while (rest.n) {
		size_t lines, n = blank_run(rest, &lines);

		if (n) {
			changed |= add_blank_run(&out, str_head(rest, n), lines,
						 rest.p == body.p, crlf);
			rest = str_from(rest, n);
		}
		if (str_next_line(&rest, &line))
			add_line(&out, line, crlf);
	}
	return changed ? buf_str(&out) : body;
}

/* A multipart whose body begins neither with an empty line nor with its
 * boundary is read as if an empty line came first, so that its first lines
 * are not taken for headers of a part. */
static bool wants_blank_first(struct str type, struct str boundary,
			      struct str body)
{
	struct str rest = body, line;

	if (!str_starts(type, STR("multipart/")) ||
	    !str_next_line(&rest, &line) || rest.n == 0 || is_blank_line(line))
		return false;
	return !boundary.p || !str_starts(line, STR("--")) ||
	       !str_starts(str_from(line, 2), boundary);
}

void mail_open(struct mime_reader *rd, struct part *node, struct str raw,
	       int levels)
{
	struct arena *a = rd->m->arena;
	struct mail mail = { .rd = rd, .node = node, .raw = raw,
			     .top = node == rd->m->root };
	struct content_type ct;
	struct str body;

	if (mail.raw.n == 0)
		mail.raw = STR("\n");
	take_mbox_line(&mail);
	mail.crlf = has_crlf(mail.raw);
	body = tidy_body(a, read_head(&mail), mail.crlf);
	ct = content_type_parse(a, part_header(node, STR("content-type")));
	node->type = node->declared_type = ct.type;
	mime_enqueue(rd, (struct mime_job){
		.part = node, .boundary = ct.boundary, .body = body,
		.blank_first = wants_blank_first(ct.type, ct.boundary, body),
		.levels = levels,
	});
}

void mime_enqueue(struct mime_reader *rd, struct mime_job job)
{
	rd->jobs = arena_grow(rd->m->arena, rd->jobs, rd->n, &rd->cap,
			      sizeof(*rd->jobs));
	rd->jobs[rd->n++] = job;
}

struct part *mime_part_new(struct mime_reader *rd, struct part *parent)
{
	struct message *m = rd->m;
	struct part *p;

	if (rd->nparts >= LIMIT_PARTS_TOTAL) {
		m->flags |= MSG_PARTS_CUT;
		return NULL;
	}
	rd->nparts++;
	p = arena_alloc(m->arena, sizeof(*p));
	p->msg = m;
	p->parent = parent;
	if (!parent)
		return p;
	p->depth = parent->depth + 1;
	parent->children = arena_grow(m->arena, parent->children,
				      parent->nchildren, &parent->child_cap,
				      sizeof(*parent->children));
	parent->children[parent->nchildren++] = p;
	return p;
}

/* message/rfc822 and message/global hold a mail, which becomes a child. */
static void open_sub_mail(struct mime_reader *rd, const struct mime_job *job)
{
	struct part *p = job->part, *child;
	struct str text;

	if (job->levels <= 0 ||
	    (!str_eq(p->declared_type, STR("message/rfc822")) &&
	     !str_eq(p->declared_type, STR("message/global"))))
		return;
	text = part_decoded(p);
	if (text.n == 0)
		return;
	child = mime_part_new(rd, p);
	if (!child)
		return;
	p->container = true;
	p->raw = STR_NONE;
	mail_open(rd, child, text, job->levels - 1);
}

static void run_jobs(struct mime_reader *rd)
{
	for (size_t i = 0; i < rd->n; i++) {
		/* A copy: the queue moves when it grows. */
		struct mime_job job = rd->jobs[i];

		if (str_starts(job.part->declared_type, STR("multipart/")) &&
		    job.boundary.p && job.levels > 0) {
			if (!mime_split_gmime(rd, &job))
				mime_split(rd, &job);
		} else {
			mime_leaf(rd, &job);
			open_sub_mail(rd, &job);
		}
	}
}

/* The leaves below p in document order. The depth is bounded by
 * LIMIT_MIME_DEPTH (twice, counting the mails inside message parts). */
static void collect_leaves(struct message *m, struct part *p, size_t *cap)
{
	if (part_is_leaf(p)) {
		/* A type of nothing but odd characters ends up empty; such a
		 * part is never found. */
		if (p->declared_type.n == 0)
			return;
		m->leaves = arena_grow(m->arena, m->leaves, m->nleaves, cap,
				       sizeof(*m->leaves));
		m->leaves[m->nleaves++] = p;
		return;
	}
	for (size_t i = 0; i < p->nchildren; i++)
		collect_leaves(m, p->children[i], cap);
}

struct message *message_parse(struct arena *a, const struct mail_settings *ms,
			      struct str raw)
{
	struct message *m = arena_alloc(a, sizeof(*m));
	struct mime_reader rd = { .m = m, .open = MAP_IN(a) };
	size_t cap = 0, i = 0;

	m->arena = a;
	m->settings = ms;
	m->mbox_line = STR_NONE;
	m->root = mime_part_new(&rd, NULL);
	mail_open(&rd, m->root, raw, LIMIT_MIME_DEPTH);
	run_jobs(&rd);
	m->missing_boundary |= map_next(&rd.open, &i) != NULL;
	m->headers = m->root->headers;
	collect_leaves(m, m->root, &cap);
	return m;
}

void mail_preload(void)
{
	mime_gmime_init();
	charset_preload();
	words_preload();
	idn_preload();
}

void message_set_metadata(struct message *m, struct str name, struct str value)
{
	struct str *kept = arena_alloc(m->arena, sizeof(*kept));

	*kept = str_dup(m->arena, value);
	if (!kept->p)
		*kept = STR("");
	m->metadata.arena = m->arena;
	map_set(&m->metadata, str_lower(m->arena, name), kept);
}

struct str message_metadata(const struct message *m, struct str name)
{
	const struct str *kept;

	if (!m->metadata.arena)
		return STR_NONE;
	kept = map_get(&m->metadata, str_lower(m->arena, name));
	return kept ? *kept : STR_NONE;
}

struct str message_header(struct message *m, struct str name, bool raw)
{
	struct headers *hs = &m->headers;
	size_t i = headers_find(hs, name, 0);
	struct buf b;

	if (i == hs->n)
		return STR_NONE;
	buf_in(&b, m->arena, LIMIT_PART_TEXT);
	for (; i < hs->n; i = headers_find(hs, name, i + 1)) {
		if (raw) {
			buf_adds(&b, hs->v[i].raw);
			continue;
		}
		buf_adds(&b, header_text(m->arena, m->settings, &hs->v[i]));
		buf_addc(&b, '\n');
	}
	return buf_str(&b);
}
