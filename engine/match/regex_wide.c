/*
 * The few patterns that Debian's 8-bit PCRE2 calls too large (it links inner
 * offsets with two bytes, so 64 K code units is its end) run in the 32-bit
 * library, where two bytes' worth of a link is a unit. The subject's octets
 * become units of the same value, so the meaning stays. Widening a text costs
 * about as much as one search in it; the last text is kept so that the next
 * pattern finds it widened.
 */
#define PCRE2_CODE_UNIT_WIDTH 0
#include <pcre2.h>

#include "match/regex_int.h"

#include "base/arena.h"
#include "base/limits.h"
#include "base/mem.h"

/* A widened text larger than this is not kept, lest one huge message hold
 * four times its size for ever. */
#define KEEP_UNITS ((size_t)1 << 20)

struct wide_regex {
	pcre2_code_32 *code;
	bool jit;
};

static struct {
	pcre2_general_context_32 *general;
	pcre2_compile_context_32 *compile;
	pcre2_match_context_32 *match;
	pcre2_match_data_32 *data;
	pcre2_jit_stack_32 *stack;
} lib;

/* The text that was widened last, and a copy of it: a pointer alone would
 * not do, since arenas reuse their memory. */
static struct {
	uint32_t *units;
	char *octets;
	size_t n, cap;
} kept;

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

static void lib_init(const uint8_t *tables)
{
	if (lib.general)
		return;
	lib.general = pcre2_general_context_create_32(lib_malloc, lib_free,
						      NULL);
	lib.compile = pcre2_compile_context_create_32(lib.general);
	pcre2_set_character_tables_32(lib.compile, tables);
	pcre2_set_newline_32(lib.compile, PCRE2_NEWLINE_LF);
	pcre2_set_bsr_32(lib.compile, PCRE2_BSR_UNICODE);
	pcre2_set_parens_nest_limit_32(lib.compile, 500);
	lib.match = pcre2_match_context_create_32(lib.general);
	pcre2_set_match_limit_32(lib.match, LIMIT_MATCH);
	pcre2_set_heap_limit_32(lib.match, LIMIT_MATCH_HEAP_KB);
	lib.data = pcre2_match_data_create_32(REGEX_GROUPS, lib.general);
	lib.stack = pcre2_jit_stack_create_32(32 * 1024, LIMIT_JIT_STACK,
					      lib.general);
	pcre2_jit_stack_assign_32(lib.match, NULL, lib.stack);
}

static void free_code(void *code)
{
	pcre2_code_free_32(code);
}

static void read_facts(const pcre2_code_32 *code, struct regex_facts *f)
{
	pcre2_pattern_info_32(code, PCRE2_INFO_CAPTURECOUNT, &f->ngroups);
	pcre2_pattern_info_32(code, PCRE2_INFO_MINLENGTH, &f->min_length);
	pcre2_pattern_info_32(code, PCRE2_INFO_FIRSTCODETYPE, &f->first_type);
	pcre2_pattern_info_32(code, PCRE2_INFO_FIRSTCODEUNIT, &f->first_unit);
	pcre2_pattern_info_32(code, PCRE2_INFO_LASTCODETYPE, &f->last_type);
	pcre2_pattern_info_32(code, PCRE2_INFO_LASTCODEUNIT, &f->last_unit);
	pcre2_pattern_info_32(code, PCRE2_INFO_FIRSTBITMAP, &f->first_bitmap);
}

static void widen(uint32_t *out, struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		out[i] = (unsigned char)s.p[i];
}

struct wide_regex *wide_compile(struct arena *a, struct str text,
				unsigned options, const uint8_t *tables,
				struct regex_facts *facts_r, struct err *err)
{
	struct wide_regex *w = arena_alloc(a, sizeof(*w));
	uint32_t *units = xcalloc(text.n + 1, sizeof(*units));
	size_t where = 0;
	int code = 0;

	lib_init(tables);
	widen(units, text);
	w->code = pcre2_compile_32(units, text.n, regex_pcre2_options(options),
				   &code, &where, lib.compile);
	xfree(units);
	if (!w->code) {
		err_set(err, "pattern too large, and the 32-bit library "
			"refuses it too (error %d at offset %zu)", code,
			where);
		return NULL;
	}
	arena_on_free(a, free_code, w->code);
	w->jit = pcre2_jit_compile_32(w->code, PCRE2_JIT_COMPLETE) == 0;
	read_facts(w->code, facts_r);
	return w;
}

/* The subject as units, from the last call if it was the same. */
static const uint32_t *widened(struct str s)
{
	if (kept.octets && kept.n == s.n &&
	    memcmp(kept.octets, s.p, s.n) == 0)
		return kept.units;
	if (kept.cap < s.n + 1 || kept.cap > KEEP_UNITS) {
		kept.cap = s.n + 1;
		kept.units = xreallocarray(kept.units, kept.cap,
					   sizeof(*kept.units));
		kept.octets = xreallocarray(kept.octets, kept.cap, 1);
	}
	kept.n = s.n;
	memcpy(kept.octets, s.p, s.n);
	widen(kept.units, s);
	return kept.units;
}

int wide_search(struct wide_regex *w, struct str subject, size_t start,
		bool not_empty, struct regex_match *m)
{
	uint32_t options = not_empty ? PCRE2_NOTEMPTY_ATSTART : 0;
	const uint32_t *units;
	int rc = PCRE2_ERROR_JIT_STACKLIMIT;

	if (!subject.p)
		subject = STR("");
	units = widened(subject);
	if (w->jit)
		rc = pcre2_jit_match_32(w->code, units, subject.n, start,
					options, lib.data, lib.match);
	if (rc == PCRE2_ERROR_JIT_STACKLIMIT)
		rc = pcre2_match_32(w->code, units, subject.n, start,
				    options | PCRE2_NO_JIT, lib.data,
				    lib.match);
	if (rc == PCRE2_ERROR_NOMATCH)
		return 0;
	if (rc < 0)
		return -1;
	if (m)
		regex_fill_match(m, subject,
				 pcre2_get_ovector_pointer_32(lib.data), rc);
	return 1;
}
