/*
 * How the front watches over rules in Lua, with processes that are no workers
 * but behave like ones: who is killed and who is not, who gets the strike,
 * what is left out of the next try.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "lua/scripts.h"
#include "serve/front_int.h"

#define LIMIT_US 50000

static struct front front;
static struct generation gen;
static struct worker_proc worker, *slots[1] = { &worker };
static struct progress_slot page[1];
static struct lua_tally tallies[8];

/* A process that computes, or only waits, until it is killed. */
static void begin(bool computes)
{
	volatile unsigned long x = 0;

	memset(&front, 0, sizeof(front));
	memset(&gen, 0, sizeof(gen));
	memset(&worker, 0, sizeof(worker));
	memset(page, 0, sizeof(page));
	memset(tallies, 0, sizeof(tallies));
	TAILQ_INIT(&front.generations);
	gen = (struct generation){ .front = &front, .id = 7, .page = page,
		.nslots = 1, .slots = slots, .tallies = tallies,
		.ntallies = 8, .script_limit_us = LIMIT_US };
	TAILQ_INSERT_HEAD(&front.generations, &gen, link);
	worker.gen = &gen;
	worker.state = WORKER_BUSY;
	worker.pidfd = -1;
	worker.pid = fork();
	while (worker.pid == 0)
		if (computes)
			x++;
		else
			pause();
	assert_int_equal(clock_getcpuclockid(worker.pid, &worker.cpu_clock),
			 0);
	page[0].scan.script_seq = 1;
	page[0].scan.rule = 3;
}

/* Watches as the front does, until the process was killed; false after
 * seconds. steps: the call is another one each time. */
static bool watch(double seconds, bool steps)
{
	int64_t until = clock_mono_us() + (int64_t)(seconds * 1e6);

	while (clock_mono_us() < until && !worker.killed) {
		scripts_tick(&front);
		usleep(20000);
		if (steps)
			page[0].scan.script_seq += 2;
	}
	return worker.killed != NULL;
}

static void finish(void)
{
	kill(worker.pid, SIGKILL);
	waitpid(worker.pid, NULL, 0);
}

static void test_hangs(void **state)
{
	int64_t used;

	(void)state;
	begin(true);
	assert_true(watch(20, false));
	assert_non_null(strstr(worker.killed, "hung in a rule in Lua"));
	finish();
	/* Not before it used twice what it may. */
	begin(true);
	scripts_tick(&front);
	used = pool_cpu_us(&worker);
	assert_true(watch(20, false));
	assert_true(pool_cpu_us(&worker) == 0 ||
		    pool_cpu_us(&worker) - used >= 2 * LIMIT_US);
	finish();
}

static void test_stands_still(void **state)
{
	int64_t began = clock_mono_us();

	(void)state;
	begin(false);
	assert_true(watch(20, false));
	assert_non_null(strstr(worker.killed, "stood still"));
	assert_true(clock_mono_us() - began >= 20 * LIMIT_US);
	finish();
}

static void test_innocent(void **state)
{
	(void)state;
	/* Outside of a rule; in many short calls; with nothing to do; in a
	 * generation without rules in Lua. */
	begin(true);
	page[0].scan.script_seq = 2;
	assert_false(watch(0.5, false));
	finish();
	begin(true);
	assert_false(watch(0.5, true));
	finish();
	begin(true);
	worker.state = WORKER_IDLE;
	assert_false(watch(0.3, false));
	finish();
	begin(true);
	gen.tallies = NULL;
	assert_false(watch(0.3, false));
	finish();
}

static void test_blame(void **state)
{
	struct job job = { .conn = NULL };

	(void)state;
	begin(false);
	finish();
	scripts_prepare_job(&gen, &job);
	assert_true(scripts_blamed(&worker, &job, false));
	assert_int_equal(tallies[3].strikes, 1);
	assert_int_equal(job.body.skip_rules[0], 4);
	/* The builder's word counts more than the page, which may be another
	 * worker's by now. */
	worker.exit_known = true;
	worker.exit.rule = 5;
	worker.exit.script_seq = 9;
	assert_true(scripts_blamed(&worker, &job, false));
	assert_int_equal(tallies[5].strikes, 1);
	assert_int_equal(job.body.skip_rules[0], 4);
	assert_int_equal(job.body.skip_rules[1], 6);
	/* Outside of a rule: not its fault. */
	worker.exit.script_seq = 10;
	assert_false(scripts_blamed(&worker, &job, false));
	/* Killed from outside: the second time in the same rule only. */
	worker.exit.script_seq = 11;
	worker.exit.rule = 6;
	assert_false(scripts_blamed(&worker, &job, true));
	assert_int_equal(tallies[6].strikes, 0);
	assert_true(scripts_blamed(&worker, &job, true));
	assert_int_equal(tallies[6].strikes, 1);
	/* No more than may be left out. */
	worker.exit.rule = 7;
	assert_true(scripts_blamed(&worker, &job, false));
	worker.exit.rule = 1;
	assert_false(scripts_blamed(&worker, &job, false));
	assert_int_equal(tallies[1].strikes, 1);
	/* A rule that cannot be. */
	worker.exit.rule = 8;
	assert_false(scripts_blamed(&worker, &job, false));
	worker.exit.rule = (uint32_t)-1;
	assert_false(scripts_blamed(&worker, &job, false));
	/* Ids of one generation mean nothing in another. */
	gen.id = 8;
	scripts_prepare_job(&gen, &job);
	assert_int_equal(job.body.skip_rules[0], 0);
	assert_int_equal(job.body.skip_rules[3], 0);
}

static void test_strikes(void **state)
{
	struct job job = { .conn = NULL };

	(void)state;
	begin(false);
	finish();
	scripts_prepare_job(&gen, &job);
	for (int i = 1; i <= LUA_STRIKES; i++) {
		assert_int_equal(tallies[3].disabled, 0);
		scripts_blamed(&worker, &job, false);
		assert_int_equal(tallies[3].strikes, i);
	}
	assert_int_equal(tallies[3].disabled, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hangs),
		cmocka_unit_test(test_stands_still),
		cmocka_unit_test(test_innocent),
		cmocka_unit_test(test_blame),
		cmocka_unit_test(test_strikes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
