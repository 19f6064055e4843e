/*
 * Octets as text and back: hexadecimal, base32, base64, quoted-printable,
 * %XX. These are encoders for what programs exchange and tolerant decoders;
 * how SpamAssassin decodes a message's parts is in mail/decode.h.
 *
 * All write to memory of the caller, which has the size that the `_size`
 * function beside them gives, and return how much of it they used.
 */
#ifndef MEKIKI_BASE_CODEC_H
#define MEKIKI_BASE_CODEC_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/* How an encoded text is broken into lines; all zero: not at all. */
struct codec_lines {
	size_t width;		/* characters of a line; 0: one line */
	struct str end;		/* what ends a line */
};

/* Lower case; twice as long. */
size_t hex_encode(struct str s, char *out);

/* Three alphabets. The first is Zooko's, read from the low bits up, as rspamd
 * does it; the second RFC 4648's in capitals, the third bech32's, both read
 * from the high bits down. None is padded. */
enum base32_kind { BASE32_ZOOKO, BASE32_RFC, BASE32_BECH };

size_t base32_size(size_t n);
size_t base32_encode(struct str s, enum base32_kind kind, char *out);

/* At most s.n octets. Returns -1 if a character is none of the alphabet. */
ssize_t base32_decode(struct str s, enum base32_kind kind, char *out);

/* What a digit of base64 stands for, 0 to 63; -1 if c is none. */
int base64_value(int c);

/* Every full line is ended, the last one too. */
size_t base64_size(size_t n, const struct codec_lines *lines);
size_t base64_encode(struct str s, const struct codec_lines *lines,
		     char *out);

/* At most s.n octets; skips what is none of the alphabet. */
size_t base64_decode(struct str s, char *out);

/* Quoted-printable; lines that there are keep their ends. A width below 4 is
 * taken for none. */
size_t qp_size(size_t n, const struct codec_lines *lines);
size_t qp_encode(struct str s, const struct codec_lines *lines, char *out);

/* At most s.n octets. What is no escape stays. */
size_t qp_decode(struct str s, char *out);

/* %XX and '+' (a space); at most s.n octets. A '%' before anything else is
 * dropped, as rspamd does. */
size_t url_decode(struct str s, char *out);

#endif
