/*
 * The codec: commands octet for octet, replies of every kind, cut at every
 * octet, and everything that a server must not send.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/mem.h"
#include "redis/resp.h"

/* ---- writing ---- */

static void test_commands(void **state)
{
	struct str argv[] = { STR("SET"), STR("k\0\r\n"), STR_NONE };
	struct str want = STR("*3\r\n$3\r\nSET\r\n$4\r\nk\0\r\n\r\n"
			      "$0\r\n\r\n");
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 20);
	assert_true(resp_add(&b, argv, 3));
	assert_true(str_eq(buf_str(&b), want));
	buf_free(&b);
	buf_init(&b, 20);
	assert_false(resp_add(&b, argv, 3));
	buf_free(&b);
}

static void test_scripts(void **state)
{
	struct arena *a = arena_new();
	struct store_batch batch = { .n = 0 };
	struct buf b;
	const struct store_script *s;

	(void)state;
	store_add_script(a, &batch, "echo");
	store_add_key(a, &batch, STR("key"));
	store_add_arg(a, &batch, STR("arg"));
	s = &store_scripts[batch.v[0].script];
	buf_init(&b, 1 << 20);
	assert_true(resp_add_command(&b, &batch.v[0], false));
	assert_true(str_starts(buf_str(&b),
			       STR("*5\r\n$7\r\nEVALSHA\r\n$40\r\n")));
	assert_true(str_ends(buf_str(&b), STR("\r\n$1\r\n1\r\n$3\r\nkey\r\n"
					      "$3\r\narg\r\n")));
	b.n = 0;
	assert_true(resp_add_command(&b, &batch.v[0], true));
	assert_true(str_starts(buf_str(&b), STR("*5\r\n$4\r\nEVAL\r\n")));
	assert_true(str_find(buf_str(&b), str_make(s->text, s->length)) > 0);
	buf_free(&b);
	arena_free(&a);
}

/* ---- reading ---- */

/* A reply as text: nil, +status, -error, :1, "text", [a, b]. */
static void show(struct buf *b, const struct store_reply *r)
{
	switch (r->kind) {
	case REPLY_NIL:
		buf_adds(b, STR("nil"));
		break;
	case REPLY_INT:
		buf_addf(b, ":%lld", (long long)r->number);
		break;
	case REPLY_STATUS:
	case REPLY_ERROR:
		buf_addc(b, r->kind == REPLY_STATUS ? '+' : '-');
		buf_adds(b, r->text);
		break;
	case REPLY_TEXT:
		buf_addc(b, '"');
		buf_adds(b, r->text);
		buf_addc(b, '"');
		break;
	case REPLY_LIST:
		buf_addc(b, '[');
		for (size_t i = 0; i < r->n; i++) {
			if (i)
				buf_addc(b, ' ');
			show(b, &r->items[i]);
		}
		buf_addc(b, ']');
		break;
	}
}

/* All replies of octets that come in pieces of at most `piece`; behind an
 * error, "!". Each piece is in memory of its own, so that a sanitizer sees
 * whoever reads on. */
static struct str read_all(struct arena *a, struct str s, size_t piece)
{
	struct resp_reader *r = resp_reader_new();
	struct buf b;
	int rc = 0;

	buf_in(&b, a, 1 << 20);
	while (s.n && rc >= 0) {
		struct str head = str_head(s, piece);
		char *own = xmalloc(head.n);
		struct str in = str_make(own, head.n);
		struct store_reply reply;
		struct err err = { "" };

		memcpy(own, head.p, head.n);
		while (in.n && (rc = resp_read(r, &in, a, &reply, &err)) > 0) {
			show(&b, &reply);
			buf_addc(&b, '.');
		}
		if (rc < 0) {
			assert_true(err.text[0] != '\0');
			buf_addc(&b, '!');
		}
		xfree(own);
		s = str_from(s, head.n);
	}
	resp_reader_free(&r);
	return buf_str(&b);
}

#define GARBAGE "!"

