/*
 * Redis's protocol (RESP 2): commands become octets, octets become replies.
 * hiredis does both; it is only the codec here, and it is given nothing that
 * was not looked at before: a guard follows the frames of a reply as their
 * octets come, and refuses one that is too large, too deep or no RESP as soon
 * as that can be known (a bulk string's length when it is announced, a list's
 * number of items before room is made for them).
 */
#ifndef MEKIKI_REDIS_RESP_H
#define MEKIKI_REDIS_RESP_H

#include "base/buf.h"
#include "base/err.h"
#include "redis/store.h"

struct arena;
struct resp_reader;

/* ---- writing ---- */

/* Adds one command: argv are octets of any kind, argc at least 1. False if
 * it did not fit (b is full then, and what it holds is of no use). */
bool resp_add(struct buf *b, const struct str *argv, size_t argc);

/* Adds a command of the store's. A script is EVALSHA with the digest of its
 * text, or EVAL with the text itself. False as resp_add. */
bool resp_add_command(struct buf *b, const struct store_command *c,
		      bool with_text);

/* Adds what resp_add_command made without text (evalsha, its octets), with
 * the text of its script. */
bool resp_add_with_text(struct buf *b, struct str evalsha, int script);

/* ---- reading ---- */

/* One octet line (status, error, number, header) at most. */
#define RESP_LINE_MAX ((size_t)64 << 10)

struct resp_reader *resp_reader_new(void);
void resp_reader_free(struct resp_reader **r);

/* Takes octets from the front of *input, up to the end of a reply. Returns
 * 1 when a reply is whole: it is in a, texts included (a == NULL: it is
 * dropped unread);
 * 0 when all of *input was taken and the reply goes on;
 * -1 with err when this is no RESP or over a ceiling: the connection is of no
 * use any more, and neither is the reader.
 * What a reply needs in memory (texts, and room for lists) is at most
 * STORE_REPLY_MAX; how the octets are cut makes no difference. */
int resp_read(struct resp_reader *r, struct str *input, struct arena *a,
	      struct store_reply *out_r, struct err *err);

/* What the last whole reply took in memory, in octets. */
size_t resp_cost(const struct resp_reader *r);

#endif
