/*
 * Compiled forms: what form_compile.c makes of the language of form.h and
 * form.c goes through.
 */
#ifndef MEKIKI_MAIL_FORM_INT_H
#define MEKIKI_MAIL_FORM_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct arena;

enum step_kind {
	STEP_END,	/* the form is satisfied */
	STEP_TEXT,	/* literal text */
	STEP_RUN,	/* bytes of a set */
	STEP_IP,
	STEP_LOCALHOST,
	STEP_EITHER,	/* one of several texts */
	STEP_MAYBE,	/* try what follows, else jump to `jump` */
	STEP_OPEN, STEP_CLOSE,	/* of a kept stretch */
	STEP_NOT,	/* this text must not follow */
	STEP_BOUNDARY,
	STEP_EOL,
};

struct step {
	enum step_kind kind;
	int field;		/* to keep in, or -1 */
	struct str text;	/* STEP_TEXT, STEP_NOT, STEP_EITHER ('|') */
	uint8_t set[32];	/* STEP_RUN: one bit a byte */
	size_t min, max;
	bool shortest;
	bool any;		/* STEP_RUN: the set is all bytes */
	/* STEP_RUN: the bytes that may come next, unless it may be the end
	 * of the line or anything; and the text that must come next. */
	bool filtered;
	uint8_t next[32];
	struct str next_text;
	size_t jump;
};

struct form {
	struct step *steps;
	size_t n, cap;
	bool fold;
	struct arena *arena;
};

static inline void set_add(uint8_t set[32], uint8_t c)
{
	set[c >> 3] |= 1 << (c & 7);
}

static inline bool set_has(const uint8_t set[32], uint8_t c)
{
	return set[c >> 3] >> (c & 7) & 1;
}

#endif
