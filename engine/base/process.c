/*
 * Children; see process.h.
 */
#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"

/* Nothing of the program's is read or written, and its numbers stay taken. */
static void silence(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0)
		return;
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	close(null);
}

void process_keep_only(const char *name, int fd)
{
	prctl(PR_SET_NAME, name);
	if (fd > 3)
		close_range(3, (unsigned)fd - 1, 0);
	close_range((unsigned)fd + 1, ~0U, 0);
	silence();
}

int process_spawn(const char *name, void (*run)(void *ctx, int fd), void *ctx,
		  pid_t *pid_r, struct err *err)
{
	int ends[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return err_set(err, "socketpair: %s", strerror(errno));
	pid = fork();
	if (pid == 0) {
		process_keep_only(name, ends[1]);
		run(ctx, ends[1]);
		_exit(70);
	}
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		return err_set(err, "fork: %s", strerror(errno));
	}
	if (pid_r)
		*pid_r = pid;
	return ends[0];
}

struct owned {
	pid_t pid, owner;
	int fd;
};

static void end(void *obj)
{
	struct owned *o = obj;

	close(o->fd);
	if (o->owner == getpid())
		waitpid(o->pid, NULL, 0);
}

void process_end_with(struct arena *a, pid_t pid, int fd)
{
	struct owned *o = arena_alloc(a, sizeof(*o));

	*o = (struct owned){ .pid = pid, .owner = getpid(), .fd = fd };
	arena_on_free(a, end, o);
}
