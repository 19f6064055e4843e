/*
 * One connection against a server that does everything that servers should
 * not: order, errors, cut replies, silence, slowness, nonsense, wrong
 * passwords, its own death and return; and the ceilings.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>

#include "base/clock.h"
#include "base/log.h"
#include "redis/conn.h"

#include "mock_server.h"

#define WAIT 10.0		/* seconds that anything may take at most */

struct world {
	struct event_base *base;
	struct mock mock;
	struct conn *conn;
	struct arena *arena;
	unsigned done, by_status[STORE_FAILED + 1], changes;
	char last[4096];	/* text of the last reply, or why not */
	enum store_reply_kind kind;
	bool ordered;
	long next;
};

static void begin(struct world *w, struct conn_options o)
{
	struct err err;

	w->base = event_base_new();
	w->arena = arena_new();
	mock_start(&w->mock, w->base);
	o.host = STR("127.0.0.1");
	o.port = w->mock.port;
	if (!(o.connect_timeout > 0))
		o.connect_timeout = 2;
	if (!(o.answer_timeout > 0))
		o.answer_timeout = 2;
	w->conn = conn_open(w->base, &o, &err);
	assert_non_null(w->conn);
}

static void end(struct world *w)
{
	conn_free(&w->conn);
	mock_stop(&w->mock);
	event_base_loop(w->base, EVLOOP_NONBLOCK);
	event_base_free(w->base);
	arena_free(&w->arena);
}

static void on_done(void *ctx, enum store_status status,
		    const struct store_reply *replies, size_t n,
		    const struct err *err)
{
	struct world *w = ctx;
	struct str text = str_cstr(err->text);

	w->done++;
	w->by_status[status]++;
	if (status == STORE_OK && n) {
		text = replies[n - 1].text;
		w->kind = replies[n - 1].kind;
	}
	text = str_head(text, sizeof(w->last) - 1);
	if (text.n)
		memcpy(w->last, text.p, text.n);
	w->last[text.n] = '\0';
	if (w->ordered && status == STORE_OK) {
		long v = -1;

		assert_true(str_to_long(text, &v));
		assert_int_equal(v, w->next);
		w->next++;
	}
}

static void ask(struct world *w, const char *text, double timeout)
{
	struct store_batch b = { .n = 0 };

	store_add(w->arena, &b, "GET", str_cstr(text));
	conn_send(w->conn, b.v, b.n, timeout, on_done, w);
}

/* Runs the loop for a while, or until so many batches have ended. */
static void run(struct world *w, unsigned done, double seconds)
{
	int64_t until = clock_mono_us() + (int64_t)(seconds * 1e6);

	while (w->done < done && clock_mono_us() < until) {
		struct timeval tv = { 0, 5000 };

		event_base_loopexit(w->base, &tv);
		event_base_dispatch(w->base);
	}
}

static void run_until_up(struct world *w, bool up)
{
	int64_t until = clock_mono_us() + (int64_t)(WAIT * 1e6);

	while (conn_is_up(w->conn) != up && clock_mono_us() < until)
		run(w, w->done + 1, 0.005);
	assert_int_equal(conn_is_up(w->conn), up);
}

static void ask_well(struct world *w)
{
	unsigned ok = w->by_status[STORE_OK];

	w->ordered = false;
	ask(w, "fine", 0);
	run(w, w->done + 1, WAIT);
	assert_int_equal(w->by_status[STORE_OK], ok + 1);
	assert_string_equal(w->last, "fine");
}

/* ---- order ---- */

static void test_order(void **state)
{
	struct world w = { .ordered = true };

	(void)state;
	begin(&w, (struct conn_options){ .db = 3, .answer_timeout = 8 });
	/* Half of them before it is connected. */
	for (int i = 0; i < 2000; i++) {
		ask(&w, str_printf(w.arena, "%d", i).p, 0);
		if (i == 1000)
			run(&w, 1000, WAIT);
	}
	run(&w, 2000, WAIT);
	assert_int_equal(w.by_status[STORE_OK], 2000);
	assert_int_equal(w.mock.connections, 1);
	w.mock.mode = MOCK_PIECES;
	for (int i = 2000; i < 2010; i++)
		ask(&w, str_printf(w.arena, "%d", i).p, 0);
	run(&w, 2010, WAIT);
	assert_int_equal(w.by_status[STORE_OK], 2010);
	end(&w);
}

/* ---- errors are data ---- */

