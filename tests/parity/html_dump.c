/*
 * What html_parse makes of HTML, in the form of sa_html.pl, to be compared
 * with diff. Arguments as there:
 *
 *   html_dump [-u|-8] FILE...     or "-" for names of files on stdin
 *
 * html_compare.sh runs both over the HTML of a folder of mail.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "html_print.h"

static void dump_file(struct arena *a, const char *name,
		      enum html_input input)
{
	FILE *f = fopen(name, "rb");
	char chunk[65536];
	struct buf in, out;
	size_t n;

	if (!f) {
		fprintf(stderr, "%s: %s\n", name, strerror(errno));
		exit(1);
	}
	buf_in(&in, a, (size_t)1 << 30);
	buf_in(&out, a, (size_t)1 << 30);
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		buf_add(&in, chunk, n);
	fclose(f);
	html_print(&out, a, html_parse(a, buf_str(&in), input), false);
	printf("FILE %s\n", name);
	fwrite(out.p, 1, out.n, stdout);
	arena_reset(a);
}

int main(int argc, char **argv)
{
	struct arena *a = arena_new();
	char name[4096];
	enum html_input input = HTML_LATIN1;

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "-u")) {
			input = HTML_DECODED;
		} else if (!strcmp(argv[i], "-8")) {
			input = HTML_UTF8_OCTETS;
		} else if (strcmp(argv[i], "-") != 0) {
			dump_file(a, argv[i], input);
		} else {
			while (fgets(name, sizeof(name), stdin)) {
				name[strcspn(name, "\n")] = 0;
				dump_file(a, name, input);
			}
		}
	}
	arena_free(&a);
	return 0;
}
