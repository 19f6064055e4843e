/*
 * Prints what selectors give, in the form of sa_selectors.pl (see there), for
 * comparison:
 *
 *   selector_dump SELECTORS LIST
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/log.h"
#include "conf/ruleset.h"
#include "mail/message.h"
#include "match/selector.h"

static struct str read_file(struct arena *a, const char *path)
{
	FILE *f = fopen(path, "r");
	struct buf b;
	char *room;
	size_t n;

	if (!f) {
		perror(path);
		exit(1);
	}
	buf_in(&b, a, LIMIT_MESSAGE);
	while ((room = buf_room(&b, 65536)) &&
	       (n = fread(room, 1, 65536, f)) > 0)
		b.n += n;
	fclose(f);
	return buf_str(&b);
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

static void dump(struct arena *a, const struct mail_settings *ms,
		 struct str selectors, struct str path)
{
	struct str raw = read_file(a, str_dup(a, path).p);
	struct message *m = message_parse(a, ms, raw);
	struct str line;

	printf("message ");
	print_escaped(path);
	putchar('\n');
	while (str_next_line(&selectors, &line)) {
		struct str text;

		line = str_trim(line);
		text = selector_get_text(m, line);
		fwrite(line.p, 1, line.n, stdout);
		if (text.p) {
			putchar('\t');
			print_escaped(text);
		}
		putchar('\n');
	}
}

int main(int argc, char **argv)
{
	struct arena *a = arena_new(), *one = arena_new();
	struct load_options opt = {
		.rules_dir = "/usr/share/spamassassin",
		.site_dir = "/etc/spamassassin", .local_only = true,
	};
	struct str selectors, paths, path;
	struct ruleset *rs;

	if (argc != 3) {
		fprintf(stderr, "usage: %s SELECTORS LIST\n", argv[0]);
		return 2;
	}
	rs = ruleset_load(a, &opt);
	selectors = read_file(a, argv[1]);
	paths = read_file(a, argv[2]);
	while (str_next_line(&paths, &path)) {
		dump(one, &rs->site->mail, selectors, str_trim(path));
		arena_reset(one);
	}
	arena_free(&one);
	arena_free(&a);
	return 0;
}
