/*
 * The marked-up message: X-Spam-* headers added to the original (ham, or
 * report_safe 0), or the original wrapped into a new message with the report
 * in front (report_safe 1 and 2). Headers are rewritten as text; bytes of the
 * body are never touched (reference 5.3), but by PhishTag (phishtag.c).
 */
#include "scan/scan_int.h"

#include <stdio.h>
#include <sys/random.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "mail/message.h"
#include "scan/encode.h"
#include "scan/identity.h"

/* Around the original there is only the report and the headers. */
#define OUTPUT_MAX (LIMIT_MESSAGE + ((size_t)16 << 20))

/* All values of a header in the pristine text: what follows the colon and
 * blanks, with folding and line end, in order. A header that has no line end (the
 * last of a message without a body) counts only if there is no other, and
 * decoded. */
static void pristine_values(struct scan *s, struct str name, struct strs *out)
{
	struct str rest = s->msg->pristine_header, line;

	while (str_next_line(&rest, &line)) {
		struct str v = str_from(line, name.n);

		if (!str_istarts(line, name))
			continue;
		while (v.n && (v.p[0] == ' ' || v.p[0] == '\t'))
			v = str_from(v, 1);
		if (v.n == 0 || v.p[0] != ':')
			continue;
		v = str_from(v, 1);
		while (v.n && (v.p[0] == ' ' || v.p[0] == '\t'))
			v = str_from(v, 1);
		while (rest.n && (rest.p[0] == ' ' || rest.p[0] == '\t')) {
			str_next_line(&rest, &line);
			v.n += line.n;
		}
		if (str_ends(v, STR("\n")))
			strs_add(s->arena, out, v);
	}
	if (out->n)
		return;
	for (size_t i = 0; (i = headers_find(&s->msg->headers, name, i)) <
			   s->msg->headers.n; i++)
		strs_add(s->arena, out,
			 str_cat(s->arena,
				 header_text(s->arena, s->msg->settings,
					     &s->msg->headers.v[i]),
				 STR("\n")));
}

/* The last value of a header, or STR_NONE. */
static struct str pristine_value(struct scan *s, struct str name)
{
	struct strs all = { 0 };

	pristine_values(s, name, &all);
	return all.n ? all.v[all.n - 1] : STR_NONE;
}

/* The tag that rewrite_header gives this header, expanded and on one line. */
static struct str rewrite_tag(struct scan *s, struct str header, bool *set_r)
{
	const struct str *text = NULL;
	struct str v;
	char *p;

	for (const struct settings *set = s->settings; set && !text;
	     set = set->base)
		text = map_get(&set->rewrite_header, header);
	*set_r = text != NULL;
	if (!text)
		return STR("");
	v = tags_expand(s, *text);
	p = arena_strndup(s->arena, v.p, v.n);
	for (size_t i = 0; i < v.n; i++)
		if (p[i] == '\n')
			p[i] = ' ';
	return str_make(p, v.n);
}

static struct str process_header(struct scan *s,
				 const struct header_template *h)
{
	struct str v = tags_expand(s, h->text), line, rest;
	struct buf out;

	while (v.n && (v.p[v.n - 1] == '\n' || v.p[v.n - 1] == '\r'))
		v.n--;
	buf_in(&out, s->arena, OUTPUT_MAX);
	if (!s->settings->fold_headers || str_chr(v, '\n') >= 0) {
		bool fold = s->settings->fold_headers;

		rest = v;
		for (bool first = true; str_next(&rest, '\n', &line);
		     first = false) {
			if (!first)
				buf_adds(&out, fold ? STR("\n\t") : STR(" "));
			if (fold && !first)
				line = str_ltrim(line);
			if (fold && rest.p)
				line = str_rtrim(line);
			/* Blank lines inside collapse with their ends. */
			if (fold && !first && line.n == 0 && rest.p)
				out.n -= 2;
			buf_adds(&out, line);
		}
		return buf_str(&out);
	}
	/* The name counts for the width, and the blank behind the colon must
	 * not be where the line is broken. */
	line = str_cat(s->arena,
		       str_printf(s->arena, "X-Spam-%.*s!!", STR_ARG(h->name)),
		       v);
	rest = text_wrap(s->arena, line, STR("\t"), STR(""), 79, false, true);
	/* A blank line would end the header, but the last one has no end yet
	 * and is a prefix at least. */
	while (str_next_line(&rest, &line))
		if (str_trim(line).n || !str_ends(line, STR("\n")))
			buf_adds(&out, line);
	return str_from(buf_str(&out), STR("X-Spam-!!").n + h->name.n);
}

