/*
 * The journal: order, durability over reopening and over a killed process, two
 * processes at once, who replays, and a full one.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "redis/journal.h"

struct place {
	char dir[64];
	struct arena *arena;
};

static int set_up(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	snprintf(p->dir, sizeof(p->dir), "/tmp/mekiki-journal.XXXXXX");
	p->arena = arena_new();
	*state = p;
	return mkdtemp(p->dir) ? 0 : -1;
}

static int tear_down(void **state)
{
	struct place *p = *state;
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", p->dir);
	arena_free(&p->arena);
	if (system(command) != 0)
		return -1;
	free(p);
	return 0;
}

static struct journal *open_it(struct place *p)
{
	struct err err;
	struct journal *j = journal_open(p->dir, &err);

	if (!j)
		print_error("%s\n", err.text);
	assert_non_null(j);
	return j;
}

static void add(struct journal *j, const char *text)
{
	assert_int_equal(journal_append(j, HOME_BAYES, str_cstr(text), NULL),
			 0);
}

/* The entries in order, joined by spaces. */
static const char *all(struct place *p, struct journal *j)
{
	struct strs texts = { 0 };
	uint64_t number = 0;
	enum memory_home home;
	struct str bytes, joined;

	while (journal_next(j, p->arena, number, &number, &home, &bytes)) {
		assert_int_equal(home, HOME_BAYES);
		strs_add(p->arena, &texts, bytes);
	}
	joined = strs_join(p->arena, &texts, STR(" "));
	return arena_strndup(p->arena, joined.p, joined.n);
}

static void test_order(void **state)
{
	struct place *p = *state;
	struct journal *j = open_it(p);
	enum memory_home home;
	struct str bytes;
	uint64_t number;

	assert_false(journal_next(j, p->arena, 0, &number, &home, &bytes));
	add(j, "one");
	add(j, "two");
	add(j, "three");
	assert_int_equal(journal_count(j), 3);
	assert_string_equal(all(p, j), "one two three");
	assert_true(journal_next(j, p->arena, 0, &number, &home, &bytes));
	journal_remove(j, number);
	journal_remove(j, number);
	assert_string_equal(all(p, j), "two three");
	add(j, "four");
	assert_string_equal(all(p, j), "two three four");
	journal_close(&j);
	assert_null(j);

	j = open_it(p);
	assert_string_equal(all(p, j), "two three four");
	journal_close(&j);
}

static void test_aside(void **state)
{
	struct place *p = *state;
	struct journal *j = open_it(p);
	enum memory_home home;
	struct str bytes;
	uint64_t number;

	add(j, "one");
	assert_true(journal_next(j, p->arena, 0, &number, &home, &bytes));
	journal_set_aside(j, number);
	assert_int_equal(journal_count(j), 0);
	assert_false(journal_next(j, p->arena, 0, &number, &home, &bytes));
	add(j, "two");
	add(j, "three");
	assert_int_equal(journal_count(j), 2);
	assert_string_equal(all(p, j), "two three");
	assert_true(journal_next(j, p->arena, 0, &number, &home, &bytes));
	journal_set_aside(j, number);
	journal_close(&j);
	j = open_it(p);
	assert_string_equal(all(p, j), "three");
	assert_int_equal(journal_count(j), 1);
	journal_close(&j);
}

static void test_octets(void **state)
{
	struct place *p = *state;
	struct journal *j = open_it(p);
	char bytes[100000];
	uint64_t number;
	enum memory_home home;
	struct str got;

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)(i * 7);
	assert_int_equal(journal_append(j, HOME_MAIN,
					str_make(bytes, sizeof(bytes)), NULL),
			 0);
	assert_int_equal(journal_append(j, HOME_MAIN, STR(""), NULL), 0);
	assert_true(journal_next(j, p->arena, 0, &number, &home, &got));
	assert_int_equal(home, HOME_MAIN);
	assert_true(str_eq(got, str_make(bytes, sizeof(bytes))));
	assert_true(journal_next(j, p->arena, number, &number, &home, &got));
	assert_int_equal(got.n, 0);
	journal_close(&j);
}

/* What was appended is there, however the process ends. */
static void test_killed(void **state)
{
	struct place *p = *state;
	struct journal *j;
	int ends[2], status;
	unsigned said = 0;
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	if (pid == 0) {
		j = open_it(p);
		for (;;) {
			add(j, "entry");
			if (write(ends[1], "x", 1) != 1)
				_exit(1);
		}
	}
	close(ends[1]);
	while (said < 100) {
		char c;

		assert_int_equal(read(ends[0], &c, 1), 1);
		said++;
	}
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	while (read(ends[0], &status, 1) == 1)
		said++;
	close(ends[0]);
	j = open_it(p);
	assert_in_range(journal_count(j), said, said + 1);
	add(j, "one more");
	journal_close(&j);
}

/* Two processes append at once, and one of them replays. */
static void test_two(void **state)
{
	struct place *p = *state;
	struct journal *j = open_it(p);
	int status;
	pid_t pid;

	assert_true(journal_is_ours(j));
	journal_close(&j);
	pid = fork();
	if (pid == 0) {
		j = open_it(p);
		for (int i = 0; i < 20; i++)
			add(j, "child");
		_exit(journal_is_ours(j) ? 0 : 1);
	}
	j = open_it(p);
	for (int i = 0; i < 20; i++)
		add(j, "parent");
	waitpid(pid, &status, 0);
	assert_int_equal(status, 0);
	assert_int_equal(journal_count(j), 40);
	assert_true(journal_is_ours(j));

	pid = fork();
	if (pid == 0) {
		struct journal *other = open_it(p);

		_exit(journal_is_ours(other) ? 1 : 0);
	}
	waitpid(pid, &status, 0);
	assert_int_equal(status, 0);
	journal_close(&j);
}

static void test_full(void **state)
{
	struct place *p = *state;
	struct journal *j = open_it(p);
	size_t size = (size_t)16 << 20, n = 0;
	char *bytes = calloc(1, size);
	struct err err = { "" };
	enum memory_home home;
	struct str got;
	uint64_t number;

	while (n < 100 && journal_append(j, HOME_MAIN, str_make(bytes, size),
					 &err) == 0)
		n++;
	assert_in_range(n, 5, 16);
	assert_non_null(strstr(err.text, "the journal is full"));
	assert_int_equal(journal_count(j), n);
	/* There is room again for what is replayed. */
	for (size_t i = 0; i < n; i++) {
		assert_true(journal_next(j, p->arena, 0, &number, &home,
					 &got));
		journal_remove(j, number);
		arena_reset(p->arena);
	}
	assert_int_equal(journal_append(j, HOME_MAIN, str_make(bytes, size),
					&err), 0);
	free(bytes);
	journal_close(&j);
}

static void test_no_place(void **state)
{
	struct err err = { "" };

	(void)state;
	assert_null(journal_open("/nonexistent/journal", &err));
	assert_non_null(strstr(err.text, "/nonexistent/journal"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_order, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_aside, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_octets, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_killed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_two, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_full, set_up, tear_down),
		cmocka_unit_test(test_no_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
