/*
 * mekiki masscheck LIST: a line a message, `path TAB score TAB rules TAB
 * subrules`, in the order of the list whatever -j says. Process k of N takes
 * every N-th message; one that dies costs that message only, is named, and is
 * replaced.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "cli/asker.h"
#include "cli/commands.h"
#include "cli/input.h"
#include "cli/memory.h"
#include "cli/options.h"
#include "cli/runner.h"
#include "scan/engine.h"

struct mass_options {
	struct common_options common;
	bool subrules, remember, by_date;
	int jobs;
};

struct job {
	pid_t pid;
	FILE *from;
};

struct mass {
	struct mass_options *opt;
	struct engine *engine;
	struct strs paths;
	struct job *jobs;
	size_t njobs;
	size_t failed;
	struct scan_options scan;	/* in a job's process */
	struct cli_memory memory;
};

/* The finished line of one message; a message that cannot be read gives a
 * line with an empty score, and a word on stderr. */
static void print_line(struct mass *m, struct arena *a, struct buf *raw,
		       struct str path, FILE *to)
{
	struct err err;
	struct scan *s;
	struct str rules;

	raw->n = 0;
	raw->full = false;
	if (input_read(path.p, raw, &err) < 0) {
		log_error("%s", err.text);
		fprintf(to, "%.*s\t\t%s\n", STR_ARG(path),
			m->opt->subrules ? "\t" : "");
		return;
	}
	s = scan_message(m->engine, a, buf_str(raw), &m->scan);
	rules = strs_join(a, scan_tests(s), STR(","));
	fprintf(to, "%.*s\t%.3f\t%.*s", STR_ARG(path), scan_score(s),
		STR_ARG(rules));
	if (m->opt->subrules) {
		rules = strs_join(a, scan_subtests(s), STR(","));
		fprintf(to, "\t%.*s", STR_ARG(rules));
	}
	fputc('\n', to);
}

static void run_job(struct mass *m, size_t first, FILE *to)
{
	struct arena *a = arena_new(), *own = arena_new();
	struct buf raw;

	m->scan.asker = cli_asker(m->engine, own);
	m->scan.runner = cli_runner(m->engine, own);
	if (m->opt->remember)
		cli_memory_for_scan(m->engine, own, m->opt->common.state_dir,
				    &m->memory, &m->scan);
	m->scan.teach = m->opt->remember;
	m->scan.by_date = m->opt->by_date;
	buf_init(&raw, LIMIT_MESSAGE);
	for (size_t i = first; i < m->paths.n; i += m->njobs) {
		print_line(m, a, &raw, m->paths.v[i], to);
		fflush(to);
		arena_reset(a);
	}
	buf_free(&raw);
	arena_free(&a);
	arena_free(&own);
}

/* Starts job k at message `first`. */
static int start_job(struct mass *m, size_t k, size_t first)
{
	struct job *j = &m->jobs[k];
	int fd[2];

	if (pipe(fd) < 0)
		return -1;
	fflush(stdout);
	j->pid = fork();
	if (j->pid < 0)
		return -1;
	if (j->pid == 0) {
		FILE *to = fdopen(fd[1], "w");

		close(fd[0]);
		if (to)
			run_job(m, first, to);
		_exit(to && fclose(to) == 0 ? 0 : 1);
	}
	close(fd[1]);
	j->from = fdopen(fd[0], "r");
	return j->from ? 0 : -1;
}

static void end_job(struct job *j)
{
	if (j->from)
		fclose(j->from);
	j->from = NULL;
	if (j->pid > 0)
		waitpid(j->pid, NULL, 0);
	j->pid = 0;
}

/* Copies the line of message i to stdout. */
static int pass_line(struct mass *m, size_t i, char **line, size_t *cap)
{
	size_t k = i % m->njobs;
	ssize_t n = getline(line, cap, m->jobs[k].from);

	if (n > 0 && (*line)[n - 1] == '\n') {
		fwrite(*line, 1, (size_t)n, stdout);
		return 0;
	}
	log_error("%.*s: the process that scored it died",
		  STR_ARG(m->paths.v[i]));
	printf("%.*s\t\t%s\n", STR_ARG(m->paths.v[i]),
	       m->opt->subrules ? "\t" : "");
	m->failed++;
	end_job(&m->jobs[k]);
	return start_job(m, k, i + m->njobs);
}

static int run(struct mass *m)
{
	char *line = NULL;
	size_t cap = 0;
	int rc = 0;

	/* Whoever reads along sees a line as soon as it is there. */
	setvbuf(stdout, NULL, _IOLBF, 0);
	m->njobs = m->opt->jobs > 0 ? (size_t)m->opt->jobs : 1;
	m->jobs = xcalloc(m->njobs, sizeof(*m->jobs));
	for (size_t k = 0; k < m->njobs && rc == 0; k++)
		rc = start_job(m, k, k);
	for (size_t i = 0; i < m->paths.n && rc == 0; i++)
		rc = pass_line(m, i, &line, &cap);
	if (rc < 0)
		log_error("cannot start a process: %s", strerror(errno));
	for (size_t k = 0; k < m->njobs; k++)
		end_job(&m->jobs[k]);
	free(line);
	xfree(m->jobs);
	return rc < 0 ? 71 : m->failed ? 1 : 0;
}

static void read_list(struct mass *m, struct arena *a, struct str list)
{
	struct str line;

	while (str_next_line(&list, &line)) {
		line = str_rtrim(line);
		if (line.n)
			strs_add(a, &m->paths, str_dup(a, line));
	}
}

int cmd_masscheck(int argc, char **argv)
{
	struct mass_options o = { .jobs = 1 };
	const struct option_row rows[] = {
		{ "subrules", 0, OPT_FLAG, &o.subrules, NULL,
		  "A fourth column: the subrules that hit." },
		{ "remember", 0, OPT_FLAG, &o.remember, NULL,
		  "Ask what is remembered, and let it learn from each verdict." },
		{ "by-date", 0, OPT_FLAG, &o.by_date, NULL,
		  "With --remember: the clock stands at each message's date." },
		{ "jobs", 'j', OPT_INT, &o.jobs, "N",
		  "Score in N processes." },
		{ NULL, 0, OPT_FLAG, NULL, NULL, NULL },
	};
	const struct option_row *common = common_option_rows(&o.common);
	struct mass m = { .opt = &o };
	struct arena *a;
	struct buf list;
	struct err err;
	int n = options_parse(argc, argv, common, rows, &err), code;

	if (o.common.help) {
		printf("Usage: mekiki masscheck [OPTIONS] LIST\n"
		       "LIST holds a path a line ('-': standard input).\n");
		options_help(stdout, rows);
		options_help(stdout, common);
		return 0;
	}
	if (n != 1) {
		log_error("%s", n < 0 ? err.text : "expected one LIST");
		return EXIT_USE;
	}
	common_options_apply(&o.common);
	buf_init(&list, (size_t)1 << 30);
	if (input_read(argv[0], &list, &err) < 0) {
		log_error("%s", err.text);
		buf_free(&list);
		return EXIT_NOINPUT;
	}
	a = arena_new();
	read_list(&m, a, buf_str(&list));
	m.engine = engine_load(&o.common.load);
	code = run(&m);
	engine_free(&m.engine);
	buf_free(&list);
	arena_free(&a);
	return code;
}
