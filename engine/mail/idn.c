/*
 * International host names, by ICU's UTS 46 (not transitional, as browsers
 * do it). What ICU calls an error of the name is none here as long as a name
 * that can be written down comes out: a spammer's host need not be one that a
 * registry would sell.
 */
#include "mail/idn.h"

#include <stddef.h>

#include <unicode/uidna.h>

#include "base/arena.h"

#define NAME_MAX_OCTETS 253

/* Made once and kept: it is constant data behind a pointer. NULL if ICU has
 * none. */
static const UIDNA *converter(void)
{
	static UIDNA *made;
	static bool tried;

	if (!tried) {
		UErrorCode status = U_ZERO_ERROR;

		tried = true;
		made = uidna_openUTS46(UIDNA_NONTRANSITIONAL_TO_ASCII, &status);
		if (U_FAILURE(status))
			made = NULL;
	}
	return made;
}

void idn_preload(void)
{
	converter();
}

static bool is_ascii(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] >= 128)
			return false;
	return true;
}

static bool is_host(struct str s)
{
	int before = '.';

	for (size_t i = 0; i < s.n; i++) {
		int c = (unsigned char)s.p[i];

		if (c == '.' ? before == '.' : !is_word(c) && c != '-')
			return false;
		before = c;
	}
	return s.n && s.n <= NAME_MAX_OCTETS && before != '.';
}

static bool convert(struct arena *a, struct str host, struct str *out_r)
{
	UIDNAInfo info = UIDNA_INFO_INITIALIZER;
	UErrorCode status = U_ZERO_ERROR;
	char name[NAME_MAX_OCTETS + 2];
	int32_t n;

	/* Four octets of UTF-8 are at most one character. */
	if (!converter() || host.n > 4 * NAME_MAX_OCTETS)
		return false;
	n = uidna_nameToASCII_UTF8(converter(), host.p, (int32_t)host.n, name,
				   sizeof(name), &info, &status);
	if (U_FAILURE(status) || n <= 0 || n > NAME_MAX_OCTETS)
		return false;
	*out_r = str_dup(a, str_make(name, (size_t)n));
	return true;
}

bool idn_to_ascii(struct arena *a, struct str host, struct str *ascii_r)
{
	struct str name;

	while (host.n && host.p[host.n - 1] == '.')
		host.n--;
	if (is_ascii(host)) {
		if (!is_host(host))
			return false;
		*ascii_r = str_lower(a, host);
		return true;
	}
	if (!convert(a, host, &name))
		return false;
	name = str_lower(a, name);
	while (name.n && name.p[name.n - 1] == '.')
		name.n--;
	*ascii_r = name;
	return is_host(name);
}
