/*
 * What makes two texts the same although each was written for its recipient;
 * see same_text.h. The text that a reader sees is cut into words, and words
 * that a sender can change from copy to copy without changing what he says are
 * left out: names, addresses, links, numbers, codes, signs. What is left is
 * digested as a whole, so that two texts are the same or not, and nobody can
 * make one text look like another one that he did not write.
 *
 * Whoever writes other words for each copy gets away; that is work, and costs
 * him the sameness that he sells.
 */
#include "learn/same_text.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/codec.h"
#include "base/digest.h"
#include "conf/settings.h"
#include "learn/same_text_int.h"
#include "mail/message.h"

#define TEXT_LEAST 64		/* octets of words that mean something */
#define TEXT_MAX 16384		/* octets that are looked at */
#define WORD_MAX 4096		/* a longer word is two */
#define ROLE_MAX 13		/* octets of the longest role */
#define NAME_WORDS 6		/* of somebody who is greeted, at most */

/* Local parts that are no names: left out everywhere, so that the text is the
 * same for info@ and for john@. */
static const char *const roles[] = {
	"abuse", "accounting", "accounts", "admin", "administrator", "billing",
	"business", "careers", "company", "contact", "customer", "email",
	"enquiries", "free", "group", "hello", "help", "home", "hostmaster",
	"hotline", "info", "information", "inquiries", "jobs", "kontakt",
	"legal", "list", "mail", "mailbox", "management", "manager",
	"marketing", "media", "news", "newsletter", "noreply", "office",
	"online", "order", "orders", "post", "postmaster", "press", "privacy",
	"purchasing", "reception", "recruitment", "reply", "root", "sales",
	"security", "service", "services", "shop", "staff", "support", "team",
	"test", "user", "users", "web", "webmaster", "www",
};

/* What a line begins with whose next words are a name. */
static const char *const salutations[] = {
	"dear", "hi", "hello", "hey", "greetings", "good morning",
	"good afternoon", "good evening", "good day", "attention", "attn",
	"hallo", "guten tag", "sehr geehrte", "sehr geehrter", "liebe",
	"lieber", "bonjour", "cher", "chère", "hola", "estimado", "estimada",
	"caro", "cara", "gentile", "beste", "geachte", "kære", "hej",
};

struct masking {
	struct arena *arena;
	const struct people_words *people;
	struct buf out;		/* the words that are left */
	size_t letters;		/* octets of them */
	struct buf word;	/* the one that is being read */
};

/* ---- a word ---- */

static bool is_role(struct str w)
{
	size_t low = 0, high = sizeof(roles) / sizeof(*roles);

	if (w.n < 3 || w.n > ROLE_MAX)
		return false;
	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = str_cmp(w, str_cstr(roles[middle]));

		if (order == 0)
			return true;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return false;
}

/* One of somebody's names? */
static bool is_name(const struct people_words *p, struct str w)
{
	unsigned char c = (unsigned char)w.p[0];

	return (p->begins[c / 64] >> c % 64 & 1) &&
	       (p->lengths >> (w.n < 63 ? w.n : 63) & 1) &&
	       map_has(&p->words, w);
}

/* Cuts every `piece` out of the word. */
static void cut_out(struct buf *word, struct str piece)
{
	ssize_t at;

	for (size_t from = 0; (at = str_find(str_from(buf_str(word), from),
					     piece)) >= 0;) {
		from += (size_t)at;
		memmove(word->p + from, word->p + from + piece.n,
			word->n - from - piece.n);
		word->n -= piece.n;
	}
}

/* Digits of the word, those of ASCII and the full-width ones. True if nothing
 * but ASCII is left. */
static bool cut_digits(struct buf *word, bool *had_r)
{
	size_t n = 0;
	bool ascii = true;

	*had_r = false;
	for (size_t i = 0; i < word->n; i++) {
		const unsigned char *p = (unsigned char *)word->p + i;

		if (is_digit(*p)) {
			*had_r = true;
		} else if (word->n - i >= 3 && p[0] == 0xEF && p[1] == 0xBC &&
			   p[2] >= 0x90 && p[2] <= 0x99) {
			*had_r = true;
			i += 2;
		} else {
			ascii &= *p < 0x80;
			word->p[n++] = (char)*p;
		}
	}
	word->n = n;
	return ascii;
}

/* The word is complete: it is left out or joins the text. */
static void end_word(struct masking *k)
{
	struct buf *w = &k->word;
	bool had_digits, ascii;

	if (!w->n)
		return;
	ascii = cut_digits(w, &had_digits);
	if (!w->n || (ascii && had_digits) || is_name(k->people, buf_str(w)) ||
	    is_role(buf_str(w)))
		w->n = 0;
	for (size_t i = 0; !ascii && w->n && i < k->people->wide.n; i++)
		cut_out(w, k->people->wide.v[i]);
	if (w->n) {
		buf_adds(&k->out, buf_str(w));
		buf_addc(&k->out, ' ');
		k->letters += w->n;
	}
	w->n = 0;
}

/* ---- a piece between two blanks ---- */

/* "example.com", "www.example.com/x?y": labels with dots between, then the
 * end or what a link goes on with. */
