/*
 * Takes the markup off many messages: for each pair of lines on standard input,
 * a message's path and where to, the second file gets what message_unmarked()
 * makes of the first.
 */
#include <stdio.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "scan/engine.h"

static bool read_all(const char *path, struct buf *out)
{
	char piece[65536];
	FILE *in = fopen(path, "rb");
	size_t n;

	if (!in)
		return false;
	while ((n = fread(piece, 1, sizeof(piece), in)) > 0)
		buf_add(out, piece, n);
	fclose(in);
	return true;
}

static bool write_all(const char *path, struct str text)
{
	FILE *out = fopen(path, "wb");
	bool fine;

	if (!out)
		return false;
	fine = fwrite(text.p, 1, text.n, out) == text.n;
	return fclose(out) == 0 && fine;
}

static int unmark(const char *from, const char *to)
{
	struct arena *a = arena_new();
	struct buf raw;
	int result = -1;

	buf_init(&raw, LIMIT_MESSAGE + ((size_t)16 << 20));
	if (!read_all(from, &raw))
		perror(from);
	else if (!write_all(to, message_unmarked(a, buf_str(&raw))))
		perror(to);
	else
		result = 0;
	buf_free(&raw);
	arena_free(&a);
	return result;
}

/* A line without its end, or false. */
static bool get_line(char *line, size_t size)
{
	size_t n;

	if (!fgets(line, (int)size, stdin))
		return false;
	n = strcspn(line, "\n");
	line[n] = '\0';
	return true;
}

int main(void)
{
	char from[4096], to[4096];

	while (get_line(from, sizeof(from)) && get_line(to, sizeof(to)))
		if (unmark(from, to) < 0)
			return 1;
	return 0;
}
