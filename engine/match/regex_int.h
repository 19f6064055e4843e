/*
 * What the files regex*.c share: the compiled form, the translation from
 * Perl, and the 32-bit library's half. Nobody else includes this.
 */
#ifndef MEKIKI_MATCH_REGEX_INT_H
#define MEKIKI_MATCH_REGEX_INT_H

#include <stdint.h>

#include "match/regex.h"

struct buf;
struct pcre2_real_code_8;
struct wide_regex;

struct regex {
	struct pcre2_real_code_8 *code;	/* NULL: `wide` is used */
	struct wide_regex *wide;
	bool jit;
	bool utf;			/* the subject must be UTF-8 */
	unsigned ngroups;		/* capturing groups */
	struct regex_needs needs;
};

/* Pattern options after translation, library-neutral. */
enum regex_option {
	RO_CASELESS = 1 << 0, RO_MULTILINE = 1 << 1, RO_DOTALL = 1 << 2,
	RO_EXTENDED = 1 << 3, RO_EXTENDED_MORE = 1 << 4,
	RO_NO_AUTO_CAPTURE = 1 << 5,
};

/* Rewrites a Perl 5.36 pattern (octets under /aa) so that PCRE2 reads it the
 * same; *options_r gets the modifiers. With `expand`, look-behinds of
 * variable length become alternatives of fixed length. 0, or -1 and err. */
int regex_from_perl(struct arena *a, struct str pattern, struct str mods,
		    bool expand, struct str *text_r, unsigned *options_r,
		    struct err *err);

/* The alternatives of fixed length of a look-behind's (translated) body,
 * joined by '|' into *out. 0, or -1 and err: it has no bound, has groups that
 * capture, or there are too many. */
int regex_expand_lookbehind(struct arena *a, struct str body, struct buf *out,
			    struct err *err);

/* Rewrites one bracketed class starting at p[0] == '['; advances *pos_r past
 * its ']' and appends to out. `flags` are those of regex_perl.c. */
int regex_class_from_perl(struct str pattern, size_t *pos_r, unsigned flags,
			  struct buf *out, struct err *err);

/* Inline flags in force while a pattern is rewritten. */
enum perl_flag {
	PF_I = 1 << 0, PF_X = 1 << 1, PF_XX = 1 << 2, PF_N = 1 << 3,
	PF_U = 1 << 4,		/* (?u): Unicode's idea of Latin-1 letters */
	PF_D = 1 << 5,		/* (?d), (?^...): /i folds ASCII only */
};

/* True if octet c belongs to a class by Unicode's rules; `name` is a POSIX
 * class name or "word". */
bool latin1_is(struct str name, int c);

/* Appends the octets of that class (or the others) as \xHH ranges. */
void latin1_ranges(struct str name, bool negated, struct buf *out);

/* A character given as \x..., \o{...} or \N{U+...} at *pos_r (which stands
 * behind the backslash): its value, with *pos_r advanced; -1 if it is no such
 * escape, -2 and err if it is malformed. */
long perl_code_point(struct str s, size_t *pos_r, struct err *err);

/* An octet that a character above 0xff equals under /i, or -1. */
int perl_fold_to_octet(long c);

/* What a library tells about a compiled pattern. */
struct regex_facts {
	uint32_t ngroups, min_length;
	uint32_t first_type, first_unit, last_type, last_unit;
	const uint8_t *first_bitmap;	/* or NULL */
};

/* The 32-bit library. Same contracts as in regex.h; `tables` are those of the
 * 8-bit library and outlive everything. */
struct wide_regex *wide_compile(struct arena *a, struct str text,
				unsigned options, const uint8_t *tables,
				struct regex_facts *facts_r, struct err *err);
int wide_search(struct wide_regex *w, struct str subject, size_t start,
		bool not_empty, struct regex_match *m);

/* PCRE2's bits for our options: the same in all widths. */
uint32_t regex_pcre2_options(unsigned options);

/* Takes over what PCRE2 compiled (bound to the arena), with JIT unless brief,
 * and reads its facts. */
void regex_adopt(struct arena *a, struct regex *re,
		 struct pcre2_real_code_8 *code, bool brief,
		 struct regex_facts *facts_r);

/* What PCRE2's facts say about subjects. */
void regex_fill_needs(struct regex_needs *n, const struct regex_facts *f);

/* The literals or the window of a (translated) pattern. */
void regex_fill_prefilters(struct arena *a, struct str text, unsigned options,
			   struct regex_needs *n);

/* Makes the library ready. */
void regex_lib_init(void);

/* Fills m from PCRE2's vector of offsets; rc is what its match returned. */
void regex_fill_match(struct regex_match *m, struct str subject,
		      const size_t *vector, int rc);

#endif
