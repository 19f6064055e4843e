/*
 * What the engine makes of links, in the form of sa_uri.pl, to be compared with
 * it line by line (uri_compare.sh does): `uri_dump canon` and `uri_dump find`,
 * lines from stdin, with the stock rules' domains and redirectors.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "conf/ruleset.h"
#include "mail/settings.h"
#include "mail/uri.h"
#include "mail/uri_find.h"
#include "match/matcher.h"

static void show(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c <= ' ' || c > '~' || c == '\\')
			printf("\\x%02x", c);
		else
			putchar(c);
	}
}

/* "\x41" to "A"; other backslashes stay. */
static struct str unescaped(struct arena *a, struct str s)
{
	char *p = arena_text(a, s.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (s.n - i > 3 && s.p[i] == '\\' && s.p[i + 1] == 'x') {
			p[n++] = (char)(hex_value((unsigned char)s.p[i + 2]) *
					16 +
					hex_value((unsigned char)s.p[i + 3]));
			i += 3;
		} else {
			p[n++] = s.p[i];
		}
	}
	return str_make(p, n);
}

static void canon(struct arena *a, const struct mail_settings *ms,
		  struct str uri)
{
	struct strs forms = { NULL, 0, 0 };

	uri_canonical_forms(a, ms, uri, false, &forms);
	strs_sort(&forms);
	for (size_t i = 0; i < forms.n; i++) {
		struct str host, domain;

		if (i)
			putchar('\t');
		show(forms.v[i]);
		if (!uri_host_domain(a, ms, forms.v[i], &host, &domain))
			continue;
		putchar(' ');
		show(host);
		putchar('=');
		show(domain);
	}
	putchar('\n');
}

static void find(struct arena *a, const struct mail_settings *ms,
		 struct str text)
{
	struct strs seen = { NULL, 0, 0 };
	struct uri_finder finder;
	struct uri_found found;
	bool first = true;

	uri_finder_init(&finder, ms->domains, text);
	while (uri_find_next(&finder, &found)) {
		struct str raw = uri_found_trim(found.text), uri;
		unsigned types;

		if (strs_has(&seen, raw))
			continue;
		strs_add(a, &seen, raw);
		if (!uri_of_found(a, ms->domains, &found, raw, &uri, &types))
			continue;
		if (!first)
			putchar('\t');
		first = false;
		show(uri);
		printf(" parsed%s%s", types & URI_SCHEMELESS ? ",schemeless" :
		       "", types & URI_UNLINKED ? ",unlinked" : "");
	}
	putchar('\n');
}

int main(int argc, char **argv)
{
	static const struct load_options stock = { .local_only = true };
	struct arena *rules = arena_new(), *a = arena_new();
	struct ruleset *rs;
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	bool forms = argc == 2 && strcmp(argv[1], "canon") == 0;

	if (!forms && (argc != 2 || strcmp(argv[1], "find") != 0)) {
		fprintf(stderr, "usage: uri_dump canon|find < LINES\n");
		return EXIT_FAILURE;
	}
	rs = ruleset_load(rules, &stock);
	matcher_new(rs);
	while ((n = getline(&line, &cap, stdin)) > 0) {
		struct str s = str_make(line, (size_t)n);

		s.n -= str_ends(s, STR("\n"));
		s = unescaped(a, s);
		if (forms)
			canon(a, &rs->site->mail, s);
		else
			find(a, &rs->site->mail, s);
		arena_reset(a);
	}
	free(line);
	arena_free(&a);
	arena_free(&rules);
	return EXIT_SUCCESS;
}
