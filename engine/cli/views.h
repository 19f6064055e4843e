/*
 * Sections of `mekiki views` that live in files of their own. Each prints
 * lines in the format of tests/parity/sa_views.pl to stdout.
 */
#ifndef MEKIKI_CLI_VIEWS_H
#define MEKIKI_CLI_VIEWS_H

#include "base/str.h"

struct message;

/* Prints s with all but printable ASCII escaped, then the byte `end` unless
 * it is 0. */
void views_field(struct str s, int end);

/* The [html N] sections, with their titles. */
void views_html(struct message *m);

/* The lines of [uris] and [addrs]. */
void views_uris(struct message *m);
void views_addrs(struct message *m);

/* The lines of [all], [relays], [envelope] and [dates]. */
void views_all(struct message *m);
void views_relays(struct message *m);
void views_envelope(struct message *m);
void views_dates(struct message *m);

#endif