struct str rewrite_added_headers(struct scan *s, bool spam)
{
	const struct settings *set = s->settings;
	struct buf out;

	buf_in(&out, s->arena, OUTPUT_MAX);
	for (size_t i = 0; i < set->nheaders; i++) {
		const struct header_template *h = &set->headers[i];
		struct str v;

		if (!(spam ? h->spam : h->ham))
			continue;
		v = header_encode(s->arena, process_header(s, h));
		buf_addf(&out, "X-Spam-%.*s: ", STR_ARG(h->name));
		buf_adds(&out, v);
		buf_addc(&out, '\n');
	}
	return buf_str(&out);
}

/* Headers of ours take the line ends of the message. */
static void add_with_line_ends(struct buf *out, struct str text, bool crlf)
{
	for (size_t i = 0; i < text.n; i++) {
		if (crlf && text.p[i] == '\n' &&
		    (i == 0 || text.p[i - 1] != '\r'))
			buf_addc(out, '\r');
		buf_addc(out, text.p[i]);
	}
}

/* --- headers only: ham, or report_safe 0 --- */

static bool is_old_markup(struct str line)
{
	return str_istarts(line, STR("X-Spam-")) &&
	       !str_istarts(line, STR("X-Spam-Prev-"));
}

static bool is_continuation(struct str line)
{
	return line.n && (line.p[0] == ' ' || line.p[0] == '\t');
}

/* The lines of the header without old markup; a closing blank line goes to
 * *separator_r. */
static void kept_lines(struct scan *s, struct strs *lines,
		       struct str *separator_r)
{
	struct str rest = s->msg->pristine_header, line;
	bool dropping = false;

	*separator_r = STR("");
	while (str_next_line(&rest, &line)) {
		dropping = is_old_markup(line) ||
			   (dropping && is_continuation(line));
		if (!dropping)
			strs_add(s->arena, lines, line);
	}
	if (lines->n && str_trim(lines->v[lines->n - 1]).n == 0)
		*separator_r = lines->v[--lines->n];
}

/* "Subject: text" becomes "Subject: TAG text", unless the tag is there. */
static struct str put_tag(struct scan *s, struct str line, struct str tag)
{
	size_t colon = (size_t)str_chr(line, ':');
	struct str v = str_from(line, colon + 1);
	struct buf out;

	while (v.n && (v.p[0] == ' ' || v.p[0] == '\t'))
		v = str_from(v, 1);
	if (str_istarts(v, tag) && v.n > tag.n && v.p[tag.n] == ' ')
		v = str_from(v, tag.n + 1);
	buf_in(&out, s->arena, OUTPUT_MAX);
	buf_add(&out, line.p, colon + 1);
	buf_addc(&out, ' ');
	buf_adds(&out, tag);
	buf_addc(&out, ' ');
	buf_adds(&out, v);
	return buf_str(&out);
}

/* Which of the headers that can be rewritten this line begins. */
static struct str rewritable(struct str line, bool spam)
{
	static const struct str names[] = { STR("Subject"), STR("From"),
					    STR("To") };

	for (size_t i = 0; i < (spam ? 3 : 1); i++)
		if (str_istarts(line, names[i]) && line.n > names[i].n &&
		    line.p[names[i].n] == ':')
			return names[i];
	return STR_NONE;
}

static struct str subject_prefix(struct scan *s)
{
	return str_rtrim(tags_expand(s, s->subjprefix));
}

static struct str in_parentheses(struct scan *s, struct str open,
				 struct str text)
{
	return str_cat(s->arena, str_cat(s->arena, open, text), STR(")"));
}

static void rewrite_line(struct scan *s, struct strs *lines, size_t i,
			 bool created)
{
	struct str name = rewritable(lines->v[i], s->is_spam);
	struct str prefix = subject_prefix(s), tag, old = lines->v[i];
	bool set;

	if (!name.p)
		return;
	tag = rewrite_tag(s, name, &set);
	if (!set)
		return;
	if (s->is_spam)
		strs_add(s->arena, lines,
			 created ? STR("X-Spam-Prev-Subject: (nonexistent)\n")
				 : str_cat(s->arena, STR("X-Spam-Prev-"), old));
	if (prefix.n)
		lines->v[i] = put_tag(s, lines->v[i], prefix);
	if (!s->is_spam)
		return;
	if (!str_eq(name, STR("Subject")))
		tag = in_parentheses(s, STR("("), tag);
	lines->v[i] = put_tag(s, lines->v[i], tag);
}

