/*
 * What html_token.c and html_decl.c share; nobody else includes this.
 */
#ifndef MEKIKI_MAIL_HTML_LEX_H
#define MEKIKI_MAIL_HTML_LEX_H

#include "mail/html_token.h"

/* What came of looking at one construct: tokens were queued or pos was moved;
 * it is no markup but text; the end came first. */
enum step { GO, TEXT, STUCK };

/* Status of a marked section; a stronger one around it wins. */
enum section { SECTION_NONE, SECTION_INCLUDE, SECTION_RCDATA, SECTION_CDATA,
	       SECTION_IGNORE };

static inline bool is_name_first(int c)
{
	return is_alpha(c) || c == '_' || c == ':';
}

static inline bool is_name(int c)
{
	return is_word(c) || c == ':' || c == '-' || c == '.';
}

/* The byte at offset i, or 0 past the end. */
static inline int at(const struct html_lexer *lx, size_t i)
{
	return i < lx->s.n ? (unsigned char)lx->s.p[i] : 0;
}

static inline size_t skip_space(const struct html_lexer *lx, size_t i)
{
	while (i < lx->s.n && is_space((unsigned char)lx->s.p[i]))
		i++;
	return i;
}

/* The offset of the next c from i on, or the end. */
static inline size_t skip_to(const struct html_lexer *lx, size_t i, int c)
{
	ssize_t found = str_chr(str_from(lx->s, i), c);

	return found < 0 ? lx->s.n : i + (size_t)found;
}

static inline struct str slice(const struct html_lexer *lx, size_t from, size_t to)
{
	return str_from(str_head(lx->s, to), from);
}

static inline enum section section_now(const struct html_lexer *lx)
{
	return lx->nsections ? lx->sections[lx->nsections - 1] : SECTION_NONE;
}

/* Queues a token of what lies between two offsets. An end tag that is owed
 * goes before anything but text and comments. NULL: it is ignored. */
struct html_token *html_lex_emit(struct html_lexer *lx,
				 enum html_token_kind kind, size_t from,
				 size_t to);

/* Queues a token from pos to `to` and goes on behind it; GO. */
enum step html_lex_emit_to(struct html_lexer *lx, enum html_token_kind kind,
			   size_t to);

/* Goes on at pos; GO. */
enum step html_lex_move_to(struct html_lexer *lx, size_t pos);

/* Gives the end tag that is owed; in an ignored section it is lost. */
void html_lex_pay_end(struct html_lexer *lx);

/* What begins with "<!" at pos. What is nothing else is a comment. */
enum step html_lex_decl(struct html_lexer *lx);

/* Closes the innermost marked section, whose end is before pos; GO. */
enum step html_lex_leave_section(struct html_lexer *lx, size_t pos);

#endif
