/*
 * One run of a program; see runner_int.h.
 *
 * A program gets a folder of its own as its working directory and TMPDIR, with
 * the input in a file of it, so that whatever it leaves behind goes with the
 * folder. It leads a process group. When a run is over, its group is killed
 * before its leader is waited for, since only until then nobody else can have
 * that number.
 */
#include "net/runner_int.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/limits.h"

/* What a program takes over of our environment. SpamAssassin passes all of it,
 * but programs' names, homes and languages are what these need. */
static const char *const inherited[] = {
	"PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "LC_CTYPE", "TZ",
};

#define ENVIRONMENT_MAX 64
#define ARGUMENTS_MAX 256

/* Everything that the child needs, made before the fork: afterwards it only
 * makes system calls. */
struct launch {
	char *argv[ARGUMENTS_MAX + 1];
	char *envp[ENVIRONMENT_MAX + 1];
	int in, out, errors;
};

static char *text_of(struct arena *a, struct str s)
{
	return arena_strndup(a, s.p ? s.p : "", s.n);
}

static int remove_one(const char *path, const struct stat *st, int kind,
		      struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	remove(path);
	return 0;
}

void run_remove_folder(const char *folder, bool keep)
{
	nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
	if (keep)
		mkdir(folder, 0700);
}

static bool write_all(int fd, const char *p, size_t n)
{
	while (n) {
		ssize_t done = write(fd, p, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return false;
		p += done;
		n -= (size_t)done;
	}
	return true;
}

/* The client may write to what it passed at any time, so a program gets a
 * copy. */
static bool copy_input(int from, size_t size, const char *path)
{
	char part[65536];
	int to = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	size_t at = 0;
	bool good = to >= 0;

	while (good && at < size) {
		size_t want = size - at < sizeof(part) ? size - at :
			      sizeof(part);
		ssize_t n = pread(from, part, want, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		good = n > 0 && write_all(to, part, (size_t)n);
		at += good ? (size_t)n : 0;
	}
	if (to >= 0)
		close(to);
	return good;
}

/* The number of a parameter that arg stands for; -1: it is none. */
static int param_of(const struct program *p, struct str arg)
{
	int n = arg.n == 3 && arg.p[0] == '{' && arg.p[2] == '}' ?
		arg.p[1] - '1' : -1;

	return n >= 0 && n < (int)p->params ? n : -1;
}

static char *with_input(struct arena *a, struct str arg, const char *path)
{
	ssize_t at = str_find(arg, STR("{}"));

	if (at < 0)
		return text_of(a, arg);
	return text_of(a, str_printf(a, "%.*s%s%.*s", (int)at, arg.p, path,
				     STR_ARG(str_from(arg, (size_t)at + 2))));
}

static void make_arguments(struct run *r, const char *path, struct launch *l)
{
	const struct strs *argv = &r->program->argv;
	size_t n = 0;

	for (size_t i = 0; i < argv->n && n < ARGUMENTS_MAX; i++) {
		int param = param_of(r->program, argv->v[i]);

		if (param < 0)
			l->argv[n++] = with_input(r->arena, argv->v[i], path);
		else if ((size_t)param < r->params.n && r->params.v[param].n)
			l->argv[n++] = text_of(r->arena, r->params.v[param]);
	}
	l->argv[n] = NULL;
}

static void make_environment(struct run *r, struct launch *l)
{
	const struct strs *env = &r->program->env;
	struct arena *a = r->arena;
	size_t n = 0;

	for (size_t i = 0; i < env->n && n < ENVIRONMENT_MAX / 2; i++)
		l->envp[n++] = text_of(a, env->v[i]);
	for (size_t i = 0; i < sizeof(inherited) / sizeof(*inherited); i++) {
		const char *v = getenv(inherited[i]);

		if (v)
			l->envp[n++] = text_of(a, str_printf(a, "%s=%s",
							     inherited[i], v));
	}
	l->envp[n++] = text_of(a, str_printf(a, "TMPDIR=%s", r->folder));
	l->envp[n] = NULL;
}

static void limit(int what, rlim_t n)
{
	const struct rlimit l = { n, n };

	setrlimit((__rlimit_resource_t)what, &l);
}

static void limit_resources(const struct program *p)
{
	limit(RLIMIT_CPU, (rlim_t)p->timeout + 2);
	limit(RLIMIT_AS, LIMIT_PROGRAM_MEMORY);
	limit(RLIMIT_FSIZE, LIMIT_PROGRAM_FILE);
	limit(RLIMIT_NOFILE, LIMIT_PROGRAM_FILES);
	limit(RLIMIT_CORE, 0);
}

static void give_up(const char *what, const char *why)
{
	char text[512];
	int n = snprintf(text, sizeof(text), "%s: %s\n", what, why);

	if (n > 0)
		write_all(STDERR_FILENO, text,
			  (size_t)n < sizeof(text) ? (size_t)n :
			  sizeof(text) - 1);
	_exit(127);
}

/* In the child. */
static void become(const struct runner_settings *s, const struct run *r,
		   const struct launch *l, pid_t runner)
{
	sigset_t none;

	setpgid(0, 0);
	dup2(l->in, STDIN_FILENO);
	dup2(l->out, STDOUT_FILENO);
	dup2(l->errors, STDERR_FILENO);
	close_range(3, ~0U, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (getppid() != runner)
		_exit(127);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	umask(077);
	if (chdir(r->folder) < 0)
		give_up(r->folder, strerror(errno));
	limit_resources(r->program);
	if (s->fence && !s->fence(r->program))
		give_up(l->argv[0], "cannot be fenced");
	execvpe(l->argv[0], l->argv, l->envp);
	give_up(l->argv[0], strerror(errno));
}

/* The reading end; the writing end is *theirs_r. */
static int make_pipe(int *theirs_r)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	*theirs_r = ends[1];
	return ends[0];
}

static bool make_folder(const struct runner_settings *s, struct run *r,
			const char **input_r)
{
	static uint64_t number;
	struct arena *a = r->arena;

	r->folder = text_of(a, str_printf(a, "%s/%llu", s->folder,
					  (unsigned long long)++number));
	*input_r = text_of(a, str_printf(a, "%s/input", r->folder));
	return mkdir(r->folder, 0700) == 0 &&
	       copy_input(r->input, r->size, *input_r);
}

static void close_end(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static bool fork_it(const struct runner_settings *s, struct run *r,
		    struct launch *l)
{
	pid_t runner = getpid();

	r->out = make_pipe(&l->out);
	r->errors = make_pipe(&l->errors);
	if (l->in < 0 || r->out < 0 || r->errors < 0)
		return false;
	r->pid = fork();
	if (r->pid == 0)
		become(s, r, l, runner);
	if (r->pid < 0) {
		r->pid = 0;
		return false;
	}
	/* Both sides do this, so that it is done whoever runs first. */
	setpgid(r->pid, r->pid);
	r->pidfd = (int)syscall(SYS_pidfd_open, r->pid, 0);
	return r->pidfd >= 0;
}

bool run_start(const struct runner_settings *s, struct run *r, struct err *err)
{
	struct launch l = { .in = -1, .out = -1, .errors = -1 };
	const struct program *p = r->program;
	const char *input;
	bool good;

	buf_init(&r->text, p->max_output && p->max_output < RUNNER_OUTPUT_MAX ?
			   p->max_output : RUNNER_OUTPUT_MAX);
	buf_init(&r->error_text, RUNNER_ERRORS_MAX);
	if (!make_folder(s, r, &input)) {
		err_set(err, "%s: %s", r->folder, strerror(errno));
		return false;
	}
	close_end(&r->input);
	make_arguments(r, input, &l);
	make_environment(r, &l);
	l.in = open(p->use_stdin ? input : "/dev/null", O_RDONLY | O_CLOEXEC);
	good = fork_it(s, r, &l);
	if (!good)
		err_set(err, "%s: %s", l.argv[0], strerror(errno));
	close_end(&l.in);
	close_end(&l.out);
	close_end(&l.errors);
	return good;
}

/* What does not fit is read and dropped: the program may write on, and its
 * exit code is to be its own. */
static void drain(int *fd, struct buf *b, uint64_t *total)
{
	char part[65536];
	ssize_t n;

	/* Not for ever: others want to be read, too. */
	for (int i = 0; *fd >= 0 && i < 16; i++) {
		n = read(*fd, part, sizeof(part));
		if (n > 0) {
			buf_add(b, part, (size_t)n);
			if (total)
				*total += (uint64_t)n;
		} else if (n == 0) {
			close_end(fd);
		} else if (errno != EINTR) {
			break;
		}
	}
}

static void note_end(struct run *r)
{
	siginfo_t info = { .si_pid = 0 };

	if (r->pidfd < 0 ||
	    waitid(P_PID, (id_t)r->pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0
	    || !info.si_pid)
		return;
	/* What it has written before is in the pipes by now. */
	close_end(&r->pidfd);
}

/* Who still holds its standard error after its end has nothing to say. */
bool run_read(struct run *r)
{
	drain(&r->out, &r->text, &r->total);
	note_end(r);
	drain(&r->errors, &r->error_text, NULL);
	return r->out < 0 && r->pidfd < 0;
}

void run_stop(struct run *r)
{
	if (r->pid) {
		kill(-r->pid, SIGKILL);
		kill(r->pid, SIGKILL);
		while (waitpid(r->pid, &r->status, 0) < 0 && errno == EINTR)
			;
		r->pid = 0;
	}
	close_end(&r->pidfd);
	close_end(&r->out);
	close_end(&r->errors);
	close_end(&r->input);
	if (r->folder)
		run_remove_folder(r->folder, false);
	r->folder = NULL;
}
