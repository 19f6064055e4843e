/*
 * Addresses in text as the free mail tests find and blank them, against
 * answers of FreeMail's regular expressions; and which senders look bulk.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "eval/freemail.h"
#include "mail/domain.h"

static struct arena *arena;
static struct domains domains;

static int setup(void **state)
{
	(void)state;
	arena = arena_new();
	domains_add(arena, &domains, 1, STR("com"));
	domains_add(arena, &domains, 1, STR("org"));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static const struct {
	const char *text, *blanked;
	const char *found;	/* in what is left; spaces between */
} cases[] = {
	{ "write to a@b.com.", "write to a@b.com.", "a@b.com" },
	{ "<a@b.com> and c@d.org", "  and c@d.org", "c@d.org" },
	{ "a@b.com wrote: c@d.org fax: x", "  c@d.org fax: x", "c@d.org" },
	{ "a@b.com\nw: x", "a@b.com\nw: x", "a@b.com" },
	{ "a@b.com           wrote:", "a@b.com           wrote:", "a@b.com" },
	{ "mailto:a@b.com>", "mailto:a@b.com>", "a@b.com" },
	{ "mailto:x.a@b.com>", "mailto:x. ", "" },
	{ "http://x.org/?a@b.com&c y", "  y", "" },
	{ "see <HTTPS://x.org/%40b.com> y", "see   y", "" },
	{ "http://x.org/ a@b.com", "http://x.org/ a@b.com", "a@b.com" },
	{ ".a@b.com x..c@d.org e.@f.org", ".a@b.com x..c@d.org e.@f.org",
	  "a@b.com c@d.org" },
	{ "a@b.com- c@d.org_ e@f.com.x g@h.org.-", "a@b.com- c@d.org_ "
	  "e@f.com.x g@h.org.-", "c@d.org g@h.org" },
	{ "a@b.c.d.e.com a@b.c.d.e.f.com a@-b.com a@b-.com",
	  "a@b.c.d.e.com a@b.c.d.e.f.com a@-b.com a@b-.com",
	  "a@b.c.d.e.com" },
	{ "a@@b.com \351c@d.org", "a@@b.com \351c@d.org", "c@d.org" },
	{ "a@b.com@d.org", "a@b.com@d.org", "a@b.com" },
	{ "nothing here", "nothing here", "" },
};

static struct str all_addresses(struct str s)
{
	struct strs list = { NULL, 0, 0 };
	struct str addr;
	size_t pos = 0;

	while (freemail_next_address(&domains, s, &pos, &addr))
		strs_add(arena, &list, addr);
	return strs_join(arena, &list, STR(" "));
}

static void answers_like_spamassassin(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct str s = freemail_blank(arena, &domains,
					      str_cstr(cases[i].text));

		print_message("  %s\n", cases[i].text);
		assert_true(str_eq(s, str_cstr(cases[i].blanked)));
		assert_string_equal(all_addresses(s).p, cases[i].found);
	}
}

static void local_parts_have_at_most_64_bytes(void **state)
{
	char text[100];

	(void)state;
	memset(text, 'x', sizeof(text));
	memcpy(text + 64, "@b.com", 6);
	assert_int_equal(all_addresses(str_make(text, 70)).n, 70);
	memset(text, 'x', sizeof(text));
	memcpy(text + 65, "@b.com", 6);
	assert_int_equal(all_addresses(str_make(text, 71)).n, 0);
	text[3] = '.';
	assert_int_equal(all_addresses(str_make(text, 71)).n, 67);
}

static void an_address_may_begin_exactly_there(void **state)
{
	(void)state;
	assert_int_equal(freemail_address_at(&domains, STR("mailto:a@b.com?s"),
					     7), 7);
	assert_int_equal(freemail_address_at(&domains, STR("mailto:%20a@b.com"),
					     7), 10);
	assert_int_equal(freemail_address_at(&domains, STR("mailto: a@b.com"),
					     7), 0);
	assert_int_equal(freemail_address_at(&domains, STR("mailto:a@b.nope"),
					     7), 0);
	assert_int_equal(freemail_address_at(&domains, STR("mailto:"), 7), 0);
}

static void bulk_senders(void **state)
{
	static const char *const bulk[] = {
		"list-request@x.org", "a-bounces@x.org", "owner-x@x.org",
		"sentto-1-2@x.org", "noreply@x.org", "no.reply@x.org",
		"donotreply@x.org", "x-noreplies@x.org", "a=b@x.org",
		"postmaster@x.org", "double-bounce@x.org", NULL,
	};
	static const char *const person[] = {
		/* A slip of the plugin: '-' is none of its separators. */
		"no-reply@x.org", "do-not-reply@x.org",
		"a@x.org", "owner-@x.org", "xnoreply@x.org", "reply@x.org",
		"=b@x.org", "a=@x.org", "xpostmaster@x.org", "", NULL,
	};

	(void)state;
	for (int i = 0; bulk[i]; i++)
		assert_true(freemail_is_bulk(str_cstr(bulk[i])));
	for (int i = 0; person[i]; i++)
		assert_false(freemail_is_bulk(str_cstr(person[i])));
}

static int64_t time_of(const char *piece, size_t n)
{
	int64_t start;
	struct buf b;

	buf_in(&b, arena, n);
	while (!b.full)
		buf_adds(&b, str_cstr(piece));
	start = clock_cpu_us();
	all_addresses(freemail_blank(arena, &domains, buf_str(&b)));
	return clock_cpu_us() - start;
}

static void hostile_texts_take_linear_time(void **state)
{
	static const char *const pieces[] = {
		"@", "a@", "a.", "http://", "<a@b.com>", "a@a.a.a.a.a.",
		"mailto:a.b@c.com ", "://", "%40", "a@b.com     ",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pieces) / sizeof(*pieces); i++) {
		int64_t small = time_of(pieces[i], 1 << 15);
		int64_t large = time_of(pieces[i], 1 << 19);

		if (large > 60 * small + 20000)
			fail_msg("%s: %d us, then %d us", pieces[i],
				 (int)small, (int)large);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_like_spamassassin),
		cmocka_unit_test(local_parts_have_at_most_64_bytes),
		cmocka_unit_test(an_address_may_begin_exactly_there),
		cmocka_unit_test(bulk_senders),
		cmocka_unit_test(hostile_texts_take_linear_time),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
