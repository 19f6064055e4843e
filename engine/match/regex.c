/*
 * Regexes over octets, in PCRE2's 8-bit library. Neither UTF nor UCP is on,
 * so \w \d \s \b are ASCII as under Perl's /aa; what differs from PCRE2's own
 * tables is that /i also folds the 30 pairs of Latin-1 letters, which Perl
 * does for octets. The scratch memory of matching (JIT stack, offsets) is one
 * set per process, made at first use; a fork gets its own copy of it.
 */
#define PCRE2_CODE_UNIT_WIDTH 0
#include <pcre2.h>

#include "match/regex_int.h"

#include <locale.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/mem.h"
#include "match/literal.h"
#include "match/tree.h"
#include "match/window.h"

#define FIRST_JIT_STACK (32 * 1024)
/* Layout of PCRE2's tables: lower case first, then the other case. */
#define TABLE_LOWER 0
#define TABLE_FLIP 256

static struct {
	pcre2_general_context_8 *general;
	pcre2_compile_context_8 *compile;
	pcre2_match_context_8 *match;
	pcre2_match_data_8 *data;
	pcre2_jit_stack_8 *stack;
	uint8_t *tables;
} lib;

static void *lib_malloc(size_t n, void *ctx)
{
	(void)ctx;
	return xmalloc(n);
}

static void lib_free(void *p, void *ctx)
{
	(void)ctx;
	xfree(p);
}

/* PCRE2's tables of the C locale with Latin-1's 30 pairs of letters: C0-DE
 * and E0-FE, all but the signs D7 and F7 among them. */
static uint8_t *make_tables(void)
{
	locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	locale_t old = uselocale(c);
	uint8_t *t = (uint8_t *)pcre2_maketables_8(lib.general);

	uselocale(old);
	freelocale(c);
	must(t && t[TABLE_LOWER + 'A'] == 'a' && t[TABLE_FLIP + 'a'] == 'A');
	for (int upper = 0xc0; upper <= 0xde; upper++) {
		int lower = upper + 0x20;

		if (upper == 0xd7)
			continue;
		t[TABLE_LOWER + upper] = (uint8_t)lower;
		t[TABLE_FLIP + upper] = (uint8_t)lower;
		t[TABLE_FLIP + lower] = (uint8_t)upper;
	}
	return t;
}

void regex_lib_init(void)
{
	if (lib.general)
		return;
	lib.general = pcre2_general_context_create_8(lib_malloc, lib_free,
						     NULL);
	lib.tables = make_tables();
	lib.compile = pcre2_compile_context_create_8(lib.general);
	pcre2_set_character_tables_8(lib.compile, lib.tables);
	pcre2_set_newline_8(lib.compile, PCRE2_NEWLINE_LF);
	pcre2_set_bsr_8(lib.compile, PCRE2_BSR_UNICODE);
	pcre2_set_parens_nest_limit_8(lib.compile, 500);
	lib.match = pcre2_match_context_create_8(lib.general);
	pcre2_set_match_limit_8(lib.match, LIMIT_MATCH);
	pcre2_set_heap_limit_8(lib.match, LIMIT_MATCH_HEAP_KB);
	lib.data = pcre2_match_data_create_8(REGEX_GROUPS, lib.general);
	lib.stack = pcre2_jit_stack_create_8(FIRST_JIT_STACK, LIMIT_JIT_STACK,
					     lib.general);
	pcre2_jit_stack_assign_8(lib.match, NULL, lib.stack);
}

uint32_t regex_pcre2_options(unsigned options)
{
	static const struct { unsigned ours; uint32_t theirs; } table[] = {
		{ RO_CASELESS, PCRE2_CASELESS },
		{ RO_MULTILINE, PCRE2_MULTILINE },
		{ RO_DOTALL, PCRE2_DOTALL },
		{ RO_EXTENDED, PCRE2_EXTENDED },
		{ RO_EXTENDED_MORE, PCRE2_EXTENDED_MORE },
		{ RO_NO_AUTO_CAPTURE, PCRE2_NO_AUTO_CAPTURE },
	};
	/* Perl allows a group name to come twice. */
	uint32_t bits = PCRE2_DUPNAMES | PCRE2_NEVER_UTF | PCRE2_NEVER_UCP |
		PCRE2_NEVER_BACKSLASH_C;

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		if (options & table[i].ours)
			bits |= table[i].theirs;
	}
	return bits;
}

static void set_add(uint64_t set[4], unsigned c)
{
	set[c / 64] |= (uint64_t)1 << (c % 64);
}

/* Adds c and what it folds to: PCRE2 does not tell whether the unit it
 * reports was caseless. */
static void set_add_folded(uint64_t set[4], uint32_t c)
{
	if (c > 0xff)
		return;
	set_add(set, c);
	set_add(set, lib.tables[TABLE_FLIP + c]);
}

