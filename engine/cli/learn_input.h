/*
 * Where `mekiki learn` finds messages: files, folders (Maildir, MH, Cyrus),
 * mbox and mbx files, standard input; by sa-learn's rules of what is which,
 * and what is passed over (deleted messages of a Maildir, files whose names
 * begin with a dot or a comma). First all messages are found, then they are
 * read one by one.
 */
#ifndef MEKIKI_CLI_LEARN_INPUT_H
#define MEKIKI_CLI_LEARN_INPUT_H

#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

struct arena;
struct regex;
struct settings;

enum learn_format { FORMAT_DETECT, FORMAT_FILE, FORMAT_DIR, FORMAT_MBOX,
		    FORMAT_MBX };

/* The format of a word ("detect", "mbox", ...); false if there is none. */
bool learn_format_named(struct str word, enum learn_format *out_r);

struct learn_item {
	bool spam;
	enum learn_format format;	/* FILE, MBOX or MBX */
	struct str path;	/* NUL-ended */
	off_t at;		/* of MBOX, MBX: where the message lies */
	size_t size;
};

struct learn_items {
	struct arena *arena;
	struct regex *from;	/* parts an mbox file */
	struct learn_item *v;
	size_t n, cap;
};

/* The settings say what parts an mbox file (mbox_format_from_regex). -1 and
 * err if that is no regex. */
int learn_items_begin(struct arena *a, const struct settings *s,
		      struct learn_items *items, struct err *err);

/* Adds the messages of one place: a path, a pattern as of a shell, or "-",
 * standard input, which is copied to a file first. What cannot be read is
 * told in the log. */
void learn_find(struct learn_items *items, bool spam, enum learn_format format,
		struct str place);

/* Adds those of a list's lines: CLASS:FORMAT:PLACE, or a place of the given
 * class and format. -1 and err if the list cannot be read; -2 if a line has
 * no class and none is given (class < 0). */
int learn_find_list(struct learn_items *items, int spam,
		    enum learn_format format, const char *list,
		    struct err *err);

/* The message's octets, uncompressed if its file is compressed (gzip, bzip2,
 * xz, lz4, lzip, lzop, by these programs). False, told in the log, if it is
 * larger than max (0: no bound but that of any message) or cannot be read. */
bool learn_read(const struct learn_item *item, size_t max, struct buf *out);

#endif
