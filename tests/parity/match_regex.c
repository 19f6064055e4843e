/*
 * What mekiki's regexes match, in the format of `sa_regex.pl --match`, so that
 * the two can be compared line by line: every stock regex, as SpamAssassin has
 * it after ReplaceTags, asked of every string.
 *
 *	match_regex DUMP STRINGS [--all]
 *
 * DUMP is the output of `sa_regex.pl --dump`, STRINGS has one escaped string a
 * line. A regex that is refused, and a match that gave up, are told on standard
 * error; the exit status is 1 if there was any.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "match/regex.h"

/* As --all of sa_regex.pl. */
#define MATCHES_MAX 100

struct named {
	struct str name;
	struct regex *re;
};

static int faults;

static struct str read_file(struct arena *a, const char *path)
{
	FILE *f = fopen(path, "rb");
	long size;
	char *text;

	if (!f || fseek(f, 0, SEEK_END) || (size = ftell(f)) < 0) {
		perror(path);
		exit(2);
	}
	rewind(f);
	text = arena_text(a, size + 1);
	if (fread(text, 1, size, f) != (size_t)size) {
		perror(path);
		exit(2);
	}
	fclose(f);
	return str_make(text, size);
}

/* Takes back the \xNN of both files. */
static struct str unescape(struct arena *a, struct str s)
{
	char *out = arena_text(a, s.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\\' && i + 3 < s.n && s.p[i + 1] == 'x') {
			out[n++] = hex_value((unsigned char)s.p[i + 2]) * 16 +
				   hex_value((unsigned char)s.p[i + 3]);
			i += 3;
		} else {
			out[n++] = s.p[i];
		}
	}
	return str_make(out, n);
}

/* A regex with a capture template is not for matching: %{NAME}, whose braces
 * SpamAssassin has escaped by now. */
static bool has_template(struct str pattern)
{
	return str_find(pattern, STR("%\\{")) >= 0;
}

static size_t read_dump(struct arena *a, struct str dump, struct named **out_r)
{
	struct named *v = NULL;
	size_t n = 0, cap = 0;
	struct str line;

	while (str_next(&dump, '\n', &line)) {
		struct str field[4], pattern;
		struct err err = { 0 };
		size_t k = 0;

		while (k < 4 && str_next(&line, '\t', &field[k]))
			k++;
		if (k < 4)
			continue;
		pattern = unescape(a, field[3]);
		if (has_template(pattern))
			continue;
		v = arena_grow(a, v, n, &cap, sizeof(*v));
		v[n].name = field[0];
		v[n].re = regex_compile(a, pattern, field[2], &err);
		if (v[n].re) {
			n++;
			continue;
		}
		fprintf(stderr, "%.*s: refused: %s\n", STR_ARG(field[0]),
			err.text);
		faults++;
	}
	*out_r = v;
	return n;
}

static void ask(const struct named *r, long number, struct str text, int left)
{
	struct regex_match m;
	size_t start = 0;

	while (left-- > 0 && start <= text.n) {
		int found = regex_search(r->re, text, start, &m);
		size_t at, end;

		if (found < 0) {
			fprintf(stderr, "%.*s: gave up on string %ld\n",
				STR_ARG(r->name), number);
			faults++;
		}
		if (found <= 0)
			return;
		at = m.group[0].p - text.p;
		end = at + m.group[0].n;
		printf("%.*s\t%ld\t%zu\t%zu\n", STR_ARG(r->name), number, at,
		       end);
		start = end;
		/* Perl goes on with what is not the same empty match again;
		 * what follows one is not compared. */
		if (at == end)
			return;
	}
}

int main(int argc, char **argv)
{
	struct arena *a = arena_new();
	struct named *regexes;
	struct str strings, line;
	size_t n;
	long number = 0;
	int left = 1;

	if (argc == 4 && strcmp(argv[3], "--all") == 0) {
		left = MATCHES_MAX;
	} else if (argc != 3) {
		fprintf(stderr, "usage: %s DUMP STRINGS [--all]\n", argv[0]);
		return 2;
	}
	n = read_dump(a, read_file(a, argv[1]), &regexes);
	strings = read_file(a, argv[2]);
	while (strings.n && str_next(&strings, '\n', &line)) {
		struct arena *scratch = arena_new();
		struct str text = unescape(scratch, line);

		for (size_t i = 0; i < n; i++)
			ask(&regexes[i], number, text, left);
		arena_free(&scratch);
		number++;
	}
	arena_free(&a);
	return faults ? 1 : 0;
}
