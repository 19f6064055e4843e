/*
 * Hash slots: the published value of CRC-16, hash tags in every odd place, the
 * keys of commands, and what nodes say about who serves what, nonsense too.
 * (tests/store/test_cluster.sh compares with a real server's CLUSTER KEYSLOT.)
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/arena.h"
#include "redis/slots.h"

static struct arena *a;

static void keys(void **state)
{
	(void)state;
	/* The value of the specification, and slots as redis-server 7.0.15
	 * tells them. */
	assert_int_equal(slot_crc16(STR("123456789")), 0x31c3);
	assert_int_equal(slot_crc16(STR("")), 0);
	assert_int_equal(slot_of_key(STR("123456789")), 12739);
	assert_int_equal(slot_of_key(STR("")), 0);
	assert_int_equal(slot_of_key(STR("foo")), 12182);
	assert_int_equal(slot_of_key(STR("mekiki:ip:198.18.0.7")), 667);
	/* Octets of all kinds. */
	assert_int_equal(slot_of_key(STR("a\0b")), slot_crc16(STR("a\0b")) %
			 SLOTS);
	assert_int_equal(slot_of_key(STR("\xff\xfe")), 3374);
}

/* The text whose CRC counts. */
static const struct { struct str key, hashed; } tags[] = {
	{ STR("{user1000}.following"), STR("user1000") },
	{ STR("{user1000}.followers"), STR("user1000") },
	{ STR("a{b}c"), STR("b") },
	{ STR("foo{}{bar}"), STR("foo{}{bar}") },
	{ STR("{}"), STR("{}") },
	{ STR("{}x"), STR("{}x") },
	{ STR("foo{{bar}}zap"), STR("{bar") },
	{ STR("{{x}"), STR("{x") },
	{ STR("foo{bar}{zap}"), STR("bar") },
	{ STR("foo{bar}{zap"), STR("bar") },
	{ STR("foo{bar"), STR("foo{bar") },
	{ STR("foo}bar{"), STR("foo}bar{") },
	{ STR("}{x}"), STR("x") },
	{ STR("{"), STR("{") },
	{ STR("}"), STR("}") },
	{ STR("{\0}z"), STR("\0") },
};

static void hash_tags(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(tags) / sizeof(*tags); i++)
		assert_int_equal(slot_of_key(tags[i].key),
				 slot_crc16(tags[i].hashed) % SLOTS);
}

/* The slot of a plain command given as words. */
static int slot_of(const char *words)
{
	struct store_command c = { .script = -1 };
	struct str rest = str_cstr(words), word;

	while (str_next(&rest, ' ', &word))
		strs_add(a, &c.argv, word);
	return slot_of_command(&c);
}

static void commands(void **state)
{
	int foo = slot_of_key(STR("foo"));

	(void)state;
	assert_int_equal(slot_of("GET foo"), foo);
	assert_int_equal(slot_of("hincrby foo field 1"), foo);
	assert_int_equal(slot_of("PING"), SLOT_ANY);
	assert_int_equal(slot_of("ping foo"), SLOT_ANY);
	assert_int_equal(slot_of("DBSIZE"), SLOT_ANY);
	assert_int_equal(slot_of("INFO memory"), SLOT_ANY);
	assert_int_equal(slot_of("OBJECT ENCODING foo"), foo);
	assert_int_equal(slot_of("OBJECT HELP"), SLOT_ANY);
	assert_int_equal(slot_of("EVAL text 0"), SLOT_ANY);
	assert_int_equal(slot_of("EVAL text 0 arg"), SLOT_ANY);
	assert_int_equal(slot_of("EVAL text 1 foo bar"), foo);
	assert_int_equal(slot_of("evalsha text 2 {foo}1 {foo}2 x"), foo);
	assert_int_equal(slot_of("EVAL text 2 foo bar"), SLOT_CROSS);
	assert_int_equal(slot_of("EVAL text 99999999999 foo"), foo);
	assert_int_equal(slot_of("EVAL text -1 foo"), SLOT_ANY);
	assert_int_equal(slot_of("EVAL text x foo"), SLOT_ANY);
	assert_int_equal(slot_of("EVAL text"), SLOT_ANY);
}

