/*
 * Header selectors. What a request such as "From:addr" means is spread over
 * SpamAssassin's get(): which values there are (this file), and what the
 * modifiers make of them (selector_mods.c). Each answer is kept with the
 * message, since many rules ask the same.
 *
 * Two of its habits matter for verdicts: X-Spam-* headers are invisible, but
 * not in ALL:raw, which is the header as received; and ALL*, MESSAGEID are
 * special in capitals only, EnvelopeFrom, ToCc and X-Spam-Relays-* in any.
 */
#include "match/selector.h"
#include "match/selector_int.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/map.h"
#include "mail/message.h"
#include "mail/relay.h"
#include "mail/settings.h"

static const struct { const char *name; unsigned bit; } mod_table[] = {
	{ "raw", SEL_RAW }, { "addr", SEL_ADDR }, { "name", SEL_NAME },
	{ "host", SEL_HOST }, { "domain", SEL_HOST | SEL_DOMAIN },
	{ "ip", SEL_IP }, { "revip", SEL_IP | SEL_REVIP },
	{ "first", SEL_FIRST }, { "last", SEL_LAST },
};

#define NMODS (sizeof(mod_table) / sizeof(*mod_table))

static unsigned mod_bit(struct str mod)
{
	for (size_t i = 0; i < NMODS; i++) {
		if (str_eq(mod, str_cstr(mod_table[i].name)))
			return mod_table[i].bit;
	}
	return 0;
}

bool selector_mod_known(struct str mod)
{
	return mod_bit(mod) != 0;
}

bool selector_hidden(struct str name)
{
	return str_istarts(name, STR("X-Spam-"));
}

/* Raw text on one line: SpamAssassin's get_header(..., raw). */
static struct str unfold(struct arena *a, struct str raw)
{
	char *p = arena_text(a, raw.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < raw.n; ) {
		size_t eol = i + (raw.p[i] == '\r' && i + 1 < raw.n &&
				  raw.p[i + 1] == '\n');
		size_t end = eol + 1;

		while (end < raw.n && is_space((unsigned char)raw.p[end]))
			end++;
		if (raw.p[eol] == '\n' && end > eol + 1) {
			p[n++] = ' ';
			i = end;
		} else {
			p[n++] = raw.p[i++];
		}
	}
	p[n] = '\0';
	return str_make(p, n);
}

static struct str value_line(struct arena *a, const struct mail_settings *ms,
			     struct header *h, bool raw)
{
	if (raw)
		return unfold(a, h->raw);
	return str_cat(a, header_text(a, ms, h), STR("\n"));
}

/* Makes the lines of the headers that fit into SpamAssassin's 64 KB. It counts
 * them name by name, in the order in which names appear first. */
static void make_lines(struct arena *a, const struct mail_settings *ms,
		       struct headers *hs, bool raw, bool hide,
		       struct str *lines)
{
	struct map names = MAP_IN(a);
	size_t *next = arena_alloc(a, (hs->n + 1) * sizeof(*next));
	size_t size = 0;

	/* Chain the headers of each name, by index + 1: built backwards, so
	 * that the map ends up with the first one of each. */
	for (size_t i = hs->n; i-- > 0; ) {
		void **slot;

		if (hide && selector_hidden(hs->v[i].name))
			continue;
		slot = map_slot(&names, str_lower(a, hs->v[i].name));
		next[i] = (size_t)(uintptr_t)*slot;
		*slot = (void *)(uintptr_t)(i + 1);
	}
	/* Names in order of first appearance: walk the headers, and take the
	 * chain when its first member comes up. */
	for (size_t i = 0; i < hs->n; i++) {
		void *first;

		if (hide && selector_hidden(hs->v[i].name))
			continue;
		first = map_get(&names, str_lower(a, hs->v[i].name));
		if ((size_t)(uintptr_t)first != i + 1)
			continue;
		for (size_t k = i + 1; k; k = next[k - 1]) {
			struct header *h = &hs->v[k - 1];
			struct str v = value_line(a, ms, h, raw);

			size += h->name.n + v.n + 2;
			if (size > LIMIT_ALL_HEADERS)
				return;
			lines[k - 1] = str_cat(a, str_cat(a, h->name,
							  STR(": ")), v);
		}
	}
}

