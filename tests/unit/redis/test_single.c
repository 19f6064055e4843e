/*
 * The store that is one Redis server: against the real one, over TCP with a
 * password, as an ACL user, over a Unix socket, over TLS whose certificate the
 * test makes, in another database, and after it lost its scripts or itself;
 * and retries, against a server that says what the test tells it to.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

#include "mock_server.h"

#define WAIT 15.0

/* ---- a server ---- */

static char dir[64];
static int port, tls_port;
static pid_t server;

static int free_port(void)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(sin);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	must(bind(fd, (struct sockaddr *)&sin, sizeof(sin)) == 0);
	getsockname(fd, (struct sockaddr *)&sin, &len);
	close(fd);
	return ntohs(sin.sin_port);
}

static void start_server(void)
{
	char text[32], tls_text[32];

	snprintf(text, sizeof(text), "%d", port);
	snprintf(tls_text, sizeof(tls_text), "%d", tls_port);
	server = fork();
	if (server)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close(1);
	open("/dev/null", O_WRONLY);
	execlp("redis-server", "redis-server", "--bind", "127.0.0.1",
	       "--port", text, "--unixsocket", "redis.sock", "--save", "",
	       "--requirepass", "pass@word", "--tls-port", tls_text,
	       "--tls-cert-file", "cert.pem", "--tls-key-file", "key.pem",
	       "--tls-ca-cert-file", "cert.pem", "--tls-auth-clients", "no",
	       "--user", "mail", "on", ">secret", "~*", "&*", "+@all",
	       (char *)NULL);
	_exit(127);
}

static void stop_server(void)
{
	if (server > 0) {
		kill(server, SIGKILL);
		waitpid(server, NULL, 0);
	}
	server = 0;
}

static int set_up(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/mekiki-single-XXXXXX");
	must(mkdtemp(dir) && chdir(dir) == 0);
	must(system("openssl req -x509 -newkey rsa:2048 -nodes -days 2 "
		    "-keyout key.pem -out cert.pem -subj /CN=localhost "
		    "-addext subjectAltName=DNS:localhost 2>/dev/null && "
		    "openssl req -x509 -newkey rsa:2048 -nodes -days 2 "
		    "-keyout otherkey.pem -out other.pem -subj /CN=other "
		    "2>/dev/null") == 0);
	port = free_port();
	tls_port = free_port();
	start_server();
	return 0;
}

static int tear_down(void **state)
{
	char command[128];

	(void)state;
	stop_server();
	must(chdir("/") == 0);
	snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	return system(command);
}

/* ---- asking ---- */

struct world {
	struct event_base *base;
	struct arena *arena;
	struct store *store;
	bool done;
	enum store_status status;
	struct store_reply *replies;
	size_t n;
	struct err err;
};

static void copy(struct arena *a, const struct store_reply *from,
		 struct store_reply *to)
{
	*to = *from;
	to->text = str_dup(a, from->text);
	to->items = arena_alloc(a, (from->n + 1) * sizeof(*to));
	for (size_t i = 0; i < from->n; i++)
		copy(a, &from->items[i], &to->items[i]);
}

static void on_done(void *ctx, enum store_status status,
		    const struct store_reply *replies, size_t n,
		    const struct err *err)
{
	struct world *w = ctx;

	assert_false(w->done);
	w->done = true;
	w->status = status;
	w->err = *err;
	w->n = n;
	w->replies = arena_alloc(w->arena, (n + 1) * sizeof(*w->replies));
	for (size_t i = 0; i < n; i++)
		copy(w->arena, &replies[i], &w->replies[i]);
}

static void wait_done(struct world *w)
{
	int64_t until = clock_mono_us() + (int64_t)(WAIT * 1e6);

	while (!w->done && clock_mono_us() < until) {
		struct timeval tv = { 0, 5000 };

		event_base_loopexit(w->base, &tv);
		event_base_dispatch(w->base);
	}
	assert_true(w->done);
}

static void ask(struct world *w, const struct store_batch *b)
{
	w->done = false;
	store_send(w->store, b, 0, on_done, w);
	wait_done(w);
}

static void wait_ms(struct world *w, int ms)
{
	struct timeval tv = { ms / 1000, ms % 1000 * 1000 };

	event_base_loopexit(w->base, &tv);
	event_base_dispatch(w->base);
}

static void open_store(struct world *w, struct str url, const char *ca_file)
{
	struct store_options o = { .connect_timeout = 2, .answer_timeout = 2 };
	struct err err;

	w->base = event_base_new();
	w->arena = arena_new();
	assert_int_equal(store_url_parse(w->arena, url, &o.url, &err), 0);
	o.url.ca_file = ca_file;
	w->store = store_open(&o, w->base, &err);
	if (!w->store)
		fail_msg("%s", err.text);
}

