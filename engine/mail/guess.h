/*
 * The charset of text that does not say.
 */
#ifndef MEKIKI_MAIL_GUESS_H
#define MEKIKI_MAIL_GUESS_H

#include "base/str.h"

/* The name of the charset that text seems to be in, or STR_NONE if nothing is
 * likely. Looks at the first few thousand octets. */
struct str charset_guess(struct str text);

#endif