static void test_errors(void **state)
{
	static const char *const errors[] = {
		"NOAUTH Authentication required.", "WRONGTYPE Operation",
		"READONLY You can't write", "LOADING Redis is loading",
		"MOVED 3999 127.0.0.1:6381", "ASK 3999 127.0.0.1:6381",
		"CROSSSLOT Keys", "CLUSTERDOWN Hash slot", "OOM command not",
		"MISCONF Redis is", "BUSY Redis is busy", "NOSCRIPT No",
		"MASTERDOWN Link", "NOREPLICAS Not enough", "NOPERM this",
		"ERR unknown command", "TRYAGAIN Multiple", "ERR",
	};
	struct world w = { .done = 0 };

	(void)state;
	begin(&w, (struct conn_options){ .db = 0 });
	w.mock.mode = MOCK_RAW;
	for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++) {
		struct str explained;

		w.mock.raw = str_printf(w.arena, "-%s\r\n", errors[i]);
		ask(&w, "x", 0);
		run(&w, (unsigned)i + 1, WAIT);
		assert_int_equal(w.by_status[STORE_OK], i + 1);
		assert_int_equal(w.kind, REPLY_ERROR);
		assert_string_equal(w.last, errors[i]);
		explained = store_explain(w.arena, str_cstr(errors[i]));
		assert_true(str_find(explained, str_cstr(errors[i])) > 0);
	}
	assert_int_equal(w.mock.connections, 1);
	assert_true(conn_is_up(w.conn));
	end(&w);
}

/* ---- broken replies ---- */

/* A reply that is cut behind each of its octets is no reply, the batch is
 * told, and the next one has a new connection. */
static void test_cut(void **state)
{
	struct world w = { .done = 0 };
	struct str reply = STR("*2\r\n$3\r\na\r\n\r\n:12\r\n");

	(void)state;
	begin(&w, (struct conn_options){ .db = 0 });
	w.mock.raw = reply;
	for (size_t i = 0; i < reply.n; i++) {
		w.mock.mode = MOCK_CUT;
		w.mock.cut = i;
		ask(&w, "x", 0);
		run(&w, w.done + 1, WAIT);
		assert_int_equal(w.by_status[STORE_LOST], i + 1);
		w.mock.mode = MOCK_ECHO;
		ask_well(&w);
	}
	assert_int_equal(w.mock.connections, reply.n + 1);
	end(&w);
}

static void test_nonsense(void **state)
{
	static const struct {
		struct str octets;
		enum store_status status;
	} cases[] = {
		{ STR("HTTP/1.1 400 Bad Request\r\n\r\n"), STORE_LOST },
		{ STR("$1073741824\r\n"), STORE_LOST },
		{ STR("*1000000000\r\n"), STORE_LOST },
		{ STR("*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n"),
		  STORE_LOST },
		{ STR("$3\r\nabcd\r\n"), STORE_LOST },
		/* An answer too many: the next batch must not get it. */
		{ STR(":1\r\n:2\r\n"), STORE_OK },
	};
	struct world w = { .done = 0 };

	(void)state;
	begin(&w, (struct conn_options){ .db = 0 });
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		unsigned before = w.by_status[cases[i].status];

		w.mock.mode = MOCK_RAW;
		w.mock.raw = cases[i].octets;
		ask(&w, "x", 0);
		run(&w, w.done + 1, WAIT);
		assert_int_equal(w.by_status[cases[i].status], before + 1);
		w.mock.mode = MOCK_ECHO;
		ask_well(&w);
		assert_int_equal(w.mock.connections, i + 2);
	}
	end(&w);
}

/* ---- time ---- */

static unsigned descriptors(void)
{
	DIR *d = opendir("/proc/self/fd");
	unsigned n = 0;

	while (d && readdir(d))
		n++;
	closedir(d);
	return n;
}

/* A server that accepts and never answers: batches are late, then the breaker
 * opens and nobody waits; nothing grows; when the server answers again, so
 * does the connection. */
static void hang(enum mock_mode mode)
{
	struct world w = { .done = 0 };
	unsigned before, fds;
	int64_t start;

	begin(&w, (struct conn_options){ .answer_timeout = 0.4,
					 .connect_timeout = 0.4 });
	ask_well(&w);
	fds = descriptors();
	w.mock.mode = mode;
	for (int i = 0; i < 3; i++)
		ask(&w, "x", 0.02);
	run(&w, w.done + 3, WAIT);
	assert_int_equal(w.by_status[STORE_LATE], 3);
	assert_false(conn_is_up(w.conn));
	before = w.done;
	for (int i = 0; i < 10000; i++)
		ask(&w, "x", 0);
	/* All of them at once, without the loop. */
	assert_int_equal(w.done, before + 10000);
	assert_int_equal(w.by_status[STORE_UNREACHABLE], 10000);
	assert_true(str_find(str_cstr(w.last), STR("127.0.0.1:")) == 0);
	run(&w, w.done + 1, 1.5);
	/* The server's end of the same socket, and of one that is closing. */
	assert_true(descriptors() <= fds + 2);
	w.mock.mode = MOCK_ECHO;
	start = clock_mono_us();
	run_until_up(&w, true);
	print_message("up again after %.3f s\n",
		      (double)(clock_mono_us() - start) / 1e6);
	ask_well(&w);
	end(&w);
}

