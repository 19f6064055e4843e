/*
 * What SpamAssassin's PDFInfo sees in PDF files. It reads them as lines of
 * text and unpacks nothing: what stands in object streams is not seen, what
 * looks like a keyword in a picture is. Rules live off exactly that reading
 * (checksums of the first lines, the sequence of keywords), so it is the one
 * that is made here, in one pass whose cost is linear in the file's size.
 */
#ifndef MEKIKI_EVAL_PDF_H
#define MEKIKI_EVAL_PDF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/map.h"
#include "base/str.h"

struct arena;

/* A number as Perl counts: whole up to 64 bits, then a float. */
struct pdf_number {
	bool real;
	uint64_t u;
	double d;
};

enum pdf_detail {
	PDF_AUTHOR, PDF_CREATOR, PDF_CREATED, PDF_MODIFIED, PDF_PRODUCER,
	PDF_TITLE, PDF_DETAILS
};

/* "author" ... "title" */
extern const char *const pdf_detail_names[PDF_DETAILS];

/* Of all PDF files of a message. The keys of the maps are what was found, the
 * values only not NULL. */
struct pdf_facts {
	struct arena *arena;
	struct map *tags;		/* name -> struct str *, as in
					 * eval_ctx; NULL: none wanted */
	struct strs uris;		/* distinct within a file */
	size_t count;			/* of files */
	size_t images;
	bool encrypted;
	bool has_area;
	double area;			/* of the last file with a picture */
	struct map sizes;		/* "HEIGHTxWIDTH" */
	struct map names;
	struct map md5, fuzzy_md5;	/* upper case */
	struct map details[PDF_DETAILS];
};

void pdf_facts_init(struct pdf_facts *f, struct arena *a, struct map *tags);

/* Adds the facts of one file. */
void pdf_read(struct pdf_facts *f, struct str name, struct str data);

/* Adds value to the tag called name, behind a space, unless it is empty or
 * the tag is long already. */
void pdf_set_tag(struct pdf_facts *f, const char *name, struct str value);

/* pdf_value.c: The first value behind key in line, with up to two blanks
 * between: "(...)", the closing one without a backslash, or "<...>". */
bool pdf_find_value(struct str line, struct str key, struct str *value_r);

/* The digits of "(D:20070226..." behind key. */
bool pdf_find_date(struct str line, struct str key, struct str *digits_r);

/* A link: the value behind /URI in *value_r, or one that begins with http and
 * stands in "(...)>>" in *plain_r (without them); the other is STR_NONE. */
bool pdf_find_uri(struct str line, struct str *value_r, struct str *plain_r);

/* The text that a value means: hexadecimal digits, octal numbers, UTF-16 with
 * its NULs left out. At most 256 octets, in out. */
#define PDF_TEXT_MAX 256
struct str pdf_text(struct str value, char out[PDF_TEXT_MAX]);

#endif
