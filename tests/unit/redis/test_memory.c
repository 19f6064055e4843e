/*
 * The memory process as its clients see it: what is read, taught and learned,
 * by whom, and what becomes of it when there is no store: the journal, and its
 * replay into a real Redis that comes back.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/clock.h"
#include "redis/memory.h"

struct place {
	char dir[64];
	struct arena *arena;
	struct memory_settings settings;
	pid_t memory, redis;
	int fd;
	struct memory_client *client;
};

static int set_up(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	snprintf(p->dir, sizeof(p->dir), "/tmp/mekiki-memory.XXXXXX");
	p->arena = arena_new();
	p->fd = -1;
	*state = p;
	return mkdtemp(p->dir) ? 0 : -1;
}

static void stop_memory(struct place *p)
{
	if (p->fd < 0)
		return;
	close(p->fd);
	waitpid(p->memory, NULL, 0);
	p->fd = -1;
}

static void stop_redis(struct place *p)
{
	if (!p->redis)
		return;
	kill(p->redis, SIGKILL);
	waitpid(p->redis, NULL, 0);
	p->redis = 0;
}

static int tear_down(void **state)
{
	struct place *p = *state;
	char command[128];

	stop_memory(p);
	stop_redis(p);
	snprintf(command, sizeof(command), "rm -rf '%s'", p->dir);
	arena_free(&p->arena);
	if (system(command) != 0)
		return -1;
	free(p);
	return 0;
}

/* ---- the processes ---- */

static void start_memory(struct place *p, const char *url)
{
	struct memory_settings *ms = &p->settings;
	struct store_options *o = &ms->homes[HOME_MAIN];
	struct err err = { "" };

	*ms = (struct memory_settings){ .one_home = true, .timeout = 0.5 };
	*o = (struct store_options){ .connect_timeout = 0.5,
				     .answer_timeout = 0.5,
				     .map_size = (size_t)64 << 20 };
	assert_int_equal(store_url_parse(p->arena, str_cstr(url), &o->url,
					 &err), 0);
	ms->homes[HOME_BAYES] = *o;
	ms->journal = str_printf(p->arena, "%s/journal", p->dir);
	assert_int_equal(memory_prepare(ms, NULL, &err), 0);
	p->fd = memory_spawn(ms, &p->memory, &err);
	assert_true(p->fd >= 0);
	p->client = memory_client_new(p->arena, p->fd);
}

static const char *redis_url(struct place *p)
{
	struct str s = str_printf(p->arena, "redis+unix://%s/redis", p->dir);

	return arena_strndup(p->arena, s.p, s.n);
}

static bool redis_answers(struct place *p)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	char reply[8] = "";
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	bool good;

	snprintf(to.sun_path, sizeof(to.sun_path), "%s/redis", p->dir);
	good = connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0 &&
	       write(fd, "PING\r\n", 6) == 6 && read(fd, reply, 5) == 5 &&
	       memcmp(reply, "+PONG", 5) == 0;
	close(fd);
	return good;
}

static void start_redis(struct place *p)
{
	p->redis = fork();
	if (p->redis == 0) {
		char path[128];

		snprintf(path, sizeof(path), "%s/redis", p->dir);
		if (!freopen("/dev/null", "w", stdout))
			_exit(1);
		execlp("redis-server", "redis-server", "--port", "0",
		       "--unixsocket", path, "--save", "", "--dir", p->dir,
		       (char *)NULL);
		_exit(127);
	}
	for (int i = 0; i < 500 && !redis_answers(p); i++)
		usleep(20000);
	assert_true(redis_answers(p));
}

/* ---- questions ---- */

static bool ask(struct place *p, enum memory_word word,
		struct store_batch *batch, struct memory_answer *out_r)
{
	struct memory_ask q = { .word = word, .batch = *batch };
	struct err err;

	return memory_ask(p->client, &q, p->arena, out_r, &err);
}

static const char *get(struct place *p, const char *key)
{
	struct store_batch b = { 0 };
	struct memory_answer a;

	store_add(p->arena, &b, "GET", str_cstr(key));
	if (!ask(p, MEMORY_READ, &b, &a))
		return "no answer";
	assert_int_equal(a.n, 1);
	if (a.replies[0].kind == REPLY_NIL)
		return "nil";
	return arena_strndup(p->arena, a.replies[0].text.p,
			     a.replies[0].text.n);
}

static bool set(struct place *p, const char *key, const char *value,
		bool *journaled_r)
{
	struct store_batch b = { 0 };
	struct memory_answer a = { 0 };

	store_add(p->arena, &b, "SET", str_cstr(key));
	store_add_arg(p->arena, &b, str_cstr(value));
	if (!ask(p, MEMORY_LEARN, &b, &a))
		return false;
	*journaled_r = a.journaled;
	return true;
}

