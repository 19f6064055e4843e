/*
 * Mail made to cost time or memory: the ceilings hold, meeting one is a flag,
 * and each message is read in a fraction of what its size would allow. A
 * quadratic reader needs minutes for these.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "mail/message.h"
#include "mail/part.h"
#include "mail/settings.h"

/* CPU seconds for one message, under a sanitizer too. */
#define SECONDS 20

static const struct hostile {
	const char *name;
	const char *head;	/* once */
	const char *unit;	/* so often */
	size_t count;
	const char *tail;
	unsigned flags;		/* that must be set */
} mails[] = {
	{ "headers", "", "A: b\n", 400000, "\nx\n", MSG_HEADERS_CUT },
	{ "one header's lines", "A: b\n", " c\n", 600000, "\nx\n",
	  MSG_TRUNCATED_HEADER },
	{ "encoded subjects", "", "Subject: =?utf-8?q?=41?=\n", 100000,
	  "\nx\n", MSG_HEADERS_CUT },
	{ "multiparts", "", "Content-Type: multipart/mixed; boundary=b\n\n--b\n",
	  20000, "x", 0 },
	{ "mails in mails", "", "Content-Type: message/rfc822\n\n", 20000,
	  "x", 0 },
	{ "one boundary", "Content-Type: multipart/mixed; boundary=b\n\n",
	  "--b\nContent-Type: multipart/mixed\n\n--b\n", 50000, "",
	  MSG_MIMEPART_LIMIT },
	{ "parts", "Content-Type: multipart/mixed; boundary=b\n\n",
	  "--b\n\nx\n", 200000, "", MSG_MIMEPART_LIMIT },
	{ "a line", "Content-Type: multipart/mixed; boundary=b\n\n--b\n\n",
	  "xxxxxxxx", 1000000, "", 0 },
	{ "newlines", "A: b\n\n", "\n", 5000000, "", 0 },
	{ "blank lines", "A: b\n\n", " \n", 2000000, "x", 0 },
	{ "words in a part's header",
	  "Content-Type: multipart/mixed; boundary=b\n\n--b\nSubject: ",
	  "=?utf-8?q?a?= ", 300000, "\n\nx", 0 },
	{ "half words in a part's header",
	  "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: ",
	  "=?a?q?", 500000, "\n\nx", 0 },
	{ "parameters",
	  "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: ",
	  "boundary=name=charset=\"", 100000, "\n\nx", 0 },
	{ "digests", "Content-Type: multipart/digest; boundary=b\n\n",
	  "--b\n\nA: b\n\nx\n", 100000, "", MSG_MIMEPART_LIMIT },
	{ "quoted-printable blanks",
	  "Content-Transfer-Encoding: quoted-printable\n\n",
	  "                                        x", 100000, "", 0 },
	{ "bad characters", "Content-Type: text/plain; charset=gb2312\n\n",
	  "\xff\x80", 500000, "", 0 },
};

static void time_and_limits(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(mails) / sizeof(*mails); i++) {
		const struct hostile *h = &mails[i];
		struct arena *a = arena_new();
		struct mail_settings ms;
		struct message *m;
		struct buf b;
		int64_t from;

		buf_init(&b, LIMIT_MESSAGE);
		buf_adds(&b, str_cstr(h->head));
		for (size_t k = 0; k < h->count; k++)
			buf_adds(&b, str_cstr(h->unit));
		buf_adds(&b, str_cstr(h->tail));
		mail_settings_init(&ms);
		from = clock_cpu_us();
		m = message_parse(a, &ms, buf_str(&b));
		message_body(m);
		message_rawbody(m);
		message_header(m, STR("Subject"), false);
		print_message("%s: %.2f s, %zu leaves\n", h->name,
			      (double)(clock_cpu_us() - from) / 1e6,
			      m->nleaves);
		assert_true(clock_cpu_us() - from < SECONDS * 1000000LL);
		assert_int_equal(m->flags & h->flags, h->flags);
		assert_true(m->headers.n <= LIMIT_HEADERS);
		assert_true(m->nleaves <= LIMIT_PARTS_TOTAL);
		assert_true(arena_used(a) < 64 * b.n + (1 << 20));
		buf_free(&b);
		arena_free(&a);
	}
}

static int depth_of(const struct part *p)
{
	int deepest = p->depth;

	for (size_t i = 0; i < p->nchildren; i++) {
		int d = depth_of(p->children[i]);

		deepest = d > deepest ? d : deepest;
	}
	return deepest;
}

static void depth(void **state)
{
	struct arena *a = arena_new();
	struct mail_settings ms;
	struct buf b;

	(void)state;
	mail_settings_init(&ms);
	buf_in(&b, a, 1 << 20);
	for (int i = 0; i < 100; i++)
		buf_addf(&b, "Content-Type: multipart/mixed; boundary=b%d\n\n"
			 "--b%d\n", i, i);
	assert_int_equal(depth_of(message_parse(a, &ms, buf_str(&b))->root),
			 LIMIT_MIME_DEPTH);
	b.n = 0;
	for (int i = 0; i < 100; i++)
		buf_addf(&b, "Content-Type: message/rfc822\n\n");
	assert_int_equal(depth_of(message_parse(a, &ms, buf_str(&b))->root),
			 LIMIT_MIME_DEPTH);
	arena_free(&a);
}

/* Parts beyond the total are not made, and that is told. */
static void many_parts(void **state)
{
	struct arena *a = arena_new();
	struct mail_settings ms;
	struct message *m;
	struct buf b;

	(void)state;
	mail_settings_init(&ms);
	buf_in(&b, a, 1 << 24);
	buf_addf(&b, "Content-Type: multipart/mixed; boundary=a\n\n");
	for (int i = 0; i < 30; i++) {
		buf_addf(&b, "--a\nContent-Type: multipart/mixed; boundary=b%d"
			 "\n\n", i);
		for (int k = 0; k < 900; k++)
			buf_addf(&b, "--b%d\n\nx\n", i);
	}
	m = message_parse(a, &ms, buf_str(&b));
	assert_true(m->flags & MSG_PARTS_CUT);
	assert_true(m->nleaves < LIMIT_PARTS_TOTAL);
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(time_and_limits),
		cmocka_unit_test(depth),
		cmocka_unit_test(many_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
