/*
 * What the free mail tests share: which addresses are free mail, and which
 * are written in the body.
 */
#ifndef MEKIKI_EVAL_FREEMAIL_H
#define MEKIKI_EVAL_FREEMAIL_H

#include <stdbool.h>

#include "base/str.h"

struct arena;
struct domains;
struct eval_ctx;

/* False if no freemail_domains are configured: then no test can hit. */
bool freemail_available(const struct eval_ctx *c);

/* Is this address (lower case) one of a free mail provider, and none that is
 * exempt (freemail_welcomelist, roles such as postmaster)? */
bool freemail_is(const struct eval_ctx *c, struct str addr);

/* Is one of its '@' behind something that looks like a mailing list, a bounce
 * or a robot ("list-request@", "do-not-reply@", "x=y@")? */
bool freemail_is_bulk(struct str envelope_from);

/* An option of the plugin as a number; `otherwise` if it is not set. */
double freemail_option(const struct eval_ctx *c, const char *name,
		       double otherwise);

/* The distinct free mail addresses of the body. NULL if there are too many
 * addresses to say anything. Made once a message; making it blanks addresses
 * and links out of the body view, see freemail_body.c. */
const struct strs *freemail_of_body(struct eval_ctx *c);

/* Does an address begin exactly at `at` in s? Its length, or 0. */
size_t freemail_address_at(const struct domains *d, struct str s, size_t at);

/* s without the links that hold an address and without the addresses that are
 * in angle brackets or begin a quotation ("<a@b.com> wrote:"): a space each.
 * Returns s itself where nothing changes. */
struct str freemail_blank(struct arena *a, const struct domains *d,
			  struct str s);

/* The next address in s at or behind *pos, which is moved behind it. */
bool freemail_next_address(const struct domains *d, struct str s, size_t *pos,
			   struct str *addr_r);

#endif
