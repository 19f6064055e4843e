/*
 * The embedded store over memory and over LMDB: the order of records, expiry
 * under a clock that the test moves, sweeping, batches that ask again from
 * their answer, scripts and their bounds. That commands answer as Redis does
 * is proved beside the real one (tests/store/embedded.pl).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "redis/embedded.h"
#include "redis/kv.h"
#include "redis/store.h"

static int64_t the_time = 1000000000000;
static char dir[] = "/tmp/embedded.XXXXXX";

static int64_t now_ms(void)
{
	return the_time;
}

struct fixture {
	struct arena *a;
	struct store *s;
	char *text;		/* all replies of a batch, in words */
	enum store_status status;
};

static void remove_file(void)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/data.mdb", dir);
	unlink(path);
	snprintf(path, sizeof(path), "%s/lock.mdb", dir);
	unlink(path);
}

static struct store *open_url(struct arena *a, const char *url, size_t size)
{
	struct store_options o = { .map_size = size };
	struct err err = { "" };
	struct store *s;

	assert_int_equal(store_url_parse(a, str_cstr(url), &o.url, &err), 0);
	s = store_open(&o, NULL, &err);
	if (!s)
		fail_msg("%s", err.text);
	embedded_set_clock(s, now_ms);
	return s;
}

static struct fixture begin(bool lmdb)
{
	struct fixture f = { .a = arena_new() };

	remove_file();
	f.s = open_url(f.a, lmdb ? str_printf(f.a, "lmdb:%s", dir).p :
		       "memory:", (size_t)16 << 20);
	return f;
}

static void end(struct fixture *f)
{
	store_close(&f->s);
	assert_null(f->s);
	arena_free(&f->a);
}

static struct str words(struct arena *a, const struct store_reply *r)
{
	struct str s = STR("");

	if (r->kind == REPLY_NIL)
		return STR("nil");
	if (r->kind == REPLY_INT)
		return str_printf(a, "%lld", (long long)r->number);
	if (r->kind == REPLY_ERROR)
		return str_printf(a, "!%.*s", STR_ARG(r->text));
	if (r->kind != REPLY_LIST)
		return str_dup(a, r->text);
	for (size_t i = 0; i < r->n; i++) {
		s = str_cat(a, s, i ? STR(" ") : STR(""));
		s = str_cat(a, s, words(a, &r->items[i]));
	}
	return str_cat(a, str_cat(a, STR("("), s), STR(")"));
}

static void on_done(void *ctx, enum store_status status,
		    const struct store_reply *r, size_t n,
		    const struct err *err)
{
	struct fixture *f = ctx;
	struct str s = STR("");

	f->status = status;
	for (size_t i = 0; i < n; i++) {
		s = str_cat(f->a, s, i ? STR("; ") : STR(""));
		s = str_cat(f->a, s, words(f->a, &r[i]));
	}
	if (status != STORE_OK)
		s = str_cstr(err->text);
	f->text = arena_strndup(f->a, s.p, s.n);
}

/* Commands are separated by ";", words by spaces. */
static const char *ask(struct fixture *f, const char *text)
{
	struct str rest = str_cstr(text), command, word;
	struct store_batch b = { 0 };

	while (str_next(&rest, ';', &command)) {
		struct store_command c = { .script = -1 };

		while (str_next_word(&command, &word))
			strs_add(f->a, &c.argv, word);
		b.v = arena_grow(f->a, b.v, b.n, &b.cap, sizeof(*b.v));
		b.v[b.n++] = c;
	}
	f->text = NULL;
	store_send(f->s, &b, 0, on_done, f);
	assert_non_null(f->text);
	return f->text;
}

static const char *eval(struct fixture *f, const char *text, const char *key)
{
	struct store_batch b = { 0 };

	store_add(f->a, &b, "EVAL", str_cstr(text));
	store_add_arg(f->a, &b, STR("1"));
	store_add_arg(f->a, &b, str_cstr(key));
	f->text = NULL;
	store_send(f->s, &b, 0, on_done, f);
	return f->text;
}

