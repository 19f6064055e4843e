/*
 * What of a message is read for tokens, by bayes_token_sources: its visible
 * text (with the Subject), its links, hidden text, digests of its MIME parts,
 * its headers; and, beside what SpamAssassin reads, words of Japanese and
 * Chinese. Also the names under which a learned message is remembered, and
 * whose mail is left alone.
 */
#include "learn/tokens_int.h"

#include "base/arena.h"
#include "base/codec.h"
#include "base/digest.h"
#include "conf/settings.h"
#include "mail/address.h"
#include "mail/message.h"
#include "mail/part.h"
#include "mail/uri.h"
#include "mail/words.h"

/* ---- sources ---- */

enum { SOURCE_HEADER = 1, SOURCE_VISIBLE = 2, SOURCE_INVISIBLE = 4,
       SOURCE_URI = 8, SOURCE_MIMEPART = 16, SOURCE_ALL = 31 };

/* The words of all bayes_token_sources lines, in order. */
static unsigned sources(const struct settings *s)
{
	static const char *const names[] = { "header", "visible", "invisible",
					     "uri", "mimepart" };
	const struct strs *words = settings_list(s, STR("bayes_token_sources"));
	unsigned set = SOURCE_ALL & ~(unsigned)SOURCE_MIMEPART;

	for (size_t i = 0; words && i < words->n; i++) {
		struct str w = words->v[i];
		bool no = str_starts(w, STR("no"));

		if (str_eq(w, STR("all")))
			set = SOURCE_ALL;
		else if (str_eq(w, STR("none")) || str_eq(w, STR("noall")))
			set = 0;
		w = no ? str_from(w, 2) : w;
		for (unsigned k = 0; k < 5; k++)
			if (str_eq(w, str_cstr(names[k])))
				set = no ? set & ~(1u << k) : set | 1u << k;
	}
	return set;
}

/* Line by line, until there are tokens enough. */
static void add_lines(struct tokenizer *t, const struct strs *lines,
		      const struct place *at)
{
	t->given = 0;
	for (size_t i = 0; i < lines->n && t->given < TOKENS_OF_TEXT; i++)
		tokens_line(t, lines->v[i], at);
}

/* ---- links ---- */

static void add_links(struct tokenizer *t, struct message *m)
{
	static const struct place octets = { .number = PLACE_LINKS,
					     .body = true };
	static const struct place characters = { .number = PLACE_LINKS_WIDE,
						 .body = true,
						 .letters = true };
	const struct uris *uris = message_uris(m);

	t->given = 0;
	for (size_t i = 0; i < uris->list.n && t->given < TOKENS_OF_OTHERS;
	     i++) {
		struct str letters = uris->letters.v[i];

		tokens_line(t, letters.p ? letters : uris->list.v[i],
			    letters.p ? &characters : &octets);
	}
}

/* ---- MIME parts ---- */

