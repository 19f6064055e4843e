/*
 * What the modifiers of a selector make of its values. :first and :last pick
 * a header; :addr and :name read addresses from each (all of them, one line
 * each); :host, :domain, :ip and :revip look into each value and keep what
 * they find there, or nothing.
 */
#include "match/selector_int.h"

#include "base/arena.h"
#include "mail/address.h"
#include "mail/domain.h"
#include "mail/header.h"
#include "mail/ipscan.h"
#include "mail/message.h"
#include "mail/network.h"
#include "mail/settings.h"

/* SpamAssassin takes at most this much before a top-level domain. */
#define HOST_MAX 251

static struct str squeeze_spaces(struct arena *a, struct str s)
{
	char *p = arena_text(a, s.n + 1);
	size_t n = 0;

	s = str_trim(s);
	for (size_t i = 0; i < s.n; i++) {
		bool space = is_space((unsigned char)s.p[i]);

		if (!space)
			p[n++] = s.p[i];
		else if (!is_space((unsigned char)s.p[i - 1]))
			p[n++] = ' ';
	}
	p[n] = '\0';
	return str_make(p, n);
}

/* A display name as people see it: decoded, spaces squeezed, and without a
 * pair of single quotes. A name of nothing but spaces stays. */
static struct str readable_name(struct message *m, struct str phrase)
{
	struct str s = header_decode(m->arena, m->settings, phrase);

	if (str_trim(s).n == 0)
		return s;
	s = squeeze_spaces(m->arena, s);
	if (s.n >= 2 && s.p[0] == '\'' && s.p[s.n - 1] == '\'')
		s = str_make(s.p + 1, s.n - 2);
	return s;
}

static void addresses_of(struct message *m, unsigned mods, struct str value,
			 struct strs *out)
{
	struct addresses as = { 0 };

	addresses_parse(m->arena, value, &as);
	for (size_t i = 0; i < as.n; i++) {
		struct address *one = &as.v[i];

		if (mods & SEL_ADDR) {
			if (one->addr.p)
				strs_add(m->arena, out, one->addr);
		} else if (one->name.p) {
			strs_add(m->arena, out, mods & SEL_RAW ? one->name :
				 readable_name(m, one->name));
		}
	}
}

/* The host of an address that was parsed already: what stands behind its
 * last @. */
static struct str host_of_addr(struct str addr)
{
	ssize_t at = str_rchr(addr, '@');
	struct str host, rest;

	if (at < 0)
		return STR_NONE;
	rest = str_from(addr, (size_t)at + 1);
	if (rest.n == 0 || is_space((unsigned char)rest.p[0]))
		return STR_NONE;
	return str_next_word(&rest, &host) ? host : STR_NONE;
}

static bool joins_host(int c)
{
	return c == '.' || c == '_' || c == '-';
}

/* Whether "TLD" starts at s.p[i], as a whole label at the end of a host;
 * returns its length or 0. */
static size_t tld_at(const struct domains *d, struct str s, size_t i)
{
	size_t n = 0;
	struct str label;

	while (i + n < s.n && (is_alnum((unsigned char)s.p[i + n]) ||
			       s.p[i + n] == '-'))
		n++;
	if (i + n < s.n && joins_host(s.p[i + n]))
		return 0;
	label = str_make(s.p + i, n);
	return domain_is_tld(d, label) ? n : 0;
}

/* The longest run of non-blanks from s.p[from] on that ends in a known TLD;
 * its length or 0. */
static size_t host_at(const struct domains *d, struct str s, size_t from)
{
	size_t end = from;

	while (end < s.n && end < from + HOST_MAX + 1 &&
	       !is_space((unsigned char)s.p[end]))
		end++;
	for (size_t i = end; i-- > from + 1; ) {
		size_t n;

		if (s.p[i] == '.' && (n = tld_at(d, s, i + 1)) > 0)
			return i + 1 + n - from;
	}
	return 0;
}