static void rewrite_lines(struct scan *s, struct strs *lines)
{
	bool set, created = false;
	size_t n;

	rewrite_tag(s, STR("Subject"), &set);
	if (set && !pristine_value(s, STR("Subject")).p) {
		strs_add(s->arena, lines, STR("Subject: \n"));
		created = true;
	}
	n = lines->n;
	for (size_t i = 0; i < n; i++)
		rewrite_line(s, lines, i, created);
}

static void headers_only(struct scan *s, struct buf *out)
{
	struct strs lines = { 0 };
	struct str separator;
	struct buf head;
	size_t i = 0;

	kept_lines(s, &lines, &separator);
	rewrite_lines(s, &lines);
	buf_in(&head, s->arena, OUTPUT_MAX);
	/* Return-Path stays on top. */
	if (lines.n && str_istarts(lines.v[0], STR("Return-Path:"))) {
		buf_adds(&head, lines.v[i++]);
		while (i < lines.n && is_continuation(lines.v[i]))
			buf_adds(&head, lines.v[i++]);
	}
	buf_adds(&head, rewrite_added_headers(s, s->is_spam));
	for (; i < lines.n; i++)
		buf_adds(&head, lines.v[i]);
	buf_adds(&head, separator);
	add_with_line_ends(out, buf_str(&head), s->msg->crlf);
	buf_adds(out, s->new_body.p ? s->new_body : s->msg->pristine_body);
}

/* --- a new message around the original: report_safe 1 and 2 --- */

static bool has_boundary_line(struct str text, struct str boundary)
{
	struct str line;

	while (str_next_line(&text, &line)) {
		struct str l = str_rtrim(line);

		if (str_starts(l, boundary) &&
		    (l.n == boundary.n ||
		     str_eq(str_from(l, boundary.n), STR("--"))))
			return true;
	}
	return false;
}

static struct str choose_boundary(struct scan *s)
{
	uint32_t random = 0;
	struct str b;

	if (getrandom(&random, sizeof(random), 0) < 0)
		random = (uint32_t)clock_mono_us();
	b = str_printf(s->arena, "----------=_%08X.%08X",
		       (unsigned)clock_now(), random);
	while (has_boundary_line(s->msg->pristine, b))
		b = str_printf(s->arena, "%.*s/%08X", STR_ARG(b),
			       random = random * 2654435761u + 1);
	return b;
}

/* "\t(TAG)" before the line end, once. */
static struct str append_comment(struct scan *s, struct str v, struct str tag)
{
	struct str comment = in_parentheses(s, STR("\t("), tag);
	struct str text = v, eol = STR("");

	if (v.n && v.p[v.n - 1] == '\n') {
		text = str_head(v, v.n - 1);
		eol = STR("\n");
	}
	if (str_ends(text, comment))
		return v;
	return str_cat(s->arena, str_cat(s->arena, text, comment), eol);
}

static struct str wrapped_subject(struct scan *s)
{
	struct str subject = pristine_value(s, STR("Subject")), tag, marked;
	bool set;

	tag = rewrite_tag(s, STR("Subject"), &set);
	if (!set)
		return subject;
	if (!subject.p)
		subject = STR("\n");
	if (s->subjprefix.n)
		subject = str_cat(s->arena, tags_expand(s, s->subjprefix),
				  subject);
	marked = str_cat(s->arena, tag, STR(" "));
	return str_starts(subject, marked)
		       ? subject
		       : str_cat(s->arena, marked, subject);
}

static struct str wrapped_address(struct scan *s, struct str name)
{
	struct str v = pristine_value(s, name), tag;
	bool set;

	tag = rewrite_tag(s, name, &set);
	if (!set)
		return v;
	return append_comment(s, v.p ? v : STR("\n"), tag);
}

static void add_field(struct buf *out, const char *name, struct str v)
{
	if (!v.p)
		return;
	buf_addf(out, "%s: ", name);
	buf_adds(out, v);
}

