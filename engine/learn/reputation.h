/*
 * Reputation: of whom a message is evidence, how much it says, and what the
 * evidence amounts to. Computes only: what is kept lies in redis/ and travels
 * as struct evidence. The formula, with examples: docs/reputation.md.
 */
#ifndef MEKIKI_LEARN_REPUTATION_H
#define MEKIKI_LEARN_REPUTATION_H

#include <stdint.h>

#include "base/memory.h"

struct arena;
struct message;
struct settings;

#define REPUTATION_LINKS 10	/* link domains of one message at most */
#define REPUTATION_KEYS (4 + REPUTATION_LINKS)
#define REPUTATION_MESSAGE_KEY 24	/* hexadecimal digits */

/* The formula's numbers, from the settings. */
struct reputation_rules {
	bool on;		/* reputation */
	double half_life;	/* seconds; reputation_half_life */
	double prior;		/* places; reputation_prior */
	double people_weight;	/* reputation_people_weight */
	double lifetime;	/* seconds; reputation_lifetime */
};

void reputation_rules_read(const struct settings *s,
			   struct reputation_rules *out_r);

/* Of whom m is evidence, at most REPUTATION_KEYS, each once, in this order:
 *  - the address that handed m to us from outside (IP), its network (NET);
 *    nothing if m came from inside, from an authenticated user, or if the
 *    address is a private one;
 *  - the registered domains of the envelope sender and of From, which are
 *    left out for mail from inside and from authenticated users too;
 *  - the registered domains of links (or their host, where it is an address),
 *    those first that occur most often.
 * Left out everywhere are own_domains, and of links the uridnsbl_skip_domain
 * lists of the site and of SpamAssassin's rules. Names are lower case, and
 * hold nothing but letters, digits and the characters .-_:/ (international
 * names as "xn--"). 0 if reputation is off. */
size_t reputation_keys(struct arena *a, struct message *m,
		       const struct settings *s, struct evidence_key **out_r);

/* What identifies m however often it is scanned: REPUTATION_MESSAGE_KEY
 * digits of a digest of Message-ID, Date, the addresses in From, and the body
 * without regard to CR, blanks at ends of lines, ">From" and empty lines at
 * its end. Other headers do not count. Of a message that report_safe has
 * wrapped it must be asked after unwrapping. */
struct str reputation_message_key(struct arena *a, struct message *m);

/* How much a verdict says, 0 to 1: nothing at the threshold, all from twice
 * the threshold up and from 0 down. */
double reputation_weight(double score, double required);

/* Sets e->score for the time now. */
void reputation_rate(struct evidence *e, int64_t now,
		     const struct settings *s);

/* The two steps of the formula, for tests and figures: weights as they are
 * after dt seconds, and after one more message of weight w. The scripts in
 * redis/scripts/ do the same where the evidence is. */
void reputation_fade(double *spam, double *ham, double dt, double half_life);
void reputation_place(double *spam, double *ham, bool is_spam, double w,
		      double prior);

#endif
