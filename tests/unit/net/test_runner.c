/*
 * The runner with real programs: what it runs and refuses, when it ends them,
 * what it leaves behind, and that one client's runs are not another's.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "conf/ruleset.h"
#include "net/runner.h"
#include "net/runner_wire.h"

enum { CAT, SLEEP, FAIL, PARAM, STDIN, MUCH, SELF, NOTHING, FORKS, PROGRAMS };

/* Each is a program's arguments, ended by NULL. */
static const char *const lines[PROGRAMS][6] = {
	[CAT] = { "/bin/cat", "{}" },
	[SLEEP] = { "/bin/sh", "-c", "cat {}; sleep 60" },
	[FAIL] = { "/bin/sh", "-c", "cat {}; echo why >&2; exit 3" },
	[PARAM] = { "/bin/echo", "{1}", "{2}", "x{1}" },
	[STDIN] = { "cat" },
	[MUCH] = { "/bin/sh", "-c", "head -c 100000 /dev/zero; exit 5" },
	[SELF] = { "/bin/sh", "-c", "kill -9 $$" },
	[NOTHING] = { "/nonexistent/program", "{}" },
	[FORKS] = { "/bin/sh", "-c",
		    "cat {}; (setsid sleep 60 >/dev/null 2>&1 &)" },
};

static struct arena *arena;
static struct ruleset rules;
static struct runner_settings settings;
static struct runner_client *client;
static int client_fd;
static pid_t runner;

static int set_up(void **state)
{
	struct err err;

	(void)state;
	arena = arena_new();
	rules.programs.v = arena_alloc(arena, PROGRAMS *
				       sizeof(*rules.programs.v));
	rules.programs.n = PROGRAMS;
	for (size_t i = 0; i < PROGRAMS; i++) {
		struct program *p = &rules.programs.v[i];

		*p = (struct program){ .plugin = "Test", .timeout = 20 };
		for (size_t k = 0; k < 6 && lines[i][k]; k++)
			strs_add(arena, &p->argv, str_cstr(lines[i][k]));
	}
	rules.programs.v[PARAM].params = 2;
	rules.programs.v[STDIN].use_stdin = true;
	rules.programs.v[MUCH].max_output = 1000;
	assert_true(runner_settings_make(arena, &rules, &settings, &err));
	client_fd = runner_spawn(&settings, &runner, &err);
	assert_true(client_fd >= 0);
	client = runner_client_new(arena, client_fd);
	return 0;
}

static int tear_down(void **state)
{
	int status;

	(void)state;
	close(client_fd);
	assert_int_equal(waitpid(runner, &status, 0), runner);
	/* It has taken its folder with it. */
	assert_int_equal(access(settings.folder, F_OK), -1);
	runner_settings_end(&settings);
	arena_free(&arena);
	return 0;
}

static struct runner_answer ask(uint32_t program, const char *input,
				const char *p1, const char *p2, double timeout)
{
	struct runner_ask q = { .id = 42, .program = program,
				.input = str_cstr(input), .timeout = timeout };
	struct runner_answer a = { .status = RUNNER_REFUSED };
	struct err err;

	if (p1)
		strs_add(arena, &q.params, str_cstr(p1));
	if (p2)
		strs_add(arena, &q.params, str_cstr(p2));
	runner_begin(client);
	assert_true(runner_send(client, &q, &err));
	assert_int_equal(runner_wait(client, clock_mono_us() + 30000000, arena,
				     &a), 1);
	assert_int_equal(a.id, 42);
	return a;
}

static void assert_out(struct runner_answer a, const char *out)
{
	assert_int_equal(a.out.n, strlen(out));
	assert_memory_equal(a.out.p, out, a.out.n);
}

static void runs_programs(void **state)
{
	struct runner_answer a = ask(CAT, "hello", NULL, NULL, 0);

	(void)state;
	assert_int_equal(a.status, RUNNER_EXITED);
	assert_int_equal(a.code, 0);
	assert_out(a, "hello");
	a = ask(STDIN, "from stdin", NULL, NULL, 0);
	assert_out(a, "from stdin");
	a = ask(FAIL, "text", NULL, NULL, 0);
	assert_int_equal(a.status, RUNNER_EXITED);
	assert_int_equal(a.code, 3);
	assert_out(a, "text");
	assert_true(str_eq(a.errors, STR("why\n")));
	a = ask(SELF, "", NULL, NULL, 0);
	assert_int_equal(a.status, RUNNER_KILLED);
	assert_int_equal(a.code, SIGKILL);
	a = ask(NOTHING, "", NULL, NULL, 0);
	assert_int_equal(a.status, RUNNER_EXITED);
	assert_int_equal(a.code, 127);
}

