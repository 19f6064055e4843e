/*
 * The same text to many houses: what a text is, however a sender varies it
 * for each recipient, and who got it. Computes only; the counting is
 * redis/same_text.h's.
 */
#ifndef MEKIKI_LEARN_SAME_TEXT_H
#define MEKIKI_LEARN_SAME_TEXT_H

#include "base/str.h"

struct arena;
struct message;
struct settings;

#define SAME_TEXT_DIGEST 24		/* hexadecimal digits */
#define SAME_TEXT_RECIPIENTS 32		/* of one message at most */

/* SAME_TEXT_DIGEST digits of a digest of the text that m shows (without its
 * Subject), lower case, one blank between words, and without
 *  - addresses, links and host names, so also without the recipients' domains
 *    and own_domains;
 *  - words that are part of the recipients' or the sender's address, name or
 *    domain, and what follows a salutation in its line;
 *  - digits, words with digits, and signs.
 * STR_NONE if what is left is too short to mean anything, or if the setting
 * same_text is 0. */
struct str same_text_digest(struct arena *a, struct message *m,
			    const struct settings *s);

/* Who got m, each once, lower case: the recipients of the envelope where a
 * header of the last server tells them (Delivered-To and kin), else To and
 * Cc, at most SAME_TEXT_RECIPIENTS addresses; and their registered domains
 * (`xn--` names). */
void same_text_recipients(struct arena *a, struct message *m,
			  const struct settings *s, struct strs *recipients,
			  struct strs *domains);

#endif
