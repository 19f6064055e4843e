/*
 * Reading settings: each reader asks the overlay first and then what lies
 * beneath it. An option that no line set has its row's default.
 */
#include "conf/settings.h"

#include "base/err.h"
#include "conf/keywords.h"

bool settings_informational(const struct settings *s, unsigned rule_id)
{
	return s->scores[rule_id].informational;
}

double settings_score(const struct settings *s, unsigned rule_id, int set)
{
	must(set >= 0 && set < 4);
	return s->scores[rule_id].set[set];
}

struct str settings_describe(const struct settings *s, struct str rule)
{
	for (; s; s = s->base) {
		const struct str *text = map_get(&s->describe, rule);

		if (text)
			return *text;
	}
	return STR_NONE;
}

/* What lines set an option to, under exactly this name. */
static const struct str *option_set_to(const struct settings *s,
				       struct str name)
{
	const struct str *text = NULL;

	for (; s && !text; s = s->base)
		text = map_get(&s->options, name);
	return text;
}

struct str settings_option(const struct settings *s, struct str name)
{
	const struct str *text = option_set_to(s, name);
	const struct keyword *kw;

	if (text)
		return *text;
	kw = s->rules ? keyword_find(s->rules, name) : NULL;
	if (!kw)
		return STR_NONE;
	/* An older spelling. */
	if (!str_eq(name, str_cstr(kw->name)))
		return settings_option(s, str_cstr(kw->name));
	return str_cstr(kw->def);
}

double settings_number(const struct settings *s, struct str name)
{
	struct str text = settings_option(s, name);
	double v = 0;

	if (text.n && text.p[0] == '+')
		text = str_from(text, 1);
	if (text.n && text.p[text.n - 1] == '.')
		text = str_head(text, text.n - 1);
	str_to_double(text, &v);
	return v;
}

bool settings_bool(const struct settings *s, struct str name)
{
	struct str text = settings_option(s, name);

	return text.n && !str_eq(text, STR("0")) && !str_ieq(text, STR("no"));
}

const struct addr_list *settings_addrs(const struct settings *s,
				       struct str list)
{
	for (; s; s = s->base) {
		const struct addr_list *l = map_get(&s->addr_lists, list);

		if (l)
			return l;
	}
	return NULL;
}

bool settings_addr_listed(const struct settings *s, struct str list,
			  struct str addr, const struct addr_entry **entry_r)
{
	const struct addr_list *l = settings_addrs(s, list);

	for (size_t i = 0; l && i < l->n; i++)
		if (glob_match(l->v[i].glob, addr)) {
			if (entry_r)
				*entry_r = &l->v[i];
			return true;
		}
	return false;
}

/* What is looked up for a host: an address literal or an IPv4 address alone, a
 * name and its parents from the longest on, eleven at most. */
static struct str first_to_look_up(struct str host, bool *alone_r)
{
	size_t dots = 0, n;

	*alone_r = true;
	if (host.p[0] == '[' && host.p[host.n - 1] == ']' && host.n > 2)
		return str_head(str_from(host, 1), host.n - 2);
	for (n = 0; n < host.n; n++)
		if (!is_digit((unsigned char)host.p[n]) && host.p[n] != '.')
			break;
	if (n == host.n)
		return host;
	*alone_r = false;
	for (n = host.n; n > 0; n--)
		if (host.p[n - 1] == '.' && ++dots > 10)
			break;
	return str_from(host, n);
}

int settings_uri_host_listed(const struct settings *s, struct str list,
			     struct str host, struct str *entry_r)
{
	const struct map *hosts = NULL;
	bool alone;
	ssize_t dot;

	for (; s && !hosts; s = s->base)
		hosts = map_get(&s->uri_host_lists, list);
	if (!hosts || !host.n)
		return -1;
	for (host = first_to_look_up(host, &alone);;
	     host = str_from(host, (size_t)dot + 1)) {
		if (map_has(hosts, host)) {
			if (entry_r)
				*entry_r = host;
			return map_get(hosts, host) != NULL;
		}
		dot = alone ? -1 : str_chr(host, '.');
		if (dot < 0)
			return -1;
	}
}

const struct strs *settings_list(const struct settings *s, struct str name)
{
	for (; s; s = s->base) {
		const struct strs *l = map_get(&s->lists, name);

		if (l)
			return l;
	}
	return NULL;
}

bool glob_match(struct str glob, struct str text)
{
	return glob_match_within(glob, text, -1);
}

bool glob_match_within(struct str glob, struct str text, int border)
{
	size_t g = 0, t = 0, star = glob.n, back = 0;

	while (t < text.n) {
		if (g < glob.n && glob.p[g] == '*') {
			star = g++;
			back = t;
		} else if (g < glob.n && (glob.p[g] == '?' ||
					  glob.p[g] == text.p[t])) {
			g++;
			t++;
		} else if (star < glob.n &&
			   (unsigned char)text.p[back] != border) {
			g = star + 1;
			t = ++back;
		} else {
			return false;
		}
	}
	while (g < glob.n && glob.p[g] == '*')
		g++;
	return g == glob.n;
}
