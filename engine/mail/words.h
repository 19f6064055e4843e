/*
 * Text cut into words by Unicode's rules, with dictionaries for the scripts
 * that have no blanks: 復旧日時 is 復旧 and 日時.
 */
#ifndef MEKIKI_MAIL_WORDS_H
#define MEKIKI_MAIL_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct arena;

struct word {
	struct str raw;		/* as written; of a link: its host */
	struct str norm;	/* NFKC, lower case, letters and digits only */
	bool is_link;
};

struct words {
	struct word *v;
	size_t n, cap;
	size_t nlinks;		/* how many are links */
};

/* A stretch of the text that is no text: a link. */
struct words_gap {
	size_t start, end;
	struct str host;
};

/* The words of text, which is UTF-8. The gaps are in order and do not
 * overlap. At most LIMIT_WORDS words. */
void words_split(struct arena *a, struct str text,
		 const struct words_gap *gaps, size_t ngaps,
		 struct words *out);

/* The words of Japanese and Chinese in text, which need not be UTF-8: those of
 * two characters or more, in their normal form, added to *out. */
void words_cjk(struct arena *a, struct str text, struct strs *out);

/* A word in its normal form: NFKC, lower case, letters and digits only. */
struct str word_normal(struct arena *a, struct str raw);

/* The language that the script of a text gives away ("ja", "ru", ...), or
 * that its small words do ("en", "de", ...); STR_NONE if neither does. */
struct str words_language(const struct words *w);

/* Loads what ICU needs, so that a process may give up opening files. */
void words_preload(void);

#endif
