/*
 * Texts for people: the _REPORT_ and _SUMMARY_ lines with their wrapping, the
 * content preview, and the report made from its template (reference 5).
 */
#include "scan/scan_int.h"

#include <stdio.h>

#include "base/arena.h"
#include "base/buf.h"
#include "eval/eval.h"
#include "mail/message.h"

/* Nothing that a template can ask for comes near this. */
#define REPORT_MAX ((size_t)4 << 20)

/* Widths count a tab as eight columns. */
static size_t width_of(struct str s)
{
	size_t n = s.n;

	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '\t')
			n += 7;
	return n;
}

/* Cuts text into pieces as SpamAssassin's wrap does: at each white space,
 * which is a piece of its own; or, for headers, behind each white space or
 * comma. Trailing empty pieces do not count. */
static void split_pieces(struct arena *a, struct str text, bool after_comma,
			 struct strs *out)
{
	size_t start = 0;

	for (size_t i = 0; i < text.n; i++) {
		int c = (unsigned char)text.p[i];

		if (after_comma) {
			if (!is_space(c) && c != ',')
				continue;
			strs_add(a, out, str_make(text.p + start,
						  i + 1 - start));
			/* What the pattern captures there is empty. */
			strs_add(a, out, STR(""));
		} else {
			if (!is_space(c))
				continue;
			strs_add(a, out, str_make(text.p + start, i - start));
			strs_add(a, out, str_make(text.p + i, 1));
		}
		start = i + 1;
	}
	strs_add(a, out, str_from(text, start));
	while (out->n && out->v[out->n - 1].n == 0)
		out->n--;
}

struct str text_wrap(struct arena *a, struct str text, struct str prefix,
		     struct str first, size_t width, bool overflow,
		     bool after_comma)
{
	struct strs pieces = { 0 };
	struct buf out, line;
	size_t next = 0, line_width = 0;
	bool joined = false, behind_prefix = false;

	if (first.n)
		strs_add(a, &pieces, first);
	split_pieces(a, text, after_comma, &pieces);
	buf_in(&out, a, REPORT_MAX);
	buf_in(&line, a, REPORT_MAX);
	if (pieces.n) {
		line_width = width_of(pieces.v[next]);
		buf_adds(&line, pieces.v[next++]);
	}
	while (next < pieces.n) {
		size_t piece = width_of(pieces.v[next]);
		size_t len = line_width;

		/* The first piece of a line goes in whatever its length; also
		 * behind a prefix that is too wide by itself, where
		 * SpamAssassin begins new lines for ever. */
		if (joined && !overflow)
			len += piece;
		if (len <= width || (behind_prefix && !joined)) {
			buf_adds(&line, pieces.v[next++]);
			line_width += piece;
			joined = true;
			continue;
		}
		buf_adds(&out, str_rtrim(buf_str(&line)));
		buf_addc(&out, '\n');
		line.n = 0;
		buf_adds(&line, prefix);
		line_width = width_of(prefix);
		behind_prefix = true;
		joined = false;
	}
	buf_adds(&out, buf_str(&line));
	return buf_str(&out);
}

/* Rules whose test tells SpamAssassin where they hit itself. */
static bool has_no_area(const struct rule *r)
{
	const struct eval_test *t = r->kind == RULE_BODY_EVAL ?
				    eval_find(r->eval.function) : NULL;

	return t && (t->kinds & EVAL_NO_AREA);
}

static const char *area_of(const struct rule *r)
{
	if (!r || has_no_area(r))
		return "";
	switch (r->kind) {
	case RULE_BODY:
	case RULE_BODY_EVAL:
	case RULE_URI_DETAIL:
		return "BODY: ";
	case RULE_URI:
		return "URI: ";
	case RULE_RAWBODY:
	case RULE_RAWBODY_EVAL:
		return "RAW: ";
	case RULE_FULL:
		return "FULL: ";
	default:
		return "";
	}
}

static struct str describe(struct scan *s, const struct hit *h)
{
	struct str d = settings_describe(s->settings, h->name);

	if (d.n)
		return d;
	if (!h->rule && str_eq(h->name, STR("TIME_LIMIT_EXCEEDED")))
		return STR("Exceeded time limit / deadline");
	return STR("No description available.");
}

/* The description, wrapped with room for what stands before it. */
static struct str wrap_description(struct scan *s, const struct hit *h,
				   size_t before, struct str prefix)
{
	int width = s->settings->report_wrap_width;
	struct str blanks = str_printf(s->arena, "%*s", (int)before, "");

	return str_ltrim(text_wrap(s->arena, describe(s, h), prefix, blanks,
				   width > 0 ? (size_t)width : 75, false,
				   false));
}

static void add_log_piece(struct buf *terse, struct buf *lengthy,
			  struct str text)
{
	buf_addf(terse, "[%.*s]\n", STR_ARG(text));
	if (text.n > 47)
		buf_addf(lengthy, "%*s[%.*s]\n",
			 text.n + 2 < 78 ? (int)(78 - text.n - 2) : 0, "",
			 STR_ARG(text));
	else
		buf_addf(lengthy, "%27s [%.*s]\n", "", STR_ARG(text));
}

/* Where a long log text is broken: behind the last white space that leaves
 * 30 to 48 characters before it; 0 if there is none. */
static size_t log_break(struct str text)
{
	size_t newline = 0;

	while (newline < text.n && text.p[newline] != '\n')
		newline++;
	for (size_t n = newline < 48 ? newline : 48; n >= 30; n--)
		if (n < text.n && is_space((unsigned char)text.p[n]))
			return n;
	return 0;
}