void selector_all(struct arena *a, const struct mail_settings *ms,
		  struct headers *hs, bool raw, bool hide, struct strs *out)
{
	struct str *lines = arena_alloc(a, (hs->n + 1) * sizeof(*lines));

	make_lines(a, ms, hs, raw, hide, lines);
	for (size_t i = 0; i < hs->n; i++) {
		if (lines[i].p)
			strs_add(a, out, lines[i]);
	}
}

/* The pristine header cut into its fields; the blank line at its end is none
 * of them. */
static void pristine_fields(struct arena *a, struct str s, struct strs *out)
{
	size_t i = 0;

	while (i < s.n) {
		size_t end = i + 1;
		bool field = s.p[i] != ' ' && s.p[i] != '\t';

		/* A field begins with one octet of any kind and ends at a
		 * newline behind it that no blank follows. */
		for (; field && end < s.n; end++) {
			if (s.p[end] == '\n' && (end + 1 == s.n ||
			    (s.p[end + 1] != ' ' && s.p[end + 1] != '\t')))
				break;
		}
		if (field && end < s.n) {
			strs_add(a, out, str_make(s.p + i, end + 1 - i));
			i = end + 1;
			continue;
		}
		while (i < s.n && s.p[i] != '\n')
			i++;
		i++;
	}
}

static void named(struct message *m, struct str name, bool raw, bool folded,
		  struct strs *out)
{
	struct headers *hs = &m->headers;

	if (selector_hidden(name))
		return;
	for (size_t i = 0; (i = headers_find(hs, name, i)) < hs->n; i++)
		strs_add(m->arena, out, raw && folded ? hs->v[i].raw :
			 value_line(m->arena, m->settings, &hs->v[i], raw));
}

/* "" means that there is nothing. */
static struct str some_text(struct str s)
{
	return s.n ? s : STR_NONE;
}

static void add_some(struct message *m, struct strs *out, struct str s)
{
	if (s.p)
		strs_add(m->arena, out, s);
}

static void message_ids(struct message *m, bool raw, struct strs *out)
{
	static const char *const names[] = {
		"X-Message-Id", "Resent-Message-Id", "X-Original-Message-ID",
		"Message-Id",
	};
	struct strs all = { 0 };

	for (size_t i = 0; i < 4; i++)
		named(m, str_cstr(names[i]), raw, false, &all);
	for (size_t i = 0; i < all.n; i++) {
		if (all.v[i].n)
			strs_add(m->arena, out, all.v[i]);
	}
}

/* Metadata that is read like a header if there is none of that name: what
 * plug-ins found out, the domains of the sender and of the authors. */
static void metadata(struct message *m, struct str name, struct strs *out)
{
	struct arena *a = m->arena;
	struct strs hosts = { 0 }, seen = { 0 };
	bool author = str_ieq(name, STR("X-AuthorDomain"));
	struct str found = message_metadata(m, name);

	if (found.p) {
		strs_add(a, out, found);
		return;
	}
	if (!author && !str_ieq(name, STR("X-SenderDomain")))
		return;
	if (author) {
		named(m, STR("From"), true, true, &hosts);
		selector_modify(m, SEL_ADDR | SEL_HOST, &hosts);
	} else {
		add_some(m, &hosts, message_envelope_sender(m));
		selector_modify(m, SEL_ADDR | SEL_HOST | SEL_FIRST, &hosts);
		hosts.n = hosts.n ? 1 : 0;
	}
	for (size_t i = 0; i < hosts.n; i++) {
		if (!strs_has(&seen, hosts.v[i]))
			strs_add(a, &seen, hosts.v[i]);
	}
	for (size_t i = 0; i < seen.n; i++)
		seen.v[i] = str_lower(a, seen.v[i]);
	if (seen.n)
		strs_add(a, out, strs_join(a, &seen, STR(" ")));
}

/* Selectors whose values no modifier but :raw changes. */
static bool whole_header(struct message *m, struct str name, bool raw,
			 struct strs *out)
{
	static const struct { const char *name; enum relay_side side; }
	sides[] = {
		{ "ALL-TRUSTED", RELAY_TRUSTED },
		{ "ALL-UNTRUSTED", RELAY_UNTRUSTED },
		{ "ALL-INTERNAL", RELAY_INTERNAL },
		{ "ALL-EXTERNAL", RELAY_EXTERNAL },
	};

