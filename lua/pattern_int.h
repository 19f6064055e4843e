/*
 * What the compiler (pattern_compile.c) and the matcher (pattern_match.c) of
 * Lua's patterns share: the items of a compiled pattern.
 */
#ifndef MEKIKI_LUA_PATTERN_INT_H
#define MEKIKI_LUA_PATTERN_INT_H

#include "lua/pattern.h"

enum op {
	OP_CHAR,	/* one octet, arg */
	OP_ANY,
	OP_SET,		/* one octet of set number arg */
	OP_OPEN,	/* capture number arg begins */
	OP_POSITION,	/* capture number arg is this position */
	OP_CLOSE,	/* capture number arg ends */
	OP_BACK,	/* what capture number arg matched */
	OP_BALANCE,	/* %b with arg and arg2 */
	OP_FRONTIER,	/* %f with set number arg */
	OP_END,		/* '$' */
	OP_FAULT,	/* fault number arg */
	OP_MATCH,	/* the end of the pattern */
};

enum repeat { ONCE, OPTIONAL, MANY, MANY_LAZY };

struct item {
	uint8_t op, repeat, arg2;
	uint32_t arg;
};

struct set { uint32_t bits[8]; };

/* A repetition that can still give up an octet (or, lazy, take one more). */
struct choice {
	const char *base;
	size_t n;		/* octets taken */
	uint32_t item;
};

struct pattern {
	struct item *items;
	struct set *sets;
	struct choice *choices;
	size_t nitems, nsets;
	int ncaptures;
};

enum fault { FAULT_BRACKET, FAULT_ESCAPE, FAULT_BALANCE, FAULT_FRONTIER,
	     FAULT_CLOSE, FAULT_CAPTURES, FAULT_INDEX };

static inline bool set_has(const struct set *s, unsigned char c)
{
	return s->bits[c >> 5] >> (c & 31) & 1;
}

#endif
