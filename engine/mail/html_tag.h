/*
 * The tags and attributes that SpamAssassin knows, and what it does with them.
 */
#ifndef MEKIKI_MAIL_HTML_TAG_H
#define MEKIKI_MAIL_HTML_TAG_H

#include <stdbool.h>

#include "base/str.h"

/* Sorted by name: enumerator, name, whether it is an element (of HTML 4.01 or
 * XHTML 1.0, or nearly so), white space that it makes whether it opens or
 * closes, STYLE_ of html_int.h, HTML_URI_ of html.h. */
#define HTML_TAG_LIST(X) \
	X(A, "a", true, NONE, A, A) \
	X(ABBR, "abbr", true, NONE, DEFAULT, NONE) \
	X(ACRONYM, "acronym", true, NONE, DEFAULT, NONE) \
	X(ADDRESS, "address", true, NONE, DEFAULT, NONE) \
	X(APPLET, "applet", true, NONE, DEFAULT, NONE) \
	X(AREA, "area", true, NONE, DEFAULT, AREA) \
	X(B, "b", true, NONE, DEFAULT, NONE) \
	X(BASE, "base", true, NONE, DEFAULT, BASE) \
	X(BASEFONT, "basefont", true, NONE, BASEFONT, NONE) \
	X(BDO, "bdo", true, NONE, DEFAULT, NONE) \
	X(BGSOUND, "bgsound", false, NONE, DEFAULT, BGSOUND) \
	X(BIG, "big", true, NONE, BIG, NONE) \
	X(BLOCKQUOTE, "blockquote", true, PARA, DEFAULT, NONE) \
	X(BODY, "body", true, NONE, BODY, BODY) \
	X(BR, "br", true, LINE, DEFAULT, NONE) \
	X(BUTTON, "button", true, NONE, DEFAULT, NONE) \
	X(CAPTION, "caption", true, NONE, DEFAULT, NONE) \
	X(CENTER, "center", true, NONE, DEFAULT, NONE) \
	X(CITE, "cite", true, NONE, DEFAULT, NONE) \
	X(CODE, "code", true, NONE, DEFAULT, NONE) \
	X(COL, "col", true, NONE, DEFAULT, NONE) \
	X(COLGROUP, "colgroup", true, NONE, DEFAULT, NONE) \
	X(DD, "dd", true, BLANK, DEFAULT, NONE) \
	X(DEL, "del", true, NONE, DEFAULT, NONE) \
	X(DFN, "dfn", true, NONE, DEFAULT, NONE) \
	X(DIR, "dir", true, NONE, DEFAULT, NONE) \
	X(DIV, "div", true, LINE, DIV, NONE) \
	X(DL, "dl", true, NONE, DEFAULT, NONE) \
	X(DT, "dt", true, BLANK, DEFAULT, NONE) \
	X(EM, "em", true, NONE, DEFAULT, NONE) \
	X(EMBED, "embed", false, BLANK, DEFAULT, EMBED) \
	X(FIELDSET, "fieldset", true, NONE, DEFAULT, NONE) \
	X(FONT, "font", true, NONE, FONT, NONE) \
	X(FORM, "form", true, NONE, DEFAULT, FORM) \
	X(FRAME, "frame", true, NONE, DEFAULT, FRAME) \
	X(FRAMESET, "frameset", true, NONE, DEFAULT, NONE) \
	X(H1, "h1", true, BLANK, DEFAULT, NONE) \
	X(H2, "h2", true, BLANK, DEFAULT, NONE) \
	X(H3, "h3", true, BLANK, DEFAULT, NONE) \
	X(H4, "h4", true, BLANK, DEFAULT, NONE) \
	X(H5, "h5", true, BLANK, DEFAULT, NONE) \
	X(H6, "h6", true, BLANK, DEFAULT, NONE) \
	X(HEAD, "head", true, NONE, DEFAULT, NONE) \
	X(HR, "hr", true, PARA, DEFAULT, NONE) \
	X(HTML, "html", true, NONE, DEFAULT, NONE) \
	X(I, "i", true, NONE, DEFAULT, NONE) \
	X(IFRAME, "iframe", true, NONE, DEFAULT, IFRAME) \
	X(IMG, "img", true, NONE, DEFAULT, IMG) \
	X(INPUT, "input", true, NONE, DEFAULT, NONE) \
	X(INS, "ins", true, NONE, DEFAULT, NONE) \
	X(ISINDEX, "isindex", true, NONE, DEFAULT, NONE) \
	X(KBD, "kbd", true, NONE, DEFAULT, NONE) \
	X(LABEL, "label", true, NONE, DEFAULT, NONE) \
	X(LEGEND, "legend", true, NONE, DEFAULT, NONE) \
	X(LI, "li", true, BLANK, DEFAULT, NONE) \
	X(LINK, "link", true, NONE, DEFAULT, LINK) \
	X(LISTING, "listing", false, PARA, DEFAULT, NONE) \
	X(MAP, "map", true, NONE, DEFAULT, NONE) \
	X(MENU, "menu", true, NONE, DEFAULT, NONE) \
	X(META, "meta", true, NONE, DEFAULT, META) \
	X(NOBR, "nobr", true, NONE, DEFAULT, NONE) \
	X(NOFRAMES, "noframes", true, NONE, DEFAULT, NONE) \
	X(NOSCRIPT, "noscript", true, NONE, DEFAULT, NONE) \
	X(OBJECT, "object", true, NONE, DEFAULT, NONE) \
	X(OL, "ol", true, NONE, DEFAULT, NONE) \
	X(OPTGROUP, "optgroup", true, NONE, DEFAULT, NONE) \
	X(OPTION, "option", true, NONE, DEFAULT, NONE) \
	X(P, "p", true, PARA, P, NONE) \
	X(PARAM, "param", true, NONE, DEFAULT, NONE) \
	X(PLAINTEXT, "plaintext", false, PARA, DEFAULT, NONE) \
	X(PRE, "pre", true, PARA, DEFAULT, NONE) \
	X(Q, "q", true, NONE, DEFAULT, NONE) \
	X(S, "s", true, NONE, DEFAULT, NONE) \
	X(SAMP, "samp", true, NONE, DEFAULT, NONE) \
	X(SCRIPT, "script", true, NONE, DEFAULT, SCRIPT) \
	X(SELECT, "select", true, NONE, DEFAULT, NONE) \
	X(SMALL, "small", true, NONE, SMALL, NONE) \
	X(SPAN, "span", true, NONE, SPAN, NONE) \
	X(STRIKE, "strike", true, NONE, DEFAULT, NONE) \
	X(STRONG, "strong", true, NONE, DEFAULT, NONE) \
	X(STYLE, "style", true, NONE, DEFAULT, NONE) \
	X(SUB, "sub", true, NONE, DEFAULT, NONE) \
	X(SUP, "sup", true, NONE, DEFAULT, NONE) \
	X(TABLE, "table", true, NONE, TABLE, TABLE) \
	X(TBODY, "tbody", true, NONE, DEFAULT, NONE) \
	X(TD, "td", true, BLANK, TD, TD) \
	X(TEXTAREA, "textarea", true, NONE, DEFAULT, NONE) \
	X(TFOOT, "tfoot", true, NONE, DEFAULT, NONE) \
	X(TH, "th", true, BLANK, TD, NONE) \
	X(THEAD, "thead", true, NONE, DEFAULT, NONE) \
	X(TITLE, "title", true, PARA, DEFAULT, NONE) \
	X(TR, "tr", true, NONE, TR, TR) \
	X(TT, "tt", true, NONE, DEFAULT, NONE) \
	X(U, "u", true, NONE, DEFAULT, NONE) \
	X(UL, "ul", true, NONE, DEFAULT, NONE) \
	X(VAR, "var", true, NONE, DEFAULT, NONE) \
	X(X_SIGSEP, "x-sigsep", true, NONE, DEFAULT, NONE) \
	X(X_TAB, "x-tab", true, NONE, DEFAULT, NONE) \
	X(XMP, "xmp", false, PARA, DEFAULT, NONE)

enum html_tag {
	HTML_TAG_NONE,
#define X(tag, name, element, space, style, uri) HTML_TAG_##tag,
	HTML_TAG_LIST(X)
#undef X
	HTML_TAGS
};

struct html_tag_facts {
	struct str name;
	bool element;
	struct str space;
	unsigned style;		/* enum html_style_tag; 0: none */
	unsigned uri;		/* enum html_uri_type of its links; 0: none */
};

/* The tag of that name in any case; HTML_TAG_NONE if it is unknown. */
enum html_tag html_tag_find(struct str name);

/* Facts of a tag; those of HTML_TAG_NONE are all zero. */
const struct html_tag_facts *html_tag_facts(enum html_tag tag);

/* The enum html_attr_id of that name in any case; -1 if it does not matter. */
int html_attr_find(struct str name);

#endif
