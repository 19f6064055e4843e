/*
 * Where every command finds messages: files, folders (Maildir, MH, Cyrus),
 * mbox and mbx files, standard input; by SpamAssassin's rules of what is which,
 * and what is passed over (deleted messages of a Maildir, files whose names
 * begin with a dot or a comma). First all messages are found, then they are
 * read one by one. What cannot be read is told in the log, in the words of
 * SpamAssassin's reader ("archive-iterator: no access to ...").
 */
#ifndef MEKIKI_CLI_MESSAGES_H
#define MEKIKI_CLI_MESSAGES_H

#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

struct arena;
struct regex;
struct settings;

enum message_format { FORMAT_DETECT, FORMAT_FILE, FORMAT_DIR, FORMAT_MBOX,
		      FORMAT_MBX };

/* The format of a word ("detect", "mbox", ...); false if there is none. */
bool message_format_named(struct str word, enum message_format *out_r);

struct message_item {
	bool spam;
	enum message_format format;	/* FILE, MBOX or MBX */
	struct str path;	/* NUL-ended */
	off_t at;		/* of MBOX, MBX: where the message lies */
	size_t size;
};

struct message_items {
	struct arena *arena;
	struct regex *from;	/* parts an mbox file */
	struct message_item *v;
	size_t n, cap;
};

/* The settings say what parts an mbox file (mbox_format_from_regex). -1 and
 * err if that is no regex. */
int messages_begin(struct arena *a, const struct settings *s,
		   struct message_items *items, struct err *err);

/* Adds the messages of one place: a path, a pattern as of a shell, or "-",
 * standard input, which is copied to a file first. */
void messages_find(struct message_items *items, bool spam,
		   enum message_format format, struct str place);

/* Adds one message in a file of its own, whether it is there or not. */
void messages_add(struct message_items *items, const char *path);

/* "spam:mbox:/path": class (anything, or of spam and ham only), format (empty:
 * DETECT) and place. False, and nothing set, if the word is no such thing. */
bool messages_target(struct str word, bool any_class, bool *spam_r,
		     enum message_format *format_r, struct str *place_r);

/* Adds those of a list's lines: CLASS:FORMAT:PLACE, or a place of the given
 * class and format. -1 and err if the list cannot be read; -2 if a line has
 * no class and none is given (class < 0). */
int messages_find_list(struct message_items *items, int spam,
		       enum message_format format, const char *list,
		       struct err *err);

/* What a message is called: its path, in an mbox file with ".OFFSET". */
struct str message_item_name(struct arena *a, const struct message_item *it);

/* The message's octets, uncompressed if its file is compressed (gzip, bzip2,
 * xz, lz4, lzip, lzop, by these programs). False if it is larger than max (0:
 * no bound but that of any message) or cannot be read. */
bool messages_read(const struct message_item *item, size_t max,
		   struct buf *out);

#endif