static void test_silent(void **state)
{
	(void)state;
	hang(MOCK_SILENT);
}

static void test_dead(void **state)
{
	(void)state;
	hang(MOCK_DEAD);
}

/* What comes late is dropped, and the next batch gets its own answer. */
static void test_slow(void **state)
{
	struct world w = { .done = 0 };

	(void)state;
	begin(&w, (struct conn_options){ .answer_timeout = 2 });
	ask_well(&w);
	w.mock.mode = MOCK_SLOW;
	w.mock.delay = 0.1;
	ask(&w, "one", 0.02);
	ask(&w, "two", 0.02);
	run(&w, 3, WAIT);
	assert_int_equal(w.by_status[STORE_LATE], 2);
	ask(&w, "three", 1.5);
	run(&w, 4, WAIT);
	assert_string_equal(w.last, "three");
	assert_int_equal(w.mock.connections, 1);
	assert_true(conn_is_up(w.conn));
	end(&w);
}

/* ---- going and coming ---- */

static void test_return(void **state)
{
	struct world w = { .done = 0 };

	(void)state;
	begin(&w, (struct conn_options){ .db = 0 });
	ask_well(&w);
	for (int i = 0; i < 3; i++) {
		mock_stop(&w.mock);
		run_until_up(&w, false);
		ask(&w, "x", 0);
		run(&w, w.done + 1, WAIT);
		assert_int_equal(w.by_status[STORE_UNREACHABLE], i + 1);
		run(&w, w.done + 1, 0.5);
		mock_start(&w.mock, w.base);
		run_until_up(&w, true);
		ask_well(&w);
	}
	/* In the middle of many. */
	w.mock.mode = MOCK_SILENT;
	for (int i = 0; i < 100; i++)
		ask(&w, "x", 0);
	run(&w, w.done + 1, 0.01);
	mock_stop(&w.mock);
	run(&w, w.done + 100, WAIT);
	assert_int_equal(w.by_status[STORE_LOST], 100);
	end(&w);
}

static void on_changed(void *ctx, bool up)
{
	(void)up;
	((struct world *)ctx)->changes++;
}

static void test_password(void **state)
{
	struct world w = { .done = 0, .mock = { .password = "right" } };

	(void)state;
	begin(&w, (struct conn_options){ .user = STR("mail"),
		.password = STR("HUSH"), .ctx = &w, .changed = on_changed });
	ask(&w, "x", 0);
	run(&w, 1, WAIT);
	assert_int_equal(w.by_status[STORE_UNREACHABLE], 1);
	run(&w, 2, 0.3);
	assert_false(conn_is_up(w.conn));
	assert_true(str_find(str_cstr(conn_why(w.conn)), STR("WRONGPASS")) > 0);
	assert_true(str_find(str_cstr(conn_why(w.conn)), STR("store")) > 0);
	assert_true(str_find(str_cstr(conn_why(w.conn)), STR("HUSH")) < 0);
	assert_int_equal(w.changes, 0);
	w.mock.password = "HUSH";
	run_until_up(&w, true);
	run(&w, 2, 0.01);
	assert_int_equal(w.changes, 1);
	ask_well(&w);
	end(&w);
}

/* A server that is loading, or whose PING fails in another way, is not up. */
static void test_not_ready(void **state)
{
	struct world w = { .mock = { .greeting_error =
		STR("-LOADING Redis is loading the dataset in memory\r\n") } };

	(void)state;
	begin(&w, (struct conn_options){ .db = 0 });
	run(&w, 1, 0.5);
	assert_false(conn_is_up(w.conn));
	assert_true(str_find(str_cstr(conn_why(w.conn)), STR("LOADING")) > 0);
	w.mock.greeting_error = STR("-NOPERM no PING for you\r\n");
	run_until_up(&w, true);
	ask_well(&w);
	end(&w);
}

/* ---- ceilings ---- */

static void test_queue(void **state)
{
	struct world w = { .mock = { .mode = MOCK_SILENT } };

	(void)state;
	begin(&w, (struct conn_options){ .answer_timeout = 5 });
	for (int i = 0; i < STORE_QUEUE_MAX + 100; i++)
		ask(&w, "x", 5);
	assert_int_equal(w.by_status[STORE_BUSY], 100);
	conn_free(&w.conn);
	assert_int_equal(w.done, STORE_QUEUE_MAX + 100);
	assert_int_equal(w.by_status[STORE_UNREACHABLE], STORE_QUEUE_MAX);
	end(&w);
}