void regex_fill_needs(struct regex_needs *n, const struct regex_facts *f)
{
	n->min_length = f->min_length;
	if (f->first_type == 1) {
		n->has_first = true;
		set_add_folded(n->first, f->first_unit);
	} else if (f->first_bitmap) {
		n->has_first = true;
		for (unsigned c = 0; c < 256; c++) {
			if (f->first_bitmap[c / 8] >> (c % 8) & 1)
				set_add(n->first, c);
		}
	}
	if (f->last_type == 1) {
		n->has_last = true;
		set_add_folded(n->last, f->last_unit);
	}
}

static void read_facts(const pcre2_code_8 *code, struct regex_facts *f)
{
	pcre2_pattern_info_8(code, PCRE2_INFO_CAPTURECOUNT, &f->ngroups);
	pcre2_pattern_info_8(code, PCRE2_INFO_MINLENGTH, &f->min_length);
	pcre2_pattern_info_8(code, PCRE2_INFO_FIRSTCODETYPE, &f->first_type);
	pcre2_pattern_info_8(code, PCRE2_INFO_FIRSTCODEUNIT, &f->first_unit);
	pcre2_pattern_info_8(code, PCRE2_INFO_LASTCODETYPE, &f->last_type);
	pcre2_pattern_info_8(code, PCRE2_INFO_LASTCODEUNIT, &f->last_unit);
	pcre2_pattern_info_8(code, PCRE2_INFO_FIRSTBITMAP, &f->first_bitmap);
}

static void free_code(void *code)
{
	pcre2_code_free_8(code);
}

void regex_adopt(struct arena *a, struct regex *re, pcre2_code_8 *code,
		 bool brief, struct regex_facts *facts_r)
{
	re->code = code;
	arena_on_free(a, free_code, code);
	re->jit = !brief && pcre2_jit_compile_8(code, PCRE2_JIT_COMPLETE) == 0;
	read_facts(code, facts_r);
}

/* Patterns longer than this are tried in the wide library straight away: the
 * 8-bit one would take most of them apart only to find them too large. */
#define CERTAINLY_LARGE 65536

/* Literals tell most; a window is for patterns that have none. */
void regex_fill_prefilters(struct arena *a, struct str text, unsigned options,
			   struct regex_needs *n)
{
	struct arena *scratch = arena_new();
	struct tree *t = tree_parse(scratch, text, options);

	if (t)
		n->literals = literals_of(a, t);
	if (t && !n->literals)
		n->window = window_of(a, t);
	arena_free(&scratch);
}

/* Compiles what was translated, in the wide library if it is too large for
 * this one. 1: done, 0: PCRE2 wants look-behinds of fixed length, -1 + err. */
static int compile_text(struct arena *a, struct str text, unsigned options,
			bool brief, struct regex *re, struct err *err)
{
	struct regex_facts facts = { 0 };
	size_t where = 0;
	int code = 0;

	code = PCRE2_ERROR_PATTERN_TOO_LARGE;
	if (text.n <= CERTAINLY_LARGE)
		re->code = pcre2_compile_8((PCRE2_SPTR8)text.p, text.n,
					   regex_pcre2_options(options),
					   &code, &where, lib.compile);
	if (re->code) {
		regex_adopt(a, re, re->code, brief, &facts);
	} else if (code == PCRE2_ERROR_PATTERN_TOO_LARGE) {
		re->wide = wide_compile(a, text, options, lib.tables, &facts,
					err);
		if (!re->wide)
			return -1;
	} else if (code == PCRE2_ERROR_LOOKBEHIND_NOT_FIXED_LENGTH) {
		return 0;
	} else {
		char why[200] = "";

		pcre2_get_error_message_8(code, (PCRE2_UCHAR8 *)why,
					  sizeof(why));
		return err_set(err, "%s (at offset %zu)", why, where);
	}
	re->ngroups = facts.ngroups;
	regex_fill_needs(&re->needs, &facts);
	/* They cost more than they save for a few texts. */
	if (!brief)
		regex_fill_prefilters(a, text, options, &re->needs);
	return 1;
}

static struct regex *compile(struct arena *a, struct str pattern,
			     struct str mods, bool brief, struct err *err)
{
	struct regex *re = arena_alloc(a, sizeof(*re));
	/* The translation is needed for this call only. */
	struct arena *scratch = arena_new();
	struct regex *done = NULL;
	unsigned options;
	struct str text;
	int rc = 0;

	regex_lib_init();
	for (int expand = 0; expand < 2 && rc == 0; expand++) {
		if (regex_from_perl(scratch, pattern, mods, expand, &text,
				    &options, err))
			goto out;
		rc = compile_text(a, text, options, brief, re, err);
	}
	if (rc == 0)
		err_set(err, "look-behind of variable length");
	if (rc == 1)
		done = re;
out:
	arena_free(&scratch);
	return done;
}

