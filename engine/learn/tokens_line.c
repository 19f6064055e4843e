/*
 * One line into tokens. Octets that no word has become blanks first; what
 * is left are words, which are trimmed, left out if they are short or stop
 * words, and else give one token or several: themselves, and in text and
 * links also forms without capitals and without signs, the domains of
 * addresses and host names. A long one gives the UTF-8 characters in it, or
 * its beginning.
 *
 * SpamAssassin does it by substitutions over the line. Here a copy of the
 * line is changed in place: what becomes more than one blank there need not
 * here, because blanks only part words.
 */
#include "learn/tokens_int.h"

#include "base/arena.h"

/* SpamAssassin's: characters kept of a word that is too long, and how many
 * octets it must have beyond them. */
#define LONG_KEPT 7
#define LONG_REST 2

/* ---- octets ---- */

/* Octets of a UTF-8 character that begins with c, 0 if none does. Overlong
 * forms and surrogates count: only the pattern of bits is looked at. */
static size_t lead(unsigned char c)
{
	return c < 0xC0 ? 0 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : c < 0xF5 ? 4 : 0;
}

static bool is_tail(unsigned char c)
{
	return (c & 0xC0) == 0x80;
}

/* Octets of the UTF-8 character at the front of s, 0 if there is none. */
static size_t character(struct str s)
{
	size_t n = s.n ? lead((unsigned char)s.p[0]) : 0;

	if (n > s.n)
		return 0;
	for (size_t i = 1; i < n; i++)
		if (!is_tail((unsigned char)s.p[i]))
			return 0;
	return n;
}

static bool is_blank(int c, const struct place *at)
{
	return c == ' ' || (at->letters && (c == 0x85 || c == 0xA0));
}

/* Latin-1's letters, where they are letters. */
static bool is_latin(int c)
{
	return c == 0xAA || c == 0xB5 || c == 0xBA ||
		(c >= 0xC0 && c != 0xD7 && c != 0xF7);
}

static bool in_word(int c, const struct place *at)
{
	return is_word(c) || (at->letters && is_latin(c));
}

static int lower(int c, const struct place *at)
{
	if (at->letters && c >= 0xC0 && c <= 0xDE && c != 0xD7)
		return c + 32;
	return to_lower(c);
}

/* ---- the line ---- */

/* ASCII that words are made of. */
static const bool kept[128] = {
	['!'] = 1, ['"'] = 1, ['$'] = 1, ['\''] = 1, ['*'] = 1, [','] = 1,
	['-'] = 1, ['.'] = 1, ['@'] = 1, ['_'] = 1,
	['0' ... '9'] = 1, ['A' ... 'Z'] = 1, ['a' ... 'z'] = 1,
};

/* A copy in which all that is no part of a word is a blank. Whole UTF-8
 * characters stay, and single octets from 0xA1 on. */
static char *copy_words(struct arena *a, struct str line)
{
	char *out = arena_text(a, line.n + 1);
	size_t i = 0;

	while (i < line.n) {
		unsigned char c = (unsigned char)line.p[i];
		size_t n;

		if (c < 0x80) {
			out[i++] = kept[c] ? (char)c : ' ';
			continue;
		}
		n = character(str_from(line, i));
		if (n == 0) {
			out[i++] = c >= 0xA1 ? (char)c : ' ';
			continue;
		}
		memcpy(out + i, line.p + i, n);
		i += n;
	}
	return out;
}

/* A run of min to 6 signs between two words parts them. A letter that ended
 * one such place begins none. */
static void part_at_runs(char *p, size_t n, char sign, size_t min,
			 const struct place *at)
{
	const char *hit = p;
	size_t taken = 0;	/* offset + 1 of the letter that ended one */

	while ((hit = memchr(hit, sign, (size_t)(p + n - hit)))) {
		size_t i = (size_t)(hit - p), k = 1;

		while (i + k < n && p[i + k] == sign)
			k++;
		hit += k;
		if (k < min || k > 6 || i < 1 || i == taken || i + k >= n ||
		    !in_word((unsigned char)p[i - 1], at) ||
		    !in_word((unsigned char)p[i + k], at))
			continue;
		taken = i + k + 1;
		/* One full stop stays: it may end a sentence. */
		p[i] = p[i + k - 1] = ' ';
	}
}