static void bounds_output_and_time(void **state)
{
	struct runner_answer a = ask(MUCH, "", NULL, NULL, 0);

	(void)state;
	assert_int_equal(a.code, 5);
	assert_int_equal(a.out.n, 1000);
	assert_int_equal(a.total, 100000);
	a = ask(SLEEP, "so far", NULL, NULL, 0.5);
	assert_int_equal(a.status, RUNNER_TIMEOUT);
	assert_out(a, "so far");
	/* A program that leaves another one behind is answered at once. */
	a = ask(FORKS, "first", NULL, NULL, 10);
	assert_int_equal(a.status, RUNNER_EXITED);
	assert_out(a, "first");
}

static void looks_at_parameters(void **state)
{
	struct runner_answer a = ask(PARAM, "", "198.18.0.1", "a@b.example", 0);

	(void)state;
	assert_out(a, "198.18.0.1 a@b.example x{1}\n");
	a = ask(PARAM, "", "", "only", 0);
	assert_out(a, "only x{1}\n");
	assert_int_equal(ask(PARAM, "", "-n", "x", 0).status, RUNNER_REFUSED);
	assert_int_equal(ask(PARAM, "", "a b", "x", 0).status, RUNNER_REFUSED);
	assert_int_equal(ask(PARAM, "", "$x", "x", 0).status, RUNNER_REFUSED);
	assert_int_equal(ask(PARAM, "", "x", NULL, 0).status, RUNNER_REFUSED);
	assert_int_equal(ask(CAT, "", "x", NULL, 0).status, RUNNER_REFUSED);
	assert_int_equal(ask(PROGRAMS, "", NULL, NULL, 0).status,
			 RUNNER_REFUSED);
	assert_int_equal(ask((uint32_t)-1, "", NULL, NULL, 0).status,
			 RUNNER_REFUSED);
}

/* Runs of an older message are killed, and their answers nobody's. */
static void forgets_older_messages(void **state)
{
	struct runner_ask q = { .id = 1, .program = SLEEP, .input = STR("x") };
	struct err err;

	(void)state;
	runner_begin(client);
	for (int i = 0; i < 20; i++)
		assert_true(runner_send(client, &q, &err));
	assert_out(ask(CAT, "now", NULL, NULL, 10), "now");
}

/* A packet that lies, sent past the client. */
static void send_raw(uint32_t word, uint64_t size, int fd, struct str texts)
{
	struct runner_head h = { .packet.type = RUNNER_RUN, .word = word,
				 .size = size, .id = 9 };

	assert_int_equal(runner_wire_send(client_fd, &h, texts, fd), 1);
}

static enum runner_status raw_status(void)
{
	struct runner_head h;
	struct str texts;
	int fd;

	assert_true(packets_wait(client_fd, clock_mono_us() + 20000000));
	assert_int_equal(runner_wire_recv(client_fd, false, &h, arena, &texts,
					  &fd), 1);
	return (enum runner_status)h.word;
}

static void believes_no_packet(void **state)
{
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	runner_begin(client);
	/* A pipe could be waited for; less input than said; none at all. */
	send_raw(CAT, 10, ends[0], STR(""));
	assert_int_equal(raw_status(), RUNNER_REFUSED);
	send_raw(CAT, 10, -1, STR(""));
	assert_int_equal(raw_status(), RUNNER_REFUSED);
	send_raw(CAT, UINT64_MAX, ends[0], STR(""));
	assert_int_equal(raw_status(), RUNNER_REFUSED);
	close(ends[0]);
	close(ends[1]);
	/* Nonsense ends the channel. */
	send_raw(CAT, 0, -1, STR("abc"));
	assert_true(packets_wait(client_fd, clock_mono_us() + 20000000));
	assert_int_equal(runner_wait(client, clock_mono_us() + 5000000, arena,
				     &(struct runner_answer){ 0 }), -1);
	assert_false(runner_client_alive(client));
}

static void notices_a_killed_runner(void **state)
{
	struct runner_ask q = { .id = 1, .program = SLEEP, .input = STR("x") };
	struct runner_answer a;
	struct err err;

	(void)state;
	runner_begin(client);
	assert_true(runner_send(client, &q, &err));
	kill(runner, SIGKILL);
	assert_int_equal(runner_wait(client, clock_mono_us() + 20000000, arena,
				     &a), -1);
	assert_false(runner_send(client, &q, &err));
	runner_settings_end(&settings);
	settings.folder = "/nonexistent/folder";
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
		T(runs_programs),
		T(bounds_output_and_time),
		T(looks_at_parameters),
		T(forgets_older_messages),
		T(believes_no_packet),
		T(notices_a_killed_runner),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
