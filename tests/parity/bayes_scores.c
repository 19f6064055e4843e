/*
 * What Bayes says of messages, to the last digit: for `make bayes-parity`,
 * which compares it with the real SpamAssassin. Prints, for each path of LIST,
 * path TAB probability ("-" if there is none) TAB rules that hit.
 *
 *   bayes_scores RULES_DIR SITE_DIR LIST [LINE...]
 *
 * LINEs are lines of configuration.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "redis/memory.h"
#include "scan/scan_int.h"

static int read_file(const char *path, struct buf *out)
{
	int fd = open(path, O_RDONLY);
	ssize_t n = -1;
	char *room;

	out->n = 0;
	while (fd >= 0 && (room = buf_room(out, 1 << 16)) &&
	       (n = read(fd, room, 1 << 16)) > 0)
		out->n += (size_t)n;
	if (fd >= 0)
		close(fd);
	return n == 0 ? 0 : -1;
}

static void score(const struct engine *e, struct arena *a,
		  const struct scan_options *opt, const char *path,
		  struct buf *raw)
{
	struct scan *s;
	struct str tests;

	if (read_file(path, raw) < 0) {
		printf("%s\tunreadable\t\n", path);
		return;
	}
	s = scan_message(e, a, buf_str(raw), opt);
	tests = strs_join(a, scan_tests(s), STR(","));
	if (s->memory.state != MEMORY_KNOWN)
		printf("%s\twithout memory: %.*s", path,
		       STR_ARG(s->memory.why));
	else if (s->memory.bayes.has)
		printf("%s\t%.15g", path, s->memory.bayes.probability);
	else
		printf("%s\t-", path);
	printf("\t%.*s\n", STR_ARG(tests));
}

int main(int argc, char **argv)
{
	struct load_options load = { .local_only = true, .lang = "C" };
	struct scan_options opt = { 0 };
	struct memory_settings ms;
	struct arena *a = arena_new(), *own = arena_new();
	struct engine *e;
	struct err err;
	struct buf raw;
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	pid_t pid;
	FILE *list;
	int fd;

	if (argc < 4) {
		fprintf(stderr, "bayes_scores RULES SITE LIST [LINE...]\n");
		return 64;
	}
	load.rules_dir = argv[1];
	load.site_dir = argv[2];
	load.cf_lines = (const char *const *)argv + 4;
	list = fopen(argv[3], "r");
	e = engine_load(&load);
	memory_settings_read(own, engine_rules(e)->site, NULL, &ms);
	fd = memory_spawn(&ms, &pid, &err);
	if (!list || fd < 0) {
		fprintf(stderr, "%s\n", list ? err.text : argv[3]);
		return 1;
	}
	opt.memory = memory_client_new(own, fd);
	opt.memory_settings = &ms;
	buf_init(&raw, LIMIT_MESSAGE);
	while ((n = getline(&line, &cap, list)) > 0) {
		line[n - 1] = '\0';
		score(e, a, &opt, line, &raw);
		arena_reset(a);
	}
	free(line);
	fclose(list);
	buf_free(&raw);
	close(fd);
	waitpid(pid, NULL, 0);
	arena_free(&own);
	arena_free(&a);
	engine_free(&e);
	return 0;
}
