/*
 * Prints what we make of Received lines and dates, in the form of
 * sa_received.pl (see there), for comparison; make build/parity/received_dump:
 *
 *   received_dump received|date < lines
 */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "mail/date.h"
#include "mail/received.h"
#include "mail/relay.h"

static struct str unescape(struct arena *a, struct str s)
{
	char *out = arena_text(a, s.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] != '\\' || i + 1 == s.n) {
			out[n++] = s.p[i];
			continue;
		}
		i++;
		if (s.p[i] == 'x' && i + 2 < s.n) {
			out[n++] = hex_value(s.p[i + 1]) * 16 +
				   hex_value(s.p[i + 2]);
			i += 2;
		} else {
			out[n++] = s.p[i] == 'n'   ? '\n'
				   : s.p[i] == 't' ? '\t'
				   : s.p[i] == 'r' ? '\r'
						   : s.p[i];
		}
	}
	return str_make(out, n);
}

static void print_escaped(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = s.p[i];

		if (c < 0x20 || c > 0x7e || c == '\\')
			printf("\\x%02x", c);
		else
			putchar(c);
	}
}

static void print_received(struct arena *a, struct str line)
{
	struct relay r;
	struct str scanner = STR_NONE;

	switch (received_parse(a, line, &r, &scanner)) {
	case RECEIVED_RELAY:
		print_escaped(relay_to_text(a, &r));
		printf(" private=%d nordns=%d envfrom=%d", r.ip_private,
		       r.no_reverse_dns, r.envfrom.p != NULL);
		break;
	case RECEIVED_IGNORED:
		printf(scanner.p ? "ignored " : "ignored");
		print_escaped(scanner);
		break;
	case RECEIVED_FETCHED:
		printf("fetched");
		break;
	case RECEIVED_UNPARSEABLE:
		printf("unparseable");
		break;
	}
	putchar('\n');
}

int main(int argc, char **argv)
{
	struct arena *a = arena_new();
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;

	if (argc != 2)
		return 2;
	while ((n = getline(&line, &cap, stdin)) >= 0) {
		struct str s = str_make(line, n);
		time_t t;

		if (str_ends(s, STR("\n")))
			s.n--;
		s = unescape(a, s);
		if (strcmp(argv[1], "date") != 0)
			print_received(a, s);
		else if (date_parse(s, &t))
			printf("%lld\n", (long long)t);
		else
			puts("none");
		arena_reset(a);
	}
	return 0;
}
