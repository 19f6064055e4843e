/*
 * Lua's patterns, compiled and matched without recursion. A pattern is a
 * sequence of items: no item contains another one that repeats. So each
 * repetition needs one remembered place to go back to, a match needs as many
 * as the pattern has repetitions, whatever the subject, and captures need not
 * be undone: an item that is met again sets its own anew.
 *
 * As in Lua, a fault in a pattern is an error only when matching gets there.
 */
#ifndef MEKIKI_LUA_PATTERN_H
#define MEKIKI_LUA_PATTERN_H

#include "lua/vm.h"

/* Lua's own ceiling. */
#define PATTERN_CAPTURES 32

/* Where a capture ends if it is no text. */
enum { CAPTURE_OPEN = -1, CAPTURE_POSITION = -2 };

struct pattern;

struct pattern_match {
	const char *start, *end;
	int ncaptures;
	struct {
		const char *p;
		ssize_t n;	/* or one of the above */
	} capture[PATTERN_CAPTURES];
};

/* Compiles text without a leading '^'; the pattern is a userdata on the top.
 * It points into text, which must live as long. */
struct pattern *pattern_compile(lua_State *L, struct str text);

/* Matches at exactly the place `at` of the subject. */
bool pattern_at(lua_State *L, const struct pattern *p, struct str subject,
		const char *at, struct pattern_match *m_r);

/* The first match from `at` on. */
bool pattern_from(lua_State *L, const struct pattern *p, struct str subject,
		  const char *at, struct pattern_match *m_r);

#endif