static void close_store(struct world *w)
{
	store_close(&w->store);
	event_base_loop(w->base, EVLOOP_NONBLOCK);
	event_base_free(w->base);
	arena_free(&w->arena);
}

/* In an arena that outlives the store's. */
static struct str url(struct arena *a, const char *form, int p)
{
	char text[256];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	snprintf(text, sizeof(text), form, p);
#pragma GCC diagnostic pop
	return str_dup(a, str_cstr(text));
}

/* Sets a key and reads it back, and runs a script. */
static void use(struct world *w, const char *value)
{
	struct store_batch b = { .n = 0 };

	store_add(w->arena, &b, "SET", STR("t:{*}k\0\r\n"));
	store_add_arg(w->arena, &b, str_cstr(value));
	store_add(w->arena, &b, "GET", STR("t:{*}k\0\r\n"));
	store_add_script(w->arena, &b, "echo");
	store_add_key(w->arena, &b, STR("a"));
	store_add_arg(w->arena, &b, STR("b"));
	for (int i = 0; i < 100; i++) {
		ask(w, &b);
		if (w->status == STORE_OK)
			break;
		wait_ms(w, 50);		/* the server is starting */
	}
	if (w->status != STORE_OK)
		fail_msg("%s", w->err.text);
	assert_int_equal(w->n, 3);
	assert_true(str_eq(w->replies[1].text, str_cstr(value)));
	assert_int_equal(w->replies[2].n, 2);
	assert_true(str_eq(w->replies[2].items[1].text, STR("b")));
	assert_true(w->store->ops->is_up(w->store));
}

static void with_store(const char *form, int p, const char *ca_file)
{
	struct world w = { .done = false };
	struct arena *a = arena_new();
	struct str text = url(a, form, p);

	open_store(&w, text, ca_file);
	use(&w, "value");
	close_store(&w);
	arena_free(&a);
}

static void test_ways(void **state)
{
	char unix_url[160];

	(void)state;
	snprintf(unix_url, sizeof(unix_url),
		 "redis+unix://%s/redis.sock?user=mail&password=secret", dir);
	with_store("redis://:pass%%40word@127.0.0.1:%d", port, NULL);
	with_store("redis://mail:secret@localhost:%d/7", port, NULL);
	with_store(unix_url, 0, NULL);
}

/* ---- refused ---- */

static void refused(const char *form, int p, const char *ca_file,
		    const char *says)
{
	struct world w = { .done = false };
	struct store_batch b = { .n = 0 };
	struct arena *a = arena_new();
	struct str text = url(a, form, p);

	open_store(&w, text, ca_file);
	store_add(w.arena, &b, "GET", STR("k"));
	do {
		wait_ms(&w, 20);
		ask(&w, &b);
		assert_int_equal(w.status, STORE_UNREACHABLE);
	} while (str_find(str_cstr(w.err.text), STR("not connected yet")) >= 0);
	if (str_find(str_cstr(w.err.text), str_cstr(says)) < 0)
		fail_msg("%s", w.err.text);
	assert_null(strstr(w.err.text, "HUSH"));
	close_store(&w);
	arena_free(&a);
}

static void test_refused(void **state)
{
	(void)state;
	refused("redis://127.0.0.1:%d", port, NULL, "NOAUTH");
	refused("redis://mail:HUSH@127.0.0.1:%d", port, NULL, "WRONGPASS");
	refused("redis://:pass%%40word@127.0.0.1:%d/99", port, NULL,
		"databases");
	refused("redis://127.0.0.1:%d", free_port(), NULL, "refused");
	refused("redis+unix:///nowhere/s%d", 1, NULL, "No such file");
	refused("redis://no-such-host.invalid:%d", port, NULL, "");
}

static void test_tls(void **state)
{
	struct store_options o = { .connect_timeout = 2 };
	struct arena *a = arena_new();
	struct err err = { "" };

	(void)state;
	with_store("rediss://:pass%%40word@localhost:%d", tls_port,
		   "cert.pem");
	/* A certificate that nobody vouches for, one for another name, and a
	 * server that speaks no TLS. */
	refused("rediss://:HUSH@localhost:%d", tls_port, "other.pem",
		"certificate is not accepted");
	refused("rediss://:HUSH@localhost:%d", tls_port, NULL,
		"certificate is not accepted");
	refused("rediss://:HUSH@127.0.0.1:%d", tls_port, "cert.pem",
		"certificate is not accepted");
	refused("rediss://:HUSH@localhost:%d", port, "cert.pem", "TLS");
	refused("redis://:HUSH@localhost:%d", tls_port, NULL, "");
	assert_int_equal(store_url_parse(a, STR("rediss://h"), &o.url, &err),
			 0);
	o.url.ca_file = "missing.pem";
	assert_null(store_open(&o, NULL, &err));
	assert_non_null(strstr(err.text, "missing.pem"));
	arena_free(&a);
}

