/*
 * What one pass over the MIME parts counts; shared by the tests of mime.c.
 */
#ifndef MEKIKI_EVAL_MIME_H
#define MEKIKI_EVAL_MIME_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct eval_ctx;

struct mime_facts {
	size_t html_count, text_count;	/* parts by type */
	size_t base64_count;		/* parts */
	size_t qp_count;		/* parts, or encoded bytes that needed
					 * no encoding if there is QP text */
	size_t qp_bytes;
	double qp_ratio;
	size_t attachments;
	size_t ascii_text_illegal;	/* lines */
	size_t base64_line;		/* the longest, in bytes */
	double unicode_ratio;
	double multipart_ratio;
	double uppercase;		/* percent; -1: not counted yet */
	bool base64_encoded_text;
	bool bad_iso_charset;
	bool faraway_charset;
	bool qp_long_line;
	bool alternative;		/* there is a multipart/alternative */
	struct strs charsets;		/* that have a letter, lower case */
};

/* The facts of the message; the same each time. */
struct mime_facts *mime_facts(struct eval_ctx *c);

#endif