/* A capital at p[i] that begins a sentence becomes small: no capital may
 * follow up to a blank or the end. Returns where to go on, 0 if not. */
static size_t title(char *p, size_t n, size_t i, const struct place *at)
{
	size_t end = i + 1;

	if (i >= n || !is_upper((unsigned char)p[i]))
		return 0;
	while (end < n && !is_upper((unsigned char)p[end]))
		end++;
	if (end < n)
		for (end--; end > i && !is_blank((unsigned char)p[end], at);)
			end--;
	/* At least one octet between the capital and the blank. */
	if (end < i + 2)
		return 0;
	p[i] = (char)to_lower((unsigned char)p[i]);
	return end < n ? end + 1 : n;
}

/* Title Case at the beginning of the line and behind full stops. As in
 * SpamAssassin, what one sentence reached is not looked at again. */
static void lower_titles(char *p, size_t n, const struct place *at)
{
	size_t pos = title(p, n, 0, at);

	while (pos < n) {
		const char *stop = memchr(p + pos, '.', n - pos);
		size_t i, next;

		if (!stop)
			return;
		pos = i = (size_t)(stop - p) + 1;
		while (i < n && is_blank((unsigned char)p[i], at))
			i++;
		if (i == pos)
			continue;
		next = title(p, n, i, at);
		if (next)
			pos = next;
	}
}

/* ---- one word ---- */

void tokens_of_address(struct str addr,
		       void (*fn)(void *ctx, const char *mark, struct str s),
		       void *ctx)
{
	struct str host;
	ssize_t sign = str_rchr(str_head(addr, addr.n ? addr.n - 1 : 0), '@');

	if (sign < 1)
		return;
	host = str_from(addr, (size_t)sign + 1);
	fn(ctx, "U*", str_head(addr, (size_t)sign));
	fn(ctx, "D*", host);
	for (int i = 0; i < TOKEN_ENDINGS; i++) {
		ssize_t dot = str_chr(host, '.');

		if (dot < 1 || (size_t)dot + 1 >= host.n)
			return;
		host = str_from(host, (size_t)dot + 1);
		fn(ctx, "D*", host);
	}
}

static void add_marked(void *ctx, const char *mark, struct str s)
{
	tokens_add(ctx, str_cstr(mark), s);
}

/* A '@' with something on both sides. */
static bool has_address(struct str w)
{
	return w.n > 2 && str_chr(str_make(w.p + 1, w.n - 2), '@') >= 0;
}

/* A full stop behind something and before a letter. */
static bool has_host(struct str w)
{
	struct str rest = str_from(w, 1);
	ssize_t dot;

	while ((dot = str_chr(rest, '.')) >= 0) {
		rest = str_from(rest, (size_t)dot + 1);
		if (rest.n && is_alpha((unsigned char)rest.p[0]))
			return true;
	}
	return false;
}

static void add_host(struct tokenizer *t, struct str w)
{
	tokens_add(t, STR("UD:"), w);
	for (int i = 0; i < TOKEN_ENDINGS; i++) {
		ssize_t dot = str_chr(w, '.');

		if (dot < 1 || (size_t)dot + 1 >= w.n)
			return;
		w = str_from(w, (size_t)dot + 1);
		tokens_add(t, STR("UD:"), w);
	}
}

/* The characters of three and four octets in a long word, one token each. */
static bool add_characters(struct tokenizer *t, struct str w,
			   const struct place *at)
{
	struct str prefix = STR_NONE;
	bool any = false;

	for (size_t i = 0; i < w.n; ) {
		size_t n = character(str_from(w, i));

		if (n < 3) {
			i++;
			continue;
		}
		if (!any)
			prefix = str_cat(t->a, at->prefix, STR("u8:"));
		any = true;
		tokens_add(t, prefix, str_make(w.p + i, n));
		i += n;
	}
	return any;
}