struct regex *regex_compile(struct arena *a, struct str pattern,
			    struct str mods, struct err *err)
{
	return compile(a, pattern, mods, false, err);
}

struct regex *regex_compile_brief(struct arena *a, struct str pattern,
				  struct str mods, struct err *err)
{
	return compile(a, pattern, mods, true, err);
}

void regex_fill_match(struct regex_match *m, struct str subject,
		      const size_t *vector, int rc)
{
	/* 0: there were more groups than room. */
	size_t n = rc == 0 ? REGEX_GROUPS : (size_t)rc;

	m->ngroups = n;
	for (size_t i = 0; i < n; i++) {
		size_t from = vector[2 * i], to = vector[2 * i + 1];

		m->group[i] = STR_NONE;
		/* \K in a look-ahead can put the start behind the end. */
		if (from != PCRE2_UNSET && from <= to)
			m->group[i] = str_make(subject.p + from, to - from);
	}
	for (size_t i = n; i < REGEX_GROUPS; i++)
		m->group[i] = STR_NONE;
}

static bool is_utf_fault(int rc)
{
	return (rc <= PCRE2_ERROR_UTF8_ERR1 && rc >= PCRE2_ERROR_UTF8_ERR21) ||
	       rc == PCRE2_ERROR_BADUTFOFFSET;
}

/* `again`: an earlier search looked at this subject. JIT's own entry takes
 * UTF-8 on trust; pcre2_match looks first. */
static int search(const struct regex *re, struct str subject, size_t start,
		  bool not_empty, bool again, struct regex_match *m)
{
	uint32_t options = not_empty ? PCRE2_NOTEMPTY_ATSTART : 0;
	PCRE2_SPTR8 text = (PCRE2_SPTR8)(subject.p ? subject.p : "");
	int rc = PCRE2_ERROR_JIT_STACKLIMIT;

	if (start > subject.n)
		return 0;
	if (re->wide)
		return wide_search(re->wide, subject, start, not_empty, m);
	if (re->utf && !again)
		rc = pcre2_match_8(re->code, text, subject.n, start, options,
				   lib.data, lib.match);
	else if (re->jit)
		rc = pcre2_jit_match_8(re->code, text, subject.n, start,
				       options, lib.data, lib.match);
	/* The interpreter has the heap where JIT has but its stack. */
	if (rc == PCRE2_ERROR_JIT_STACKLIMIT)
		rc = pcre2_match_8(re->code, text, subject.n, start,
				   options | PCRE2_NO_JIT, lib.data,
				   lib.match);
	if (rc == PCRE2_ERROR_NOMATCH || is_utf_fault(rc))
		return 0;
	if (rc < 0)
		return -1;
	if (m)
		regex_fill_match(m, str_make((const char *)text, subject.n),
				 pcre2_get_ovector_pointer_8(lib.data), rc);
	return 1;
}

int regex_search(const struct regex *re, struct str subject, size_t start,
		 struct regex_match *m)
{
	return search(re, subject, start, false, false, m);
}

int regex_next(const struct regex *re, struct str subject, size_t *pos,
	       bool *empty, struct regex_match *m)
{
	int rc = search(re, subject, *pos, *empty, *pos > 0 || *empty, m);

	if (rc == 1 && m->group[0].p) {
		*pos = (size_t)(m->group[0].p - subject.p) + m->group[0].n;
		*empty = m->group[0].n == 0;
	}
	return rc;
}

bool regex_hits(const struct regex *re, struct str subject)
{
	return search(re, subject, 0, false, false, NULL) == 1;
}

size_t regex_named_groups(const struct regex *re, struct arena *a,
			  struct str **names_r, unsigned **numbers_r)
{
	uint32_t n = 0, size = 0;
	PCRE2_SPTR8 table = NULL;

	*names_r = NULL;
	*numbers_r = NULL;
	if (!re->code)
		return 0;
	pcre2_pattern_info_8(re->code, PCRE2_INFO_NAMECOUNT, &n);
	if (n == 0)
		return 0;
	pcre2_pattern_info_8(re->code, PCRE2_INFO_NAMEENTRYSIZE, &size);
	pcre2_pattern_info_8(re->code, PCRE2_INFO_NAMETABLE, &table);
	*names_r = arena_alloc(a, n * sizeof(**names_r));
	*numbers_r = arena_alloc(a, n * sizeof(**numbers_r));
	for (uint32_t i = 0; i < n; i++, table += size) {
		(*numbers_r)[i] = (unsigned)table[0] << 8 | table[1];
		(*names_r)[i] = str_dup(a, str_cstr((const char *)table + 2));
	}
	return n;
}

const struct regex_needs *regex_needs(const struct regex *re)
{
	return &re->needs;
}
