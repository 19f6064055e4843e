/*
 * The tokenizer; see html_token.h. It works like this: pos is where the next
 * token begins. A function lex_x looks at one construct there and returns GO
 * (it queued tokens or moved on), TEXT (this is no markup; read it as text) or
 * STUCK (the end came first). When stuck, at_end does what HTML::Parser does at
 * the end of file: it relaxes one rule (leaves an unclosed element, lets
 * comments end early) and goes on, or takes the rest as one token. Every
 * relaxation is used up or remembered (no_end), so that the time is linear.
 *
 * One addition is SpamAssassin's: it closes script and style when the text
 * ends inside of them.
 */
#include "mail/html_token.h"

#include "base/mem.h"
#include "mail/html_lex.h"

static const struct {
	struct str name;
	bool cdata;		/* entities mean nothing inside */
	bool rest_is_text;	/* unclosed: all the rest is its text */
} literals[LITERALS] = {
	[LITERAL_IFRAME] = { STR("iframe"), true, true },
	[LITERAL_PLAINTEXT] = { STR("plaintext"), true, true },
	[LITERAL_SCRIPT] = { STR("script"), true, false },
	[LITERAL_STYLE] = { STR("style"), true, false },
	[LITERAL_TEXTAREA] = { STR("textarea"), false, true },
	[LITERAL_TITLE] = { STR("title"), false, false },
	[LITERAL_XMP] = { STR("xmp"), true, true },
};

bool html_lexer_ignores(const struct html_lexer *lx)
{
	return section_now(lx) == SECTION_IGNORE;
}

static struct html_token *push(struct html_lexer *lx)
{
	struct html_token *tok = &lx->queue[lx->queued++];

	*tok = (struct html_token){ .cdata = lx->cdata };
	return tok;
}

/* Gives the end tag that is owed; in an ignored section it is lost. */
void html_lex_pay_end(struct html_lexer *lx)
{
	struct html_token *tok;

	if (!lx->pending_end)
		return;
	if (!html_lexer_ignores(lx)) {
		tok = push(lx);
		tok->kind = HTML_END;
		tok->name = literals[lx->pending_end].name;
	}
	lx->pending_end = LITERAL_NONE;
}

/* Queues a token of what lies between two offsets. An end tag that is owed
 * goes before anything but text and comments. NULL: it is ignored. */
struct html_token *html_lex_emit(struct html_lexer *lx, enum html_token_kind kind,
			       size_t from, size_t to)
{
	struct html_token *tok;

	if (kind != HTML_TEXT && kind != HTML_COMMENT)
		html_lex_pay_end(lx);
	if (html_lexer_ignores(lx))
		return NULL;
	tok = push(lx);
	tok->kind = kind;
	tok->text = slice(lx, from, to);
	return tok;
}

enum step html_lex_move_to(struct html_lexer *lx, size_t pos)
{
	lx->pos = lx->scan = pos;
	return GO;
}

/* Queues a token from pos to `to` and goes on behind it. */
enum step html_lex_emit_to(struct html_lexer *lx, enum html_token_kind kind,
			 size_t to)
{
	html_lex_emit(lx, kind, lx->pos, to);
	return html_lex_move_to(lx, to);
}

/* The text of an element whose content is no markup, and its end tag. */
static enum step lex_literal(struct html_lexer *lx)
{
	struct str name = literals[lx->literal].name;
	struct html_token *tok;
	size_t i = lx->pos;

	if (lx->literal == LITERAL_PLAINTEXT || lx->no_end[lx->literal])
		return STUCK;
	while ((i = skip_to(lx, i, '<')) < lx->s.n) {
		size_t lt = i++;

		if (at(lx, i) != '/' ||
		    !str_istarts(str_from(lx->s, i + 1), name))
			continue;
		i = skip_space(lx, i + 1 + name.n);
		if (at(lx, i) != '>')
			continue;
		if (lt > lx->pos)
			html_lex_emit(lx, HTML_TEXT, lx->pos, lt);
		tok = html_lex_emit(lx, HTML_END, lt, i + 1);
		if (tok)
			tok->name = name;
		lx->literal = LITERAL_NONE;
		lx->cdata = false;
		return html_lex_move_to(lx, i + 1);
	}
	lx->no_end[lx->literal] = true;
	return STUCK;
}

/* The text of a CDATA or RCDATA section. */
static enum step lex_section_text(struct html_lexer *lx)
{
	ssize_t len = str_find(str_from(lx->s, lx->pos), STR("]]>"));

	if (len < 0)
		return STUCK;
	if (len > 0)
		html_lex_emit(lx, HTML_TEXT, lx->pos, lx->pos + (size_t)len);
	return html_lex_leave_section(lx, lx->pos + (size_t)len + 3);
}

/* Text that the end of the document cuts off: the last word, and white space,
 * waits for more, as it may be part of an entity. */
static enum step lex_last_text(struct html_lexer *lx)
{
	size_t i = lx->s.n;

