/*
 * One node of the MIME tree, and the texts that are made of a leaf.
 */
#ifndef MEKIKI_MAIL_PART_H
#define MEKIKI_MAIL_PART_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "mail/header.h"

struct html_result;
struct message;

struct part {
	struct message *msg;
	struct part *parent;		/* NULL for the root */
	struct part **children;
	size_t nchildren;
	size_t child_cap;
	int depth;			/* the root has 0 */
	struct headers headers;		/* the root's are the message's */
	bool container;			/* was opened as a multipart or a
					 * sub-mail, even if nothing was in it */
	struct str type;		/* SpamAssassin's effective_type():
					 * declared_type, but text/html if the
					 * name ends in .htm, .html, .shtml */
	struct str declared_type;	/* SpamAssassin's {type}: as Content-Type
					 * says, lower case; any text but html,
					 * x-vcard, calendar is text/plain */
	struct str charset;		/* declared, lower case; or none */
	struct str boundary;		/* or none */
	struct str name;		/* file name, decoded; or none */
	struct str raw;			/* undecoded body, lines end in LF, long
					 * lines already split (reference 6.1) */
	/* On demand. */
	bool decoded_made;
	bool rendered_made;
	struct str decoded;		/* transfer-decoded octets */
	struct str rendered_type;	/* type after rendering, or none */
	struct str rendered;		/* text as SpamAssassin's rendered(),
					 * UTF-8 or Latin-1 octets */
	bool rendered_utf8;		/* rendered holds UTF-8 of characters
					 * above U+00FF (Perl's utf8 flag: 7) */
	struct str visible;		/* rendered text that is visible */
	struct str invisible;
	struct html_result *html;	/* of a rendered text/html leaf */
};

/* True if the part was not opened: an empty multipart is no leaf either. */
static inline bool part_is_leaf(const struct part *p)
{
	return !p->container;
}

/* Transfer-decoded octets of a leaf (base64, quoted-printable, uuencode, or
 * as they are). */
struct str part_decoded(struct part *p);

/* Renders a text leaf (charset to UTF-8 where SpamAssassin does, HTML to
 * text) and fills the on-demand fields; nothing for other types. */
void part_render(struct part *p);

/* A parameter or the main value of a header of this part, "" if absent:
 * part_header(p, STR("content-transfer-encoding")). Last one wins. */
struct str part_header(struct part *p, struct str name);

#endif
