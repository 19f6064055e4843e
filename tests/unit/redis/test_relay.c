/*
 * What a batch may count on when nobody answers, from the homes that have
 * several servers: it is told once, in time, with a status that says whether
 * anything may have been done; queues are bounded; the store may be closed
 * from within what it calls, and by whoever has batches under way. (What
 * happens with servers is in tests/store/.)
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "redis/relay.h"

static struct arena *a;
static struct event_base *base;
static struct store *s;
static int refusing = -1;	/* a port that is taken, and not listened on */

static struct {
	unsigned told, by[STORE_FAILED + 1];
	struct store_reply last;
	char error[200];
	bool close, send;
} seen;

static void on_done(void *ctx, enum store_status status,
		    const struct store_reply *replies, size_t n,
		    const struct err *err)
{
	struct store_batch *again = ctx;

	seen.told++;
	seen.by[status]++;
	if (status == STORE_OK && n)
		seen.last = replies[0];
	if (seen.last.kind == REPLY_ERROR)
		snprintf(seen.error, sizeof(seen.error), "%.*s",
			 STR_ARG(seen.last.text));
	if (status != STORE_OK)
		assert_true(err->text[0] != '\0');
	if (seen.send && again)
		store_send(s, again, 0.05, on_done, NULL);
	if (seen.close)
		store_close(&s);
}

static void open_it(const char *form)
{
	struct store_options o = { .connect_timeout = 0.3,
				   .answer_timeout = 0.3 };
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t size = sizeof(at);
	struct err err;
	struct str url;

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	refusing = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(refusing, (struct sockaddr *)&at, size), 0);
	assert_int_equal(getsockname(refusing, (struct sockaddr *)&at,
				     &size), 0);
	url = str_printf(a, "%s127.0.0.1:%d%s", form, ntohs(at.sin_port),
			 strstr(form, "sentinel") ? "/name" : "");
	assert_int_equal(store_url_parse(a, url, &o.url, &err), 0);
	s = store_open(&o, base, &err);
	assert_non_null(s);
	memset(&seen, 0, sizeof(seen));
}

static const char *const forms[] = { "redis+cluster://", "redis+sentinel://" };

static void get(struct store_batch *b, const char *key)
{
	store_add(a, b, "GET", str_cstr(key));
}

/* Lets the loop run until n were told. */
static void until_told(unsigned n)
{
	for (int i = 0; i < 500 && seen.told < n; i++) {
		struct timeval tv = { 0, 10000 };

		event_base_loopexit(base, &tv);
		event_base_dispatch(base);
	}
	assert_int_equal(seen.told, n);
}

static void nobody_there(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct store_batch b = { 0 };

		open_it(forms[i]);
		get(&b, "a");
		get(&b, "b");
		store_send(s, &b, 0, on_done, NULL);
		store_send(s, &b, 0.02, on_done, NULL);
		assert_int_equal(seen.told, 0);
		until_told(2);
		assert_int_equal(seen.by[STORE_UNREACHABLE], 2);
		assert_false(s->ops->is_up(s));
		s->ops->scan(s, STR("x"), STR(""), on_done, NULL);
		s->ops->scan(s, STR("x"), STR("99999:7"), on_done, NULL);
		s->ops->scan(s, STR("x"), STR("nonsense"), on_done, NULL);
		until_told(5);
		assert_int_equal(seen.by[STORE_UNREACHABLE], 5);
		store_close(&s);
		close(refusing);
	}
}

static void without_a_server(void **state)
{
	struct store_batch b = { 0 }, none = { 0 };

	(void)state;
	open_it(forms[0]);
	/* Nothing to ask is answered. */
	store_send(s, &none, 0, on_done, NULL);
	until_told(1);
	assert_int_equal(seen.by[STORE_OK], 1);
	/* Keys of two slots go nowhere, whoever is there. */
	store_add_script(a, &b, "echo");
	store_add_key(a, &b, STR("a"));
	store_add_key(a, &b, STR("b"));
	store_send(s, &b, 0, on_done, NULL);
	until_told(2);
	assert_int_equal(seen.by[STORE_OK], 2);
	assert_int_equal(seen.last.kind, REPLY_ERROR);
	assert_memory_equal(seen.error, "CROSSSLOT", 9);
	store_close(&s);
	close(refusing);
}

