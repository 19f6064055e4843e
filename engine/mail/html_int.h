/*
 * What the html_*.c files share; nobody else includes this.
 *
 * html.c drives: it pulls tokens from html_token.c, decodes entities with
 * html_entity.c, keeps the style in force with html_style.c (colours:
 * html_color.c), collects links with html_uri.c and lays the text with
 * html_text.c.
 */
#ifndef MEKIKI_MAIL_HTML_INT_H
#define MEKIKI_MAIL_HTML_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "mail/html.h"
#include "mail/html_char.h"

struct arena;
struct html_style;

/* True if ch, above 0x7F, is a word character in Unicode. */
bool unicode_is_word(uint32_t ch);

/* A copy of html with the changes that SpamAssassin makes before parsing. */
struct str html_prepare(struct arena *a, struct chars html);

/* Appends raw to out with its entities decoded: decimal, hexadecimal and the
 * names of HTML 4. Latin-1's names are known without their ';' too; with
 * `prefix` even when letters follow ("&ltx"), as text is read but attribute
 * values are not. out is made wide if raw is. */
void html_decode(struct chars raw, bool prefix, struct chars_buf *out);

/* True if s is UTF-8 as Perl's utf8::decode takes it: well formed, but any
 * number will do for a character. */
bool html_is_utf8(struct str s);

/* A colour: 0xRRGGBB, or one of these. */
enum {
	COLOR_INVALID = -1,	/* the word "invalid" */
	COLOR_NONE = -2,	/* the word "#", what "#" alone gives */
	COLOR_TRANSPARENT = -3,	/* only while a style attribute is read */
};

/* Reads a colour as SpamAssassin does: a name, "#" with hexadecimal digits of
 * any number, rgb(...). `wide` is the kind of string it is from. */
int html_color(struct chars text);

/* The attributes that SpamAssassin looks at. */
enum html_attr_id {
	ATTR_ACTION, ATTR_ALINK, ATTR_BACKGROUND, ATTR_BGCOLOR, ATTR_COLOR,
	ATTR_CONTENT, ATTR_SAFEREDIRECT, ATTR_FACE, ATTR_HEIGHT, ATTR_HREF,
	ATTR_HTTP_EQUIV, ATTR_LINK, ATTR_SIZE, ATTR_SRC, ATTR_STYLE,
	ATTR_TEXT, ATTR_VLINK, ATTR_WIDTH, ATTR_COUNT
};

/* The attributes of one start tag that matter, decoded. */
struct html_attrs {
	struct chars v[ATTR_COUNT];	/* s.p == NULL: not there */
	uint8_t order[ATTR_COUNT];	/* those that are there, as written */
	size_t n;
	/* Of the first name like x/href. SpamAssassin takes any of several. */
	struct chars odd_href;
	struct chars odd_src;
};

static inline bool attr_has(const struct html_attrs *at, enum html_attr_id id)
{
	return at->v[id].s.p != NULL;
}

/* The tags that change the style of text. The numbers are bits, so that the
 * attributes that each heeds are one table. */
enum html_style_tag {
	STYLE_DEFAULT, STYLE_A, STYLE_BASEFONT, STYLE_BIG, STYLE_BODY,
	STYLE_DIV, STYLE_FONT, STYLE_P, STYLE_SMALL, STYLE_SPAN, STYLE_TABLE,
	STYLE_TD, STYLE_TR, STYLE_TAGS
};

/* Why text is not seen; bits. */
enum { HIDDEN = 1, LOW_CONTRAST = 2, BAD_COLOR = 4 };

/* The styles in force, on the heap. */
struct html_style *html_style_new(void) __attribute__((returns_nonnull));
void html_style_free(struct html_style **st);

/* A start tag. False: SpamAssassin's reading of this HTML ends here, because
 * its code dies on an empty CSS background. */
bool html_style_open(struct html_style *st, enum html_style_tag tag,
		     const struct html_attrs *at);
void html_style_close(struct html_style *st, enum html_style_tag tag);

/* 0 if text in the present style is seen, else HIDDEN and why. */
int html_style_hides(const struct html_style *st);

double html_style_max_size(const struct html_style *st);
double html_style_min_size(const struct html_style *st);

/* True if LIMIT_HTML_DEPTH was met. */
bool html_style_deep(const struct html_style *st);

/* True if a font's face attribute does not look like names of fonts. */
bool html_face_is_bad(struct chars face);

/* The links of one document while it is read. */
struct html_links {
	struct arena *a;
	struct html_result *r;
	struct map index;	/* UTF-8 of a uri -> index + 1 into r->uris */
	struct chars base;	/* <base href>, or s.p == NULL */
};

/* Trims a URI and cuts it at LIMIT_URI characters (recorded in the result). */
struct chars html_uri_trim(struct html_links *l, struct chars uri);

/* Records uri, trimmed and resolved against the base, as of this type. */
void html_uri_push(struct html_links *l, unsigned type, struct chars uri);

/* The entry of uri exactly as given, made if there is none; an index into
 * the result's uris, or -1 if there are too many (recorded in the result). */
ssize_t html_uri_entry(struct html_links *l, struct chars uri);

/* Takes the links of a start tag of type `type` (0: it cannot have any). */
void html_uri_tag(struct html_links *l, unsigned type, struct html_attrs *at);

/* Resolves r against base (RFC 3986 with SpamAssassin's liberties). */
struct chars html_uri_resolve(struct arena *a, struct chars base,
			      struct chars r);

/* The rendered text while it grows, piece by piece. The last piece is kept
 * apart, because what follows may trim it. */
struct html_layout {
	struct chars_buf all, visible, invisible;
	struct chars_buf last;
	bool any;		/* there is a last piece */
	bool last_space;	/* it is white space made by a tag */
	bool last_invisible;
};

void html_layout_init(struct html_layout *l);
void html_layout_free(struct html_layout *l);

/* White space that a tag makes. */
void html_layout_space(struct html_layout *l, struct str space);

/* Text of the document; its white space is folded. */
void html_layout_text(struct html_layout *l, struct chars text,
		      bool invisible);

/* Adds the last piece to the texts, which are then complete. */
void html_layout_finish(struct html_layout *l);

/* True if text holds anything but white space and the octets (or characters)
 * C2 A0. */
bool html_has_ink(struct chars text);

/* What SpamAssassin learns from how text joins the piece before it. */
struct html_joints {
	double obfuscation;	/* letters meet without a blank */
	bool joined;		/* that happened */
	uint64_t backhair;	/* bit 8 * i + k: a word of 1 + i letters met
				 * one of 1 + k */
};

void html_joints_see(struct html_joints *j, const struct html_layout *l,
		     struct chars text);

#endif