/* ---- its scripts, its keys, itself ---- */

static void test_flushed(void **state)
{
	struct world w = { .done = false };
	struct arena *a = arena_new();
	struct str text = url(a, "redis://:pass%%40word@127.0.0.1:%d", port);
	struct store_batch b = { .n = 0 };

	(void)state;
	open_store(&w, text, NULL);
	use(&w, "one");
	store_add(w.arena, &b, "SCRIPT", STR("FLUSH"));
	ask(&w, &b);
	assert_true(str_eq(w.replies[0].text, STR("OK")));
	use(&w, "two");
	stop_server();
	for (int i = 0; i < 500 && w.store->ops->is_up(w.store); i++)
		wait_ms(&w, 10);
	assert_false(w.store->ops->is_up(w.store));
	start_server();
	use(&w, "three");
	close_store(&w);
	arena_free(&a);
}

static void test_scan(void **state)
{
	struct world w = { .done = false };
	struct arena *a = arena_new();
	struct str text = url(a, "redis://:pass%%40word@127.0.0.1:%d/9",
			      port);
	struct store_batch b = { .n = 0 };
	struct str cursor = STR("");
	size_t found = 0, steps = 0;

	(void)state;
	open_store(&w, text, NULL);
	for (int i = 0; i < 2000; i++) {
		store_add(w.arena, &b, "SET",
			  str_printf(w.arena, "s[*]\\:%d", i));
		store_add_arg(w.arena, &b, STR("x"));
		store_add(w.arena, &b, "SET", str_printf(w.arena, "s*%d", i));
		store_add_arg(w.arena, &b, STR("x"));
	}
	ask(&w, &b);
	assert_int_equal(w.status, STORE_OK);
	do {
		w.done = false;
		w.store->ops->scan(w.store, STR("s[*]\\"), cursor, on_done,
				   &w);
		wait_done(&w);
		assert_int_equal(w.replies[0].n, 2);
		cursor = w.replies[0].items[0].text;
		found += w.replies[0].items[1].n;
		steps++;
	} while (cursor.n && steps < 1000);
	assert_int_equal(found, 2000);
	assert_true(steps > 1);
	close_store(&w);
	arena_free(&a);
}

/* ---- retries ---- */

static void test_retries(void **state)
{
	static const char *const passing[] = { "READONLY x", "LOADING x",
		"MASTERDOWN x", "BUSY x", "TRYAGAIN x" };
	struct mock m = { .mode = MOCK_RAW };
	struct world w = { .base = event_base_new() };
	struct store_batch b = { .n = 0 };
	struct store_options o = { .connect_timeout = 2, .answer_timeout = 5 };
	struct err err;

	(void)state;
	w.arena = arena_new();
	mock_start(&m, w.base);
	assert_int_equal(store_url_parse(w.arena, str_printf(w.arena,
		"redis://127.0.0.1:%u", m.port), &o.url, &err), 0);
	w.store = store_open(&o, w.base, &err);
	store_add(w.arena, &b, "GET", STR("k"));
	store_add(w.arena, &b, "GET", STR("k"));
	for (size_t i = 0; i < sizeof(passing) / sizeof(*passing); i++) {
		m.commands = 0;
		m.raw = str_printf(w.arena, "-%s\r\n", passing[i]);
		ask(&w, &b);
		assert_int_equal(w.status, STORE_OK);
		assert_int_equal(m.commands, 2 * 6);
		assert_true(str_eq(w.replies[1].text, str_cstr(passing[i])));
	}
	m.commands = 0;
	m.raw = STR("-OOM x\r\n");
	ask(&w, &b);
	assert_int_equal(m.commands, 2);
	/* It passes while it is tried. */
	m.raw = STR("-LOADING x\r\n");
	w.done = false;
	store_send(w.store, &b, 0, on_done, &w);
	wait_ms(&w, 10);
	assert_false(w.done);
	m.mode = MOCK_ECHO;
	wait_done(&w);
	assert_true(str_eq(w.replies[0].text, STR("k")));
	assert_true(str_eq(w.replies[1].text, STR("k")));
	/* Closed while one waits for its next attempt. */
	m.mode = MOCK_RAW;
	w.done = false;
	store_send(w.store, &b, 0, on_done, &w);
	wait_ms(&w, 10);
	store_close(&w.store);
	assert_int_equal(w.status, STORE_LOST);
	mock_stop(&m);
	event_base_free(w.base);
	arena_free(&w.arena);
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
		cmocka_unit_test(test_ways),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_tls),
		cmocka_unit_test(test_flushed),
		cmocka_unit_test(test_scan),
		cmocka_unit_test(test_retries),
	};

	log_set_sink(quiet, NULL);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
