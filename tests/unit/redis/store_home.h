/*
 * For unit tests of what is kept: one store at a time, asked and answered at
 * once. Either a Redis of the test's own, on a socket in a folder of its own
 * and spoken to without the connections of redis/ (they have their own tests),
 * or one of the embedded stores.
 */
#ifndef MEKIKI_TESTS_STORE_HOME_H
#define MEKIKI_TESTS_STORE_HOME_H

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "redis/resp.h"
#include "redis/store.h"

static struct {
	const char *name;
	struct store *store;	/* an embedded one */
	char dir[64];		/* of a Redis */
	pid_t pid;
	int fd;
	struct resp_reader *reader;
} home;

static inline const char *home_name(void)
{
	return home.name;
}

/* ---- a Redis ---- */

static inline int home_connect(void)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(to.sun_path, sizeof(to.sun_path), "%s/socket", home.dir);
	for (int i = 0; i < 500; i++) {
		if (connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0)
			return fd;
		usleep(20000);
	}
	fail_msg("redis-server does not answer");
	return -1;
}

static inline void home_open_redis(void)
{
	home.name = "redis";
	snprintf(home.dir, sizeof(home.dir), "/tmp/mekiki-home-XXXXXX");
	assert_non_null(mkdtemp(home.dir));
	home.pid = fork();
	if (home.pid == 0) {
		int null = open("/dev/null", O_RDWR);

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(null, 0);
		dup2(null, 1);
		if (chdir(home.dir) == 0)
			execlp("redis-server", "redis-server", "--port", "0",
			       "--unixsocket", "socket", "--save", "",
			       "--dir", home.dir, (char *)NULL);
		_exit(127);
	}
	assert_true(home.pid > 0);
	home.fd = home_connect();
	home.reader = resp_reader_new();
}

static inline void home_read(struct arena *a, struct store_reply *reply,
			     struct buf *in)
{
	struct str input = buf_str(in);
	struct err err;
	int got;

	while ((got = resp_read(home.reader, &input, a, reply, &err)) == 0) {
		char octets[16384];
		ssize_t n = read(home.fd, octets, sizeof(octets));

		assert_true(n > 0);
		in->n = 0;
		buf_add(in, octets, (size_t)n);
		input = buf_str(in);
	}
	if (got < 0)
		fail_msg("%s", err.text);
	/* The octets of the next reply move to the front. */
	if (input.n)
		memmove(in->p, input.p, input.n);
	in->n = input.n;
}

static inline struct store_reply *home_run_redis(struct arena *a,
						 const struct store_batch *b)
{
	struct store_reply *replies = arena_alloc(a, b->n * sizeof(*replies));
	struct buf out, in;
	struct str left;

	buf_init(&out, STORE_REQUEST_MAX);
	buf_init(&in, STORE_REQUEST_MAX);
	for (size_t i = 0; i < b->n; i++)
		assert_true(resp_add_command(&out, &b->v[i], true));
	for (left = buf_str(&out); left.n > 0;) {
		ssize_t n = write(home.fd, left.p, left.n);

		assert_true(n > 0);
		left = str_from(left, (size_t)n);
	}
	for (size_t i = 0; i < b->n; i++)
		home_read(a, &replies[i], &in);
	buf_free(&out);
	buf_free(&in);
	return replies;
}

/* ---- an embedded store ---- */

static inline void home_open_memory(void)
{
	struct store_options o = { .url.scheme = STORE_MEMORY,
				   .answer_timeout = 10 };
	struct err err;

	home.name = "memory";
	home.store = store_open(&o, NULL, &err);
	if (!home.store)
		fail_msg("%s", err.text);
}

static inline void home_open_lmdb(void)
{
	struct store_options o = { .url.scheme = STORE_LMDB,
				   .answer_timeout = 10,
				   .map_size = (size_t)64 << 20 };
	struct err err;

	home.name = "lmdb";
	snprintf(home.dir, sizeof(home.dir), "/tmp/mekiki-home-XXXXXX");
	assert_non_null(mkdtemp(home.dir));
	o.url.path = str_cstr(home.dir);
	home.store = store_open(&o, NULL, &err);
	if (!home.store)
		fail_msg("%s", err.text);
}

struct home_answer {
	struct arena *a;
	struct store_reply *replies;
};

static inline struct store_reply home_copy(struct arena *a,
					   const struct store_reply *r)
{
	struct store_reply out = *r;

	out.text = r->text.p ? str_dup(a, r->text) : STR_NONE;
	if (r->n)
		out.items = arena_alloc(a, r->n * sizeof(*out.items));
	for (size_t i = 0; i < r->n; i++)
		out.items[i] = home_copy(a, &r->items[i]);
	return out;
}

static inline void home_done(void *ctx, enum store_status status,
			     const struct store_reply *replies, size_t n,
			     const struct err *err)
{
	struct home_answer *answer = ctx;

	if (status != STORE_OK)
		fail_msg("%s", err->text);
	answer->replies = arena_alloc(answer->a, (n + 1) *
				      sizeof(*answer->replies));
	for (size_t i = 0; i < n; i++)
		answer->replies[i] = home_copy(answer->a, &replies[i]);
}

/* ---- both ---- */

/* The replies to a batch, each of which may be an error. */
static inline struct store_reply *home_run(struct arena *a,
					   const struct store_batch *b)
{
	struct home_answer answer = { .a = a };

	if (!home.store)
		return home_run_redis(a, b);
	store_send(home.store, b, 0, home_done, &answer);
	assert_non_null(answer.replies);
	return answer.replies;
}

static inline void home_close(void)
{
	static const char *const files[] = { "socket", "data.mdb",
					     "lock.mdb" };
	char path[128];

	if (home.store)
		store_close(&home.store);
	if (home.pid > 0) {
		kill(home.pid, SIGKILL);
		waitpid(home.pid, NULL, 0);
		if (home.reader)
			resp_reader_free(&home.reader);
		close(home.fd);
	}
	for (size_t i = 0; home.dir[0] && i < 3; i++) {
		snprintf(path, sizeof(path), "%s/%s", home.dir, files[i]);
		unlink(path);
	}
	if (home.dir[0])
		rmdir(home.dir);
	memset(&home, 0, sizeof(home));
}

/* For a test that may have failed before it could close. */
static inline int home_teardown(void **state)
{
	(void)state;
	home_close();
	return 0;
}

/* Everything gone. */
static inline void home_flush(void)
{
	struct arena *a = arena_new();
	struct store_batch b = { 0 };

	if (!home.store) {
		store_add(a, &b, "FLUSHALL", STR("SYNC"));
		home_run(a, &b);
	} else if (home.dir[0]) {
		home_close();
		home_open_lmdb();
	} else {
		home_close();
		home_open_memory();
	}
	arena_free(&a);
}

/* ---- the same scenes in each home ---- */

/* A program sets it before it runs these tests, with home_teardown. */
static void (*home_scenes)(void);

static inline void home_play(void (*open)(void))
{
	open();
	home_scenes();
	home_close();
}

static inline void in_redis(void **state)
{
	(void)state;
	home_play(home_open_redis);
}

static inline void in_memory(void **state)
{
	(void)state;
	home_play(home_open_memory);
}

static inline void in_lmdb(void **state)
{
	(void)state;
	home_play(home_open_lmdb);
}

#endif
