/*
 * A message: bytes in, facts out, no I/O. message_parse reads the header and
 * the MIME tree; everything else (texts, links, relays) is made when it is
 * first asked for and kept. All of it lives in the arena of the message.
 * Parsing never fails: what is wrong with a message is a flag on it.
 */
#ifndef MEKIKI_MAIL_MESSAGE_H
#define MEKIKI_MAIL_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/map.h"
#include "base/str.h"
#include "mail/header.h"

struct arena;
struct mail_settings;
struct part;
struct relays;
struct uris;

/* Facts about how the message parsed. The first group bears SpamAssassin's
 * names (check_msg_parse_flags); the second is ours. */
enum message_flag {
	MSG_MISSING_HEAD_BODY_SEPARATOR = 1 << 0,
	MSG_TRUNCATED_HEADER = 1 << 1,
	MSG_MISSING_MIME_HEAD_BODY_SEPARATOR = 1 << 2,
	MSG_MISSING_MIME_HEADERS = 1 << 3,
	MSG_MIME_EPILOGUE_EXISTS = 1 << 4,
	MSG_MIMEPART_LIMIT = 1 << 5,

	MSG_HEADERS_CUT = 1 << 16,	/* more than LIMIT_HEADERS */
	MSG_PARTS_CUT = 1 << 17,	/* more than LIMIT_PARTS_TOTAL */
	MSG_TEXT_CUT = 1 << 18,		/* a text met LIMIT_PART_TEXT */
	MSG_URIS_CUT = 1 << 19,		/* more than LIMIT_URIS */
	MSG_URI_TRUNCATED = 1 << 20,	/* one met LIMIT_URI */
	MSG_RELAYS_CUT = 1 << 21,
	MSG_HTML_DEEP = 1 << 22,	/* met LIMIT_HTML_DEPTH */
	MSG_FILES_CUT = 1 << 23,	/* an attached file met a limit of those
					 * who unpack or read it */
};

/* Slots of message.memo, for layers that compute something once a message:
 * the families of eval/, match/selector.c, and the address lists of mail/. */
enum message_memo {
	MEMO_HEADER, MEMO_MIME, MEMO_HTML, MEMO_IMAGE, MEMO_BODY,
	MEMO_FREEMAIL, MEMO_WLBL, MEMO_RELAY, MEMO_BOUNCE, MEMO_URI,
	MEMO_SELECTORS, MEMO_ADDRS, MEMO_TEXTS,
	MEMO_PROGRAMS,
	MEMO_PDF, MEMO_OLE,
	MEMO_ANTIVIRUS, MEMO_FROM_NAME, MEMO_AUTH_RESULTS,
	MEMO_SLOTS = 32
};

struct message {
	struct arena *arena;
	const struct mail_settings *settings;
	unsigned flags;			/* enum message_flag */
	struct str mbox_line;		/* a leading "From " line, or none */
	/* As received, CRLF kept, without the mbox line; header + body ==
	 * pristine. The header includes the blank line if there is one. */
	struct str pristine;
	struct str pristine_header;
	struct str pristine_body;
	bool crlf;			/* lines end in CRLF */
	bool missing_boundary;		/* a multipart lacks its closing one */
	struct headers headers;		/* of the whole message */
	struct headers marks;		/* its X-Spam-* headers, which no
					 * rule of SpamAssassin's sees */
	struct part *root;
	struct part **leaves;		/* SpamAssassin's find_parts(/./, 1):
					 * leaf parts in document order, the
					 * inner ones of message/rfc822 too */
	size_t nleaves;

	/* Made on demand; use the functions below. */
	struct strs *body_lines;
	struct strs *visible_lines;
	struct strs *invisible_lines;
	struct strs *rawbody_chunks;
	struct relays *relays_made;
	struct uris *uris_made;
	struct strs added_uris;		/* see message_add_uri */
	struct str all_headers;
	bool envelope_made;
	struct str envelope;
	struct strs *from_addrs_made;	/* from_to.c */
	struct strs *to_addrs_made;
	struct strs *from_addrs_written, *to_addrs_written;
	struct map metadata;		/* see message_set_metadata */
	void *memo[MEMO_SLOTS];		/* by enum message_memo */
};

/* Reads raw (which must outlive the arena's contents). Never NULL. */
struct message *message_parse(struct arena *a, const struct mail_settings *ms,
			      struct str raw);

/* Loads what reading messages may need from the file system (the C library's
 * charset modules). Call it before a process gives up opening files, and best
 * before it forks; without it things are loaded when they are needed. */
void mail_preload(void);

/* The body view: element 0 is the Subject line, then one element a paragraph
 * (reference 6.2). The same list each time. */
const struct strs *message_body(struct message *m);

/* The same of the text that HTML shows, and of the text that it hides (without
 * the Subject line): what is learned apart. */
const struct strs *message_visible(struct message *m);
const struct strs *message_invisible(struct message *m);

/* The rawbody view: transfer-decoded chunks of 2 to 4 KB (reference 6.2). */
const struct strs *message_rawbody(struct message *m);

/* Cuts s in chunks of 2 to 4 KB, behind a newline, else '>', else a space, and
 * adds them to out. */
void text_chunks(struct arena *a, struct str s, struct strs *out);

/* The full view: pristine header and body. */
static inline struct str message_full(const struct message *m)
{
	return m->pristine;
}

/* All headers decoded, one "Name: text\n" each, without X-Spam-* and cut as
 * SpamAssassin cuts them (what the ALL selector yields); "" if there is none.
 * A header's text may hold newlines of its own. */
struct str message_all_headers(struct message *m);

/* Of each of m->headers, is it among those? In the arena. */
const bool *message_headers_fit(struct message *m);

/* The values of all headers called name, decoded, each with its '\n', joined
 * (what `header X =~` asks); STR_NONE if there is none. X-Spam-* headers are
 * hidden (surprise 15). `raw` gives them undecoded with their folding. */
struct str message_header(struct message *m, struct str name, bool raw);

/* What plug-ins found out about the message, which `header` rules read like a
 * header called name if the message has none (X-Languages). Copied; "" is a
 * value. message_metadata: STR_NONE if nobody set it. Names in any case. */
void message_set_metadata(struct message *m, struct str name,
			  struct str value);
struct str message_metadata(const struct message *m, struct str name);

/* A link that a plug-in found in a file (SpamAssassin's
 * add_uri_detail_list), copied: message_uris() lists it like one found in
 * text, but its host need not exist. Before the links are first asked for. */
void message_add_uri(struct message *m, struct str uri);

/* Where the headers called name are for rules in Lua, which see X-Spam-* too:
 * m->marks or m->headers. */
static inline struct headers *message_headers_named(struct message *m,
						    struct str name)
{
	return str_istarts(name, STR("X-Spam-")) ? &m->marks : &m->headers;
}

#endif
