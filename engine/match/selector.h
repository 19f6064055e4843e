/*
 * Header selectors: what "From:addr", "ALL", "ToCc", "EnvelopeFrom:domain",
 * "X-Spam-Relays-External" and kin mean (reference 6.3). Used by header
 * rules, by the _HEADER(X)_ tag and by eval tests.
 */
#ifndef MEKIKI_MATCH_SELECTOR_H
#define MEKIKI_MATCH_SELECTOR_H

#include <stdbool.h>

#include "base/str.h"

struct message;

/* The text that `header =~` is asked about, with its newlines; STR_NONE if
 * there is no such header. mods may be NULL. Cached in the message. */
struct str selector_get(struct message *m, struct str selector,
			const struct strs *mods);

/* The same from one text such as "From:addr:first". */
struct str selector_get_text(struct message *m, struct str text);

/* True for modifiers that exist: raw addr name host domain ip revip first
 * last. */
bool selector_mod_known(struct str mod);

#endif