static void test_octets(void **state)
{
	struct world w = { .mock = { .mode = MOCK_SILENT } };
	char *big = xmalloc(STORE_REQUEST_MAX + 1);
	struct store_batch b = { .n = 0 };

	(void)state;
	memset(big, 'x', STORE_REQUEST_MAX);
	big[STORE_REQUEST_MAX] = '\0';
	begin(&w, (struct conn_options){ .answer_timeout = 5 });
	ask(&w, big, 0);
	assert_int_equal(w.by_status[STORE_FAILED], 1);
	big[STORE_REQUEST_MAX / 2] = '\0';
	ask(&w, big, 0);
	ask(&w, big, 0);
	assert_int_equal(w.by_status[STORE_BUSY], 1);
	store_add(w.arena, &b, "DEL", STR("x"));
	for (int i = 0; i < STORE_ARGS_MAX; i++)
		store_add_arg(w.arena, &b, STR("y"));
	conn_send(w.conn, b.v, b.n, 0, on_done, &w);
	assert_int_equal(w.by_status[STORE_FAILED], 2);
	conn_send(w.conn, NULL, 0, 0, on_done, &w);
	assert_int_equal(w.by_status[STORE_OK], 1);
	end(&w);
	xfree(big);
}

/* ---- scripts ---- */

static void ask_script(struct world *w, bool asking)
{
	struct str word = STR("ASKING");
	struct store_batch b = { .n = 0 };

	if (asking) {
		store_add(w->arena, &b, "", STR_NONE);
		b.v[0].argv = (struct strs){ .v = &word, .n = 1 };
	}
	store_add_script(w->arena, &b, "echo");
	store_add_key(w->arena, &b, STR("key"));
	store_add_arg(w->arena, &b, STR("fine"));
	conn_send(w->conn, b.v, b.n, 0, on_done, w);
	run(w, w->done + 1, WAIT);
	assert_string_equal(w->last, "fine");
}

static void test_scripts(void **state)
{
	struct world w = { .done = 0 };

	(void)state;
	begin(&w, (struct conn_options){ .db = 0 });
	ask_script(&w, false);
	assert_int_equal(w.mock.texts, 1);
	ask_script(&w, false);
	assert_int_equal(w.mock.texts, 1);
	assert_int_equal(w.mock.digests, 1);
	w.mock.forgets = true;
	ask_script(&w, false);
	assert_int_equal(w.mock.texts, 2);
	w.mock.commands = 0;
	ask_script(&w, true);
	/* ASKING and EVALSHA, then ASKING and EVAL. */
	assert_int_equal(w.mock.commands, 4);
	end(&w);
}

/* ---- callbacks that free ---- */

static void on_done_free(void *ctx, enum store_status status,
			 const struct store_reply *replies, size_t n,
			 const struct err *err)
{
	struct world *w = ctx;

	on_done(ctx, status, replies, n, err);
	conn_free(&w->conn);
}

static void on_changed_free(void *ctx, bool up)
{
	(void)up;
	conn_free(&((struct world *)ctx)->conn);
}

static void test_freed_inside(void **state)
{
	static const enum mock_mode modes[] = { MOCK_ECHO, MOCK_SILENT,
		MOCK_CUT, MOCK_RAW };

	(void)state;
	for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
		struct world w = { .mock = { .mode = modes[i],
					     .raw = STR("?") } };
		struct store_batch b = { .n = 0 };

		begin(&w, (struct conn_options){ .answer_timeout = 0.1 });
		store_add(w.arena, &b, "GET", STR("x"));
		for (int k = 0; k < 3; k++)
			conn_send(w.conn, b.v, b.n, 0, on_done_free, &w);
		run(&w, 3, WAIT);
		assert_int_equal(w.done, 3);
		assert_null(w.conn);
		end(&w);
	}
	for (int k = 0; k < 2; k++) {
		struct world w = { .done = 0 };

		begin(&w, (struct conn_options){ .ctx = &w,
			.changed = on_changed_free });
		ask(&w, "x", 0);
		run(&w, 1, WAIT);
		assert_int_equal(w.done, 1);
		assert_null(w.conn);
		end(&w);
	}
}

static void quiet(void *ctx, enum log_level level, const char *line)
{
	(void)ctx;
	(void)level;
	assert_null(strstr(line, "HUSH"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_nonsense),
		cmocka_unit_test(test_silent),
		cmocka_unit_test(test_dead),
		cmocka_unit_test(test_slow),
		cmocka_unit_test(test_return),
		cmocka_unit_test(test_password),
		cmocka_unit_test(test_not_ready),
		cmocka_unit_test(test_queue),
		cmocka_unit_test(test_octets),
		cmocka_unit_test(test_scripts),
		cmocka_unit_test(test_freed_inside),
	};

	log_set_sink(quiet, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
