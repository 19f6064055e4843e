/*
 * Text parts as rspamd's rules know them: every leaf that is text/plain or
 * text/html (attached or not), in UTF-8 whatever its charset, with its
 * words, its links and, of HTML, its tree. Made when a rule in Lua first asks.
 */
#ifndef MEKIKI_MAIL_TEXT_PART_H
#define MEKIKI_MAIL_TEXT_PART_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "mail/ctype.h"
#include "mail/link.h"
#include "mail/words.h"

struct arena;
struct dom;
struct message;
struct mime_node;
struct part;

struct text_stats {
	size_t lines, empty_lines;
	size_t spaces, double_spaces, non_spaces;
	size_t ascii, non_ascii, capitals, digits;
};

struct text_part {
	struct part *part;
	struct mime_node *node;
	bool html;
	struct str raw;		/* as sent */
	struct str parsed;	/* behind the transfer encoding */
	struct str utf8;	/* the same in UTF-8 */
	struct str content;	/* what is read: of HTML its text */
	struct dom *dom;	/* of HTML, else NULL */
	bool has_8bit, has_8bit_raw;
	size_t links_length;	/* bytes of content that are links */
	struct words_gap *gaps;	/* and where they are */
	size_t ngaps;
	struct text_stats stats;
	bool words_made;	/* use text_part_words() */
	struct words words;
	struct str language;	/* or STR_NONE; made with the words */
	struct link **links;	/* of this part, in order, without doubles */
	size_t nlinks, links_cap;
};

/* A MIME node with its number in the message (document order, from 0). */
struct mime_node {
	struct part *part;
	struct mime_node *parent;
	struct mime_node **children;
	size_t nchildren;
	struct text_part *text;	/* or NULL */
	struct ctype type;	/* as declared */
	size_t id;
};

struct mail_texts {
	struct mime_node **nodes;
	size_t nnodes, nodes_cap;
	struct text_part **texts;
	size_t ntexts, texts_cap;
	struct links links;	/* of the subject and all text parts */
	bool distance_known;	/* of the two parts of an alternative: */
	double distance;	/* 0: alike */
	size_t total_words;
};

/* The texts of m, in a. Made anew each time: keep them. */
struct mail_texts *mail_texts_make(struct arena *a, struct message *m);

/* The same, made once and kept in the message. */
struct mail_texts *message_texts(struct message *m);

/* The words of a text; made once. */
const struct words *text_part_words(struct arena *a, struct text_part *tp);

/* The file name that a MIME node has, or STR_NONE. */
struct str mime_node_name(struct arena *a, const struct mime_node *node);

/* Does the message have text and HTML of the same, and how far are they
 * apart? Sets the last three fields, which it takes from the words; up to
 * 8,192 words together are compared. */
void mail_texts_compare(struct arena *a, struct mail_texts *t);

/* The bytes of a leaf as rspamd counts them: with the line end that stands
 * before a boundary. Undecoded, and behind the transfer encoding. */
struct str part_sent(struct arena *a, struct part *p);
struct str part_content(struct arena *a, struct part *p);

#endif
