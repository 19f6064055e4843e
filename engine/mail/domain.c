/*
 * Registry boundaries (SpamAssassin's RegistryBoundaries.pm): the question is
 * always "which of these labels could somebody register", and the answer is
 * one label more than the longest public suffix that the tables know.
 *
 * SpamAssassin takes labels off the left until what is left is a known suffix
 * of two or three labels, or a single label. Since only suffixes of at most
 * four labels can be known, we start with those and go downwards: the cost
 * does not depend on how many labels a hostile name has.
 *
 * The .us tree is by rule, not by table (RFC 1480): STATE.us,
 * ci.TOWN.STATE.us, co.COUNTY.STATE.us and pvt.k12.STATE.us are registries.
 */
#include "mail/domain.h"

#include "base/arena.h"

/* Longer names than this are in no table, so they need no look-up. */
#define KEY_MAX 255

/* The states and territories that are registries below .us, in a row. */
static const char us_states[] =
	"ak al ar az ca co ct dc de fl ga gu hi ia id il in ks ky la ma md me "
	"mi mn mo ms mt nc nd ne nh nj nm nv ny oh ok or pa pr ri sc sd tn tx "
	"ut va vi vt wa wi wv wy ";

void domains_add(struct arena *a, struct domains *d, int level,
		 struct str name)
{
	struct map *m = level == 1 ? &d->tlds :
			level == 2 ? &d->two_level : &d->three_level;

	if (!m->arena)
		m->arena = a;
	map_set(m, str_lower(a, name), (void *)us_states);
}

/* map_has for a name in any case. */
static bool known(const struct map *m, struct str name)
{
	char key[KEY_MAX];

	if (name.n > sizeof(key))
		return false;
	for (size_t i = 0; i < name.n; i++)
		key[i] = (char)to_lower((unsigned char)name.p[i]);
	return map_has(m, str_make(key, name.n));
}

static bool is_us_state(struct str label)
{
	if (label.n != 2)
		return false;
	for (size_t i = 0; i + 1 < sizeof(us_states); i += 3)
		if (to_lower((unsigned char)label.p[0]) == us_states[i] &&
		    to_lower((unsigned char)label.p[1]) == us_states[i + 1])
			return true;
	return false;
}

/* Is the suffix of n labels a registry? label[0] is its leftmost one. */
static bool is_registry(const struct domains *d, const struct str *label,
			size_t n, struct str suffix)
{
	switch (n) {
	case 2:
		return d && known(&d->two_level, suffix);
	case 3:
		if (str_ieq(label[2], STR("us")))
			return is_us_state(label[1]);
		return d && known(&d->three_level, suffix);
	case 4:
		return str_ieq(label[3], STR("us")) &&
		       ((str_ieq(label[0], STR("pvt")) &&
			 str_ieq(label[1], STR("k12"))) ||
			str_ieq(label[0], STR("ci")) ||
			str_ieq(label[0], STR("co"))) &&
		       is_us_state(label[2]);
	}
	return false;
}

static struct str trim_dots(struct str s)
{
	while (s.n && s.p[0] == '.')
		s = str_from(s, 1);
	while (s.n && s.p[s.n - 1] == '.')
		s.n--;
	return s;
}

/* Cuts the last label (and the dots before it) off *rest. */
static struct str pop_label(struct str *rest)
{
	ssize_t dot = str_rchr(*rest, '.');
	struct str label = str_from(*rest, (size_t)(dot + 1));

	rest->n = dot < 0 ? 0 : (size_t)dot;
	while (rest->n && rest->p[rest->n - 1] == '.')
		rest->n--;
	return label;
}

void domain_split(const struct domains *d, struct str host,
		  struct str *hostname_r, struct str *domain_r)
{
	struct str label[5], rest, domain;
	size_t n = 0, keep;

	host = rest = trim_dots(host);
	/* label[0] is the last one here; at most five of them matter. */
	while (rest.n && n < 5)
		label[n++] = pop_label(&rest);
	for (size_t i = 0; i < n / 2; i++) {
		struct str swap = label[i];

		label[i] = label[n - 1 - i];
		label[n - 1 - i] = swap;
	}
	for (keep = n < 4 ? n : 4; keep > 1; keep--) {
		struct str *first = &label[n - keep];
		size_t at = (size_t)(first->p - host.p);

		if (is_registry(d, first, keep, str_from(host, at)))
			break;
	}
	if (keep < n)
		keep++;
	domain = keep && keep <= n ?
		str_from(host, (size_t)(label[n - keep].p - host.p)) : host;
	if (hostname_r)
		*hostname_r = trim_dots(str_head(host, host.n - domain.n));
	*domain_r = domain;
}

struct str domain_of_host(const struct domains *d, struct str host)
{
	struct str domain;

	domain_split(d, host, NULL, &domain);
	return domain;
}

bool domain_is_tld(const struct domains *d, struct str label)
{
	return d && label.n && known(&d->tlds, label);
}

bool domain_is_valid(const struct domains *d, struct str host)
{
	ssize_t dot = str_rchr(host, '.');

	if (dot < 0)
		return false;
	for (size_t i = 0; i < host.n; i++)
		if (is_space((unsigned char)host.p[i]))
			return false;
	return domain_is_tld(d, str_from(host, (size_t)dot + 1));
}

/* One label of host_is_valid; `top` for the last two. */
static bool label_is_valid(struct str label, bool top)
{
	if (label.n < 1 || label.n > 63)
		return false;
	if (label.p[0] == '-' || label.p[label.n - 1] == '-')
		return false;
	for (size_t i = 0; i < label.n; i++) {
		int c = (unsigned char)label.p[i];

		if (!is_alnum(c) && c != '-' && (c != '_' || top))
			return false;
	}
	return true;
}

bool host_is_valid(struct str host)
{
	size_t left = 1;
	struct str label;

	while (host.n && host.p[host.n - 1] == '.')
		host.n--;
	if (host.n > 253)
		return false;
	for (size_t i = 0; i < host.n; i++)
		left += host.p[i] == '.';
	if (left < 2)
		return false;
	while (str_next(&host, '.', &label))
		if (!label_is_valid(label, left-- <= 2))
			return false;
	return true;
}

struct str str_squeeze_dots(struct arena *a, struct str host)
{
	char *p = arena_text(a, host.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < host.n; i++) {
		char c = (char)to_lower((unsigned char)host.p[i]);

		if (c != '.' || n == 0 || p[n - 1] != '.')
			p[n++] = c;
	}
	p[n] = '\0';
	return str_make(p, n);
}