static bool is_host(struct str s)
{
	size_t dots = 0, label = 0, i;

	for (i = 0; i < s.n; i++) {
		if (s.p[i] == '.') {
			if (!label)
				return false;
			/* A full stop at the end of a sentence. */
			if (i + 1 == s.n || !is_alnum((unsigned char)s.p[i + 1]))
				break;
			dots++;
			label = 0;
		} else if (is_alnum((unsigned char)s.p[i]) || s.p[i] == '-') {
			label++;
		} else {
			break;
		}
	}
	return dots > 0 && label > 1 &&
	       (i == s.n || strchr(".,;:/?!#)]>'\"", s.p[i]));
}

/* An address, a link, or a host. */
static bool is_pointer(struct str s)
{
	while (s.n && strchr("(<[\"'*_-", s.p[0]))
		s = str_from(s, 1);
	return str_chr(s, '@') >= 0 || str_find(s, STR("://")) >= 0 ||
	       str_starts(s, STR("www.")) || is_host(s);
}

/* Printable ASCII without blanks. */
static void add_ascii(struct masking *k, struct str s)
{
	if (is_pointer(s)) {
		end_word(k);
		return;
	}
	for (size_t i = 0; i < s.n; i++) {
		if (is_alnum((unsigned char)s.p[i]))
			buf_addc(&k->word, s.p[i]);
		else if (s.p[i] != '\'')
			end_word(k);
	}
}

/* Blanks and signs beyond ASCII that part words: no-break spaces, what is in
 * General Punctuation, and the ideographic ones up to their brackets. */
static size_t parting(struct str s)
{
	const unsigned char *p = (const unsigned char *)s.p;

	if (s.n >= 2 && p[0] == 0xC2 && p[1] < 0xC0)
		return 2;
	if (s.n >= 3 && p[0] == 0xE2 && (p[1] == 0x80 || p[1] == 0x81))
		return 3;
	if (s.n >= 3 && p[0] == 0xE3 && p[1] == 0x80 && p[2] <= 0x91)
		return 3;
	return 0;
}

static void add_wide(struct masking *k, struct str s)
{
	while (s.n) {
		size_t n = parting(s);

		if (n) {
			end_word(k);
		} else {
			n = 1;
			buf_addc(&k->word, s.p[0]);
		}
		s = str_from(s, n);
	}
}

static void add_piece(struct masking *k, struct str piece)
{
	while (piece.n) {
		bool wide = (unsigned char)piece.p[0] >= 0x80;
		size_t n = 1;

		while (n < piece.n &&
		       ((unsigned char)piece.p[n] >= 0x80) == wide)
			n++;
		if (k->word.n + n > WORD_MAX)
			end_word(k);
		if (wide)
			add_wide(k, str_head(piece, n < WORD_MAX ? n :
						    WORD_MAX));
		else
			add_ascii(k, str_head(piece, n < WORD_MAX ? n :
						     WORD_MAX));
		piece = str_from(piece, n);
	}
	end_word(k);
}

/* ---- lines ---- */

/* Octets of "Dear Mr John Smith," at the front of a line; 0 if it is none. A
 * name ends at a sign or with the line, and has a few words at most. */
static size_t salutation(struct str line)
{
	struct str rest = line, word;
	bool found = false;

	for (size_t i = 0; i < sizeof(salutations) / sizeof(*salutations); i++) {
		struct str s = str_cstr(salutations[i]);

		if (str_starts(line, s) &&
		    (line.n == s.n || is_space(line.p[s.n]) ||
		     strchr(",:!", line.p[s.n]))) {
			rest = str_from(line, s.n);
			found = true;
		}
	}
	for (int n = 0; found && n <= NAME_WORDS; n++) {
		if (!str_next_word(&rest, &word))
			return line.n;
		if (strchr(",:!;", word.p[word.n - 1]))
			return (size_t)(word.p + word.n - line.p);
	}
	return 0;
}

static void add_line(struct masking *k, struct str line)
{
	struct str piece;

	line = str_ltrim(line);
	line = str_from(line, salutation(line));
	while (str_next_word(&line, &piece))
		add_piece(k, piece);
}

static struct str mask(struct arena *a, struct message *m,
		       const struct people_words *people, size_t *letters_r)
{
	struct masking k = { .arena = a, .people = people };
	const struct strs *text = message_visible(m);
	size_t room = TEXT_MAX;
	struct str line;

	buf_in(&k.out, a, 2 * TEXT_MAX);
	buf_in(&k.word, a, 2 * WORD_MAX + 4);
	/* The first one is the Subject. */
	for (size_t i = 1; i < text->n && room > 0; i++) {
		struct str paragraph = str_head(text->v[i], room);

		room -= paragraph.n;
		paragraph = same_text_lower(a, paragraph);
		while (str_next_line(&paragraph, &line))
			add_line(&k, line);
	}
	*letters_r = k.letters;
	return buf_str(&k.out);
}

struct str same_text_digest(struct arena *a, struct message *m,
			    const struct settings *s)
{
	struct people_words people;
	uint8_t octets[DIGEST_MAX];
	struct digest d;
	struct str text;
	size_t letters;
	char *out;

	if (!settings_bool(s, STR("same_text")))
		return STR_NONE;
	same_text_people(a, m, &people);
	text = mask(a, m, &people, &letters);
	if (letters < TEXT_LEAST)
		return STR_NONE;
	digest_begin(&d, DIGEST_SHA1, STR_NONE);
	digest_add(&d, text);
	digest_end(&d, octets);
	out = arena_text(a, SAME_TEXT_DIGEST);
	hex_encode(str_make((const char *)octets, SAME_TEXT_DIGEST / 2), out);
	return str_make(out, SAME_TEXT_DIGEST);
}