static void too_many(void **state)
{
	struct store_batch b = { 0 };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		open_it(forms[i]);
		b.n = 0;
		get(&b, "a");
		for (int k = 0; k < STORE_QUEUE_MAX; k++)
			store_send(s, &b, 0.1, on_done, NULL);
		assert_int_equal(seen.told, 0);
		store_send(s, &b, 0.1, on_done, NULL);
		assert_int_equal(seen.by[STORE_BUSY], 1);
		until_told(STORE_QUEUE_MAX + 1);
		assert_int_equal(seen.by[STORE_UNREACHABLE], STORE_QUEUE_MAX);
		store_close(&s);
		close(refusing);
	}
}

static void too_large(void **state)
{
	size_t size = RELAY_OCTETS_MAX / 4 - 1000;
	char *text = arena_text(a, size);
	struct store_batch b = { 0 };

	(void)state;
	memset(text, 'x', size);
	open_it(forms[0]);
	get(&b, "a");
	store_add_arg(a, &b, str_make(text, size));
	for (int k = 0; k < 5; k++)
		store_send(s, &b, 0.1, on_done, NULL);
	assert_int_equal(seen.by[STORE_BUSY], 1);
	until_told(5);
	store_close(&s);
	close(refusing);
}

static void closed(void **state)
{
	struct store_batch b = { 0 };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		/* By its owner, with batches under way: at once. */
		open_it(forms[i]);
		b.n = 0;
		get(&b, "a");
		for (int k = 0; k < 5; k++)
			store_send(s, &b, 0, on_done, NULL);
		s->ops->scan(s, STR("x"), STR(""), on_done, NULL);
		store_close(&s);
		assert_int_equal(seen.told, 6);
		assert_int_equal(seen.by[STORE_LOST], 6);
		close(refusing);
		/* From within: the others are told before it returns. */
		open_it(forms[i]);
		for (int k = 0; k < 5; k++)
			store_send(s, &b, 0.02, on_done, NULL);
		seen.close = true;
		until_told(5);
		assert_null(s);
		assert_true(seen.by[STORE_UNREACHABLE] >= 1);
		assert_int_equal(seen.by[STORE_UNREACHABLE] +
				 seen.by[STORE_LOST], 5);
		close(refusing);
	}
}

/* Who sends again as soon as he is told does not stop the loop. */
static void again(void **state)
{
	struct store_batch b = { 0 };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		open_it(forms[i]);
		b.n = 0;
		get(&b, "a");
		seen.send = true;
		store_send(s, &b, 0.02, on_done, &b);
		until_told(2);
		store_close(&s);
		close(refusing);
	}
}

static void passing(void **state)
{
	(void)state;
	assert_true(relay_passing(STR("LOADING Redis is loading")));
	assert_true(relay_passing(STR("TRYAGAIN")));
	assert_true(relay_passing(STR("CLUSTERDOWN The cluster is down")));
	assert_false(relay_passing(STR("LOADINGS x")));
	assert_false(relay_passing(STR("ERR LOADING")));
	assert_false(relay_passing(STR("")));
}

static int set_up(void **state)
{
	(void)state;
	a = arena_new();
	base = event_base_new();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	event_base_free(base);
	arena_free(&a);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_there),
		cmocka_unit_test(without_a_server),
		cmocka_unit_test(too_many),
		cmocka_unit_test(too_large),
		cmocka_unit_test(closed),
		cmocka_unit_test(again),
		cmocka_unit_test(passing),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
