/*
 * The spamd protocol's request, read line by line: a pure function of the
 * bytes, without I/O, so that it can be fuzzed and that the front, which must
 * find the end of the headers and the length of the body, shares it with
 * whoever else needs to know what was asked. What spamd 4.0.1 accepts is
 * accepted, what it refuses is refused with its words, byte for byte.
 */
#ifndef MEKIKI_SERVE_SPAMD_REQUEST_H
#define MEKIKI_SERVE_SPAMD_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

enum spamd_word { WORD_NONE, WORD_PROCESS, WORD_CHECK, WORD_SYMBOLS,
		  WORD_REPORT, WORD_HEADERS, WORD_REPORT_IFSPAM, WORD_TELL,
		  WORD_SKIP, WORD_PING };

/* What is needed next to complete a request. */
enum spamd_need {
	NEED_LINE,		/* the request line */
	NEED_HEADER,		/* a header or the blank line */
	NEED_BODY,		/* the mail, see body_* */
	NEED_NOTHING,		/* complete without a body (PING, SKIP) */
	NEED_ERROR,		/* refused: see code and text */
};

#define SPAMD_USER_MAX 1024
#define SPAMD_TEXT_MAX 1024

struct spamd_request {
	enum spamd_word word;
	double version;
	enum spamd_need need;
	bool allow_tell;	/* set by the owner before the first line */

	unsigned nheaders;
	bool has_user, zlib;
	bool set_local, set_remote, remove_local, remove_remote;
	bool class_spam;
	char user[SPAMD_USER_MAX];	/* NUL-ended; no control bytes inside */
	bool has_length;
	uint64_t length;	/* Content-length; saturates */
	char length_text[32];	/* as it was written, for the mismatch text */

	int code;		/* of a refusal: 76 or 69 */
	char text[SPAMD_TEXT_MAX];	/* its text, without spamd's prefix */
	size_t ntext;
};

/* A row of the table of words. */
struct spamd_word_row {
	const char *name;
	enum spamd_word word;
	bool body;		/* a mail follows */
	double headers_from;	/* headers are read from this version on; ... */
	bool headers_above;	/* ... true: only above it */
};

const struct spamd_word_row *spamd_word_row(enum spamd_word word);
const char *spamd_word_name(enum spamd_word word);

void spamd_request_init(struct spamd_request *r, bool allow_tell);

/* Feeds one line including its "\n" (the last line before the end of input
 * may lack it). Returns what is needed next. Only while NEED_LINE or
 * NEED_HEADER. */
enum spamd_need spamd_request_line(struct spamd_request *r, struct str line);

/* The input ended where a line was needed. */
enum spamd_need spamd_request_eof(struct spamd_request *r);

/* A line grew beyond what is kept of one (LIMIT_REQUEST_LINE). */
enum spamd_need spamd_request_too_long(struct spamd_request *r);

/* The body's end was reached with `got` bytes, which may not be what was
 * announced. True if it is as announced, or nothing was; false makes the
 * request NEED_ERROR. Not for compressed bodies, whose announced length
 * spamd never compares. */
bool spamd_request_length_ok(struct spamd_request *r, uint64_t got);

/* Refuses the request with spamd's "Bad header line" (76). */
enum spamd_need spamd_request_refuse(struct spamd_request *r, int code,
				     const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* The number that Perl makes of a text: its longest numeric beginning. */
double perl_number(struct str s);

#endif
