/*
 * Regular expressions as text: delimiters taken off, modifiers looked at,
 * nothing compiled. The checks are the ones that SpamAssassin makes before
 * it hands a pattern to Perl.
 */
#ifndef MEKIKI_CONF_REGEX_TEXT_H
#define MEKIKI_CONF_REGEX_TEXT_H

#include "base/err.h"
#include "base/str.h"
#include "conf/rule.h"

struct arena;

/* Splits "/re/mods", "m{re}mods", "qr!re!mods". The pattern points into
 * text; mods keeps the letters that mean something on octets (imsxn), in `a`
 * where others had to be dropped. 0, or -1 and err saying what was expected. */
int regex_text_split(struct arena *a, struct str text,
		     struct regex_text *re_r, struct err *err);

/* Why a pattern would match any text ("empty", ...), or NULL. SpamAssassin
 * refuses such patterns under --lint and ignore_always_matching_regexps. */
const char *regex_text_always_matches(struct str pattern);

/* Collects the names that a pattern captures, (?<NAME>...), and those it
 * wants filled in, %{NAME}. True if a rule with it runs before all others,
 * which SpamAssassin decides by the look of the text alone. */
bool regex_text_names(struct arena *a, struct str pattern,
		      struct strs *captures, struct strs *templates);

#endif