/* The word without its end, marked so. Unchanged if too little would be cut
 * off. */
static struct str shortened(struct tokenizer *t, struct str w)
{
	size_t end = 0;

	for (int i = 0; i < LONG_KEPT && end < w.n; i++) {
		size_t n = character(str_from(w, end));

		end += n ? n : 1;
	}
	if (end + LONG_REST > w.n)
		return w;
	return str_cat(t->a, STR("sk:"), str_head(w, end));
}

static bool is_sign(int c, const struct place *at)
{
	return !in_word(c, at) && c != ':' && c != '*';
}

static struct str without_signs(struct tokenizer *t, struct str w,
				const struct place *at)
{
	char *p = arena_text(t->a, w.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < w.n; i++)
		if (!is_sign((unsigned char)w.p[i], at))
			p[n++] = w.p[i];
	return str_make(p, n);
}

static struct str in_lower(struct tokenizer *t, struct str w,
			   const struct place *at)
{
	char *p = arena_text(t->a, w.n + 1);

	for (size_t i = 0; i < w.n; i++)
		p[i] = (char)lower((unsigned char)w.p[i], at);
	return str_make(p, w.n);
}

/* "Foo!" is also "Foo", "foo!" and "foo". */
static void add_forms(struct tokenizer *t, struct str w,
		      const struct place *at)
{
	bool signs = false, capitals = false;

	for (size_t i = 0; i < w.n; i++) {
		int c = (unsigned char)w.p[i];

		signs |= is_sign(c, at);
		capitals |= is_upper(c);
	}
	if (signs)
		tokens_add(t, at->prefix, without_signs(t, w, at));
	if (!capitals)
		return;
	w = in_lower(t, w, at);
	tokens_add(t, at->prefix, w);
	if (signs)
		tokens_add(t, at->prefix, without_signs(t, w, at));
}

static bool has_tails(struct str w)
{
	for (size_t i = 1; i < w.n; i++)
		if (is_tail((unsigned char)w.p[i - 1]) &&
		    is_tail((unsigned char)w.p[i]))
			return true;
	return false;
}

static void add_word(struct tokenizer *t, struct str w, const struct place *at)
{
	bool is_long = (double)w.n > t->max_length && str_chr(w, '*') < 0;

	if (t->stop && is_stop_word(t->stop, w))
		return;
	if (at->body) {
		if (has_address(w))
			tokens_of_address(w, add_marked, t);
		else if (has_host(w))
			add_host(t, w);
	}
	if (is_long) {
		if (has_tails(w) && add_characters(t, w, at))
			return;
		if (at->shorten)
			w = shortened(t, w);
	}
	if (at->body)
		add_forms(t, w, at);
	tokens_add(t, at->prefix, w);
}

static bool is_trimmed(int c)
{
	return c == '-' || c == '\'' || c == '"' || c == '.' || c == ',';
}

void tokens_line(struct tokenizer *t, struct str line, const struct place *at)
{
	char *p = copy_words(t->a, line);
	const char *end = p + line.n, *s = p;

	part_at_runs(p, line.n, '.', 3, at);
	part_at_runs(p, line.n, '-', 2, at);
	if (at->body)
		lower_titles(p, line.n, at);
	while (s < end) {
		const char *from = s, *to;
		struct seen_word *seen;
		size_t given = t->given;
		bool is_new;

		while (s < end && !is_blank((unsigned char)*s, at))
			s++;
		to = s++;
		while (from < to && is_trimmed((unsigned char)*from))
			from++;
		while (to > from && is_trimmed((unsigned char)to[-1]))
			to--;
		if (to - from < 3)
			continue;
		seen = tokens_seen(t, str_make(from, (size_t)(to - from)),
				   at->number, &is_new);
		if (!is_new) {
			t->given += seen->tokens;
			continue;
		}
		add_word(t, str_make(from, (size_t)(to - from)), at);
		seen->tokens = (uint32_t)(t->given - given);
	}
}