static void tick(struct fixture *f)
{
	f->s->ops->tick(f->s);
}

/* ---- expiry ---- */

static void expires(bool lmdb)
{
	struct fixture f = begin(lmdb);

	assert_string_equal(ask(&f, "SET a 1 PX 1500;TTL a;PTTL a"),
			    "OK; 2; 1500");
	the_time += 1500;
	assert_string_equal(ask(&f, "GET a"), "1");
	the_time += 1;
	/* A reader sees nothing, though it is still there. */
	assert_string_equal(ask(&f, "GET a;EXISTS a;DBSIZE;KEYS *"),
			    "nil; 0; 1; ()");
	the_time += 1000;
	tick(&f);
	assert_string_equal(ask(&f, "DBSIZE"), "0");
	end(&f);
}

/* An expiry that moves away keeps its line of the index; the record lives. */
static void moves_away(bool lmdb)
{
	struct fixture f = begin(lmdb);

	ask(&f, "HSET w s 1 h 2;EXPIRE w 10");
	for (int i = 0; i < 20; i++) {
		the_time += 7000;
		tick(&f);
		assert_string_equal(ask(&f, "EXPIRE w 10;HGET w h"), "1; 2");
	}
	the_time += 9000;
	tick(&f);
	assert_string_equal(ask(&f, "HGET w h;TTL w"), "2; 1");
	the_time += 3000;
	tick(&f);
	assert_string_equal(ask(&f, "DBSIZE"), "0");
	/* And one that comes nearer is found in time. */
	ask(&f, "SET x 1 EX 1000;EXPIRE x 1");
	the_time += 3000;
	tick(&f);
	assert_string_equal(ask(&f, "DBSIZE"), "0");
	ask(&f, "SET x 1 EX 1;PERSIST x");
	the_time += 3000;
	tick(&f);
	assert_string_equal(ask(&f, "GET x;TTL x"), "1; -1");
	end(&f);
}

/* Members that were spread are removed by and by after their key, and never
 * seen by its successor. */
static void sweeps(bool lmdb)
{
	struct fixture f = begin(lmdb);
	struct str all = STR("ZADD z");

	for (int i = 0; i < 3000; i++)
		all = str_printf(f.a, "%.*s %d m%d", STR_ARG(all), i, i);
	ask(&f, all.p);
	assert_string_equal(ask(&f, "ZCARD z;ZRANGE z 0 1;ZREVRANGE z 0 1"),
			    "3000; (m0 m1); (m2999 m2998)");
	assert_string_equal(ask(&f, "DEL z;ZADD z 1 m7;ZRANGE z 0 -1"),
			    "1; 1; (m7)");
	for (int i = 0; i < 10; i++)
		tick(&f);
	assert_string_equal(ask(&f, "ZRANGE z 0 -1;DBSIZE"), "(m7); 1");
	ask(&f, "DEL z");
	tick(&f);
	assert_string_equal(ask(&f, "DBSIZE"), "0");
	end(&f);
}

/* ---- batches ---- */

struct again {
	struct fixture *f;
	const char *seen;
};

static void ask_again(void *ctx, enum store_status status,
		      const struct store_reply *r, size_t n,
		      const struct err *err)
{
	struct again *again = ctx;
	struct str mine = r[0].text;

	(void)err;
	assert_int_equal(status, STORE_OK);
	assert_int_equal(n, 1);
	assert_string_equal(ask(again->f, "SET k 2;GET k"), "OK; 2");
	/* The outer reply is as it was. */
	assert_true(str_eq(mine, STR("1")));
	again->seen = "yes";
}

static void asks_from_an_answer(bool lmdb)
{
	struct fixture f = begin(lmdb);
	struct again again = { .f = &f };
	struct store_batch b = { 0 };

	ask(&f, "SET k 1");
	store_add(f.a, &b, "GET", STR("k"));
	store_send(f.s, &b, 0, ask_again, &again);
	assert_non_null(again.seen);
	end(&f);
}

