/*
 * Transfer encodings, decoded to the bytes that SpamAssassin's decoders give,
 * for broken input too. Results live in the arena.
 */
#ifndef MEKIKI_MAIL_DECODE_H
#define MEKIKI_MAIL_DECODE_H

#include "base/str.h"

struct arena;

/* Base64. A '=' inside is the digit 0 in text that is otherwise clean, and 63
 * in text with foreign bytes, which are skipped. */
struct str decode_base64(struct arena *a, struct str s);

/* Quoted-printable of a body: white space before a line's end is dropped,
 * then soft breaks, then =XX is decoded. */
struct str decode_qp(struct arena *a, struct str s);

/* The same for an encoded word, which has one line: only =XX. */
struct str decode_qp_words(struct arena *a, struct str s);

/* CRLF to LF; s itself if there is none. */
struct str crlf_to_lf(struct arena *a, struct str s);

#endif
