/*
 * HTML as a tree of elements, for rules in Lua, which ask as rspamd's do:
 * which elements stand where, what style they are shown in, which text they
 * hold. It is made from the tokens of html_token.h and is linear in time;
 * nothing is repaired but that an end tag closes what is open inside of its
 * element. (SpamAssassin's own reading of HTML is in html.h.)
 */
#ifndef MEKIKI_MAIL_DOM_H
#define MEKIKI_MAIL_DOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/map.h"
#include "base/str.h"
#include "mail/html_token.h"

struct arena;
struct link;

enum dom_flag {
	DOM_NO_HTML = 1 << 0,		/* not one tag */
	DOM_BAD_ELEMENT = 1 << 1,	/* the tokens end inside of markup */
	DOM_XML = 1 << 2,		/* has a processing instruction */
	DOM_UNKNOWN_ELEMENT = 1 << 3,
	DOM_DUPLICATE_ELEMENT = 1 << 4,	/* html, head, body or title again */
	DOM_UNBALANCED = 1 << 5,	/* an end tag without a start */
	DOM_DATA_URLS = 1 << 6,		/* an image inside of its URL */
	DOM_TOO_MANY = 1 << 7,		/* more than the tree keeps */
};

/* What declarations say, or what is in force for an element. */
struct dom_style {
	bool has_color, has_background, has_size;
	uint8_t color[4], background[4];	/* red, green, blue, opacity */
	int font_size;			/* pixels; below 0: per cent */
	bool hidden;			/* display:none and the like */
	/* In force only: */
	bool visible;
	bool transparent;		/* text in the background's colour */
};

struct dom_image {
	struct str src;			/* of "cid:": without it; or none */
	struct link *link;		/* or NULL */
	long width, height;
	bool embedded;			/* by "cid:" or "data:" */
	bool data;			/* by "data:" */
	struct dom_node *node;
};

struct dom_node {
	struct dom *dom;
	struct str name;		/* lower case; STR_NONE if unknown */
	struct dom_node *parent;	/* NULL: of the document */
	const struct html_attr *attrs;
	size_t nattrs;
	bool leaf;			/* holds no element */
	bool closed, block;
	bool in_hidden;			/* its text is in dom.hidden */
	size_t begin, end;		/* of its text */
	struct dom_style style;
	struct link *link;		/* of an <a>, <form>, ...; or NULL */
	struct dom_image *image;	/* of an <img>; or NULL */
};

struct dom {
	struct arena *arena;
	unsigned flags;			/* enum dom_flag */
	struct dom_node **nodes;	/* in the order of their start tags */
	size_t n, cap;
	struct dom_image **images;
	size_t nimages, images_cap;
	struct map seen;		/* names of elements */
	struct str text;		/* as it is shown: blocks on lines */
	struct str hidden;		/* what is not shown */
	struct dom_node root;		/* named "html", not in nodes */
};

/* Reads html, which is UTF-8 and must stay. Never fails. */
struct dom *dom_parse(struct arena *a, struct str html);

/* The text that the element holds. */
struct str dom_content(const struct dom_node *node);

/* The value of an attribute, decoded; STR_NONE if there is none. */
struct str dom_attribute(const struct dom_node *node, struct str name);

/* ---- dom_style.c ---- */

/* Style sheets of a document. */
struct dom_css {
	struct arena *arena;
	struct map rules;	/* "p", ".class", "#id" -> struct dom_style */
};

/* Reads a <style> element's text: rules for a tag, a class or an id; others
 * are skipped. */
void dom_css_read(struct dom_css *css, struct str text);

/* Adds to *st what a style attribute says. */
void dom_style_declare(struct dom_style *st, struct str declarations);

/* A colour attribute or value; false if it is none. */
bool dom_color(struct str text, uint8_t rgba_r[4]);

/* Finds out what is in force for the node: its own style sheets' rules, style
 * and attributes, and what its parent's style hands down. */
void dom_style_compute(const struct dom_css *css, struct dom_node *node);

#endif
