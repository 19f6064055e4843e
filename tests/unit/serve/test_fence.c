/*
 * What a fenced worker can and cannot do, tried in a child each: compute, read
 * the system's files, speak over descriptors it has; not write files, not read
 * others, and it dies of sockets, programs and signals to others. The asker
 * may use the network, threads and the system's settings, and no more.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <iconv.h>
#include <linux/landlock.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/limits.h"
#include "serve/fence.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

/* Each returns 0 if it could do what it tried. */

static int do_compute(void)
{
	char *p = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fd = memfd_create("x", MFD_CLOEXEC);

	return p == MAP_FAILED || fd < 0 || write(fd, "x", 1) != 1;
}

static int do_iconv(void)
{
	/* A charset whose table is a file of its own. */
	iconv_t cd = iconv_open("UTF-8", "EUC-KR");

	return cd == (iconv_t)-1;
}

static int do_read_other(void)
{
	return open("/etc/passwd", O_RDONLY) < 0;
}

static int do_write_file(void)
{
	return open("/tmp/mekiki-fence-test", O_WRONLY | O_CREAT, 0600) < 0;
}

static int do_socket(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) < 0;
}

static int do_exec(void)
{
	return execl("/bin/true", "true", (char *)NULL);
}

static int do_kill(void)
{
	return kill(getppid(), 0) < 0;
}

static int do_abort(void)
{
	abort();
}

static int do_fork(void)
{
	return fork() < 0;
}

static void *resolve(void *ctx)
{
	struct addrinfo *found = NULL;
	bool *good = ctx;

	*good = getaddrinfo("localhost", "80", NULL, &found) == 0 && found;
	if (found)
		freeaddrinfo(found);
	return NULL;
}

/* As libcurl does it: in a thread. */
static int do_resolve(void)
{
	pthread_t thread;
	bool good = false;

	if (pthread_create(&thread, NULL, resolve, &good) != 0)
		return 1;
	pthread_join(thread, NULL);
	return !good;
}

static int do_connect(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(1),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int s = socket(AF_INET, SOCK_STREAM, 0);

	return connect(s, (struct sockaddr *)&to, sizeof(to)) == 0 ||
	       errno != ECONNREFUSED;
}

static int do_read_certificates(void)
{
	return open("/etc/ssl/openssl.cnf", O_RDONLY) < 0;
}

static int do_read_state(void)
{
	return open("/var/lib/dpkg/status", O_RDONLY) < 0;
}

static int do_listen(void)
{
	return listen(socket(AF_INET, SOCK_STREAM, 0), 1);
}

static int do_raw_socket(void)
{
	return socket(AF_PACKET, SOCK_RAW, 0) < 0;
}

enum outcome { CAN, CANNOT, DIES_OF_IT, ABORTS };

/* With the fences up, in a child. */
static enum outcome try_as(bool asker, int (*act)(void))
{
	pid_t pid = fork();
	struct err err;
	int status;

	if (pid == 0) {
		fence_no_privileges();
		if (asker)
			fence_asker_limits();
		else
			fence_limits(0);
		if (asker ? fence_asker_files(NULL, &err) < 0 ||
			    fence_asker_syscalls(&err) < 0 :
			    fence_files(&err) < 0 || fence_syscalls(&err) < 0)
			_exit(99);
		_exit(act() ? 1 : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFSIGNALED(status))
		return WTERMSIG(status) == SIGABRT ? ABORTS : DIES_OF_IT;
	assert_int_not_equal(WEXITSTATUS(status), 99);
	return WEXITSTATUS(status) ? CANNOT : CAN;
}

static enum outcome try(int (*act)(void))
{
	return try_as(false, act);
}

struct fence_case {
	const char *name;
	int (*act)(void);
	enum outcome want;
};

static void try_all(bool asker, const struct fence_case *c, size_t n)
{
	for (; n; c++, n--) {
		enum outcome got = try_as(asker, c->act);

		if (got != c->want)
			fail_msg("%s: outcome %d instead of %d", c->name, got,
				 c->want);
	}
}

static void test_fences(void **state)
{
	static const struct fence_case cases[] = {
		{ "compute", do_compute, CAN },
		{ "load a charset", do_iconv, CAN },
		{ "write a file", do_write_file, CANNOT },
		{ "open a socket", do_socket, DIES_OF_IT },
		{ "run a program", do_exec, DIES_OF_IT },
		{ "signal others", do_kill, CANNOT },
		{ "fork", do_fork, CANNOT },
		{ "abort", do_abort, ABORTS },
	};

	(void)state;
	if (SANITIZED)
		skip();
	try_all(false, cases, sizeof(cases) / sizeof(cases[0]));
}

static void test_asker(void **state)
{
	static const struct fence_case cases[] = {
		{ "compute", do_compute, CAN },
		{ "resolve a name", do_resolve, CAN },
		{ "connect", do_connect, CAN },
		{ "read settings", do_read_certificates, CAN },
		{ "write a file", do_write_file, CANNOT },
		{ "listen", do_listen, DIES_OF_IT },
		{ "send raw packets", do_raw_socket, CANNOT },
		{ "run a program", do_exec, DIES_OF_IT },
		{ "signal others", do_kill, CANNOT },
		{ "fork", do_fork, CANNOT },
	};

	(void)state;
	if (SANITIZED)
		skip();
	try_all(true, cases, sizeof(cases) / sizeof(cases[0]));
}

static void test_other_files(void **state)
{
	(void)state;
	/* A kernel without Landlock lets a worker read what its user may. */
	if (SANITIZED || syscall(SYS_landlock_create_ruleset, NULL, 0,
				 LANDLOCK_CREATE_RULESET_VERSION) < 1)
		skip();
	assert_int_equal(try(do_read_other), CANNOT);
	assert_int_equal(try_as(true, do_read_state), CANNOT);
}

/* What a limit of memory that is asked for comes to, found in a child. */
static rlim_t memory_with(double asked)
{
	int pipes[2], status;
	struct rlimit got = { 0, 0 };
	pid_t pid;

	assert_int_equal(pipe(pipes), 0);
	pid = fork();
	if (pid == 0) {
		fence_limits(asked);
		getrlimit(RLIMIT_AS, &got);
		_exit(write(pipes[1], &got, sizeof(got)) != sizeof(got));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(read(pipes[0], &got, sizeof(got)), sizeof(got));
	close(pipes[0]);
	close(pipes[1]);
	assert_true(got.rlim_cur == got.rlim_max);
	return got.rlim_max;
}

/* resource_limit_mem lowers our own limit, but not so far that nothing can be
 * scanned any more. */
static void test_memory(void **state)
{
	(void)state;
	if (SANITIZED)
		skip();
	assert_true(memory_with(0) == LIMIT_WORKER_MEMORY);
	assert_true(memory_with(-1) == LIMIT_WORKER_MEMORY);
	assert_true(memory_with(1e30) == LIMIT_WORKER_MEMORY);
	assert_true(memory_with(2e9) == 2000000000);
	assert_true(memory_with(1) == LIMIT_WORKER_MEMORY_LEAST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fences),
		cmocka_unit_test(test_asker),
		cmocka_unit_test(test_other_files),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
