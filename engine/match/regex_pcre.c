/*
 * Regexes in PCRE2's own syntax, as rspamd's rules write them: nothing is
 * translated, letters are ASCII's unless the pattern is a UTF one, and a line
 * ends at every newline that Unicode knows. What a match must contain is
 * found as for Perl's patterns, but for UTF ones, where an octet is not a
 * character.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "match/regex_int.h"

#include "base/arena.h"

/* As Perl's: deeper patterns are nobody's honest work. */
#define MAX_PARENS 500

static uint32_t options_of(unsigned flags)
{
	static const struct { unsigned ours; uint32_t theirs; } table[] = {
		{ REGEX_CASELESS, PCRE2_CASELESS },
		{ REGEX_MULTILINE, PCRE2_MULTILINE },
		{ REGEX_DOTALL, PCRE2_DOTALL },
		{ REGEX_EXTENDED, PCRE2_EXTENDED },
		{ REGEX_WHOLE, PCRE2_ANCHORED | PCRE2_ENDANCHORED },
	};
	uint32_t bits = PCRE2_NEVER_BACKSLASH_C;

	bits |= flags & REGEX_UTF ? PCRE2_UTF :
		PCRE2_NEVER_UTF | PCRE2_NEVER_UCP;
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		if (flags & table[i].ours)
			bits |= table[i].theirs;
	}
	return bits;
}

static pcre2_compile_context *context(void)
{
	static pcre2_compile_context *c;

	if (!c) {
		c = pcre2_compile_context_create(NULL);
		must(c);
		pcre2_set_newline(c, PCRE2_NEWLINE_ANY);
		pcre2_set_bsr(c, PCRE2_BSR_UNICODE);
		pcre2_set_parens_nest_limit(c, MAX_PARENS);
	}
	return c;
}

/* The tree knows nothing of (?x)'s kin, of UTF, and reads "[[:<:]]" as a
 * class. */
static bool has_prefilter(struct str pattern, unsigned flags)
{
	return !(flags & (REGEX_BRIEF | REGEX_UTF)) &&
	       str_find(pattern, STR("[[:<:]]")) < 0 &&
	       str_find(pattern, STR("[[:>:]]")) < 0;
}

struct regex *regex_compile_pcre(struct arena *a, struct str pattern,
				 unsigned flags, struct err *err)
{
	struct regex_facts facts = { 0 };
	struct regex *re;
	pcre2_code *code;
	size_t where = 0;
	int rc = 0;

	regex_lib_init();
	code = pcre2_compile((PCRE2_SPTR)(pattern.p ? pattern.p : ""),
			     pattern.n, options_of(flags), &rc, &where,
			     context());
	if (!code) {
		char why[200] = "";

		pcre2_get_error_message(rc, (PCRE2_UCHAR *)why, sizeof(why));
		err_set(err, "%s (at offset %zu)", why, where);
		return NULL;
	}
	re = arena_alloc(a, sizeof(*re));
	re->utf = flags & REGEX_UTF;
	regex_adopt(a, re, code, flags & REGEX_BRIEF, &facts);
	re->ngroups = facts.ngroups;
	regex_fill_needs(&re->needs, &facts);
	if (has_prefilter(pattern, flags))
		regex_fill_prefilters(a, pattern, flags & REGEX_EXTENDED ?
				      RO_EXTENDED : 0, &re->needs);
	return re;
}