/* Parts that are so frequent that they have a name. */
static struct str part_name(struct str digest_and_type)
{
	static const char empty[] = "da39a3ee5e6b4b0d3255bfef95601890afd80709";
	static const char newline[] =
		"adc83b19e793491b1c6ea0fd8b46cd9f32e592fc";
	static const char two[] = "71853c6197a6a7f222db0f1978c7cb232b87c5ee";
	static const struct {
		const char *digest, *type, *name;
	} names[] = {
		{ empty, "text/plain", "Empty-Plaintext" },
		{ empty, "text/html", "Empty-HTML" },
		{ empty, "text/xml", "Empty-XML" },
		{ newline, "text/plain", "OneNL-Plaintext" },
		{ newline, "text/html", "OneNL-HTML" },
		{ two, "text/plain", "TwoNL-Plaintext" },
		{ two, "text/html", "TwoNL-HTML" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (str_starts(digest_and_type, str_cstr(names[i].digest)) &&
		    str_eq(str_from(digest_and_type, 41),
			   str_cstr(names[i].type)))
			return str_cstr(names[i].name);
	return digest_and_type;
}

static struct str hex(struct arena *a, const uint8_t digest[DIGEST_SHA1_SIZE])
{
	char *p = arena_text(a, 2 * DIGEST_SHA1_SIZE + 1);

	return str_make(p, hex_encode(str_make((const char *)digest,
					       DIGEST_SHA1_SIZE), p));
}

static struct str hex_digest(struct arena *a, struct str text)
{
	uint8_t out[DIGEST_SHA1_SIZE];

	digest_sha1(text, out);
	return hex(a, out);
}

static void add_parts(struct tokenizer *t, struct message *m)
{
	for (size_t i = 0; i < m->nleaves; i++) {
		struct part *p = m->leaves[i];
		struct str digest = hex_digest(t->a, part_decoded(p));
		struct str text = str_printf(t->a, "%.*s:%.*s",
					     STR_ARG(digest),
					     STR_ARG(p->declared_type));

		tokens_add(t, STR("MIME:"), part_name(text));
	}
}

/* ---- Japanese and Chinese ---- */

/* Words that SpamAssassin cannot see, because there are no blanks between
 * them. Their mark has a sign that no word of its has. */
static void add_cjk(struct tokenizer *t, struct message *m)
{
	const struct strs *lines = message_visible(m);
	struct strs words = { 0 };

	for (size_t i = 0; i < lines->n && words.n < TOKENS_OF_TEXT; i++)
		words_cjk(t->a, lines->v[i], &words);
	for (size_t i = 0; i < words.n; i++) {
		bool is_new;

		tokens_seen(t, words.v[i], PLACE_CJK, &is_new);
		if (is_new)
			tokens_add(t, STR("w="), words.v[i]);
	}
}

/* ---- all ---- */

const struct bayes_tokens *bayes_tokenize(struct arena *a, struct message *m,
					  const struct settings *s,
					  enum bayes_purpose purpose)
{
	static const struct place text = { .number = PLACE_TEXT, .body = true,
					   .shorten = true };
	static const struct place hidden = { .prefix = { "I*:", 3 },
					     .number = PLACE_HIDDEN,
					     .body = true, .shorten = true };
	unsigned set = sources(s);
	struct tokenizer t;

	tokens_init(&t, a, s);
	if (set & SOURCE_VISIBLE)
		add_lines(&t, message_visible(m), &text);
	if (set & SOURCE_URI)
		add_links(&t, m);
	if (set & SOURCE_INVISIBLE)
		add_lines(&t, message_invisible(m), &hidden);
	if (set & SOURCE_MIMEPART)
		add_parts(&t, m);
	if (set & SOURCE_HEADER)
		tokens_headers(&t, m, purpose);
	if ((set & SOURCE_VISIBLE) && settings_bool(s, STR("bayes_cjk_words")))
		add_cjk(&t, m);
	return tokens_finish(&t);
}

/* ---- which message ---- */

/* The last header called name as SpamAssassin gives it, with a newline; "" if
 * there is none. */
static struct str last_header(struct arena *a, struct message *m,
			      const char *name)
{
	struct header *h = headers_last(&m->headers, str_cstr(name));

	return h ? str_cat(a, header_text(a, m->settings, h), STR("\n"))
		 : STR("");
}

/* The digest of the body with LF for the CRLF that the message has. */
static struct str body_digest(struct arena *a, struct message *m)
{
	struct str rest = m->pristine_body, line;
	uint8_t out[DIGEST_MAX];
	struct digest d;

	if (!m->crlf)
		return hex_digest(a, rest);
	digest_begin(&d, DIGEST_SHA1, STR_NONE);
	while (str_next_line(&rest, &line)) {
		bool crlf = str_ends(line, STR("\r\n"));

		digest_add(&d, str_head(line, line.n - (crlf ? 2 : 0)));
		if (crlf)
			digest_add(&d, STR("\n"));
	}
	digest_end(&d, out);
	return hex(a, out);
}

void bayes_message_ids(struct arena *a, struct message *m, struct strs *out)
{
	struct str id = str_trim(last_header(a, m, "Message-Id"));
	struct strs parts = { 0 };

	strs_add(a, &parts, last_header(a, m, "To"));
	strs_add(a, &parts, last_header(a, m, "Date"));
	strs_add(a, &parts, body_digest(a, m));
	strs_add(a, out, str_cat(a, hex_digest(a, strs_join(a, &parts,
							    str_make("", 1))),
				 STR("@sa_generated")));
	if (id.n > 2 && id.p[0] == '<' && id.p[id.n - 1] == '>')
		strs_add(a, out, str_make(id.p + 1, id.n - 2));
}

static bool any_listed(const struct settings *s, struct str list,
		       const struct strs *addrs)
{
	for (size_t i = 0; i < addrs->n; i++)
		if (settings_addr_listed(s, list, addrs->v[i], NULL))
			return true;
	return false;
}

bool bayes_is_ignored(struct message *m, const struct settings *s)
{
	return any_listed(s, STR("bayes_ignore_from"), message_from_addrs(m)) ||
		any_listed(s, STR("bayes_ignore_to"), message_to_addrs(m));
}
