/*
 * What kind of file some octets are, by how they begin, whatever their name
 * and declared type say; and the little that rules ask of images and
 * archives. Nothing is decoded or unpacked.
 */
#ifndef MEKIKI_MAIL_DETECT_H
#define MEKIKI_MAIL_DETECT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct arena;

enum detect_class {
	DETECT_OTHER, DETECT_IMAGE, DETECT_ARCHIVE, DETECT_EXECUTABLE,
	DETECT_DOCUMENT
};

struct detect_kind {
	const char *ext;	/* "png" */
	const char *type, *subtype;	/* "image", "png" */
	enum detect_class class;
};

/* The kind of file, or NULL if its beginning tells nothing. Looks at a few
 * thousand octets, of a ZIP file at its first names. */
const struct detect_kind *detect_file(struct str data);

/* The kind of file that has this extension, or NULL. */
const struct detect_kind *detect_ext(struct str ext);

/* The size of a PNG, GIF, JPEG or BMP; false if it does not tell. *kind_r is
 * "PNG", ... */
bool detect_image_size(struct str data, const char **kind_r,
		       unsigned *width_r, unsigned *height_r);

struct zip_file {
	struct str name;
	size_t packed, size;
	bool encrypted;
};

struct zip_listing {
	struct zip_file *v;
	size_t n, cap;
	bool encrypted;		/* one of the files is */
	bool unreadable;	/* no directory was found */
	bool cut;		/* there are more than LIMIT_ZIP_FILES */
};

/* The directory of a ZIP archive. */
void zip_list(struct arena *a, struct str data, struct zip_listing *out);

struct pdf_facts {
	bool encrypted, scripts, openaction;
	size_t objects;
};

/* What a PDF's plain text shows: streams are not unpacked. */
void pdf_look(struct str data, struct pdf_facts *out);

#endif
