/*
 * Forms: a small language for one-line texts that programs wrote by a fixed
 * pattern, such as Received lines. A form is a string in which a byte stands
 * for itself, except:
 *
 *   {f}        a word (bytes other than white space, at least one), kept in field f;
 *              {} is a word that is not kept
 *   {f!xyz}    bytes other than x, y, z ({f!} any bytes); may contain spaces
 *   {f:a-z_}   bytes of this set
 *              each of these may end in /2-4 (how many bytes; /0- any number)
 *              and then in ? (take as few as possible, else as many)
 *   ~          any text, as little as possible; * as much as possible
 *   #          decimal digits, at least one
 *   {ip}       an IP address, kept; {addr} one that is not kept
 *   {localhost}  a name or an address of the loopback interface
 *   {one|two}  one of these texts; a text "$" is the end of the line
 *   {? ... ?}  a part that may be missing
 *   {f<} ... {>}  keep in field f all that lies between
 *   {/text}    here does not follow this text
 *   {b}        a boundary between a word character and another (Perl's \b)
 *   $          the end of the line
 *
 * A form begins at the beginning of the line; one that starts with ~ may
 * match anywhere, the leftmost place wins. Of several ways to match, the
 * first in the order of these rules is taken, so that the same text always
 * gives the same fields. The work on one line is bounded.
 */
#ifndef MEKIKI_MAIL_FORM_H
#define MEKIKI_MAIL_FORM_H

#include <stdbool.h>

#include "base/str.h"

struct arena;
struct form;

enum form_field {
	FIELD_HELO, FIELD_RDNS, FIELD_IP, FIELD_BY, FIELD_IDENT, FIELD_ID,
	FIELD_ENVFROM, FIELD_SUB, FIELD_AUTH, FIELD_AUTH2,
	FIELD_COUNT
};

/* What a match kept; fields that took no part have p == NULL. The strs point
 * into the line. */
struct form_match {
	struct str field[FIELD_COUNT];
	unsigned fuel;		/* steps that are left for this line */
};

/* Steps that all forms together may spend on one line. Real Received lines
 * take less than 1,000, about two a byte. */
#define FORM_FUEL 40000

/* Compiles a form; aborts on one that is malformed, since forms are tables of
 * the program. `fold` ignores ASCII case in literal text. */
struct form *form_compile(struct arena *a, const char *text, bool fold);

/* Matches line; on success the fields that the form names are set in *m, the
 * others keep their values. On failure *m is as before but for its fuel. */
bool form_match(const struct form *f, struct str line, struct form_match *m);

/* A form that stands where it is used: static struct form_lazy f =
 * FORM_LAZY("..."). Compiled at first use. */
struct form_lazy {
	const char *text;
	bool fold;
	const struct form *compiled;
};

#define FORM_LAZY(t) { .text = (t) }
#define FORM_LAZY_FOLD(t) { .text = (t), .fold = true }

/* True if the form matches text, which may be many lines; m (may be NULL) gets
 * the fields. */
bool form_matches(struct form_lazy *f, struct str text, struct form_match *m);

#endif