	if (!str_starts(name, STR("ALL")))
		return false;
	if (name.n == 3) {
		if (raw)
			pristine_fields(m->arena, m->pristine_header, out);
		else
			add_some(m, out, some_text(message_all_headers(m)));
		return true;
	}
	for (size_t i = 0; i < 4; i++) {
		if (!str_eq(name, str_cstr(sides[i].name)))
			continue;
		add_some(m, out, message_headers_of_side(m, sides[i].side,
							 raw));
		return true;
	}
	return false;
}

static bool relays_text(struct message *m, struct str name, struct strs *out)
{
	static const struct str prefix = { "X-Spam-Relays-", 14 };
	const struct relays *r;
	struct str side = str_from(name, prefix.n);

	if (!str_istarts(name, prefix))
		return false;
	r = message_relays(m);
	if (str_ieq(side, STR("Untrusted")))
		strs_add(m->arena, out, r->untrusted_text);
	else if (str_ieq(side, STR("Trusted")))
		strs_add(m->arena, out, r->trusted_text);
	else if (str_ieq(side, STR("External")))
		strs_add(m->arena, out, r->external_text);
	else if (str_ieq(side, STR("Internal")))
		strs_add(m->arena, out, r->internal_text);
	else
		return false;
	return true;
}

static void values_of(struct message *m, struct str name, unsigned mods,
		      struct strs *out)
{
	bool raw = mods & SEL_RAW;

	if (str_ieq(name, STR("EnvelopeFrom"))) {
		add_some(m, out, message_envelope_sender(m));
	} else if (relays_text(m, name, out)) {
		return;
	} else if (str_ieq(name, STR("ToCc"))) {
		named(m, STR("To"), raw, false, out);
		named(m, STR("Cc"), raw, false, out);
	} else if (str_eq(name, STR("MESSAGEID"))) {
		message_ids(m, raw, out);
	} else {
		raw = mods & (SEL_RAW | SEL_ADDR | SEL_NAME);
		named(m, name, raw, true, out);
		if (out->n == 0)
			metadata(m, name, out);
	}
}

/* Values that are header lines bring their newlines; others get one between
 * them. STR_NONE if there are no values. */
static struct str joined(struct message *m, const struct strs *values)
{
	bool lines;

	if (values->n == 0)
		return STR_NONE;
	if (values->n == 1)
		return values->v[0].p ? values->v[0] : STR("");
	lines = str_ends(values->v[0], STR("\n"));
	return strs_join(m->arena, values, lines ? STR("") : STR("\n"));
}

static struct str answer(struct message *m, struct str name, unsigned mods)
{
	struct strs values = { 0 };

	if (!whole_header(m, name, mods & SEL_RAW, &values)) {
		values_of(m, name, mods, &values);
		selector_modify(m, mods, &values);
	}
	return joined(m, &values);
}

/* Cached under the name, the modifiers as one octet pair in front of it. */
static struct str cached(struct message *m, struct str name, unsigned mods)
{
	struct map *memo = m->memo[MEMO_SELECTORS];
	char room[2 + LIMIT_HEADER_NAME];
	struct str key = { room, 0 }, *kept;

	if (name.n > LIMIT_HEADER_NAME)
		return answer(m, name, mods);
	if (!memo) {
		memo = arena_alloc(m->arena, sizeof(*memo));
		*memo = MAP_IN(m->arena);
		m->memo[MEMO_SELECTORS] = memo;
	}
	room[0] = (char)mods;
	room[1] = (char)(mods >> 8);
	memcpy(room + 2, name.p, name.n);
	key.n = name.n + 2;
	kept = map_get(memo, key);
	if (!kept) {
		kept = arena_alloc(m->arena, sizeof(*kept));
		*kept = answer(m, name, mods);
		map_set(memo, str_dup(m->arena, key), kept);
	}
	return *kept;
}

struct str selector_get(struct message *m, struct str selector,
			const struct strs *mods)
{
	unsigned bits = 0;

	for (size_t i = 0; mods && i < mods->n; i++)
		bits |= mod_bit(mods->v[i]);
	return cached(m, selector, bits);
}

struct str selector_get_text(struct message *m, struct str text)
{
	struct str rest = text, name, mod;
	unsigned bits = 0;

	if (!str_next(&rest, ':', &name))
		return STR_NONE;
	while (str_next(&rest, ':', &mod))
		bits |= mod_bit(mod);
	return cached(m, name, bits);
}