/* report_safe_copy_headers; Received ones go on top of everything. */
static void copy_headers(struct scan *s, struct buf *top, struct buf *out)
{
	static const char *const there[] = { "from", "to", "cc", "subject",
					     "date", "message-id" };
	const struct strs *names =
		settings_list(s->settings, STR("report_safe_copy_headers"));
	struct strs done = { 0 };

	for (size_t i = 0; i < sizeof(there) / sizeof(there[0]); i++)
		strs_add(s->arena, &done, str_cstr(there[i]));
	for (size_t i = 0; names && i < names->n; i++) {
		struct str name = names->v[i];
		struct strs values = { 0 };
		bool received = str_ieq(name, STR("Received"));

		if (strs_ihas(&done, name))
			continue;
		strs_add(s->arena, &done, name);
		pristine_values(s, name, &values);
		for (size_t k = 0; k < values.n; k++) {
			struct buf *to = received ? top : out;

			buf_addf(to, "%.*s: ", STR_ARG(name));
			buf_adds(to, values.v[k]);
		}
	}
}

static void add_wrapper_head(struct scan *s, struct buf *head)
{
	struct str host = identity_hostname(), version = identity_version();
	struct buf top, fields;

	buf_in(&top, s->arena, OUTPUT_MAX);
	buf_in(&fields, s->arena, OUTPUT_MAX);
	add_field(&fields, "From", wrapped_address(s, STR("From")));
	add_field(&fields, "To", wrapped_address(s, STR("To")));
	add_field(&fields, "Cc", pristine_value(s, STR("Cc")));
	add_field(&fields, "Subject", wrapped_subject(s));
	add_field(&fields, "Date", pristine_value(s, STR("Date")));
	add_field(&fields, "Message-Id", pristine_value(s, STR("Message-Id")));
	buf_adds(&fields, rewrite_added_headers(s, true));
	copy_headers(s, &top, &fields);
	buf_addf(head, "Received: from localhost by %.*s\n"
		       "\twith SpamAssassin (version %.*s);\n\t%.*s\n",
		 STR_ARG(host), STR_ARG(version),
		 STR_ARG(identity_date(s->arena, clock_now())));
	buf_adds(head, buf_str(&top));
	buf_adds(head, buf_str(&fields));
}

/* Is the original plain text, or of no type? Its last Content-Type counts. */
static bool is_plain_text(struct message *m)
{
	struct header *h = headers_last(&m->headers, STR("Content-Type"));

	return !h || str_ifind(header_text(m->arena, m->settings, h),
			       STR("text/plain")) >= 0;
}

static void wrapped(struct scan *s, struct buf *out)
{
	struct str boundary = choose_boundary(s), report = scan_report(s);
	struct str charset = s->settings->report_charset;
	bool plain = is_plain_text(s->msg);
	struct buf head;

	if (!plain)
		report = str_cat(s->arena, report,
				 tags_expand(s,
					s->settings->unsafe_report_template));
	buf_in(&head, s->arena, OUTPUT_MAX);
	add_wrapper_head(s, &head);
	buf_addf(&head,
		 "MIME-Version: 1.0\n"
		 "Content-Type: multipart/mixed; boundary=\"%.*s\"\n\n"
		 "This is a multi-part message in MIME format.\n\n"
		 "--%.*s\n"
		 "Content-Type: text/plain; charset=%.*s\n"
		 "Content-Disposition: inline\n"
		 "Content-Transfer-Encoding: 8bit\n\n",
		 STR_ARG(boundary), STR_ARG(boundary),
		 STR_ARG(charset.n ? charset : STR("UTF-8")));
	buf_adds(&head, report);
	buf_addf(&head,
		 "\n\n--%.*s\n"
		 "Content-Type: %s; x-spam-type=original\n"
		 "Content-Description: original message before SpamAssassin\n"
		 "Content-Disposition: %s\n"
		 "Content-Transfer-Encoding: 8bit\n\n",
		 STR_ARG(boundary),
		 s->settings->report_safe > 1 ? "text/plain"
					      : "message/rfc822",
		 plain ? "inline" : "attachment");
	add_with_line_ends(out, buf_str(&head), s->msg->crlf);
	buf_adds(out, s->msg->pristine);
	add_with_line_ends(out, str_printf(s->arena, "\n--%.*s--\n\n",
					   STR_ARG(boundary)),
			   s->msg->crlf);
}

struct str scan_rewritten(struct scan *s)
{
	struct buf out;

	buf_in(&out, s->arena, OUTPUT_MAX);
	buf_room(&out, s->msg->pristine.n + 16384);
	buf_adds(&out, s->msg->mbox_line);
	if (s->is_spam && s->settings->report_safe)
		wrapped(s, &out);
	else
		headers_only(s, &out);
	return buf_str(&out);
}
