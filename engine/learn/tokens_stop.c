/*
 * Stop words: words too common to say anything, one regex a language
 * (bayes_stopword_xx), of the languages of bayes_stopword_languages. To ask a
 * regex about every word of a mail would cost more than all else, so the words
 * that a regex can match are written out once, with its pattern's tree as
 * guide. The tree may describe more than the regex matches, never less: what
 * it names is asked of the regex itself, once.
 *
 * What was made stays for the life of the process, for the next message and
 * for other users with the same settings.
 */
#include "learn/tokens_int.h"

#include "base/arena.h"
#include "base/log.h"
#include "base/map.h"
#include "conf/settings.h"
#include "match/regex.h"
#include "match/tree.h"

/* Words of one language that are written out at most; the longest of the
 * stock lists has some 400. And octets of one. */
#define WORDS_MAX 20000
#define WORD_MAX 64
/* Different settings whose stop words are kept. */
#define KEPT 16

struct language {
	struct str pattern;	/* of the setting */
	struct regex *re;
	bool listed;		/* `words` has all that can match */
	struct map words;	/* small letters -> the language itself if the
				 * regex matches it so, else the map */
	/* Of which length and first octet there are words. */
	uint8_t begins[256 / 8][WORD_MAX + 1];
	struct language *next;
};

struct stop_words {
	struct str key;		/* the patterns */
	struct language *first;
};

static struct arena *kept_arena;
static struct stop_words *kept[KEPT];
static size_t nkept;

/* ---- writing out ---- */

/* Continues each text of *out by what t matches. False: too much, or it has
 * no end. */
static bool write_out(struct arena *a, const struct tree *t, struct strs *out);

static bool one_more(struct arena *a, const struct strs *texts, struct str end,
		     struct strs *out)
{
	for (size_t i = 0; i < texts->n; i++) {
		struct str s = str_cat(a, texts->v[i], end);

		if (s.n > WORD_MAX)
			continue;
		strs_add(a, out, s);
	}
	return out->n <= WORDS_MAX;
}

static bool write_set(struct arena *a, const struct tree *t, struct strs *out)
{
	struct strs all = { 0 };

	for (int c = 0; c < 256; c++) {
		char octet = (char)c;

		if (octet_set_has(&t->set, c) && latin1_fold(c) == c &&
		    !one_more(a, out, str_make(&octet, 1), &all))
			return false;
	}
	*out = all;
	return true;
}

static bool append(struct arena *a, const struct strs *from, struct strs *out)
{
	for (size_t i = 0; i < from->n; i++)
		strs_add(a, out, from->v[i]);
	return out->n <= WORDS_MAX;
}

static bool write_alternatives(struct arena *a, const struct tree *t,
			       struct strs *out)
{
	struct strs all = { 0 };

	for (size_t i = 0; i < t->n; i++) {
		struct strs one = { 0 };

		append(a, out, &one);
		if (!write_out(a, t->child[i], &one) || !append(a, &one, &all))
			return false;
	}
	*out = all;
	return true;
}

static bool write_repeat(struct arena *a, const struct tree *t,
			 struct strs *out)
{
	struct strs all = { 0 };

	if (t->max == TREE_NO_MAX || t->max > 8)
		return false;
	for (long i = 0; i <= t->max; i++) {
		if (i > 0 && !write_out(a, t->child[0], out))
			return false;
		if (i >= t->min && !append(a, out, &all))
			return false;
	}
	*out = all;
	return true;
}

static bool write_out(struct arena *a, const struct tree *t, struct strs *out)
{
	switch (t->kind) {
	case TREE_EMPTY:
		return true;
	case TREE_SET:
		return write_set(a, t, out);
	case TREE_SEQUENCE:
		for (size_t i = 0; i < t->n; i++)
			if (!write_out(a, t->child[i], out))
				return false;
		return true;
	case TREE_ALTERNATIVES:
		return write_alternatives(a, t, out);
	case TREE_REPEAT:
		return write_repeat(a, t, out);
	case TREE_ANY:
		break;
	}
	return false;
}

/* An alternative outside of all groups: then '^' and '$' of SpamAssassin's
 * belong to one of them only. */
static bool has_open_bar(struct str s)
{
	int depth = 0;
	bool in_class = false;

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == '\\')
			i++;
		else if (c == '[')
			in_class = true;
		else if (c == ']')
			in_class = false;
		else if (!in_class)
			depth += (c == '(') - (c == ')');
		if (c == '|' && depth == 0)
			return true;
	}
	return false;
}

/* The tree folds case anyway, so that a group which resets the modifiers is
 * one like others to it. */
static struct str without_resets(struct arena *a, struct str s)
{
	char *p = arena_text(a, s.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		p[n++] = s.p[i];
		if (str_starts(str_from(s, i), STR("?^:")))
			i++;
	}
	return str_make(p, n);
}

