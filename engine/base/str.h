/*
 * Text as pointer and length, passed by value. Mail contains NULs, so nothing
 * here looks for an ending NUL. A str does not own what it points to: its
 * bytes live in the message, an arena or a string literal. Letter case is
 * ASCII case throughout (RFC 5322 names, domains); the Latin-1 folding of
 * Perl's /i belongs to match/.
 */
#ifndef MEKIKI_BASE_STR_H
#define MEKIKI_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/types.h>

struct arena;

struct str {
	const char *p;
	size_t n;
};

/* A str of a string literal. */
#define STR(lit) ((struct str){ (lit), sizeof(lit) - 1 })

/* The empty str with p == NULL: "there is none", where that differs from "". */
#define STR_NONE ((struct str){ NULL, 0 })

/* printf("%.*s", STR_ARG(s)) */
#define STR_ARG(s) (int)(s).n, (s).p

static inline struct str str_make(const char *p, size_t n)
{
	return (struct str){ p, n };
}

/* Of a NUL-ended string; NULL gives STR_NONE. */
static inline struct str str_cstr(const char *p)
{
	return (struct str){ p, p ? strlen(p) : 0 };
}

/* s without its first n bytes (all of them if it is shorter). */
static inline struct str str_from(struct str s, size_t n)
{
	if (n > s.n)
		n = s.n;
	/* Adding even 0 to a null pointer is undefined. */
	return n ? (struct str){ s.p + n, s.n - n } : s;
}

/* The first n bytes of s, or all of it. */
static inline struct str str_head(struct str s, size_t n)
{
	return (struct str){ s.p, n < s.n ? n : s.n };
}

static inline bool str_eq(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* ASCII classes and case, independent of the locale. */
static inline bool is_space(int c) /* Perl's \s: includes \v */
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}
static inline bool is_digit(int c)
{
	return c >= '0' && c <= '9';
}
static inline bool is_upper(int c)
{
	return c >= 'A' && c <= 'Z';
}
static inline bool is_lower(int c)
{
	return c >= 'a' && c <= 'z';
}
static inline bool is_alpha(int c)
{
	return is_upper(c) || is_lower(c);
}
static inline bool is_alnum(int c)
{
	return is_alpha(c) || is_digit(c);
}
static inline bool is_word(int c) /* Perl's \w */
{
	return is_alnum(c) || c == '_';
}
static inline bool is_xdigit(int c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
static inline int to_lower(int c)
{
	return is_upper(c) ? c + 32 : c;
}
static inline int to_upper(int c)
{
	return is_lower(c) ? c - 32 : c;
}
/* Value of a hexadecimal digit, -1 if c is none. */
int hex_value(int c);

/* Equal but for ASCII case. */
bool str_ieq(struct str a, struct str b);

/* Order by bytes, shorter first when one begins the other: <0, 0, >0. */
int str_cmp(struct str a, struct str b);
int str_icmp(struct str a, struct str b);

bool str_starts(struct str s, struct str prefix);
bool str_istarts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
bool str_iends(struct str s, struct str suffix);

/* Index of the first c, of the last c, of the first needle; -1 if none.
 * str_find is linear in practice (memmem). */
ssize_t str_chr(struct str s, int c);
ssize_t str_rchr(struct str s, int c);
ssize_t str_find(struct str s, struct str needle);
ssize_t str_ifind(struct str s, struct str needle);

/* Without leading and trailing white space (is_space). */
struct str str_trim(struct str s);
struct str str_ltrim(struct str s);
struct str str_rtrim(struct str s);

/* Cuts the next piece before sep off *rest. Returns false when *rest is
 * exhausted (p == NULL). A last piece without sep counts; "a," by ',' gives
 * "a" and "". */
bool str_next(struct str *rest, int sep, struct str *piece_r);

/* The next line of *rest including its '\n' (the last one may lack it).
 * False at the end. */
bool str_next_line(struct str *rest, struct str *line_r);

/* The next run of non-space bytes of *rest. False at the end. */
bool str_next_word(struct str *rest, struct str *word_r);

/* Copies into the arena (NUL-ended, the NUL is not counted). */
struct str str_dup(struct arena *a, struct str s);
struct str str_lower(struct arena *a, struct str s);
struct str str_upper(struct arena *a, struct str s);
struct str str_cat(struct arena *a, struct str x, struct str y);

/* printf into the arena. */
struct str str_printf(struct arena *a, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* The whole of s as a decimal number (sign allowed, no spaces). False if it
 * is none or does not fit. */
bool str_to_long(struct str s, long *value_r);

/* The whole of s as a decimal floating number as Perl writes numbers
 * (12, -1.5, .5, 1e3). False if it is none. */
bool str_to_double(struct str s, double *value_r);

/* A count of octets: digits, and k, m or g. -1 if it is none. */
double str_to_octets(struct str s);

/* A growing list of strs in an arena; start with all zero. */
struct strs {
	struct str *v;
	size_t n;
	size_t cap;
};

void strs_add(struct arena *a, struct strs *list, struct str s);

/* True if one of the strs equals s (strs_ihas: but for ASCII case). */
bool strs_has(const struct strs *list, struct str s);
bool strs_ihas(const struct strs *list, struct str s);

/* Sorts by bytes. */
void strs_sort(struct strs *list);

/* Drops equal neighbours; sort first to drop all doubles. */
void strs_uniq(struct strs *list);

/* All joined with sep between them. */
struct str strs_join(struct arena *a, const struct strs *list, struct str sep);

#endif
