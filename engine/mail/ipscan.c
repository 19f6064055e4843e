/*
 * IP addresses inside running text (see ipscan.h).
 *
 * Dotted numbers have no leading zeros and are bounded by word boundaries. An
 * IPv6 address is the whole run of hexadecimal digits and colons at its
 * place, with or without a dotted IPv4 tail; nothing of that alphabet may
 * touch it on either side.
 */
#include "mail/ipscan.h"

#include <string.h>

#include "mail/network.h"

static int byte_at(struct str s, size_t at)
{
	return at < s.n ? (unsigned char)s.p[at] : -1;
}

/* Length of a number 0 to 255 without leading zeros that ends before a
 * non-digit, else 0. */
static size_t octet(struct str s, size_t at)
{
	unsigned value = 0;
	size_t n = 0;

	while (n < 4 && is_digit(byte_at(s, at + n)))
		value = value * 10 + (s.p[at + n++] - '0');
	if (n == 0 || n > 3 || value > 255 || (n > 1 && s.p[at] == '0'))
		return 0;
	return n;
}

/* Four octets with dots between them; what surrounds them is not asked. */
static size_t dotted(struct str s, size_t at)
{
	size_t n = 0;

	for (int i = 0; i < 4; i++) {
		size_t len;

		if (i > 0 && byte_at(s, at + n++) != '.')
			return 0;
		len = octet(s, at + n);
		if (len == 0)
			return 0;
		n += len;
	}
	return n;
}

size_t ipv4_scan(struct str s, size_t at)
{
	size_t n;

	if (at > 0 && is_word(byte_at(s, at - 1)))
		return 0;
	n = dotted(s, at);
	if (n == 0 || is_word(byte_at(s, at + n)))
		return 0;
	return n;
}

static bool in_v6(int c)
{
	return is_xdigit(c) || c == ':';
}

/* Counts the groups of an IPv6 run that holds at most one "::"; -1 if it is
 * malformed. A run that is the front of a dotted address ends in ':'. */
static int count_groups(struct str run, bool front, bool *gap_r)
{
	int groups = 0;
	size_t i = 0;

	*gap_r = false;
	while (i < run.n) {
		size_t digits = 0;

		while (i + digits < run.n && run.p[i + digits] != ':')
			digits++;
		if (digits > 4)
			return -1;
		if (digits > 0) {
			groups++;
			i += digits;
			/* After a group: the end, or one colon. */
			if (i == run.n)
				return front ? -1 : groups;
			i++;
			if (i == run.n)
				return front ? groups : -1;
			if (run.p[i] != ':')
				continue;
		} else if (i == 0) {
			/* A run may only begin with two colons. */
			if (run.n < 2 || run.p[1] != ':')
				return -1;
			i++;
		}
		if (*gap_r)
			return -1;
		*gap_r = true;
		i++;
		if (i == run.n)
			return groups;
		if (run.p[i] == ':')
			return -1;
	}
	return groups;
}

/* An IPv6 address at `at`, all but what must not precede it. */
static size_t v6_body(struct str s, size_t at)
{
	struct str run = str_make(s.p + at, 0);
	bool gap;
	int groups;

	while (in_v6(byte_at(s, at + run.n)))
		run.n++;
	if (run.n < 2 || str_chr(run, ':') < 0)
		return 0;
	if (byte_at(s, at + run.n) == '.') {
		struct str front = str_head(run, str_rchr(run, ':') + 1);
		size_t tail = dotted(s, at + front.n);

		groups = count_groups(front, true, &gap);
		if (tail > 0 && !in_v6(byte_at(s, at + front.n + tail)) &&
		    (gap ? groups >= 0 && groups <= 5 : groups == 6))
			return front.n + tail;
	}
	groups = count_groups(run, false, &gap);
	return (gap ? groups >= 0 && groups <= 7 : groups == 8) ? run.n : 0;
}

size_t ip_scan(struct str s, size_t at)
{
	int before = at > 0 ? byte_at(s, at - 1) : ' ';
	size_t n;

	if (before != ':') {
		n = ipv4_scan(s, at);
		if (n > 0)
			return n;
	}
	if (str_istarts(str_from(s, at), STR("IPv6:"))) {
		n = v6_body(s, at + 5);
		if (n > 0)
			return n + 5;
	}
	return in_v6(before) ? 0 : v6_body(s, at);
}

bool ip_find(struct str s, size_t at, struct str *ip_r)
{
	for (; at < s.n; at++) {
		size_t n;

		/* Nothing else begins an address. */
		if (!in_v6((unsigned char)s.p[at]) && s.p[at] != 'I' &&
		    s.p[at] != 'i')
			continue;
		n = ip_scan(s, at);
		if (n > 0) {
			*ip_r = str_make(s.p + at, n);
			return true;
		}
	}
	return false;
}

bool ipv4_is(struct str s)
{
	return s.n > 0 && ipv4_scan(s, 0) == s.n;
}

/* 127.0.0.1, plain or mapped, and ::1. */
static bool is_loopback(struct str text)
{
	static const uint8_t one[16] = { [15] = 1 };
	static const uint8_t v4[4] = { 127, 0, 0, 1 };
	struct ip_addr ip;

	if (!ip_parse(text, &ip))
		return false;
	return ip.v4 ? memcmp(ip.bytes + 12, v4, 4) == 0
		     : memcmp(ip.bytes, one, 16) == 0;
}

size_t localhost_scan(struct str s, size_t at, size_t tried)
{
	const struct str name = STR("localhost");
	const struct str full = STR("localhost.localdomain");
	struct str here = str_from(s, at);
	size_t n;

	if (tried == full.n)
		return name.n;
	if (tried > 0)
		return 0;
	if (str_istarts(here, full))
		return full.n;
	if (str_istarts(here, name))
		return name.n;
	n = ip_scan(s, at);
	return n > 0 && is_loopback(str_make(s.p + at, n)) ? n : 0;
}
