/*
 * ok_locales: which charsets a reader of some languages expects.
 */
#ifndef MEKIKI_EVAL_LOCALES_H
#define MEKIKI_EVAL_LOCALES_H

#include <stdbool.h>

#include "base/str.h"

struct arena;
struct settings;

/* True if a text in this charset is no surprise under ok_locales (default
 * "all") and the language of the environment. */
bool locales_charset_ok(struct arena *a, const struct settings *s,
			struct str charset);

/* True if ok_locales says "all". */
bool locales_all(struct arena *a, const struct settings *s);

#endif
