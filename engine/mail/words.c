/*
 * Words by ICU's word breaks. The locale is POSIX's, in which a full stop
 * parts words (so that "end.Next" is two), as where rspamd runs. Of the
 * pieces between two breaks those with a letter, digit or '_' are words, and
 * currency signs. ICU is asked for nothing that ASCII can answer: a word of
 * ASCII is made lower case by hand.
 */
#include "mail/words.h"

#include <unicode/ubrk.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>
#include <unicode/ustring.h>
#include <unicode/utext.h>
#include <unicode/utf8.h>

#include "base/arena.h"
#include "base/limits.h"

/* A longer word is not normalised as a whole; no language has one. */
#define WORD_MAX_BYTES 1024

/* The one break iterator of the process, which has one thread: to make it
 * costs more than a message. */
static UBreakIterator *breaks;

static UBreakIterator *iterator(void)
{
	UErrorCode rc = U_ZERO_ERROR;

	if (!breaks)
		breaks = ubrk_open(UBRK_WORD, "en_US_POSIX", NULL, 0, &rc);
	return breaks;
}

static bool is_letter(UChar32 c)
{
	return u_isalnum(c) || (U_GET_GC_MASK(c) & (U_GC_M_MASK | U_GC_SC_MASK));
}

static bool is_word_piece(struct str s)
{
	for (int32_t i = 0; i < (int32_t)s.n; ) {
		UChar32 c;

		U8_NEXT(s.p, i, (int32_t)s.n, c);
		if (c >= 0 && (is_letter(c) || c == '_'))
			return true;
	}
	return false;
}

static struct str ascii_normal(struct arena *a, struct str raw)
{
	char *out = arena_text(a, raw.n);
	size_t n = 0;

	for (size_t i = 0; i < raw.n; i++)
		if (is_word((unsigned char)raw.p[i]) || raw.p[i] == '$')
			out[n++] = (char)to_lower((unsigned char)raw.p[i]);
	return str_make(out, n);
}

/* Letters, digits, marks and '_' of n UTF-16 units, as UTF-8. */
static struct str utf16_letters(struct arena *a, const UChar *u, int32_t n)
{
	char *out = arena_text(a, (size_t)n * 3 + 1);
	int32_t len = 0;

	for (int32_t i = 0; i < n; ) {
		UChar32 c;

		U16_NEXT(u, i, n, c);
		c = u_tolower(c);
		if ((is_letter(c) || c == '_') && !U_IS_SURROGATE(c))
			U8_APPEND_UNSAFE(out, len, c);
	}
	return str_make(out, (size_t)len);
}

struct str word_normal(struct arena *a, struct str raw)
{
	UErrorCode rc = U_ZERO_ERROR;
	const UNormalizer2 *nfkc;
	UChar wide[WORD_MAX_BYTES], norm[2 * WORD_MAX_BYTES];
	int32_t n = 0;
	bool ascii = true;

	raw = str_head(raw, WORD_MAX_BYTES);
	for (size_t i = 0; i < raw.n; i++)
		ascii &= (unsigned char)raw.p[i] < 0x80;
	if (ascii)
		return ascii_normal(a, raw);
	u_strFromUTF8WithSub(wide, WORD_MAX_BYTES, &n, raw.p, (int32_t)raw.n,
			     0xFFFD, NULL, &rc);
	nfkc = unorm2_getNFKCInstance(&rc);
	if (U_FAILURE(rc))
		return raw;
	if (unorm2_isNormalized(nfkc, wide, n, &rc))
		return utf16_letters(a, wide, n);
	n = unorm2_normalize(nfkc, wide, n, norm, 2 * WORD_MAX_BYTES, &rc);
	return U_FAILURE(rc) ? raw : utf16_letters(a, norm, n);
}

static struct word *add_word(struct arena *a, struct words *out)
{
	if (out->n >= LIMIT_WORDS)
		return NULL;
	out->v = arena_grow(a, out->v, out->n, &out->cap, sizeof(*out->v));
	return &out->v[out->n++];
}

/* The words of a stretch of text without links. */
static void split_stretch(struct arena *a, struct str s, struct words *out)
{
	UErrorCode rc = U_ZERO_ERROR;
	UBreakIterator *it = iterator();
	UText ut = UTEXT_INITIALIZER;
	int32_t from, to;

	if (!it || s.n == 0)
		return;
	utext_openUTF8(&ut, s.p, (int64_t)s.n, &rc);
	ubrk_setUText(it, &ut, &rc);
	from = U_SUCCESS(rc) ? ubrk_first(it) : UBRK_DONE;
	while (from != UBRK_DONE && (to = ubrk_next(it)) != UBRK_DONE) {
		struct str raw = str_make(s.p + from, (size_t)(to - from));
		struct word *w;

		from = to;
		if (!is_word_piece(raw))
			continue;
		w = add_word(a, out);
		if (!w)
			break;
		*w = (struct word){ .raw = raw, .norm = word_normal(a, raw) };
	}
	utext_close(&ut);
}

void words_split(struct arena *a, struct str text,
		 const struct words_gap *gaps, size_t ngaps,
		 struct words *out)
{
	size_t at = 0;

	/* ICU counts in 31 bits. */
	text = str_head(text, LIMIT_PART_TEXT);
	for (size_t i = 0; i < ngaps && gaps[i].end <= text.n; i++) {
		struct word *w;

		if (gaps[i].start < at)
			continue;
		split_stretch(a, str_make(text.p + at, gaps[i].start - at),
			      out);
		w = add_word(a, out);
		if (!w)
			return;
		*w = (struct word){ gaps[i].host, gaps[i].host, true };
		out->nlinks++;
		at = gaps[i].end;
	}
	split_stretch(a, str_from(text, at), out);
}

