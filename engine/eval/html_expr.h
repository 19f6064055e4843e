/*
 * The comparisons that html_eval() and html_tag_balance() take: what may follow
 * a number in Perl, of digits, blanks and < > = ! + - only: "< 512", "!= 0",
 * "- 1 > 3".
 */
#ifndef MEKIKI_EVAL_HTML_EXPR_H
#define MEKIKI_EVAL_HTML_EXPR_H

#include <stdbool.h>

#include "base/str.h"

struct arena;
struct html_expr;

/* Never NULL: text that is no such comparison makes one that is never true,
 * as the failed eval does in SpamAssassin. */
struct html_expr *html_expr_parse(struct arena *a, struct str text);

/* Whether it is true behind v. */
bool html_expr_true(const struct html_expr *e, double v);

#endif