/* An error of one command leaves the others done. */
static void errors_are_data(bool lmdb)
{
	struct fixture f = begin(lmdb);

	assert_string_equal(ask(&f, "SET a x;HSET a f v;INCR a;SET b 1"),
		"OK; !WRONGTYPE Operation against a key holding the wrong "
		"kind of value; !ERR value is not an integer or out of "
		"range; OK");
	assert_string_equal(ask(&f, "GET b;NO such"),
		"1; !ERR unknown command 'NO', with args beginning with: "
		"'such' ");
	assert_string_equal(ask(&f, "GET"),
		"!ERR wrong number of arguments for 'get' command");
	end(&f);
}

static void too_large(bool lmdb)
{
	struct fixture f = begin(lmdb);
	struct store_batch b = { 0 };
	size_t n = STORE_REQUEST_MAX + 1;

	store_add(f.a, &b, "SET", STR("k"));
	store_add_arg(f.a, &b, str_make(memset(arena_text(f.a, n), 'x', n),
					n));
	store_send(f.s, &b, 0, on_done, &f);
	assert_int_equal(f.status, STORE_FAILED);
	assert_string_equal(ask(&f, "EXISTS k"), "0");
	end(&f);
}

/* ---- scripts ---- */

static void scripts(bool lmdb)
{
	struct fixture f = begin(lmdb);
	const char *text;

	/* A script that writes after it read, in the same batch twice. */
	assert_string_equal(eval(&f, "local n = redis.call('GET', KEYS[1]) "
		"redis.call('INCR', KEYS[1]) return n or 'none'", "n"),
		"none");
	assert_string_equal(ask(&f, "GET n"), "1");
	text = eval(&f, "while true do pcall(error) end", "n");
	assert_non_null(strstr(text, "too many instructions"));
	text = eval(&f, "local s = 'x' while true do s = s .. s end", "n");
	assert_non_null(strstr(text, "not enough memory"));
	text = eval(&f, "return io or os or load or require", "n");
	assert_non_null(strstr(text, "nonexistent global variable 'io'"));
	assert_string_equal(eval(&f, "return redis.call('GET', KEYS[1])",
				 "n"), "1");
	end(&f);
}

static void named_scripts(bool lmdb)
{
	struct fixture f = begin(lmdb);
	struct store_batch b = { 0 };

	store_add_script(f.a, &b, "echo");
	store_add_key(f.a, &b, STR("key"));
	store_add_arg(f.a, &b, str_make("a\0b", 3));
	store_send(f.s, &b, 0, on_done, &f);
	assert_memory_equal(f.text, "(key a\0b)", 9);
	end(&f);
}

/* ---- the kv ---- */

/* A model in which everything is tried: sorted small numbers. */
static void kv_order(bool lmdb)
{
	struct arena *a = arena_new();
	struct store_options o = {
		.map_size = (size_t)16 << 20,
		.url.path = str_cstr(dir),
	};
	struct err err = { "" };
	bool there[500] = { false };
	struct kv *kv;
	struct str k, v;
	char key[8];

	remove_file();
	kv = lmdb ? kv_lmdb_open(&o, &err) : kv_memory_open(&o);
	assert_non_null(kv);
	assert_int_equal(kv->ops->begin(kv, KV_WRITE), 0);
	srandom(3);
	for (int i = 0; i < 20000; i++) {
		int n = (int)(random() % 500), want;

		snprintf(key, sizeof(key), "%03d", n);
		assert_int_equal(kv->ops->get(kv, str_cstr(key), &v),
				 there[n]);
		switch (random() % 4) {
		case 0:
			there[n] = true;
			kv->ops->put(kv, str_cstr(key), str_head(
				STR("abcdefghij"), (size_t)random() % 11));
			break;
		case 1:
			there[n] = false;
			kv->ops->del(kv, str_cstr(key));
			break;
		case 2:
			for (want = n + 1; want < 500 && !there[want];)
				want++;
			assert_int_equal(kv->ops->step(kv, KV_AFTER,
				str_cstr(key), &k, &v), want < 500);
			if (want < 500)
				assert_int_equal(strtol(str_dup(a, k).p, NULL,
							10), want);
			break;
		case 3:
			for (want = n - 1; want >= 0 && !there[want];)
				want--;
			assert_int_equal(kv->ops->step(kv, KV_BEFORE,
				str_cstr(key), &k, &v), want >= 0);
			if (want >= 0)
				assert_int_equal(strtol(str_dup(a, k).p, NULL,
							10), want);
			break;
		}
	}
	assert_int_equal(kv->ops->commit(kv), 0);
	kv->ops->close(kv);
	arena_free(&a);
}