	if (!is_space(at(lx, i - 1)))
		while (i > lx->pos && !is_space(at(lx, i - 1)))
			i--;
	while (i > lx->pos && is_space(at(lx, i - 1)))
		i--;
	if (i > lx->pos)
		html_lex_emit_to(lx, HTML_TEXT, i);
	return STUCK;
}

/* Text up to the next '<' or the end of the marked section. As HTML::Parser
 * looks for "]]>" it loses sight of the byte behind one or two brackets, even
 * of a '<'. */
static enum step lex_text(struct html_lexer *lx)
{
	bool in_section = section_now(lx) != SECTION_NONE;
	size_t i = lx->scan;

	if (!in_section)
		i = skip_to(lx, i, '<');
	while (i < lx->s.n && lx->s.p[i] != '<') {
		size_t end = i;

		if (lx->s.p[i++] != ']')
			continue;
		if (at(lx, i) == ']' && at(lx, ++i) == '>') {
			html_lex_emit(lx, HTML_TEXT, lx->pos, end);
			return html_lex_leave_section(lx, i + 1);
		}
		if (i < lx->s.n)
			i++;
	}
	if (i == lx->s.n)
		return i > lx->pos ? lex_last_text(lx) : STUCK;
	if (i > lx->pos)
		return html_lex_emit_to(lx, HTML_TEXT, i);
	return TEXT;
}

static void add_attr(struct html_lexer *lx, struct str name)
{
	if (lx->nattrs == lx->attrs_cap) {
		lx->attrs_cap = lx->attrs_cap ? lx->attrs_cap * 2 : 16;
		lx->attrs = xreallocarray(lx->attrs, lx->attrs_cap,
					  sizeof(*lx->attrs));
	}
	lx->attrs[lx->nattrs++] = (struct html_attr){ .name = name };
}

/* A value at i, after the '=' and white space, for the last attribute;
 * returns the offset behind it, or the end of the text if it is cut off. */
static size_t lex_value(struct html_lexer *lx, size_t i)
{
	struct html_attr *attr = &lx->attrs[lx->nattrs - 1];
	size_t from = i;

	if (at(lx, i) == '"' || at(lx, i) == '\'') {
		i = skip_to(lx, i + 1, at(lx, i));
		attr->value = slice(lx, from + 1, i);
		return i < lx->s.n ? i + 1 : i;
	}
	while (i < lx->s.n && at(lx, i) != '>' && !is_space(at(lx, i)))
		i++;
	attr->value = slice(lx, from, i);
	return i;
}

/* Attributes from i on; returns the offset of the '>' or the end. */
static size_t lex_attrs(struct html_lexer *lx, size_t i)
{
	lx->nattrs = 0;
	while (i < lx->s.n && at(lx, i) != '>') {
		size_t from = i++;

		/* The first byte of a name may be anything, even '='. */
		while (i < lx->s.n && at(lx, i) != '>' && at(lx, i) != '=' &&
		       !is_space(at(lx, i)))
			i++;
		add_attr(lx, slice(lx, from, i));
		i = skip_space(lx, i);
		if (at(lx, i) != '=')
			continue;
		i = skip_space(lx, i + 1);
		i = skip_space(lx, lex_value(lx, i));
	}
	return i;
}

static enum html_literal find_literal(struct str name)
{
	for (int i = LITERAL_NONE + 1; i < LITERALS; i++)
		if (str_ieq(name, literals[i].name))
			return i;
	return LITERAL_NONE;
}

/* A start tag: '<' and a letter are at pos. */
static enum step lex_start(struct html_lexer *lx)
{
	size_t i = lx->pos + 2, name_end;
	struct html_token *tok;
	struct str name;

	while (i < lx->s.n && at(lx, i) != '>' && !is_space(at(lx, i)))
		i++;
	name_end = i;
	i = lex_attrs(lx, skip_space(lx, i));
	if (i >= lx->s.n)
		return STUCK;
	name = slice(lx, lx->pos + 1, name_end);
	tok = html_lex_emit(lx, HTML_START, lx->pos, i + 1);
	if (tok) {
		tok->name = name;
		tok->attrs = lx->attrs;
		tok->nattrs = lx->nattrs;
	}
	lx->literal = find_literal(name);
	if (lx->literal)
		lx->cdata = literals[lx->literal].cdata;
	return html_lex_move_to(lx, i + 1);
}

/* The first '>' outside of quotes. A quote opens only after a blank or '='. */
static size_t skip_to_gt(const struct html_lexer *lx, size_t i)
{
	int quote = 0, prev = ' ';

	for (; i < lx->s.n; i++) {
		int c = at(lx, i);

		if (c == '>' && !quote)
			return i;
		if (c == '"' || c == '\'') {
			if (c == quote)
				quote = 0;
			else if (!quote && (prev == ' ' || prev == '='))
				quote = c;
		}
		prev = c;
	}
	return i;
}

