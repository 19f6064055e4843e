/*
 * IP addresses and sets of networks.
 *
 * Addresses come out of mail (Received lines, URIs) and out of rule files
 * (trusted_networks and kin). Both are read into sixteen bytes, IPv4 in its
 * mapped form, so that a set is a list of ranges of 128-bit numbers and IPv4,
 * mapped IPv4 and IPv6 need no cases of their own.
 *
 * A set answers with its first entry that holds the address, an entry with
 * "!" meaning "not in the set". That is what SpamAssassin does when
 * Net::Patricia is not installed (with it, the longest prefix wins); and as
 * there, an entry that lies wholly within an earlier one is not added.
 */
#include "mail/network.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/arena.h"

struct range {
	uint8_t lo[16], hi[16];
	bool exclude;
};

struct netset {
	struct arena *arena;
	struct range *v;
	size_t n, cap;
};

/* Longest text that can be an address: eight groups, one of them dotted. */
#define IP_TEXT_MAX 64

static struct str strip_brackets(struct str s)
{
	if (s.n >= 2 && s.p[0] == '[' && s.p[s.n - 1] == ']')
		return str_make(s.p + 1, s.n - 2);
	return s;
}

/* Without the zone of a scoped address (fe80::1%eth0). */
static struct str strip_zone(struct str s)
{
	ssize_t at = str_chr(s, '%');

	return at < 0 ? s : str_head(s, at);
}

static bool parse_v4(struct str s, uint8_t out[4])
{
	struct str part;
	int n = 0;

	while (str_next(&s, '.', &part)) {
		unsigned value = 0;

		if (n == 4 || part.n == 0 || part.n > 3)
			return false;
		for (size_t i = 0; i < part.n; i++) {
			if (!is_digit(part.p[i]))
				return false;
			value = value * 10 + (part.p[i] - '0');
		}
		if (value > 255)
			return false;
		out[n++] = value;
	}
	return n == 4;
}

static void map_v4(const uint8_t v4[4], uint8_t out[16])
{
	memset(out, 0, 10);
	out[10] = out[11] = 0xff;
	memcpy(out + 12, v4, 4);
}

static bool parse_v6(struct str s, uint8_t out[16])
{
	char text[IP_TEXT_MAX];

	if (s.n == 0 || s.n >= sizeof(text) || memchr(s.p, '\0', s.n))
		return false;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	return inet_pton(AF_INET6, text, out) == 1;
}

static bool is_mapped(const uint8_t b[16])
{
	static const uint8_t prefix[12] = { [10] = 0xff, [11] = 0xff };

	return memcmp(b, prefix, sizeof(prefix)) == 0;
}

bool ip_parse(struct str s, struct ip_addr *ip_r)
{
	uint8_t v4[4];

	s = strip_brackets(s);
	if (str_istarts(s, STR("IPv6:")))
		s = str_from(s, 5);
	s = strip_zone(s);
	if (parse_v4(s, v4)) {
		map_v4(v4, ip_r->bytes);
		ip_r->v4 = true;
		return true;
	}
	if (!parse_v6(s, ip_r->bytes))
		return false;
	ip_r->v4 = is_mapped(ip_r->bytes);
	return true;
}

/* Private use, host-local, link-local and carrier-grade NAT. */
static bool v4_is_private(const uint8_t b[4])
{
	return b[0] == 10 || b[0] == 127 ||
	       (b[0] == 169 && b[1] == 254) ||
	       (b[0] == 172 && (b[1] & 0xf0) == 16) ||
	       (b[0] == 192 && b[1] == 168) ||
	       (b[0] == 100 && (b[1] & 0xc0) == 64);
}

/* Link-local and ::1. Unique local addresses (fc00::/7) are public to
 * SpamAssassin 4.0.1. */
static bool v6_is_private(const uint8_t b[16])
{
	static const uint8_t loopback[16] = { [15] = 1 };

	return (b[0] == 0xfe && (b[1] & 0xc0) == 0x80) ||
	       memcmp(b, loopback, sizeof(loopback)) == 0;
}

bool ip_is_private(struct str ip)
{
	struct ip_addr a;
	ssize_t dot;

	if (!ip_parse(ip, &a))
		return false;
	if (a.v4)
		return v4_is_private(a.bytes + 12);
	/* SpamAssassin takes "::1.2.3.4" for "::1". */
	dot = str_chr(ip, '.');
	if (dot >= 0 && !ip_parse(str_head(ip, dot), &a))
		return false;
	return v6_is_private(a.bytes);
}

static struct str reversed_v4(struct arena *a, struct str ip)
{
	struct str part[4], piece;
	size_t n = 0;

	while (str_next(&ip, '.', &piece)) {
		if (n == 4 || piece.n == 0 || piece.n > 3)
			return STR_NONE;
		for (size_t i = 0; i < piece.n; i++)
			if (!is_digit(piece.p[i]))
				return STR_NONE;
		part[n++] = piece;
	}
	if (n != 4)
		return STR_NONE;
	return str_printf(a, "%.*s.%.*s.%.*s.%.*s", STR_ARG(part[3]),
			  STR_ARG(part[2]), STR_ARG(part[1]),
			  STR_ARG(part[0]));
}

bool ip_is_dotted(struct str s)
{
	struct str part;
	int n = 0;

	while (str_next(&s, '.', &part)) {
		if (part.n == 0 || ++n > 4)
			return false;
		for (size_t i = 0; i < part.n; i++)
			if (!is_digit(part.p[i]))
				return false;
	}
	return n == 4;
}