/* One process may open a file twice: both see the same. */
static void opens_twice(void **state)
{
	struct fixture f = begin(true), g = { .a = f.a };

	(void)state;
	g.s = open_url(f.a, str_printf(f.a, "lmdb:%s", dir).p, 0);
	ask(&f, "SET a 1");
	assert_string_equal(ask(&g, "GET a;INCR a"), "1; 2");
	store_close(&g.s);
	assert_string_equal(ask(&f, "GET a;INCR a"), "2; 3");
	end(&f);
}

/* What is written stays when the store is opened again. */
static void stays(void **state)
{
	struct fixture f = begin(true);

	(void)state;
	ask(&f, "SET a 1 EX 100;HSET h f v;ZADD z 1.5 m;LPUSH l x y;SADD s q");
	store_close(&f.s);
	f.s = open_url(f.a, str_printf(f.a, "lmdb:%s", dir).p, 0);
	assert_string_equal(ask(&f, "GET a;TTL a;HGETALL h;ZSCORE z m;"
				"LRANGE l 0 -1;SMEMBERS s;DBSIZE"),
			    "1; 100; (f v); 1.5; (y x); (q); 5");
	end(&f);
}

static void memory_is_bounded(void **state)
{
	struct fixture f = { .a = arena_new() };
	int i;

	(void)state;
	f.s = open_url(f.a, "memory:", (size_t)2 << 20);
	f.status = STORE_OK;
	for (i = 0; i < 100000 && f.status == STORE_OK; i++)
		ask(&f, str_printf(f.a, "SET k%d %0200d", i, i).p);
	assert_int_equal(f.status, STORE_FAILED);
	assert_non_null(strstr(f.text, "full"));
	assert_string_equal(ask(&f, "DEL k1 k2;GET k0"),
			    str_printf(f.a, "2; %0200d", 0).p);
	end(&f);
}

#define BOTH(name) \
	static void name##_memory(void **state) { (void)state; name(false); } \
	static void name##_lmdb(void **state) { (void)state; name(true); }
#define BOTH_TESTS(name) \
	cmocka_unit_test(name##_memory), cmocka_unit_test(name##_lmdb)

BOTH(expires)
BOTH(moves_away)
BOTH(sweeps)
BOTH(asks_from_an_answer)
BOTH(errors_are_data)
BOTH(too_large)
BOTH(scripts)
BOTH(named_scripts)
BOTH(kv_order)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH_TESTS(expires),
		BOTH_TESTS(moves_away),
		BOTH_TESTS(sweeps),
		BOTH_TESTS(asks_from_an_answer),
		BOTH_TESTS(errors_are_data),
		BOTH_TESTS(too_large),
		BOTH_TESTS(scripts),
		BOTH_TESTS(named_scripts),
		BOTH_TESTS(kv_order),
		cmocka_unit_test(opens_twice),
		cmocka_unit_test(stays),
		cmocka_unit_test(memory_is_bounded),
	};
	int failed;

	if (!mkdtemp(dir))
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	remove_file();
	rmdir(dir);
	return failed;
}