/* The first that looks like "@host.tld", line by line, the last @ of a line
 * first. */
static struct str host_behind_at(const struct domains *d, struct str s)
{
	struct str rest = s, line;

	while (str_next_line(&rest, &line)) {
		for (size_t i = line.n; i-- > 0; ) {
			size_t at = (size_t)(line.p - s.p) + i + 1;
			size_t n;

			if (line.p[i] == '@' && (n = host_at(d, s, at)) > 0)
				return str_make(s.p + at, n);
		}
	}
	return STR_NONE;
}

/* The first valid host anywhere in s. */
static struct str host_anywhere(const struct domains *d, struct str s)
{
	for (size_t i = 0; i < s.n; ) {
		size_t n = 0;

		if (i == 0 || !joins_host(s.p[i - 1]))
			n = host_at(d, s, i);
		if (n && host_is_valid(str_make(s.p + i, n)))
			return str_make(s.p + i, n);
		i += n ? n : 1;
	}
	return STR_NONE;
}

static struct str host_in_text(const struct domains *d, struct str s)
{
	struct str host;

	if (str_chr(s, '.') < 0)
		return STR_NONE;
	host = host_behind_at(d, s);
	if (host.p && host_is_valid(host))
		return host;
	return host_anywhere(d, s);
}

static struct str host_of(struct message *m, unsigned mods, struct str value)
{
	const struct domains *d = m->settings->domains;
	struct str host = mods & SEL_ADDR ? host_of_addr(value) :
		host_in_text(d, value);

	/* Perl takes the text "0" for false. */
	if (!host.p || str_eq(host, STR("0")))
		return STR_NONE;
	if (!(mods & SEL_DOMAIN))
		return host;
	host = str_squeeze_dots(m->arena, host);
	return str_lower(m->arena, domain_of_host(d, host));
}

static bool word_at(struct str s, size_t i)
{
	return i < s.n && is_word((unsigned char)s.p[i]);
}

/* Whether a word begins or ends before s.p[i]: Perl's \b. */
static bool boundary(struct str s, size_t i)
{
	return (i > 0 && word_at(s, i - 1)) != word_at(s, i);
}

/* The first IP address in s with word boundaries and no dots around it. */
static struct str ip_in_text(struct str s)
{
	struct str ip;

	for (size_t i = 0; ip_find(s, i, &ip); ) {
		size_t from = (size_t)(ip.p - s.p), end = from + ip.n;

		if (boundary(s, from) && boundary(s, end) &&
		    (from == 0 || s.p[from - 1] != '.') &&
		    (end == s.n || s.p[end] != '.'))
			return ip;
		i = from + 1;
	}
	return STR_NONE;
}

static struct str ip_of(struct message *m, unsigned mods, struct str value)
{
	struct str ip = ip_in_text(value);

	if (!ip.p || !(mods & SEL_REVIP))
		return ip;
	return ip_reversed(m->arena, ip);
}

void selector_modify(struct message *m, unsigned mods, struct strs *values)
{
	struct strs now = { 0 };

	if (values->n == 0)
		return;
	if (mods & SEL_FIRST)
		values->n = 1;
	else if (mods & SEL_LAST)
		*values = (struct strs){ values->v + values->n - 1, 1, 1 };
	if (mods & (SEL_ADDR | SEL_NAME)) {
		for (size_t i = 0; i < values->n; i++)
			addresses_of(m, mods, values->v[i], &now);
		*values = now;
	}
	if (!(mods & (SEL_HOST | SEL_IP)))
		return;
	now = (struct strs){ 0 };
	for (size_t i = 0; i < values->n; i++) {
		struct str found = mods & SEL_HOST ?
			host_of(m, mods, values->v[i]) :
			ip_of(m, mods, values->v[i]);

		if (found.p)
			strs_add(m->arena, &now, found);
	}
	*values = now;
}
