/*
 * All headers as one text: what the ALL selector yields, and what questions
 * about the order of headers are asked of.
 *
 * SpamAssassin gives at most 64 KB. It counts header by header in the order
 * in which names appear first, all of one name together, and stops at the
 * first that does not fit; those that fit come in their order in the message.
 */
#include "mail/message.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/map.h"

/* Headers of one name, in a list by index; 0 ends it. */
struct same_name {
	size_t first, last;
};

static bool hidden(struct str name)
{
	return str_istarts(name, STR("X-Spam-"));
}

/* Fills next[] so that from the first header of a name one gets to the
 * others. Entries of later ones are marked in later[]. */
static void link_names(struct arena *a, const struct headers *hs,
		       size_t *next, bool *later)
{
	struct map names = MAP_IN(a);

	for (size_t i = 0; i < hs->n; i++) {
		struct str key = str_lower(a, hs->v[i].name);
		struct same_name *s = map_get(&names, key);

		if (!s) {
			s = arena_alloc(a, sizeof(*s));
			s->first = i;
			map_set(&names, key, s);
		} else {
			next[s->last] = i;
			later[i] = true;
		}
		s->last = i;
	}
}

/* Do all headers fit? Then there is no need to look at their order. */
static bool all_fit(struct message *m)
{
	struct headers *hs = &m->headers;
	size_t size = 0;

	for (size_t i = 0; i < hs->n && size <= LIMIT_ALL_HEADERS; i++)
		size += hs->v[i].name.n + 3 +
			header_text(m->arena, m->settings, &hs->v[i]).n;
	return size <= LIMIT_ALL_HEADERS;
}

/* Marks in fits[] what the 64 KB hold. False if something did not fit. */
static bool choose(struct message *m, const size_t *next, const bool *later,
		   bool *fits)
{
	struct headers *hs = &m->headers;
	size_t size = 0;

	for (size_t i = 0; i < hs->n; i++) {
		size_t k = i;

		if (later[i] || hidden(hs->v[i].name))
			continue;
		do {
			size += hs->v[k].name.n + 3 +
				header_text(m->arena, m->settings,
					    &hs->v[k]).n;
			if (size > LIMIT_ALL_HEADERS)
				return false;
			fits[k] = true;
			k = next[k];
		} while (k > 0);
	}
	return true;
}

const bool *message_headers_fit(struct message *m)
{
	struct headers *hs = &m->headers;
	bool *fits = arena_alloc(m->arena, hs->n + 1), *later;
	size_t *next;

	if (all_fit(m)) {
		for (size_t i = 0; i < hs->n; i++)
			fits[i] = !hidden(hs->v[i].name);
		return fits;
	}
	next = arena_alloc(m->arena, (hs->n + 1) * sizeof(*next));
	later = arena_alloc(m->arena, hs->n + 1);
	link_names(m->arena, hs, next, later);
	if (!choose(m, next, later, fits))
		m->flags |= MSG_TRUNCATED_HEADER;
	return fits;
}

struct str message_all_headers(struct message *m)
{
	struct headers *hs = &m->headers;
	const bool *fits;
	struct buf b;

	if (m->all_headers.p)
		return m->all_headers;
	fits = message_headers_fit(m);
	buf_in(&b, m->arena, LIMIT_ALL_HEADERS);
	for (size_t i = 0; i < hs->n; i++) {
		if (!fits[i])
			continue;
		buf_adds(&b, hs->v[i].name);
		buf_adds(&b, STR(": "));
		buf_adds(&b, header_text(m->arena, m->settings, &hs->v[i]));
		buf_addc(&b, '\n');
	}
	m->all_headers = buf_str(&b);
	return m->all_headers;
}