static void add_log(struct scan *s, const struct hit *h, struct buf *terse,
		    struct buf *lengthy)
{
	const struct strs *log = map_get(&s->logs, h->name);

	for (size_t i = 0; log && i < log->n; i++) {
		struct str text = log->v[i];
		size_t n;

		if (h->rule && (h->rule->tflags & TF_NOLOG)) {
			add_log_piece(terse, lengthy, STR("*REDACTED*"));
			return;
		}
		while ((n = log_break(text)) > 0) {
			add_log_piece(terse, lengthy, str_head(text, n));
			text = str_from(text, n + 1);
		}
		add_log_piece(terse, lengthy, text);
	}
}

static void add_hit(struct scan *s, const struct hit *h, struct buf *report,
		    struct buf *summary)
{
	bool wide = h->score >= 10 || h->score <= -10;
	struct str score = str_printf(s->arena, wide ? "%4.0f" : "%4.1f",
				      h->score);
	struct str area = str_cstr(area_of(h->rule));
	size_t before = h->name.n + score.n + area.n;
	struct buf terse, lengthy;

	buf_in(&terse, s->arena, REPORT_MAX);
	buf_in(&lengthy, s->arena, REPORT_MAX);
	add_log(s, h, &terse, &lengthy);
	buf_addf(report, "* %.*s %.*s %.*s", STR_ARG(score), STR_ARG(h->name),
		 STR_ARG(area));
	buf_adds(report, wrap_description(s, h, 4 + before, STR("*      ")));
	buf_addc(report, '\n');
	if (terse.n) {
		buf_adds(report, STR("*      "));
		buf_adds(report, buf_str(&terse));
	}
	buf_addf(summary, "%.*s %-22.*s %.*s", STR_ARG(score),
		 STR_ARG(h->name), STR_ARG(area));
	buf_adds(summary, wrap_description(s, h, 3 + before,
				STR("                            ")));
	buf_addc(summary, '\n');
	buf_adds(summary, buf_str(&lengthy));
}

void report_summarise(struct scan *s)
{
	struct buf report, summary;

	if (s->summarised)
		return;
	s->summarised = true;
	buf_in(&report, s->arena, REPORT_MAX);
	buf_in(&summary, s->arena, REPORT_MAX);
	for (size_t i = 0; i < s->nhits; i++)
		add_hit(s, &s->hits[i], &report, &summary);
	s->report_text = buf_str(&report);
	s->summary_text = buf_str(&summary);
}

/* The preview's tidying: rulers of ten or more, and phrases that say nothing. */
static struct str tidy(struct arena *a, struct str text)
{
	static const struct str original = STR("-----Original Message-----");
	static const struct str mime =
		STR("This is a multi-part message in MIME format.");
	struct buf out;

	buf_in(&out, a, text.n + 1);
	for (size_t i = 0; i < text.n;) {
		struct str rest = str_from(text, i);
		size_t ruler = 0;

		if (str_starts(rest, original)) {
			while (i < text.n && text.p[i] != '\n')
				i++;
			continue;
		}
		if (str_starts(rest, mime)) {
			i += mime.n;
			continue;
		}
		while (ruler < rest.n && memchr("-_*.", rest.p[ruler], 4))
			ruler++;
		if (ruler >= 10) {
			i += ruler;
			continue;
		}
		buf_addc(&out, text.p[i++]);
	}
	return buf_str(&out);
}

/* Runs of white space become one space. */
static struct str squeeze(struct arena *a, struct str text)
{
	struct buf out;

	buf_in(&out, a, text.n + 1);
	for (size_t i = 0; i < text.n; i++)
		if (!is_space((unsigned char)text.p[i]))
			buf_addc(&out, text.p[i]);
		else if (i == 0 || !is_space((unsigned char)text.p[i - 1]))
			buf_addc(&out, ' ');
	return buf_str(&out);
}

struct str report_preview(struct scan *s)
{
	const struct strs *body = message_body(s->msg);
	struct buf text, cut;
	struct str rest, line, out;

	buf_in(&text, s->arena, REPORT_MAX);
	for (size_t i = 1; i < body->n && i <= 3 && text.n < 200; i++)
		buf_adds(&text, body->v[i]);
	buf_in(&cut, s->arena, REPORT_MAX);
	rest = buf_str(&text);
	while (str_next_line(&rest, &line)) {
		bool ended = line.p[line.n - 1] == '\n';
		size_t n = line.n - ended;

		buf_add(&cut, line.p, n > 200 ? 200 : n);
		if (n > 200)
			buf_adds(&cut, STR(" [...]"));
		if (ended)
			buf_addc(&cut, '\n');
	}
	if (cut.n == 0 || cut.p[cut.n - 1] != '\n')
		buf_addc(&cut, '\n');
	out = squeeze(s->arena, tidy(s->arena, buf_str(&cut)));
	out = text_wrap(s->arena, out, STR("  "), STR("Content preview:  "), 75,
			true, false);
	return str_ltrim(str_from(out, STR("Content preview:").n));
}

struct str scan_report(struct scan *s)
{
	struct str text = s->settings->report_template;

	if (s->report.p)
		return s->report;
	if (text.n == 0)
		text = STR("(no report template found)");
	text = tags_expand(s, text);
	while (text.n && text.p[text.n - 1] == '\n')
		text.n--;
	s->report = str_cat(s->arena, text, STR("\n\n"));
	return s->report;
}