/* An end tag: "</" is at pos. Without a name it is a comment. */
static enum step lex_end(struct html_lexer *lx)
{
	size_t i = lx->pos + 2, gt;
	struct html_token *tok;

	while (i < lx->s.n && at(lx, i) != '>' && !is_space(at(lx, i)))
		i++;
	gt = skip_to_gt(lx, i);
	if (gt >= lx->s.n)
		return STUCK;
	if (i == lx->pos + 2)
		return html_lex_emit_to(lx, HTML_COMMENT, gt + 1);
	tok = html_lex_emit(lx, HTML_END, lx->pos, gt + 1);
	if (tok)
		tok->name = slice(lx, lx->pos + 2, i);
	return html_lex_move_to(lx, gt + 1);
}

static enum step lex_process(struct html_lexer *lx)
{
	size_t gt = skip_to(lx, lx->pos + 2, '>');

	return gt < lx->s.n ? html_lex_emit_to(lx, HTML_PROCESS, gt + 1) : STUCK;
}

/* What begins with '<' at pos; too few bytes to tell are STUCK. */
static enum step lex_markup(struct html_lexer *lx)
{
	int c = at(lx, lx->pos + 1);

	if (lx->s.n - lx->pos < 3)
		return STUCK;
	if (is_name_first(c))
		return lex_start(lx);
	if (c == '/')
		return lex_end(lx);
	if (c == '!')
		return html_lex_decl(lx);
	if (c == '?')
		return lex_process(lx);
	return TEXT;
}

static enum step lex(struct html_lexer *lx)
{
	enum step step;

	if (lx->literal)
		return lex_literal(lx);
	if (section_now(lx) == SECTION_CDATA ||
	    section_now(lx) == SECTION_RCDATA)
		return lex_section_text(lx);
	step = lex_text(lx);
	if (step == TEXT)
		step = lex_markup(lx);
	if (step == TEXT) {
		/* Not markup after all: text that goes on behind the '<'. */
		lx->scan = lx->pos + 1;
		step = GO;
	}
	return step;
}

static void finish(struct html_lexer *lx)
{
	html_lex_emit(lx, HTML_DONE, lx->s.n, lx->s.n);
	lx->done = true;
}

static void end_literal(struct html_lexer *lx, enum html_literal l)
{
	struct html_token *tok = html_lex_emit(lx, HTML_END, lx->pos, lx->pos);

	if (tok)
		tok->name = literals[l].name;
}

/* The text ended inside a literal element. */
static void at_end_literal(struct html_lexer *lx, bool first)
{
	enum html_literal l = lx->literal;

	if (literals[l].rest_is_text) {
		html_lex_emit_to(lx, HTML_TEXT, lx->s.n);
		return;
	}
	lx->literal = LITERAL_NONE;
	if (l == LITERAL_TITLE) {
		lx->pending_end = l;
		return;
	}
	/* script and style: SpamAssassin closes what is open before it tells
	 * the parser of the end, which leaves the others empty. */
	if (first && !html_lexer_ignores(lx) && lx->pos < lx->s.n)
		html_lex_emit_to(lx, HTML_TEXT, lx->s.n);
	end_literal(lx, l);
}

/* Nothing more can be read the usual way. */
static void at_end(struct html_lexer *lx)
{
	bool first = !lx->ended;
	int c;

	lx->ended = true;
	if (lx->literal && (lx->pos < lx->s.n ||
			    (first && !literals[lx->literal].rest_is_text &&
			     lx->literal != LITERAL_TITLE))) {
		at_end_literal(lx, first);
		return;
	}
	if (lx->pos >= lx->s.n) {
		finish(lx);
		return;
	}
	if (at(lx, lx->pos) == '<' && !lx->short_comments) {
		lx->short_comments = true;
		return;
	}
	c = at(lx, lx->pos + 1);
	if (at(lx, lx->pos) == '<' &&
	    (lx->pos + 1 == lx->s.n || is_name_first(c) || c == '/' ||
	     c == '!' || c == '?'))
		html_lex_emit_to(lx, HTML_COMMENT, lx->s.n);
	else
		html_lex_emit_to(lx, HTML_TEXT, lx->s.n);
}

void html_lexer_init(struct html_lexer *lx, struct str html)
{
	*lx = (struct html_lexer){ .s = html };
}

void html_lexer_free(struct html_lexer *lx)
{
	xfree(lx->attrs);
	xfree(lx->sections);
	lx->attrs = NULL;
	lx->sections = NULL;
}

void html_lexer_next(struct html_lexer *lx, struct html_token *tok)
{
	if (lx->taken == lx->queued)
		lx->taken = lx->queued = 0;
	while (!lx->queued && !lx->done)
		if (lex(lx) == STUCK && !lx->queued)
			at_end(lx);
	if (lx->taken < lx->queued)
		*tok = lx->queue[lx->taken++];
	else
		*tok = (struct html_token){ .kind = HTML_DONE };
}
