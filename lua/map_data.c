/*
 * The content of maps. A line is a key and, behind white space, a value; `#`
 * begins a comment; a key in double quotes may hold spaces; in regexp maps a
 * key "/re/flags" may, too. Keys of sets and hashes are compared without case,
 * globs match the whole key, regexes anywhere, addresses the most specific
 * network, all as in rspamd.
 */
#include "base/arena.h"
#include "lua/map.h"
#include "lua/regexp.h"

/* More patterns than this are asked one by one for too long. */
#define PATTERNS_MAX 100000

struct map_data *map_data_new(void)
{
	struct arena *a = arena_new();
	struct map_data *d = arena_alloc(a, sizeof(*d));

	d->arena = a;
	d->keys = d->nets = MAP_IN(a);
	return d;
}

void map_data_free(struct map_data **d)
{
	struct arena *a = *d ? (*d)->arena : NULL;

	*d = NULL;
	arena_free(&a);
}

static struct map_item *new_item(struct map_data *d, struct str key,
				 struct str value)
{
	struct map_item *item = arena_alloc(d->arena, sizeof(*item));

	item->key = key;
	item->value = value;
	return item;
}

/* ---- networks ---- */

/* The first n bits of an address, and n, as a key. */
static struct str net_key(const struct ip_addr *ip, unsigned bits,
			  unsigned char room[17])
{
	memset(room, 0, 17);
	memcpy(room, ip->bytes, bits / 8);
	if (bits % 8)
		room[bits / 8] = (unsigned char)(ip->bytes[bits / 8] &
						 (0xff00u >> bits % 8));
	room[16] = (unsigned char)bits;
	return str_make((const char *)room, 17);
}

/* "1.2.3.0/24", "2001:db8::/32", an address. */
static bool parse_net(struct str text, struct ip_addr *ip_r, unsigned *bits_r)
{
	ssize_t slash = str_chr(text, '/');
	struct str addr = slash < 0 ? text : str_head(text, (size_t)slash);
	long bits;

	if (!ip_parse(addr, ip_r))
		return false;
	*bits_r = 128;
	if (slash < 0)
		return true;
	if (!str_to_long(str_from(text, (size_t)slash + 1), &bits) ||
	    bits < 0 || bits > (ip_r->v4 ? 32 : 128))
		return false;
	*bits_r = (unsigned)bits + (ip_r->v4 ? 96 : 0);
	return true;
}

static bool add_net(struct map_data *d, struct str key, struct str value)
{
	struct ip_addr ip;
	unsigned bits;
	unsigned char room[17];
	struct str net;

	if (!parse_net(key, &ip, &bits))
		return false;
	net = str_dup(d->arena, net_key(&ip, bits, room));
	d->lengths[bits] = true;
	map_set(&d->nets, net, new_item(d, key, value.n ? value : STR("1")));
	return true;
}

const struct map_item *map_data_net(const struct map_data *d,
				    const struct ip_addr *ip)
{
	unsigned char room[17];

	for (unsigned bits = 129; bits-- > 0;) {
		const struct map_item *item = d->lengths[bits] ?
			map_get(&d->nets, net_key(ip, bits, room)) : NULL;

		if (item)
			return item;
	}
	return NULL;
}

/* ---- patterns ---- */

static struct map_pattern *new_pattern(struct map_data *d)
{
	if (d->npatterns >= PATTERNS_MAX)
		return NULL;
	d->patterns = arena_grow(d->arena, d->patterns, d->npatterns,
				 &d->patterns_cap, sizeof(*d->patterns));
	return &d->patterns[d->npatterns];
}

static bool add_glob(struct map_data *d, struct str key, struct str value)
{
	struct map_pattern *p = new_pattern(d);

	if (!p)
		return false;
	*p = (struct map_pattern){ .glob = str_lower(d->arena, key),
				   .key = key, .value = value };
	d->npatterns++;
	return true;
}

static bool add_regexp(struct map_data *d, struct str key, struct str value)
{
	struct map_pattern *p = new_pattern(d);
	struct re_text text;
	const struct regex *re;

	if (!p || !re_text_split(key, &text) || text.rest.n)
		return false;
	re = regex_compile_pcre(d->arena, text.pattern,
				text.flags | REGEX_BRIEF, NULL);
	if (!re)
		return false;
	*p = (struct map_pattern){ .re = re, .key = key, .value = value };
	d->npatterns++;
	return true;
}

/* ---- lines ---- */

void map_data_entry(struct map_data *d, enum map_kind kind, struct str key,
		    struct str value)
{
	bool ok = true;

	switch (kind) {
	case MAP_SET:
	case MAP_HASH:
		map_set(&d->keys, str_lower(d->arena, key),
			new_item(d, key, value));
		break;
	case MAP_RADIX:
		ok = add_net(d, key, value);
		break;
	case MAP_REGEXP:
		ok = add_regexp(d, key, value);
		break;
	case MAP_GLOB:
		ok = add_glob(d, key, value);
		break;
	case MAP_CALLBACK:
		break;
	}
	if (ok)
		d->n++;
	else
		d->faults++;
}

/* How many octets of a line "/re/flags ..." are the regex: to the slash that
 * no backslash precedes, and the letters behind it. 0 if there is none. */
static size_t regexp_length(struct str line)
{
	size_t i = 1;

	while (i < line.n && line.p[i] != '/')
		i += line.p[i] == '\\' ? 2 : 1;
	if (i >= line.n)
		return 0;
	i++;
	while (i < line.n && is_alpha((unsigned char)line.p[i]))
		i++;
	return i == line.n || is_space((unsigned char)line.p[i]) ? i : 0;
}

static size_t word_length(struct str line)
{
	size_t i = 0;

	while (i < line.n && !is_space((unsigned char)line.p[i]))
		i++;
	return i;
}

/* What stands behind the key, without a comment. */
static struct str value_of(struct str rest)
{
	for (size_t i = 1; i < rest.n; i++)
		if (rest.p[i] == '#' &&
		    is_space((unsigned char)rest.p[i - 1])) {
			rest.n = i;
			break;
		}
	return str_trim(rest);
}

void map_data_line(struct map_data *d, enum map_kind kind, struct str line)
{
	struct str key;
	size_t n = 0;
	ssize_t end;

	line = str_trim(line);
	if (line.n == 0 || line.p[0] == '#')
		return;
	end = line.p[0] == '"' ? str_chr(str_from(line, 1), '"') : -1;
	if (end > 0) {
		key = str_make(line.p + 1, (size_t)end);
		n = (size_t)end + 2;
	} else {
		if (kind == MAP_REGEXP && line.p[0] == '/')
			n = regexp_length(line);
		if (n == 0)
			n = word_length(line);
		key = str_head(line, n);
	}
	map_data_entry(d, kind, key, value_of(str_from(line, n)));
}

void map_data_lines(struct map_data *d, enum map_kind kind, struct str text)
{
	struct str line;

	if (str_starts(text, STR("\xef\xbb\xbf")))
		text = str_from(text, 3);
	while (str_next_line(&text, &line))
		map_data_line(d, kind, line);
}
