/*
 * Addresses in From, To and kin. SpamAssassin 4 has a forgiving parser of its
 * own (address_lenient.c), and where that finds fewer addresses than the
 * commas promise it asks Email::Address::XS (address_strict.c), whose answer
 * counts if it has more. Debian installs that module, so verdicts depend on
 * it.
 */
#include "mail/address_int.h"

#include "base/arena.h"

void addresses_add(struct arena *a, struct addresses *out, struct str addr,
		   struct str name)
{
	out->v = arena_grow(a, out->v, out->n, &out->cap, sizeof(*out->v));
	out->v[out->n++] = (struct address){ .addr = addr, .name = name };
}

struct str address_without_pairs(struct arena *a, struct str s)
{
	char *p;
	size_t n = 0;

	if (str_find(s, STR("\\\\")) < 0)
		return s;
	p = arena_text(a, s.n + 1);
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\\' && i + 1 < s.n && s.p[i + 1] == '\\')
			i++;
		else
			p[n++] = s.p[i];
	}
	p[n] = '\0';
	return str_make(p, n);
}

bool address_plausible(struct str addr)
{
	size_t quotes = 0;

	for (size_t i = 0; i < addr.n; i++)
		quotes += addr.p[i] == '"';
	return quotes != 1 && !str_starts(addr, STR("\"\"@"));
}

void addresses_parse(struct arena *a, struct str raw, struct addresses *out)
{
	struct addresses own = { 0 }, theirs = { 0 }, *best = &own;
	size_t promised = 1;

	if (str_trim(raw).n == 0)
		return;
	for (size_t i = 0; i < raw.n; i++)
		promised += raw.p[i] == ',';
	addresses_lenient(a, raw, &own);
	if (own.n == 0 || own.n < promised) {
		addresses_strict(a, raw, &theirs);
		if (theirs.n > own.n)
			best = &theirs;
	}
	for (size_t i = 0; i < best->n; i++)
		addresses_add(a, out, best->v[i].addr, best->v[i].name);
}