static void scripts(void **state)
{
	struct store_command c = { .script = 0 };

	(void)state;
	assert_int_equal(slot_of_command(&c), SLOT_ANY);
	strs_add(a, &c.argv, STR("{k}1"));
	strs_add(a, &c.argv, STR("x{k}"));
	strs_add(a, &c.argv, STR("other"));
	assert_int_equal(slot_of_command(&c), SLOT_ANY);
	c.nkeys = 2;
	assert_int_equal(slot_of_command(&c), slot_of_key(STR("k")));
	c.nkeys = 3;
	assert_int_equal(slot_of_command(&c), SLOT_CROSS);
}

/* ---- CLUSTER SLOTS ---- */

static const struct store_host asked = { STR("node.example.com"), 7000 };

#define INT(v) { .kind = REPLY_INT, .number = (v) }
#define TEXT(s) { .kind = REPLY_TEXT, .text = STR(s) }
#define NIL { .kind = REPLY_NIL }
#define LIST(...) { .kind = REPLY_LIST, \
	.items = (struct store_reply[]){ __VA_ARGS__ }, \
	.n = sizeof((struct store_reply[]){ __VA_ARGS__ }) / \
	     sizeof(struct store_reply) }

static int read_it(const struct store_reply *r, struct slot_ranges *ranges)
{
	struct err err = { "" };
	int status = slots_read(a, r, asked, ranges, &err);

	assert_int_equal(status == 0, err.text[0] == '\0');
	return status;
}

static void slots_good(void **state)
{
	struct store_reply r = LIST(
		LIST(INT(0), INT(5460),
		     LIST(TEXT("198.18.0.1"), INT(6379), TEXT("id"),
			  LIST(TEXT("hostname"), TEXT("a.example.com"))),
		     LIST(TEXT("198.18.0.2"), INT(6380), TEXT("id2"))),
		LIST(INT(5461), INT(5461), LIST(TEXT(""), INT(1))),
		LIST(INT(5462), INT(9), LIST(NIL, INT(65535))),
		LIST(INT(16383), INT(16383),
		     LIST(TEXT("2001:db8::1"), INT(6379))));
	struct slot_ranges ranges;

	(void)state;
	r.items[2].items[1].number = 9999;
	assert_int_equal(read_it(&r, &ranges), 0);
	assert_int_equal(ranges.n, 4);
	assert_int_equal(ranges.v[0].first, 0);
	assert_int_equal(ranges.v[0].last, 5460);
	assert_true(str_eq(ranges.v[0].master.host, STR("198.18.0.1")));
	assert_int_equal(ranges.v[0].master.port, 6379);
	assert_true(str_eq(ranges.v[1].master.host, asked.host));
	assert_int_equal(ranges.v[1].master.port, 1);
	assert_true(str_eq(ranges.v[2].master.host, asked.host));
	assert_int_equal(ranges.v[3].first, 16383);
	assert_true(str_eq(ranges.v[3].master.host, STR("2001:db8::1")));
	/* A node without slots: an empty list is no nonsense. */
	r.n = 0;
	assert_int_equal(read_it(&r, &ranges), 0);
	assert_int_equal(ranges.n, 0);
}

