/*
 * One Perl regular expression, compiled to match octets as SpamAssassin's
 * /aa does (reference 1.4, 1.5): PCRE2 with JIT; \w \d \s \b are ASCII; /i
 * folds Latin-1 letters too; patterns too large for Debian's 8-bit PCRE2 run
 * in its 32-bit library over a widened subject. This file and the ones named
 * regex*.c are the only ones that know PCRE2.
 */
#ifndef MEKIKI_MATCH_REGEX_H
#define MEKIKI_MATCH_REGEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct arena;
struct literals;
struct regex;
struct window;

/* Where a match and its groups lie in the subject; group 0 is the whole. */
#define REGEX_GROUPS 16
struct regex_match {
	size_t ngroups;
	struct str group[REGEX_GROUPS];	/* STR_NONE: did not take part */
};

/* What a subject must have for the regex to match at all; a cheap test before
 * the search. A set of octets is 256 bits. */
struct regex_needs {
	size_t min_length;	/* octets */
	bool has_first;		/* one octet of `first` must occur */
	uint64_t first[4];
	bool has_last;		/* and one of `last` (a literal, both cases) */
	uint64_t last[4];
	const struct literals *literals;	/* one of them occurs, or NULL */
	const struct window *window;	/* it is seen somewhere, or NULL */
};

/* Compiles pattern with modifier letters (any of "imsxnaudp"). NULL and err
 * if it is refused. Released with the arena. Perl syntax that PCRE2 lacks or
 * reads differently is translated; what cannot be is refused by name. */
struct regex *regex_compile(struct arena *a, struct str pattern,
			    struct str mods, struct err *err);

/* The same for a regex that few texts will be asked about: compiled quicker,
 * searching slower (no JIT). */
struct regex *regex_compile_brief(struct arena *a, struct str pattern,
				  struct str mods, struct err *err);

/* How regex_compile_pcre reads a pattern. */
enum regex_flag {
	REGEX_CASELESS = 1 << 0, REGEX_MULTILINE = 1 << 1,
	REGEX_DOTALL = 1 << 2, REGEX_EXTENDED = 1 << 3,
	REGEX_UTF = 1 << 4,	/* characters; text that is no UTF-8 never
				 * matches */
	REGEX_WHOLE = 1 << 5,	/* the whole subject must match */
	REGEX_BRIEF = 1 << 6,	/* as regex_compile_brief */
};

/* Compiles a pattern of PCRE2's own syntax, as rspamd's rules have it: octets
 * (or characters, with REGEX_UTF), \w and kin and /i on octets are ASCII, and
 * every newline that Unicode knows ends a line. NULL and err if it is
 * refused. Released with the arena. */
struct regex *regex_compile_pcre(struct arena *a, struct str pattern,
				 unsigned flags, struct err *err);

/* Searches subject from offset `start`. 1: found (m may be NULL), 0: not
 * found, -1: gave up at a limit (counts as not found; the caller records and
 * logs it once). */
int regex_search(const struct regex *re, struct str subject, size_t start,
		 struct regex_match *m);

/* The next match of Perl's while (/re/g): as regex_search from *pos, where
 * *pos is 0 and *empty false at first; both are advanced, so that an empty
 * match is followed by a non-empty one or one further on. */
int regex_next(const struct regex *re, struct str subject, size_t *pos,
	       bool *empty, struct regex_match *m);

/* Shorthand: found or not. */
bool regex_hits(const struct regex *re, struct str subject);

/* The names of named groups, with their numbers; for capture rules. A name
 * may come twice. */
size_t regex_named_groups(const struct regex *re, struct arena *a,
			  struct str **names_r, unsigned **numbers_r);

/* What re needs of its subject. Lives as long as re. */
const struct regex_needs *regex_needs(const struct regex *re);

#endif
