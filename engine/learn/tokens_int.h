/*
 * Inside of the tokenizer: tokens.c says what of a message is read,
 * tokens_header.c and tokens_chew.c make lines of its headers, tokens_line.c
 * cuts lines into tokens, tokens_set.c gathers them, tokens_stop.c knows which
 * words to leave out.
 */
#ifndef MEKIKI_LEARN_TOKENS_INT_H
#define MEKIKI_LEARN_TOKENS_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "learn/tokens.h"

struct arena;
struct message;
struct settings;
struct stop_words;

/* SpamAssassin's: how many tokens, doubles included, a source gives before no
 * further line of it is read. */
#define TOKENS_OF_TEXT 50000
#define TOKENS_OF_OTHERS 10000
/* Ours: endings of one name ("b.example.com", "example.com", ...) that become
 * tokens. A name of DNS has at most 127; without a ceiling a line of dots
 * would grow by its square. */
#define TOKEN_ENDINGS 128
/* Ours: octets of a token's text that are kept for people. */
#define TOKEN_TEXT_MAX 200

/* A token that was found. Its id is made later, many at a time, unless its
 * text is too long to be kept. */
struct found_token {
	const char *p;
	uint32_t n;
	bool has_id;
	uint8_t id[BAYES_TOKEN];
};

/* A word that was seen in one place, so that its next occurrence costs
 * nothing. It is known by its hash alone, made with a secret: that two of
 * 100,000 words share their 64 bits happens once in 10^9 mails. */
struct seen_word {
	uint64_t hash;		/* 0: free */
	uint32_t tokens;	/* how many it gave */
};

struct tokenizer {
	struct arena *a;
	const struct settings *settings;
	double max_length;	/* bayes_max_token_length */
	const struct stop_words *stop;
	uint64_t seed;
	struct found_token *found;
	size_t nfound, found_cap;
	struct seen_word *seen;
	size_t nseen, seen_size;	/* a power of two */
	size_t given;		/* tokens of this source, doubles included */
};

/* Numbers of places; each group of headers is one more. */
enum { PLACE_TEXT, PLACE_LINKS, PLACE_LINKS_WIDE, PLACE_HIDDEN, PLACE_CJK,
       PLACE_HEADERS };

/* How the words of a place are read. */
struct place {
	struct str prefix;	/* of its tokens */
	uint32_t number;	/* differs from those of all other places */
	bool body;		/* text or links: words are taken apart */
	bool shorten;		/* long words are cut to their beginning */
	/* The line is Latin-1 that SpamAssassin has as characters: its letters
	 * are letters, and NBSP is a blank. */
	bool letters;
};

/* ---- tokens_line.c ---- */

/* Reads one line; adds to t->given. The line is not changed. */
void tokens_line(struct tokenizer *t, struct str line, const struct place *at);

/* The tokens "U*user", "D*host.example", "D*example" of the address, each
 * handed to fn; nothing if it is none. */
void tokens_of_address(struct str addr,
		       void (*fn)(void *ctx, const char *mark, struct str s),
		       void *ctx);

/* ---- tokens_header.c ---- */

void tokens_headers(struct tokenizer *t, struct message *m,
		    enum bayes_purpose purpose);

/* ---- tokens_chew.c: values of headers, made ready for tokens_line ---- */

struct str chew_message_id(struct arena *a, struct str value);
struct str chew_addresses(struct arena *a, struct str value);
struct str chew_received(struct arena *a, struct str value);
struct str chew_content_type(struct arena *a, struct str value);
struct str chew_relays(struct arena *a, struct str value);
struct str chew_mime_version(struct arena *a, struct str value);

/* ---- tokens_set.c ---- */

void tokens_init(struct tokenizer *t, struct arena *a,
		 const struct settings *s);

/* The entry of a word seen in a place, made if it is new. */
struct seen_word *tokens_seen(struct tokenizer *t, struct str word,
			      uint32_t place, bool *new_r);

/* Adds the token prefix + text; text may be kept by reference if there is no
 * prefix. */
void tokens_add(struct tokenizer *t, struct str prefix, struct str text);

/* The distinct ones of what was added. */
const struct bayes_tokens *tokens_finish(struct tokenizer *t);

/* ---- tokens_stop.c ---- */

/* The stop words of these settings, or NULL if none are left out. Made once
 * for all settings that have the same. */
const struct stop_words *stop_words_of(const struct settings *s);

bool is_stop_word(const struct stop_words *sw, struct str word);

#endif
