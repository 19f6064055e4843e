/*
 * Addresses in headers as SpamAssassin reads them since 4.0 (`:addr`,
 * `:name`, all_from_addrs, all_to_addrs), Email::Address::XS installed as on
 * Debian (surprise 19).
 */
#ifndef MEKIKI_MAIL_ADDRESS_H
#define MEKIKI_MAIL_ADDRESS_H

#include "base/str.h"

struct arena;
struct message;

struct address {
	struct str addr;	/* user@host, as written */
	struct str name;	/* phrase, undecoded ("From:name:raw"); or "" */
};

struct addresses {
	struct address *v;
	size_t n, cap;
};

/* All addresses of one header value (undecoded, with its folding). */
void addresses_parse(struct arena *a, struct str raw, struct addresses *out);

/* Every address the message may come from (From, Sender, Resent-From,
 * envelope sender, ...: SpamAssassin's all_from_addrs), lower case. */
const struct strs *message_from_addrs(struct message *m);

/* Every address the message may be for (all_to_addrs), lower case. */
const struct strs *message_to_addrs(struct message *m);

/* The same addresses in the letters in which they are written, which is how
 * SpamAssassin hands them to tests that do not fold them. */
const struct strs *message_from_addrs_written(struct message *m);
const struct strs *message_to_addrs_written(struct message *m);

#endif
