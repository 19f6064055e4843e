/*
 * Fuzz target: links. The first byte chooses what the rest is: a URI to be
 * taken apart, or a text to be searched. Beside "no crash" it checks:
 *
 *   - the number of forms, and the length of each, have a ceiling;
 *   - a form's own forms are found again or new, but never without end: the
 *     set closes after few rounds, and the form itself is always first;
 *   - hosts are lower case and end in their domain; addresses apart, they are
 *     well-formed and of a known TLD;
 *   - finds lie in the text, in order, without overlap;
 *   - blanking never lengthens a text and leaves no find behind that it blanks.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/limits.h"
#include "eval/freemail.h"
#include "mail/domain.h"
#include "mail/settings.h"
#include "mail/uri.h"
#include "mail/uri_find.h"

static struct arena *rules_arena;
static struct arena *arena;
static struct domains domains;
static struct mail_settings settings;

static void start(void)
{
	static const char *const tlds[] = { "com", "org", "uk", "foo" };

	rules_arena = arena_new();
	arena = arena_new();
	for (size_t i = 0; i < sizeof(tlds) / sizeof(*tlds); i++)
		domains_add(rules_arena, &domains, 1, str_cstr(tlds[i]));
	domains_add(rules_arena, &domains, 2, STR("co.uk"));
	mail_settings_init(&settings);
	settings.domains = &domains;
}

static void check_host(struct str form)
{
	struct str host, domain;

	if (!uri_host_domain(arena, &settings, form, &host, &domain))
		return;
	for (size_t i = 0; i < host.n; i++)
		must(!is_upper((unsigned char)host.p[i]));
	must(domain.n > 0 && str_ends(host, domain));
	if (host_is_address(host)) {
		must(str_eq(host, domain));
		return;
	}
	must(host_is_valid(host) && host.n <= 253);
	must(domain_is_valid(&domains, host));
	must(host.n == domain.n || host.p[host.n - domain.n - 1] == '.');
}

static void fuzz_forms(struct str uri, bool wide)
{
	struct strs forms = { NULL, 0, 0 };

	uri_canonical_forms(arena, &settings, uri, wide, &forms);
	must(forms.n >= 1 && forms.n <= LIMIT_URI_FORMS);
	for (size_t i = 0; i < forms.n; i++) {
		struct strs again = { NULL, 0, 0 };

		/* Encoding a byte makes three; a host gets "http://www." and
		 * ".com" at most. */
		must(forms.v[i].n <= 3 * uri.n + 64);
		check_host(forms.v[i]);
		if (i >= 8)
			continue;
		uri_canonical_forms(arena, &settings, forms.v[i], wide,
				    &again);
		must(again.n >= 1 && again.v[0].n <= forms.v[i].n);
	}
}

static void fuzz_text(struct str text)
{
	const char *end = text.p;
	struct uri_finder finder;
	struct uri_found found;

	uri_finder_init(&finder, &domains, text);
	while (uri_find_next(&finder, &found)) {
		struct str raw = uri_found_trim(found.text), uri;
		unsigned types;

		must(found.text.n > 0 && found.text.p >= end);
		end = found.text.p + found.text.n;
		must(end <= text.p + text.n && raw.n <= found.text.n);
		if (!uri_of_found(arena, &domains, &found, raw, &uri, &types))
			continue;
		must(types & URI_PARSED);
		fuzz_forms(uri, false);
	}
}

static void fuzz_mails(struct str text)
{
	struct str blank = freemail_blank(arena, &domains, text), addr;
	size_t pos = 0, before = 0;

	must(blank.n <= text.n);
	while (freemail_next_address(&domains, blank, &pos, &addr)) {
		must(pos > before && pos <= blank.n);
		before = pos;
		must(str_chr(addr, '@') > 0 && str_chr(addr, '@') <= 64);
		must(freemail_address_at(&domains, blank,
					 (size_t)(addr.p - blank.p)) == addr.n);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str rest;

	if (!arena)
		start();
	if (n < 1 || n > 20000)
		return 0;
	rest = str_dup(arena, str_make((const char *)data + 1, n - 1));
	switch (data[0] & 3) {
	case 0:
		fuzz_forms(rest, false);
		break;
	case 1:
		fuzz_forms(rest, true);
		break;
	case 2:
		fuzz_text(rest);
		break;
	case 3:
		fuzz_mails(rest);
		break;
	}
	arena_reset(arena);
	return 0;
}