static const struct {
	struct str octets;
	const char *want;
} cases[] = {
	{ STR("+OK\r\n"), "+OK." },
	{ STR("+\r\n-ERR no such thing\r\n"), "+.-ERR no such thing." },
	{ STR(":0\r\n:-5\r\n:9223372036854775807\r\n"),
	  ":0.:-5.:9223372036854775807." },
	{ STR(":-9223372036854775808\r\n"), ":-9223372036854775808." },
	{ STR("$-1\r\n*-1\r\n$0\r\n\r\n*0\r\n"), "nil.nil.\"\".[]." },
	{ STR("$6\r\na\r\nb$1\r\n"), "\"a\r\nb$1\"." },
	{ STR("*3\r\n$1\r\na\r\n:1\r\n$-1\r\n+x\r\n"),
	  "[\"a\" :1 nil].+x." },
	{ STR("*2\r\n*2\r\n:1\r\n*0\r\n*1\r\n-E\r\n"), "[[:1 []] [-E]]." },
	{ STR("*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:7\r\n"),
	  "[[[[[[[:7]]]]]]]." },
	/* Halves of replies. */
	{ STR("+OK"), "" },
	{ STR("$5\r\nab"), "" },
	{ STR("*2\r\n:1\r\n"), "" },
	{ STR("+x\r\n*2\r\n:1\r\n"), "+x." },
	/* What is too much. */
	{ STR("*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n"), GARBAGE },
	{ STR("*1000000000\r\n"), GARBAGE },
	{ STR("*2147483648\r\n"), GARBAGE },
	{ STR("*9223372036854775807\r\n"), GARBAGE },
	{ STR("*99999999999999999999\r\n"), GARBAGE },
	{ STR("$16777217\r\n"), GARBAGE },
	{ STR("$1073741824\r\n"), GARBAGE },
	{ STR("$9223372036854775807\r\n"), GARBAGE },
	{ STR("$18446744073709551615\r\n"), GARBAGE },
	{ STR("$99999999999999999999999999999999999999\r\n"), GARBAGE },
	{ STR("*2\r\n*300000\r\n"), "" },
	{ STR("*300000\r\n*300000\r\n"), GARBAGE },
	/* What is no RESP. */
	{ STR("HTTP/1.1 400 Bad Request\r\n"), GARBAGE },
	{ STR("\0"), GARBAGE },
	{ STR("\x15\x03\x01"), GARBAGE },
	{ STR("\r\n"), GARBAGE },
	{ STR("%1\r\n+a\r\n+b\r\n"), GARBAGE },
	{ STR("_\r\n"), GARBAGE },
	{ STR("+OK\n"), GARBAGE },
	{ STR("+OK\r+"), GARBAGE },
	{ STR("+OK\r\r\n"), GARBAGE },
	{ STR(":\r\n"), GARBAGE },
	{ STR(":1x\r\n"), GARBAGE },
	{ STR(":+1\r\n"), GARBAGE },
	{ STR(":01\r\n"), GARBAGE },
	{ STR(":-\r\n"), GARBAGE },
	{ STR(":-0\r\n"), GARBAGE },
	{ STR(":9223372036854775808\r\n"), GARBAGE },
	{ STR("$\r\n"), GARBAGE },
	{ STR("$-2\r\n"), GARBAGE },
	{ STR("*-2\r\n"), GARBAGE },
	{ STR("$1\r\nab\r\n"), GARBAGE },
	{ STR("$2\r\na\r\n\r\n"), GARBAGE },
	{ STR("$0\r\n\n"), GARBAGE },
	{ STR("*1\r\nx\r\n"), GARBAGE },
	{ STR("+x\r\n$3\r\nabcd"), "+x.!" },
};

static void test_replies(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct str want = str_cstr(cases[i].want);
		struct arena *a = arena_new();

		for (size_t piece = 1; piece <= cases[i].octets.n; piece++) {
			struct str got = read_all(a, cases[i].octets, piece);

			if (!str_eq(got, want))
				fail_msg("case %zu in pieces of %zu: %.*s",
					 i, piece, STR_ARG(got));
		}
		arena_free(&a);
	}
}

/* A length over the ceiling is refused when its line ends, not when its
 * octets were received; and a line without an end has an end. */
static void test_early(void **state)
{
	struct resp_reader *r = resp_reader_new();
	struct str in = STR("$1000000000\r\n");
	struct arena *a = arena_new();
	struct store_reply reply;
	struct err err = { "" };
	size_t fed = 0;
	int rc = 0;

	(void)state;
	assert_int_equal(resp_read(r, &in, a, &reply, &err), -1);
	assert_true(str_find(str_cstr(err.text), STR("1000000000")) >= 0);
	resp_reader_free(&r);
	r = resp_reader_new();
	in = STR("-");
	assert_int_equal(resp_read(r, &in, a, &reply, &err), 0);
	while (rc == 0 && fed < 2 * RESP_LINE_MAX) {
		in = STR("xxxxxxxxxxxxxxxx");
		rc = resp_read(r, &in, a, &reply, &err);
		fed += 16;
	}
	assert_int_equal(rc, -1);
	resp_reader_free(&r);
	assert_true(arena_used(a) < 4096);
	arena_free(&a);
}

/* 16 MB are read, one octet more is not; a dropped reply leaves nothing. */
static void test_large(void **state)
{
	size_t size = STORE_REPLY_MAX;
	char *text = xcalloc(1, size);

	(void)state;
	for (int drop = 0; drop < 2; drop++) {
		struct resp_reader *r = resp_reader_new();
		struct arena *a = arena_new();
		struct store_reply reply = { .kind = REPLY_NIL };
		struct str in = STR("$16777216\r\n");

		assert_int_equal(resp_read(r, &in, a, &reply, NULL), 0);
		in = str_make(text, size);
		assert_int_equal(resp_read(r, &in, a, &reply, NULL), 0);
		in = STR("\r\n:5\r\n");
		assert_int_equal(resp_read(r, &in, drop ? NULL : a, &reply,
					   NULL), 1);
		assert_int_equal(resp_cost(r), size);
		if (drop)
			assert_int_equal(arena_used(a), 0);
		else
			assert_int_equal(reply.text.n, size);
		assert_int_equal(resp_read(r, &in, a, &reply, NULL), 1);
		assert_int_equal(reply.number, 5);
		resp_reader_free(&r);
		arena_free(&a);
	}
	xfree(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_commands),
		cmocka_unit_test(test_scripts),
		cmocka_unit_test(test_replies),
		cmocka_unit_test(test_early),
		cmocka_unit_test(test_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
