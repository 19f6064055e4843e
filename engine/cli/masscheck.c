/*
 * mekiki masscheck LIST or PLACE...: a line a message, `path TAB score TAB rules
 * TAB subrules`, in the order of the list whatever -j says. Process k of N takes
 * every N-th message; one that dies costs that message only, is named, and is
 * replaced. Who waits at a terminal sees a bar.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/mem.h"
#include "cli/asker.h"
#include "cli/commands.h"
#include "cli/input.h"
#include "cli/memory.h"
#include "cli/messages.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "cli/runner.h"
#include "scan/engine.h"

struct mass_options {
	struct common_options common;
	bool subrules, remember, by_date, bar;
	const char *format;	/* "mbox", "mbx"; NULL: files and folders */
	int jobs;
};

struct job {
	pid_t pid;
	FILE *from;
};

struct mass {
	struct mass_options *opt;
	struct engine *engine;
	struct arena *arena;
	struct message_items items;
	struct progress progress;
	struct job *jobs;
	size_t njobs;
	size_t failed;
	struct scan_options scan;	/* in a job's process */
	struct cli_memory memory;
};

/* A message that was not scored: a line with an empty score. */
static void print_none(const struct mass *m, struct str name, FILE *to)
{
	fprintf(to, "%.*s\t\t%s\n", STR_ARG(name),
		m->opt->subrules ? "\t" : "");
}

/* The finished line of one message. */
static void print_line(struct mass *m, struct arena *a, struct buf *raw,
		       const struct message_item *item, FILE *to)
{
	struct str name = message_item_name(a, item), rules;
	struct scan *s;

	if (!messages_read(item, 0, raw)) {
		log_error("%.*s: it cannot be read", STR_ARG(name));
		print_none(m, name, to);
		return;
	}
	s = scan_message(m->engine, a, buf_str(raw), &m->scan);
	rules = strs_join(a, scan_tests(s), STR(","));
	fprintf(to, "%.*s\t%.3f\t%.*s", STR_ARG(name), scan_score(s),
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
	buf_init(&raw, 0);
	for (size_t i = first; i < m->items.n; i += m->njobs) {
		print_line(m, a, &raw, &m->items.v[i], to);
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
	struct str name;

	if (n > 0 && (*line)[n - 1] == '\n') {
		fwrite(*line, 1, (size_t)n, stdout);
		return 0;
	}
	name = message_item_name(m->arena, &m->items.v[i]);
	log_error("%.*s: the process that scored it died", STR_ARG(name));
	print_none(m, name, stdout);
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
	progress_begin(&m->progress, m->opt->bar ? PROGRESS_BAR :
		       PROGRESS_NONE, m->items.n);
	for (size_t i = 0; i < m->items.n && rc == 0; i++) {
		rc = pass_line(m, i, &line, &cap);
		progress_step(&m->progress, false);
	}
	progress_end(&m->progress);
	if (rc < 0)
		log_error("cannot start a process: %s", strerror(errno));
	for (size_t k = 0; k < m->njobs; k++)
		end_job(&m->jobs[k]);
	free(line);
	xfree(m->jobs);
	return rc < 0 ? 71 : m->failed ? 1 : 0;
}

/* A list: a path a line. A folder in it means its messages. */
static int read_list(struct mass *m, const char *path, struct err *err)
{
	struct str rest, line;
	struct stat st;
	struct buf list;

	buf_init(&list, (size_t)1 << 30);
	if (input_read(path, &list, err) < 0) {
		buf_free(&list);
		return -1;
	}
	rest = buf_str(&list);
	while (str_next_line(&rest, &line)) {
		line = str_dup(m->arena, str_rtrim(line));
		if (line.n && stat(line.p, &st) == 0 && S_ISDIR(st.st_mode))
			messages_find(&m->items, false, FORMAT_DIR, line);
		else if (line.n)
			messages_add(&m->items, line.p);
	}
	buf_free(&list);
	return 0;
}

/* A folder, an mbox file (which --mbox or its name tells), or a list. */
static int find(struct mass *m, const char *operand, struct err *err)
{
	enum message_format format = FORMAT_DETECT;
	struct str place = str_cstr(operand);
	struct stat st;

	if (m->opt->format)
		message_format_named(str_cstr(m->opt->format), &format);
	else if ((stat(operand, &st) < 0 || !S_ISDIR(st.st_mode)) &&
		 str_ifind(place, STR(".mbox")) < 0)
		return read_list(m, operand, err);
	messages_find(&m->items, false, format, place);
	return 0;
}

static int find_all(struct mass *m, char **operands, int n)
{
	struct err err;

	if (messages_begin(m->arena, engine_rules(m->engine)->site, &m->items,
			   &err) < 0) {
		log_error("%s", err.text);
		return -1;
	}
	for (int i = 0; i < n; i++)
		if (find(m, operands[i], &err) < 0) {
			log_error("%s", err.text);
			return -1;
		}
	return 0;
}

static int usage(const struct option_row *rows,
		 const struct option_row *common)
{
	printf("Usage: mekiki masscheck [OPTIONS] LIST|PLACE...\n"
	       "LIST holds a path a line ('-': standard input); a PLACE is a "
	       "folder or an mbox file.\n");
	options_help(stdout, rows);
	options_help(stdout, common);
	return 0;
}

/* A bar for whoever waits at a terminal that the lines do not go to. */
static bool wants_bar(void)
{
	return isatty(STDERR_FILENO) && !isatty(STDOUT_FILENO);
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
		{ "mbox", 0, OPT_WORD, &o.format, "mbox",
		  "The operands are mbox files." },
		{ "mbx", 0, OPT_WORD, &o.format, "mbx",
		  "The operands are mbx files." },
		{ "progress", 0, OPT_FLAG, &o.bar, NULL,
		  "Show a bar (a terminal does so anyway)." },
		{ NULL, 0, OPT_FLAG, NULL, NULL, NULL },
	};
	const struct option_row *common = common_option_rows(&o.common);
	struct mass m = { .opt = &o };
	struct err err;
	int n = options_parse(argc, argv, common, rows, &err), code;

	if (o.common.help)
		return usage(rows, common);
	if (n < 1) {
		log_error("%s", n < 0 ? err.text : "expected a LIST or PLACE");
		return EXIT_USE;
	}
	common_options_apply(&o.common);
	o.bar |= wants_bar();
	m.arena = arena_new();
	m.engine = engine_load(&o.common.load);
	code = find_all(&m, argv, n) < 0 ? EXIT_NOINPUT : run(&m);
	engine_free(&m.engine);
	arena_free(&m.arena);
	return code;
}
