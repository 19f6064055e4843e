/*
 * Between the files that read a message: message.c (header and body of a
 * whole mail), mime_lines.c (multiparts, line by line), part.c (leaves).
 * Nothing outside mail/ includes it.
 */
#ifndef MEKIKI_MAIL_MIME_H
#define MEKIKI_MAIL_MIME_H

#include <stdbool.h>
#include <stddef.h>

#include "base/map.h"
#include "base/str.h"

struct arena;
struct headers;
struct message;
struct part;

/* A part whose body waits to be opened or kept. The queue makes the tree
 * breadth first without recursion. */
struct mime_job {
	struct part *part;
	struct str boundary;	/* its own or an inherited one, or none */
	struct str body;	/* lines end in LF */
	bool blank_first;	/* think of an empty line before the body */
	int levels;		/* how many more levels may be opened */
};

struct mime_reader {
	struct message *m;
	struct mime_job *jobs;
	size_t n, cap;
	size_t nparts;		/* of the whole message */
	struct map open;	/* boundaries whose last multipart is open: set
				 * by its start, removed by its end */
};

/* A new part below parent (NULL: the root), or NULL when the message has
 * LIMIT_PARTS_TOTAL of them. */
struct part *mime_part_new(struct mime_reader *rd, struct part *parent);

void mime_enqueue(struct mime_reader *rd, struct mime_job job);

/* Reads raw as a whole mail into node: headers, then a job for its body. */
void mail_open(struct mime_reader *rd, struct part *node, struct str raw,
	       int levels);

/* Splits a multipart at job->boundary into children, each with a job. */
void mime_split(struct mime_reader *rd, const struct mime_job *job);

/* The same by GMime, for a multipart in which everything is as it should be;
 * false and nothing done if it is not, or holds mails. */
bool mime_split_gmime(struct mime_reader *rd, const struct mime_job *job);

/* Makes GMime ready; done at its first use too. */
void mime_gmime_init(void);

/* Makes job->part a leaf: its type, charset, name and undecoded text. */
void mime_leaf(struct mime_reader *rd, const struct mime_job *job);

/* True if the line begins like a header: printable characters, then ':'.
 * blanks: white space may stand before the colon. */
bool is_header_line(struct str line, bool blanks);

/* Is the line "--boundary" or "--boundary--", but for white space? */
enum line_kind { LINE_TEXT, LINE_START, LINE_END };
enum line_kind boundary_line(struct str line, struct str boundary);

/* Adds the header that field (with its continuation lines) is; it has a colon.
 * Its name keeps blanks before the colon, which hides it from everybody:
 * SpamAssassin's reading. */
void mime_add_header(struct message *m, struct headers *hs, struct str field);

/* The text of a part: long lines cut in pieces, without the newline that
 * belongs to a boundary behind it. */
struct str mime_part_text(struct arena *a, struct str text, bool at_boundary);

/* Sets the flag if there is anything but white space and dots in rest, which
 * is behind the closing boundary. */
void mime_look_at_epilogue(struct message *m, struct str rest);

#endif
