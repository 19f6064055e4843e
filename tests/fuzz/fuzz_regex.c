/*
 * Regexes: the first line of the input is a pattern, the rest a subject. A
 * pattern compiles or is refused with a reason; the matches of a loop lie in
 * the subject and move forward; the cheap test never rules out a match.
 */
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "match/regex.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool meets(const uint64_t set[4], struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (set[c / 64] >> (c % 64) & 1)
			return true;
	}
	return false;
}

static void check_needs(const struct regex *re, struct str s)
{
	const struct regex_needs *n = regex_needs(re);

	must(s.n >= n->min_length);
	must(!n->has_first || meets(n->first, s));
	must(!n->has_last || meets(n->last, s));
}

static void check_loop(const struct regex *re, struct str s)
{
	struct regex_match m;
	size_t pos = 0, last = 0;
	bool empty = false;

	for (int i = 0; i < 1000; i++) {
		bool was_empty = empty;

		if (regex_next(re, s, &pos, &empty, &m) != 1)
			return;
		check_needs(re, s);
		must(pos <= s.n && pos >= last);
		must(!was_empty || pos > last || m.group[0].n || !empty);
		last = pos;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct str subject = { (const char *)data, size }, pattern;
	struct err err = { "" };
	struct regex *re;

	if (str_next(&subject, '\n', &pattern)) {
		re = regex_compile(a, pattern, STR(""), &err);
		must(re || err.text[0]);
		if (re)
			check_loop(re, subject.p ? subject : STR(""));
	}
	arena_free(&a);
	return 0;
}