static void list_words(struct language *l)
{
	struct arena *a = arena_new();
	struct strs words = { 0 };
	struct tree *t;

	if (!has_open_bar(l->pattern)) {
		t = tree_parse(a, without_resets(a, l->pattern), 0);
		strs_add(a, &words, STR(""));
		l->listed = t && write_out(a, t, &words);
	}
	l->words = MAP_IN(kept_arena);
	for (size_t i = 0; l->listed && i < words.n; i++) {
		struct str w = str_dup(kept_arena, words.v[i]);

		if (w.n == 0)
			continue;
		map_set(&l->words, w, regex_hits(l->re, w) ? (void *)l
							   : &l->words);
		l->begins[(unsigned char)w.p[0] >> 3][w.n] |=
			(uint8_t)(1 << (w.p[0] & 7));
	}
	arena_free(&a);
}

/* ---- languages ---- */

/* English where no file of rules has a list: SpamAssassin then looks for these
 * anywhere in a word, in small letters. */
static const char *const plain_english = "able|all|already|and|any|are|because"
	"|both|can|come|each|email|even|few|first|for|from|give|has|have|http"
	"|information|into|it's|just|know|like|long|look|made|mail|mailing"
	"|mailto|make|many|more|most|much|need|not|now|number|off|only|one|out"
	"|own|people|place|right|same|see|such|that|the|this|through|time|using"
	"|web|where|why|with|without|work|world|year|years|you|you're|your";

/* The regex of one line: anchored, any case. Of several in a line the last
 * counts. NULL: it is none. */
static struct language *language_new(struct str line)
{
	struct language *l = arena_alloc(kept_arena, sizeof(*l));
	struct str word;
	struct err err;

	while (str_next_word(&line, &word))
		l->pattern = str_dup(kept_arena, word);
	l->re = regex_compile_brief(kept_arena,
				    str_printf(kept_arena, "^(?i)%.*s$",
					       STR_ARG(l->pattern)),
				    STR(""), &err);
	if (!l->re) {
		log_warn("bayes: stop words: %s", err.text);
		return NULL;
	}
	list_words(l);
	return l;
}

static struct language *english_new(void)
{
	struct language *l = arena_alloc(kept_arena, sizeof(*l));
	struct err err;

	l->re = regex_compile_brief(kept_arena, str_cstr(plain_english),
				    STR(""), &err);
	return l->re ? l : NULL;
}

/* The last bayes_stopword_xx line of a language; STR_NONE if there is none. */
static struct str line_of(const struct settings *s, struct str language)
{
	char name[] = "bayes_stopword_xx";
	const struct strs *lines;

	memcpy(name + sizeof(name) - 3, language.p, 2);
	lines = settings_list(s, str_cstr(name));
	return lines && lines->n ? lines->v[lines->n - 1] : STR_NONE;
}

/* What to do is in the texts alone: languages and their lines. */
static struct stop_words *stop_words_new(const struct settings *s,
					 const struct strs *languages,
					 struct str key)
{
	struct stop_words *sw = arena_alloc(kept_arena, sizeof(*sw));
	struct language **end = &sw->first;

	sw->key = str_dup(kept_arena, key);
	for (size_t i = 0; i < languages->n; i++) {
		struct str language = languages->v[i];
		struct str line = line_of(s, language);

		if (line.p)
			*end = language_new(line);
		else if (str_eq(language, STR("en")))
			*end = english_new();
		if (*end)
			end = &(*end)->next;
	}
	return sw;
}

const struct stop_words *stop_words_of(const struct settings *s)
{
	static const struct str english = { "en", 2 };
	static const struct strs by_default = { (struct str *)&english, 1, 1 };
	const struct strs *languages =
		settings_list(s, STR("bayes_stopword_languages"));
	struct arena *scratch;
	struct stop_words *found = NULL;
	struct strs texts = { 0 };
	struct str key;

	if (!languages)
		languages = &by_default;
	scratch = arena_new();
	for (size_t i = 0; i < languages->n; i++) {
		strs_add(scratch, &texts, languages->v[i]);
		strs_add(scratch, &texts, line_of(s, languages->v[i]));
	}
	key = strs_join(scratch, &texts, STR("\n"));
	for (size_t i = 0; i < nkept && !found; i++)
		if (str_eq(kept[i]->key, key))
			found = kept[i];
	if (!found) {
		if (nkept == KEPT) {
			arena_free(&kept_arena);
			nkept = 0;
		}
		if (!kept_arena)
			kept_arena = arena_new();
		found = kept[nkept++] = stop_words_new(s, languages, key);
	}
	arena_free(&scratch);
	return found->first ? found : NULL;
}

/* ---- asking ---- */

static bool is_stop_word_of(const struct language *l, struct str word)
{
	char small[WORD_MAX];
	int first = latin1_fold((unsigned char)word.p[0]);
	bool same = true;
	void *known;

	if (!l->listed)
		return regex_hits(l->re, word);
	if (word.n > WORD_MAX ||
	    !(l->begins[first >> 3][word.n] >> (first & 7) & 1))
		return false;
	for (size_t i = 0; i < word.n; i++) {
		small[i] = (char)latin1_fold((unsigned char)word.p[i]);
		same &= small[i] == word.p[i];
	}
	known = map_get(&l->words, str_make(small, word.n));
	if (!known)
		return false;
	return same ? known == l : regex_hits(l->re, word);
}

bool is_stop_word(const struct stop_words *sw, struct str word)
{
	for (const struct language *l = sw->first; l; l = l->next)
		if (word.n && is_stop_word_of(l, word))
			return true;
	return false;
}
