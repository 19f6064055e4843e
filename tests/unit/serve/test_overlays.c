/*
 * What a worker keeps of users' preferences: a version of a file is read once,
 * changes count, two users never share, and room is bounded.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/log.h"
#include "serve/overlays.h"

static const char *const cf[] = {
	"allow_user_rules 1", "body PILLS /pills/", "score PILLS 2",
	"store none", NULL
};

static struct engine *site;
static unsigned nlogged;

static void count_line(void *ctx, enum log_level level, const char *line)
{
	(void)ctx, (void)level, (void)line;
	nlogged++;
}

/* A file that nobody has touched for a while, unless it is young. */
static int a_file(const char *text, bool young)
{
	char path[] = "/tmp/overlays.XXXXXX";
	const struct timespec old[2] = { { 1000, 5 }, { 1000, 5 } };
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	if (!young)
		futimens(fd, old);
	unlink(path);
	return fd;
}

static int a_memfd(const char *text)
{
	int fd = memfd_create("scores", 0);

	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	return fd;
}

static double score_of(struct user_engine u, const char *body)
{
	struct arena *a = arena_new();
	const struct scan_options opt = { .settings = u.settings };
	struct str mail = str_printf(a, "Subject: x\n\n%s\n", body);
	double score = scan_score(scan_message(u.engine, a, mail, &opt));

	arena_free(&a);
	return score;
}

static void test_nothing(void **state)
{
	struct overlays *o = overlays_new(site, 1 << 20);
	int empty = a_file("", false);
	struct user_engine u = overlays_get(o, "x", -1, -1);

	(void)state;
	assert_ptr_equal(u.engine, site);
	assert_null(u.settings);
	u = overlays_get(o, "x", empty, empty);
	assert_null(u.settings);
	assert_int_equal(overlays_stats(o).read, 0);
	close(empty);
	overlays_free(&o);
}

static void test_layers(void **state)
{
	struct overlays *o = overlays_new(site, 1 << 20);
	int file = a_file("score PILLS 3\nbody MINE /mine/\nscore MINE 10\n",
			  true);
	int scores = a_memfd("score\tPILLS 4\nbody\tNOT /pills/\n");
	struct user_engine u = overlays_get(o, "x", file, -1);

	(void)state;
	assert_true(score_of(u, "pills") == 3);
	assert_true(score_of(u, "mine pills") == 13);
	/* The database has the last word, and no rules. */
	u = overlays_get(o, "x", file, scores);
	assert_true(score_of(u, "mine pills") == 14);
	u = overlays_get(o, "x", -1, scores);
	assert_true(score_of(u, "mine pills") == 4);
	assert_true(score_of((struct user_engine){ site, NULL },
			     "mine pills") == 2);
	close(file);
	close(scores);
	overlays_free(&o);
}

static void test_kept(void **state)
{
	struct overlays *o = overlays_new(site, 64 << 20);
	int scores = a_memfd("score\tPILLS 4\nbad\n");
	int same = a_memfd("score\tPILLS 4\nbad\n");
	int other = a_memfd("score\tPILLS 5\nbad\n");

	(void)state;
	log_set_sink(count_line, NULL);
	nlogged = 0;
	for (int i = 0; i < 3; i++) {
		assert_true(score_of(overlays_get(o, "x", -1, scores),
				     "pills") == 4);
		assert_true(score_of(overlays_get(o, "y", -1, same),
				     "pills") == 4);
		assert_true(score_of(overlays_get(o, "z", -1, other),
				     "pills") == 5);
	}
	assert_int_equal(overlays_stats(o).read, 2);
	assert_int_equal(overlays_stats(o).found, 7);
	/* A fault is told once for each version. */
	assert_int_equal(nlogged, 2);
	log_set_sink(NULL, NULL);
	close(scores);
	close(same);
	close(other);
	overlays_free(&o);
}

/* A file that was changed just now may change again unseen. */
static void test_young(void **state)
{
	struct overlays *o = overlays_new(site, 1 << 20);
	int file = a_file("score PILLS 3\n", true);

	(void)state;
	for (int i = 3; i < 6; i++) {
		char text[32];

		snprintf(text, sizeof(text), "score PILLS %d\n", i);
		assert_int_equal(pwrite(file, text, strlen(text), 0),
				 strlen(text));
		assert_true(score_of(overlays_get(o, "x", file, -1),
				     "pills") == i);
	}
	assert_int_equal(overlays_stats(o).n, 0);
	assert_int_equal(overlays_stats(o).read, 3);
	close(file);
	overlays_free(&o);
}

static void test_bounded(void **state)
{
	struct overlays *o = overlays_new(site, 1 << 20);
	struct user_engine u;
	char text[64];

	(void)state;
	for (int i = 0; i < 200; i++) {
		int fd;

		snprintf(text, sizeof(text), "score\tPILLS %d\n", i + 1);
		fd = a_memfd(text);
		u = overlays_get(o, "x", -1, fd);
		assert_true(score_of(u, "pills") == i + 1);
		assert_true(overlays_stats(o).bytes <= 1 << 20);
		close(fd);
	}
	assert_true(overlays_stats(o).n > 2 && overlays_stats(o).n < 64);
	overlays_free(&o);
	/* With no room at all everybody is still served. */
	o = overlays_new(site, 0);
	int fd = a_memfd("score\tPILLS 7\n");
	assert_true(score_of(overlays_get(o, "x", -1, fd), "pills") == 7);
	assert_true(score_of(overlays_get(o, "x", -1, fd), "pills") == 7);
	assert_int_equal(overlays_stats(o).n, 0);
	close(fd);
	overlays_free(&o);
}

/* A width that nothing fits into must not be waited for for ever. */
static void test_narrow(void **state)
{
	struct overlays *o = overlays_new(site, 1 << 20);
	int fd = a_memfd("report_wrap_width\t1\ndescribe\tPILLS one two three\n"
			 "report\t_SUMMARY_\n");
	struct user_engine u = overlays_get(o, "x", -1, fd);
	struct arena *a = arena_new();
	const struct scan_options opt = { .settings = u.settings };
	struct scan *s = scan_message(u.engine, a, STR("A: b\n\npills\n"), &opt);

	(void)state;
	assert_true(str_find(scan_report(s), STR("three")) >= 0);
	arena_free(&a);
	close(fd);
	overlays_free(&o);
}

static int load(void **state)
{
	const struct load_options opt = {
		.rules_dir = "/nonexistent", .site_dir = "/nonexistent",
		.cf_lines = cf, .local_only = true,
	};

	(void)state;
	site = engine_load(&opt);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_layers),
		cmocka_unit_test(test_kept),
		cmocka_unit_test(test_young),
		cmocka_unit_test(test_bounded),
		cmocka_unit_test(test_narrow),
	};

	return cmocka_run_group_tests(tests, load, NULL);
}