static void test_embedded(void **state)
{
	struct place *p = *state;
	struct store_batch b = { 0 };
	struct memory_ask q = { .word = MEMORY_TEACH };
	struct memory_answer a;
	char dir[128];
	bool journaled = true;

	snprintf(dir, sizeof(dir), "lmdb:%s/store", p->dir);
	start_memory(p, dir);
	assert_string_equal(get(p, "a"), "nil");
	assert_true(set(p, "a", "1", &journaled));
	assert_false(journaled);
	assert_string_equal(get(p, "a"), "1");
	/* What is taught is not answered, and there soon. */
	store_add(p->arena, &b, "INCRBY", STR("n"));
	store_add_arg(p->arena, &b, STR("5"));
	q.batch = b;
	for (int i = 0; i < 10; i++)
		assert_true(memory_send(p->client, &q, NULL));
	for (int i = 0; i < 200 && strcmp(get(p, "n"), "50") != 0; i++)
		usleep(20000);
	assert_string_equal(get(p, "n"), "50");
	/* An error of one command is its reply's. */
	b = (struct store_batch){ 0 };
	store_add(p->arena, &b, "HGETALL", STR("a"));
	assert_true(ask(p, MEMORY_READ, &b, &a));
	assert_int_equal(a.replies[0].kind, REPLY_ERROR);
	/* It is all there again for the next process; what was taught last is
	 * not lost by an orderly end. */
	assert_true(memory_send(p->client, &q, NULL));
	stop_memory(p);
	start_memory(p, dir);
	assert_string_equal(get(p, "a"), "1");
	assert_string_equal(get(p, "n"), "55");
}

/* What is expired leaves the embedded store though nobody asks for it. */
static void test_expiry(void **state)
{
	struct place *p = *state;
	struct store_batch b = { 0 }, size = { 0 };
	struct memory_answer a;
	int64_t left = 1;

	start_memory(p, "memory:");
	store_add(p->arena, &b, "SET", STR("a"));
	store_add_arg(p->arena, &b, STR("1"));
	store_add_arg(p->arena, &b, STR("PX"));
	store_add_int(p->arena, &b, 100);
	assert_true(ask(p, MEMORY_LEARN, &b, &a));
	store_add(p->arena, &size, "DBSIZE", STR(""));
	size.v[0].argv.n = 1;
	for (int i = 0; i < 250 && left; i++) {
		usleep(20000);
		assert_true(ask(p, MEMORY_READ, &size, &a));
		left = a.replies[0].number;
	}
	assert_int_equal(left, 0);
}

static void test_late_answers(void **state)
{
	struct place *p = *state;
	struct memory_ask q = { .id = 7 };
	struct memory_answer a;
	struct err err;

	start_memory(p, "memory:");
	store_add(p->arena, &q.batch, "GET", STR("a"));
	assert_true(memory_send(p->client, &q, &err));
	memory_begin(p->client);
	q.id = 8;
	assert_true(memory_send(p->client, &q, &err));
	assert_int_equal(memory_wait(p->client, clock_mono_us() + 5000000,
				     p->arena, &a), 1);
	assert_int_equal(a.id, 8);
	assert_int_equal(memory_wait(p->client, 0, p->arena, &a), 0);
}

/* Without Redis: reading is refused at once, learning goes to the journal; once
 * it is there the journal is replayed, in order. */
static void test_journal(void **state)
{
	struct place *p = *state;
	bool journaled = false;

	start_memory(p, redis_url(p));
	assert_string_equal(get(p, "a"), "no answer");
	for (int i = 0; i < 20; i++) {
		char value[16];

		snprintf(value, sizeof(value), "%d", i);
		assert_true(set(p, "a", value, &journaled));
		assert_true(journaled);
	}
	/* An entry outlives its process. */
	stop_memory(p);
	start_memory(p, redis_url(p));
	assert_true(set(p, "a", "last", &journaled));
	assert_true(journaled);
	start_redis(p);
	for (int i = 0; i < 250 && strcmp(get(p, "a"), "last") != 0; i++)
		usleep(20000);
	assert_string_equal(get(p, "a"), "last");
	for (int i = 0; i < 250 && journaled; i++) {
		assert_true(set(p, "b", "direct", &journaled));
		usleep(20000);
	}
	assert_false(journaled);

	/* Killed, and back: the same. */
	stop_redis(p);
	assert_true(set(p, "a", "while away", &journaled));
	assert_true(journaled);
	start_redis(p);
	for (int i = 0; i < 250 && strcmp(get(p, "a"), "while away"); i++)
		usleep(20000);
	assert_string_equal(get(p, "a"), "while away");
}

/* A Redis that hangs is like none, and nobody waits long for it. */
static void test_hung(void **state)
{
	struct place *p = *state;
	bool journaled = false;

	start_redis(p);
	start_memory(p, redis_url(p));
	assert_true(set(p, "a", "before", &journaled));
	kill(p->redis, SIGSTOP);
	for (int i = 0; i < 6; i++) {
		assert_string_equal(get(p, "a"), "no answer");
		assert_true(set(p, "a", "meanwhile", &journaled));
		assert_true(journaled);
	}
	kill(p->redis, SIGCONT);
	for (int i = 0; i < 250 && strcmp(get(p, "a"), "meanwhile"); i++)
		usleep(20000);
	assert_string_equal(get(p, "a"), "meanwhile");
}

static void test_gone(void **state)
{
	struct place *p = *state;
	bool journaled;
	struct memory_answer a;

	start_memory(p, "memory:");
	assert_true(set(p, "a", "1", &journaled));
	kill(p->memory, SIGKILL);
	assert_false(set(p, "a", "2", &journaled));
	assert_false(memory_client_alive(p->client));
	assert_int_equal(memory_client_fd(p->client), -1);
	assert_int_equal(memory_wait(p->client, clock_mono_us() + 1000000,
				     p->arena, &a), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_embedded, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_expiry, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_late_answers, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_gone, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_journal, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_hung, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
