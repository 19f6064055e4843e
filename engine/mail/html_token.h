/*
 * HTML cut into tokens exactly where HTML::Parser (with marked_sections, not
 * strict) cuts it, because SpamAssassin counts and renders by its events. The
 * whole text is there from the start; HTML::Parser's two steps, reading and
 * then the end of file, still show in the result: the last words of a text
 * come as a token of their own, and markup without an end is a comment.
 */
#ifndef MEKIKI_MAIL_HTML_TOKEN_H
#define MEKIKI_MAIL_HTML_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

enum html_token_kind {
	HTML_DONE,		/* no more tokens */
	HTML_TEXT,
	HTML_START,
	HTML_END,
	HTML_COMMENT,
	HTML_DECL,
	HTML_PROCESS
};

struct html_attr {
	struct str name;
	struct str value;	/* without quotes; p == NULL: none given */
};

struct html_token {
	enum html_token_kind kind;
	struct str text;	/* raw, with its delimiters */
	struct str name;	/* of a start or end tag, as written */
	bool cdata;		/* text in which '&' means nothing */
	const struct html_attr *attrs;	/* valid until the next token */
	size_t nattrs;
};

/* Elements whose content is not markup. */
enum html_literal {
	LITERAL_NONE, LITERAL_IFRAME, LITERAL_PLAINTEXT, LITERAL_SCRIPT,
	LITERAL_STYLE, LITERAL_TEXTAREA, LITERAL_TITLE, LITERAL_XMP,
	LITERALS
};

struct html_lexer {
	struct str s;
	size_t pos;		/* where the next token begins */
	size_t scan;		/* how far text from pos was looked at */
	enum html_literal literal;
	enum html_literal pending_end;	/* an end tag made up at the end */
	bool no_end[LITERALS];	/* a search for its end tag failed */
	bool cdata;
	bool short_comments;	/* a comment ends at '>' already */
	/* Marked sections that are open, each with the strongest status of
	 * itself and those around it. */
	uint8_t *sections;
	size_t nsections, sections_cap;
	struct html_attr *attrs;
	size_t nattrs, attrs_cap;
	struct html_token queue[3];
	size_t queued, taken;
	bool ended;		/* the end of the text was met */
	bool done;
};

/* Starts on html, which must stay. */
void html_lexer_init(struct html_lexer *lx, struct str html);
void html_lexer_free(struct html_lexer *lx);

/* The next token. After HTML_DONE it stays HTML_DONE. */
void html_lexer_next(struct html_lexer *lx, struct html_token *tok);

/* True if an ignored marked section is open: HTML::Parser then keeps even the
 * end of the document to itself. */
bool html_lexer_ignores(const struct html_lexer *lx);

#endif