static void slots_nonsense(void **state)
{
	struct store_reply bad[] = {
		{ .kind = REPLY_ERROR, .text = STR("ERR no cluster") },
		NIL, INT(1), TEXT("x"),
		LIST(INT(1)), LIST(NIL), LIST(LIST(INT(0))),
		LIST(LIST(INT(0), INT(1))),
		LIST(LIST(INT(0), INT(1), NIL)),
		LIST(LIST(INT(0), INT(1), LIST(TEXT("h")))),
		LIST(LIST(INT(0), INT(1), LIST(TEXT("h"), INT(0)))),
		LIST(LIST(INT(0), INT(1), LIST(TEXT("h"), INT(65536)))),
		LIST(LIST(INT(0), INT(1), LIST(TEXT("h"), TEXT("1")))),
		LIST(LIST(INT(0), INT(1), LIST(INT(4), INT(1)))),
		LIST(LIST(INT(0), INT(1), LIST(TEXT("a b"), INT(1)))),
		LIST(LIST(INT(0), INT(1), LIST(TEXT("a\0b"), INT(1)))),
		LIST(LIST(INT(0), INT(1), LIST(TEXT("a/b"), INT(1)))),
		LIST(LIST(INT(-1), INT(1), LIST(TEXT("h"), INT(1)))),
		LIST(LIST(INT(2), INT(1), LIST(TEXT("h"), INT(1)))),
		LIST(LIST(INT(0), INT(16384), LIST(TEXT("h"), INT(1)))),
		LIST(LIST(INT(INT64_MIN), INT(INT64_MAX),
			  LIST(TEXT("h"), INT(1)))),
		LIST(LIST(TEXT("0"), INT(1), LIST(TEXT("h"), INT(1)))),
		LIST(LIST(INT(0), INT(1), LIST(TEXT("h"), INT(1))), NIL),
	};
	static char longest[256];
	struct store_reply host = LIST(LIST(INT(0), INT(1),
					    LIST(TEXT(""), INT(1))));
	struct slot_ranges ranges;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(read_it(&bad[i], &ranges), -1);
	memset(longest, 'h', sizeof(longest));
	host.items[0].items[2].items[0].text = str_make(longest, 255);
	assert_int_equal(read_it(&host, &ranges), 0);
	host.items[0].items[2].items[0].text = str_make(longest, 256);
	assert_int_equal(read_it(&host, &ranges), -1);
}

/* ---- MOVED and ASK ---- */

static const struct {
	const char *text;
	bool good, ask;
	int slot;
	const char *host;
	int port;
} redirects[] = {
	{ "MOVED 3999 127.0.0.1:6381", true, false, 3999, "127.0.0.1", 6381 },
	{ "ASK 0 h.example.com:1", true, true, 0, "h.example.com", 1 },
	{ "ASK 16383 2001:db8::1:6381", true, true, 16383, "2001:db8::1",
	  6381 },
	{ "MOVED 1 [2001:db8::1]:6381", true, false, 1, "2001:db8::1", 6381 },
	{ "MOVED 1 :6381", true, false, 1, "node.example.com", 6381 },
	{ "MOVED 1 ?:6381", true, false, 1, "node.example.com", 6381 },
	{ "MOVED 16384 h:1", .good = false },
	{ "MOVED -1 h:1", .good = false },
	{ "MOVED x h:1", .good = false },
	{ "MOVED 1 h", .good = false },
	{ "MOVED 1 h:0", .good = false },
	{ "MOVED 1 h:65536", .good = false },
	{ "MOVED 1 h:", .good = false },
	{ "MOVED 1 a/b:1", .good = false },
	{ "MOVED 1", .good = false },
	{ "MOVED", .good = false },
	{ "moved 1 h:1", .good = false },
	{ "MOVEDX 1 h:1", .good = false },
	{ "ERR x", .good = false },
	{ "", .good = false },
};

static void redirected(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(redirects) / sizeof(*redirects); i++) {
		struct slot_redirect r;
		bool good = slots_redirect(str_cstr(redirects[i].text), asked,
					   &r);

		assert_int_equal(good, redirects[i].good);
		if (!good)
			continue;
		assert_int_equal(r.ask, redirects[i].ask);
		assert_int_equal(r.slot, redirects[i].slot);
		assert_int_equal(r.host.port, redirects[i].port);
		assert_true(str_eq(r.host.host, str_cstr(redirects[i].host)));
	}
}

static int make_arena(void **state)
{
	(void)state;
	a = arena_new();
	return 0;
}

static int free_arena(void **state)
{
	(void)state;
	arena_free(&a);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys),
		cmocka_unit_test(hash_tags),
		cmocka_unit_test(commands),
		cmocka_unit_test(scripts),
		cmocka_unit_test(slots_good),
		cmocka_unit_test(slots_nonsense),
		cmocka_unit_test(redirected),
	};

	return cmocka_run_group_tests(tests, make_arena, free_arena);
}
