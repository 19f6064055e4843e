/*
 * What SpamAssassin's plug-in PhishTag is told by its directives: addresses,
 * each with the rules that must all have hit before links of a message are made
 * to point there. What is done with them is in scan/phishtag.c.
 */
#ifndef MEKIKI_EVAL_PHISH_TAG_H
#define MEKIKI_EVAL_PHISH_TAG_H

#include <stddef.h>

#include "base/str.h"

struct arena;

struct phish_target {
	struct str address;
	struct strs triggers;	/* names of rules; none: always fulfilled */
};

struct phish_targets {
	double ratio;		/* of a hundred messages */
	struct phish_target *v;
	size_t n, cap;
};

/* Adds the targets that the text of a trigger_config file names. Names live in
 * text or in a. */
void phish_targets_parse(struct arena *a, struct str text,
			 struct phish_targets *out);

#endif
