/*
 * HTML as SpamAssassin sees it (reference 6.6): a tokenizer with the events
 * of HTML::Parser, linear in time, and the rendering and counting that
 * SpamAssassin builds on these events.
 */
#ifndef MEKIKI_MAIL_HTML_H
#define MEKIKI_MAIL_HTML_H

#include <stdbool.h>
#include <stddef.h>

#include "base/map.h"
#include "base/str.h"

struct arena;

/* Kinds of places a URI was found in. Bits of html_uri.types. */
enum html_uri_type {
	HTML_URI_A = 1 << 0, HTML_URI_AREA = 1 << 1, HTML_URI_LINK = 1 << 2,
	HTML_URI_IMG = 1 << 3, HTML_URI_FRAME = 1 << 4,
	HTML_URI_IFRAME = 1 << 5, HTML_URI_EMBED = 1 << 6,
	HTML_URI_SCRIPT = 1 << 7, HTML_URI_BGSOUND = 1 << 8,
	HTML_URI_BODY = 1 << 9, HTML_URI_TABLE = 1 << 10,
	HTML_URI_TR = 1 << 11, HTML_URI_TD = 1 << 12,
	HTML_URI_FORM = 1 << 13, HTML_URI_BASE = 1 << 14,
	HTML_URI_META = 1 << 15, HTML_URI_OTHER = 1 << 16,
};

struct html_uri {
	struct str uri;		/* as pushed: resolved against the base; or
				 * the href of an <a> as it is (surprise 8),
				 * which may be empty and has no types */
	bool wide;		/* uri is UTF-8 of characters, else octets */
	unsigned types;		/* enum html_uri_type */
	struct strs anchor_text;	/* one of each <a> with this href */
};

/*
 * All texts are octets. SpamAssassin has character strings in their place, and
 * its regexes see a character where UTF-8 has several octets. Texts in lists are
 * therefore Latin-1, one octet a character, if all characters fit, else UTF-8;
 * that is what Perl prints of them.
 *
 * The rendered texts are UTF-8 or Latin-1 as their flags tell: UTF-8 if the HTML
 * was decoded text or if an entity above U+00FF is in it. Joining texts of both
 * kinds means to make UTF-8 of the Latin-1 ones first, as SpamAssassin's body
 * does.
 */
struct html_result {
	struct str text;	/* rendered */
	bool wide;		/* text is UTF-8 (Perl's utf8 flag) */
	struct str visible;	/* the part of text that is seen */
	bool visible_wide;
	struct str invisible;
	bool invisible_wide;
	bool decoded;		/* the HTML was decoded text; then names in
				 * `inside` are UTF-8 */
	struct map inside;	/* tag (lower case) -> (void *)(intptr_t) count
				 * of opens minus closes, at least 0; present
				 * if it was opened or closed, so use map_has */
	struct html_uri *uris;	/* in order of first appearance */
	size_t nuris, uris_cap;
	struct strs comments;
	struct strs titles;
	size_t longest_title;	/* in characters */
	struct strs scripts;
	struct strs anchors;	/* anchor texts in order */
	struct map values;	/* SpamAssassin's results that are one number,
				 * by its key ("length", "max_size", "bad_tag_ratio",
				 * "image_area", "ratio", ...) -> double * */
	bool uri_truncated;
	bool deep;		/* met LIMIT_HTML_DEPTH */
	bool cut;		/* met LIMIT_URIS or LIMIT_HTML_ITEMS */
	bool broken_off;	/* an empty CSS background ended the reading:
				 * SpamAssassin's code dies on it, and then
				 * only the text so far and the numbers html,
				 * html_length, non_space_len, ratio exist */
};

/* What the octets given to html_parse are. */
enum html_input {
	HTML_LATIN1,		/* each a character */
	HTML_DECODED,		/* UTF-8: text that was decoded from a charset
				 * (Perl's character string) */
	HTML_UTF8_OCTETS,	/* not decoded as normalize_charset is off, but
				 * likely UTF-8: where text with entities or
				 * high octets is none it is made so; all results
				 * are octets, none is wide */
};

/* Reads html. Never fails. */
struct html_result *html_parse(struct arena *a, struct str html,
			       enum html_input input);

/* Corrects the result "ratio": the octets of the part before its charset was
 * decoded, which html_parse takes to be html.n. */
void html_set_octets(struct html_result *h, size_t octets);

/* A result by SpamAssassin's key; false if it is not set. */
bool html_value(const struct html_result *h, struct str key, double *value_r);

#endif
