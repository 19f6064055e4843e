/*
 * The host of a URI (SpamAssassin's uri_to_domain): where it stands in
 * addresses and in links, and whether it can exist at all.
 */
#include "base/arena.h"
#include "mail/domain.h"
#include "mail/network.h"
#include "mail/settings.h"
#include "mail/uri.h"

bool host_is_address(struct str s)
{
	struct ip_addr ip;
	bool v4 = str_chr(s, ':') < 0;

	for (size_t i = 0; i < s.n; i++) {
		if (!is_xdigit((unsigned char)s.p[i]) && s.p[i] != '.' &&
		    s.p[i] != ':')
			return false;
		if (v4 && s.p[i] == '0' && (i == 0 || s.p[i - 1] == '.') &&
		    i + 1 < s.n && s.p[i + 1] != '.')
			return false;
	}
	return ip_parse(s, &ip);
}

/* Escapes of printable characters, which a host may not have. */
static bool has_escaped_printable(struct str s)
{
	for (size_t i = 0; i + 2 < s.n; i++) {
		int high, low;

		if (s.p[i] != '%')
			continue;
		high = hex_value((unsigned char)s.p[i + 1]);
		low = hex_value((unsigned char)s.p[i + 2]);
		if (low >= 0 && ((high == 2 && low >= 1) ||
				 (high >= 3 && high <= 6) ||
				 (high == 7 && low <= 14)))
			return true;
	}
	return false;
}

/* The host of a mailto: without the scheme; false if there is none. */
static bool mail_host(struct str s, struct str *host_r)
{
	ssize_t query = str_chr(s, '?'), sign;

	if (query >= 0)
		s.n = (size_t)query;
	sign = str_chr(s, '@');
	if (sign < 0 || str_rchr(s, '@') != sign)
		return false;
	*host_r = str_from(s, (size_t)sign + 1);
	return true;
}

/* What stands where the host of any other URI stands. */
static struct str link_host(struct str s)
{
	size_t n = 0;
	ssize_t sign;

	while (n < s.n && is_alpha((unsigned char)s.p[n]))
		n++;
	if (n && n < s.n && s.p[n] == ':') {
		n++;
		for (int i = 0; i < 2 && n < s.n && s.p[n] == '/'; i++)
			n++;
		s = str_from(s, n);
	}
	for (n = 0; n < s.n; n++)
		if (s.p[n] == '/' || s.p[n] == '?' || s.p[n] == '#')
			break;
	s.n = n;
	sign = str_rchr(s, '@');
	s = str_from(s, (size_t)(sign + 1));
	for (n = s.n; n && is_digit((unsigned char)s.p[n - 1]);)
		n--;
	if (n && s.p[n - 1] == ':')
		s.n = n - 1;
	return s;
}

bool uri_host_domain(struct arena *a, const struct mail_settings *ms,
		     struct str uri, struct str *host_r, struct str *domain_r)
{
	struct str host, domain;

	if (str_istarts(uri, STR("javascript:")) ||
	    str_istarts(uri, STR("cid:")) || str_istarts(uri, STR("file:")))
		return false;
	if (!str_istarts(uri, STR("mailto:")))
		host = link_host(uri);
	else if (!mail_host(str_from(uri, 7), &host))
		return false;
	if (has_escaped_printable(host))
		return false;
	domain = host;
	if (!host_is_address(host)) {
		if (!host_is_valid(host) ||
		    !domain_is_valid(ms->domains, host))
			return false;
		domain = domain_of_host(ms->domains, host);
	}
	if (host_r)
		*host_r = str_lower(a, host);
	if (domain_r)
		*domain_r = str_lower(a, domain);
	return true;
}
