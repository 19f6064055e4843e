/*
 * Names of hosts with letters beyond ASCII, as the DNS writes them.
 */
#ifndef MEKIKI_MAIL_IDN_H
#define MEKIKI_MAIL_IDN_H

#include <stdbool.h>

#include "base/str.h"

struct arena;

/* host (UTF-8) in lower case, with "xn--" labels where it needs them and
 * without a dot at its end. False if it is no name of letters, digits, '-',
 * '_' and single dots then, or is longer than 253. An ASCII name costs a
 * copy. */
bool idn_to_ascii(struct arena *a, struct str host, struct str *ascii_r);

/* Loads ICU's tables, so that no message pays for it. */
void idn_preload(void);

#endif