struct str ip_reversed(struct arena *a, struct str ip)
{
	static const char digits[] = "0123456789abcdef";
	struct str s = reversed_v4(a, ip);
	uint8_t b[16];
	char *out;

	if (s.p || !parse_v6(ip, b))
		return s;
	out = arena_text(a, 64);
	for (int i = 0; i < 16; i++) {
		char *at = out + 4 * (15 - i);

		at[0] = digits[b[i] & 15];
		at[2] = digits[b[i] >> 4];
		at[1] = at[3] = '.';
	}
	out[63] = '\0';
	return str_make(out, 63);
}

struct netset *netset_new(struct arena *a)
{
	struct netset *set = arena_alloc(a, sizeof(*set));

	set->arena = a;
	return set;
}

/* An IPv4 network with trailing octets left out ("10.1." or "10"), which
 * also says how long its prefix is. */
static bool parse_short_v4(struct str s, uint8_t out[4], unsigned *bits_r)
{
	struct str part;
	unsigned n = 0;

	memset(out, 0, 4);
	while (str_next(&s, '.', &part)) {
		long value;

		if (part.n == 0 && n > 0 && n < 4 && s.p == NULL)
			break;
		if (n == 4 || part.n == 0 || !is_digit(part.p[0]) ||
		    !str_to_long(part, &value) || value > 255)
			return false;
		out[n++] = value;
	}
	*bits_r = 8 * n;
	return n > 0;
}

/* A netmask as addresses write it: ones, then zeros. */
static bool mask_bits(const uint8_t *mask, unsigned size, unsigned *bits_r)
{
	unsigned n = 0;

	while (n < size * 8 && mask[n / 8] & (0x80 >> n % 8))
		n++;
	for (unsigned i = n; i < size * 8; i++)
		if (mask[i / 8] & (0x80 >> i % 8))
			return false;
	*bits_r = n;
	return true;
}

static bool parse_prefix(struct str s, bool v4, unsigned *bits_r)
{
	uint8_t mask[16];
	long value;

	if (s.n > 0 && is_digit(s.p[0]) && str_to_long(s, &value)) {
		if (value > (v4 ? 32 : 128))
			return false;
		*bits_r = value;
		return true;
	}
	if (v4)
		return parse_v4(s, mask) && mask_bits(mask, 4, bits_r);
	return parse_v6(s, mask) && mask_bits(mask, 16, bits_r);
}

static void set_range(struct range *r, const uint8_t ip[16], unsigned bits)
{
	for (unsigned i = 0; i < 16; i++) {
		unsigned keep = bits <= 8 * i ? 0 : bits - 8 * i;
		uint8_t mask = keep >= 8 ? 0xff : (uint8_t)(0xff00 >> keep);

		r->lo[i] = ip[i] & mask;
		r->hi[i] = ip[i] | (uint8_t)~mask;
	}
}

/* "lo-hi", both whole addresses of one family. */
static bool parse_range(struct str s, ssize_t dash, struct range *r)
{
	struct ip_addr lo, hi;

	if (!ip_parse(str_trim(str_head(s, dash)), &lo) ||
	    !ip_parse(str_trim(str_from(s, dash + 1)), &hi) ||
	    lo.v4 != hi.v4 || memcmp(lo.bytes, hi.bytes, 16) > 0)
		return false;
	memcpy(r->lo, lo.bytes, 16);
	memcpy(r->hi, hi.bytes, 16);
	return true;
}

static bool parse_cidr(struct str s, struct range *r)
{
	ssize_t slash = str_chr(s, '/');
	struct str prefix = slash < 0 ? STR_NONE : str_from(s, slash + 1);
	struct str host = slash < 0 ? s : str_head(s, slash);
	uint8_t v4[4], ip[16];
	unsigned bits = 128;

	host = strip_zone(strip_brackets(host));
	if (parse_short_v4(host, v4, &bits)) {
		if (slash >= 0 && !parse_prefix(prefix, true, &bits))
			return false;
		map_v4(v4, ip);
		bits += 96;
	} else if (!parse_v6(host, ip) ||
		   (slash >= 0 && !parse_prefix(prefix, false, &bits))) {
		return false;
	}
	set_range(r, ip, bits);
	return true;
}

int netset_add(struct netset *set, struct str spec, struct err *err)
{
	struct range r = { .exclude = false };
	struct str s = str_trim(spec);
	ssize_t dash;

	if (s.n > 0 && s.p[0] == '!') {
		r.exclude = true;
		s = str_ltrim(str_from(s, 1));
	}
	dash = str_chr(s, '-');
	if (dash >= 0 ? !parse_range(s, dash, &r) : !parse_cidr(s, &r))
		return err_set(err, "'%.*s' is no IP address or network",
			       STR_ARG(spec));
	for (size_t i = 0; i < set->n; i++)
		if (memcmp(set->v[i].lo, r.lo, 16) <= 0 &&
		    memcmp(set->v[i].hi, r.hi, 16) >= 0)
			return 0;
	set->v = arena_grow(set->arena, set->v, set->n, &set->cap,
			    sizeof(*set->v));
	set->v[set->n++] = r;
	return 0;
}

bool netset_has(const struct netset *set, struct str ip)
{
	struct ip_addr a;

	if (!set || set->n == 0 || !ip_parse(ip, &a))
		return false;
	for (size_t i = 0; i < set->n; i++)
		if (memcmp(set->v[i].lo, a.bytes, 16) <= 0 &&
		    memcmp(set->v[i].hi, a.bytes, 16) >= 0)
			return !set->v[i].exclude;
	return false;
}

size_t netset_count(const struct netset *set)
{
	return set ? set->n : 0;
}