/* ---- Japanese and Chinese ---- */

/* Octets of the character at the front of s if it is of these scripts (kana,
 * Chinese characters, their marks), else 0. */
static size_t cjk_at(struct str s)
{
	int32_t n = 0;
	UChar32 c;

	if ((unsigned char)s.p[0] < 0xE2)
		return 0;
	U8_NEXT(s.p, n, (int32_t)(s.n < 4 ? s.n : 4), c);
	if ((c >= 0x3040 && c <= 0x30FF) || (c >= 0x31F0 && c <= 0x31FF) ||
	    (c >= 0x3400 && c <= 0x9FFF) || (c >= 0xF900 && c <= 0xFAFF) ||
	    (c >= 0xFF66 && c <= 0xFF9F) || (c >= 0x20000 && c <= 0x323AF) ||
	    (c >= 0x3005 && c <= 0x3007))
		return (size_t)n;
	return 0;
}

void words_cjk(struct arena *a, struct str text, struct strs *out)
{
	size_t i = 0;

	text = str_head(text, LIMIT_PART_TEXT);
	while (i < text.n) {
		struct words words = { 0 };
		size_t from = i, n;

		while (i < text.n && (n = cjk_at(str_from(text, i))))
			i += n;
		/* Two characters are six octets. */
		if (i - from >= 6)
			split_stretch(a, str_make(text.p + from, i - from),
				      &words);
		for (size_t k = 0; k < words.n; k++)
			if (words.v[k].norm.n >= 6)
				strs_add(a, out, words.v[k].norm);
		i += i == from;
	}
}

/* ---- languages ---- */

static const struct {
	UScriptCode script;
	const char *language;
} script_languages[] = {
	{ USCRIPT_HIRAGANA, "ja" }, { USCRIPT_KATAKANA, "ja" },
	{ USCRIPT_HANGUL, "ko" }, { USCRIPT_HAN, "zh" },
	{ USCRIPT_CYRILLIC, "ru" }, { USCRIPT_GREEK, "el" },
	{ USCRIPT_ARABIC, "ar" }, { USCRIPT_HEBREW, "he" },
	{ USCRIPT_THAI, "th" }, { USCRIPT_DEVANAGARI, "hi" },
	{ USCRIPT_TAMIL, "ta" }, { USCRIPT_BENGALI, "bn" },
};
#define NSCRIPTS (sizeof(script_languages) / sizeof(script_languages[0]))

/* Small words that no other language of the list has. */
static const struct {
	const char *language, *words;
} small_words[] = {
	{ "en", " the and of to is you your with for this that are have from " },
	{ "de", " der die und das nicht ist mit sie ein eine auf ihre wir " },
	{ "fr", " le les et des vous une est pour dans votre nous avec sur " },
	{ "es", " el los las una por para con su del como usted pero " },
	{ "it", " il di che per non della sono gli una questo vostro " },
	{ "pt", " os não uma para com você seu mais dos ao pela " },
	{ "nl", " het een van en niet voor zijn met uw deze wij " },
	{ "pl", " nie jest się na że do oraz dla aby przez " },
	{ "sv", " och att det som är inte för på av med " },
	{ "tr", " ve bir bu için ile olarak daha çok " },
};
#define NLATIN (sizeof(small_words) / sizeof(small_words[0]))

/* Words looked at for the language. */
#define SAMPLE 1000

static bool lists_word(const char *list, struct str word)
{
	char key[32];

	if (word.n + 2 > sizeof(key) || word.n == 0)
		return false;
	key[0] = ' ';
	memcpy(key + 1, word.p, word.n);
	key[word.n + 1] = ' ';
	return str_find(str_cstr(list), str_make(key, word.n + 2)) >= 0;
}

static size_t largest(const size_t *v, size_t n)
{
	size_t best = 0;

	for (size_t i = 1; i < n; i++)
		if (v[i] > v[best])
			best = i;
	return best;
}

struct str words_language(const struct words *w)
{
	size_t scripts[NSCRIPTS] = { 0 }, latin[NLATIN] = { 0 };
	size_t n = w->n < SAMPLE ? w->n : SAMPLE, foreign = 0, best;

	for (size_t i = 0; i < n; i++) {
		struct str s = w->v[i].norm;
		UErrorCode rc = U_ZERO_ERROR;
		UScriptCode script;
		int32_t at = 0;
		UChar32 c = -1;

		if (w->v[i].is_link || s.n == 0)
			continue;
		U8_NEXT(s.p, at, (int32_t)s.n, c);
		script = uscript_getScript(c, &rc);
		for (size_t k = 0; k < NSCRIPTS; k++)
			if (script_languages[k].script == script) {
				scripts[k]++;
				foreign++;
			}
		for (size_t k = 0; k < NLATIN; k++)
			latin[k] += lists_word(small_words[k].words, s);
	}
	/* Kana tell Japanese, however many Chinese characters there are. */
	if (foreign * 3 > n && scripts[0] + scripts[1] > 0 &&
	    (scripts[0] + scripts[1]) * 10 > foreign)
		return STR("ja");
	best = largest(scripts, NSCRIPTS);
	if (foreign * 3 > n && scripts[best])
		return str_cstr(script_languages[best].language);
	best = largest(latin, NLATIN);
	return latin[best] >= 2 ? str_cstr(small_words[best].language) :
		STR_NONE;
}

void words_preload(void)
{
	struct arena *a = arena_new();
	struct words w = { 0 };

	words_split(a, STR("words 復旧日時 ของ"), NULL, 0, &w);
	arena_free(&a);
}
