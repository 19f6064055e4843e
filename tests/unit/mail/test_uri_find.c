/*
 * Links in texts against a table of SpamAssassin's own answers
 * (_process_text_uri_list; sa_uri.pl find), and the time that hostile texts
 * take.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "mail/domain.h"
#include "mail/uri.h"
#include "mail/uri_find.h"

#define S URI_SCHEMELESS
#define U URI_UNLINKED

struct find_case {
	const char *text;
	struct {
		const char *uri;
		unsigned types;	/* beside URI_PARSED */
	} found[4];
};

static const struct find_case cases[] = {
	{ "see http://example.com/a, and more",
	  { { "http://example.com/a", 0 } } },
	{ "see (http://example.com/a) there",
	  { { "http://example.com/a", 0 } } },
	{ "see http://example.com/a(b) there",
	  { { "http://example.com/a(b", 0 } } },
	{ "see http://example.com/a)b)c",
	  { { "http://example.com/a)b", 0 } } },
	{ "HTTPS://EXAMPLE.COM/X!!",
	  { { "HTTPS://EXAMPLE.COM/X", 0 } } },
	{ "www.example.com and www1.example.com and www12.example.com. www123.example.com",
	  { { "http://www.example.com", S },
	    { "http://www1.example.com", S },
	    { "http://www12.example.com", S },
	    { "http://www123.example.com", S | U } } },
	{ "ftp.example.com/pub ftp://ftp.example.com",
	  { { "ftp://ftp.example.com/pub", S },
	    { "ftp://ftp.example.com", 0 } } },
	{ "example.com is bare, example.com. and example.com: too",
	  { { "http://example.com", S | U } } },
	{ "example.com/ fails but example.com/x does not",
	  { { "http://example.com/x", S | U } } },
	{ "example.com:80 example.com:123456 example.com:80/x example.com:x",
	  { { "http://example.com:80", S | U },
	    { "http://example.com:80/x", S | U } } },
	{ "example.com?x", { { NULL, 0 } } },
	{ "me@example.com",
	  { { "mailto:me@example.com", S } } },
	{ "mailto:me@example.com?subject=hi",
	  { { "mailto:me@example.com?subject=hi", 0 } } },
	{ "mailto:me%40example.com", { { NULL, 0 } } },
	{ "mailto:me at example.com",
	  { { "http://example.com", S | U } } },
	{ "me@example.nosuchtld", { { NULL, 0 } } },
	{ "Vi@gra", { { NULL, 0 } } },
	{ "me@foo&nbsp;.com", { { NULL, 0 } } },
	{ "email:me@example.com e-mail::you@example.com skype:he@example.com",
	  { { "mailto:me@example.com", S },
	    { "mailto:you@example.com", S },
	    { "mailto:he@example.com", S } } },
	{ "http://example.com/me@example.org",
	  { { "http://example.com/me@example.org", 0 } } },
	{ "a/b@example.com",
	  { { "http://a/b@example.com", S } } },
	{ "foo/@example.com",
	  { { "mailto:foo/@example.com", S } } },
	{ "[cid:image001.png@01D4986E.E3459640]", { { NULL, 0 } } },
	{ "mid:foo@example.com", { { NULL, 0 } } },
	{ "http:// and https://", { { NULL, 0 } } },
	{ "http://a",
	  { { "http://a", 0 } } },
	{ "\351www.example.com\351 x",
	  { { "http://www.example.com\351", S } } },
	{ "caf\303\240.example.com", { { NULL, 0 } } },
	{ "\303\251t\303\251@example.com",
	  { { "http://example.com", S | U } } },
	{ "me@exampl\351.com", { { NULL, 0 } } },
	{ "\033(Bexample.com\033$B",
	  { { "http://Bexample.com", S | U } } },
	{ "\033(Jwww.example.com",
	  { { "http://Jwww.example.com", S | U } } },
	{ "xwww.example.com",
	  { { "http://xwww.example.com", S | U } } },
	{ "x_http://example.com",
	  { { "http://example.com", S | U } } },
	{ "-http://example.com",
	  { { "http://example.com", 0 } } },
	{ "\"http://example.com\"<http://example.org>",
	  { { "http://example.com", 0 },
	    { "http://example.org", 0 } } },
	{ "{http://a.example.com}[http://b.example.com]|http://c.example.com`d",
	  { { "http://a.example.com", 0 },
	    { "http://b.example.com", 0 },
	    { "http://c.example.com", 0 } } },
	{ "a,b@example.com,c@example.com",
	  { { "mailto:b@example.com", S },
	    { "mailto:c@example.com", S } } },
	{ "'me@example.com'",
	  { { "mailto:me@example.com", S } } },
	{ "me@example.com(home)",
	  { { "mailto:me@example.com", S } } },
	{ "foo.bar.com_x foo-.com -foo.com", { { NULL, 0 } } },
	{ "foo..com foo.com.. foo.com.-", { { NULL, 0 } } },
	{ "a_b.example.com a_b.com",
	  { { "http://a_b.example.com", S | U } } },
	{ "1.2.3.4 http://1.2.3.4/",
	  { { "http://1.2.3.4/", 0 } } },
	{ "example.co.uk/p?q=1&r=2#f",
	  { { "http://example.co.uk/p?q=1&r=2#f", S | U } } },
	{ "http://example.com/x\ny",
	  { { "http://example.com/x", 0 } } },
	{ "@example.com @@example.com a@@example.com",
	  { { "http://example.com", S | U },
	    { "mailto:a@@example.com", S } } },
	{ "http://www.example.com/http://x.example.com",
	  { { "http://www.example.com/http://x.example.com", 0 } } },
	{ "example.com@example.com",
	  { { "mailto:example.com@example.com", S } } },
	{ "me@example.com.",
	  { { "mailto:me@example.com", S } } },
	{ "http://example.com/;,.?!-",
	  { { "http://example.com/", 0 } } },
	{ "www.", { { NULL, 0 } } },
	{ "www..com",
	  { { "http://www..com", S } } },
	{ "http://http://example.com",
	  { { "http://http://example.com", 0 } } },
	{ "xn--80ak6aa92e.com",
	  { { "http://xn--80ak6aa92e.com", S | U } } },
};

static struct arena *arena;
static struct domains domains;

static int setup(void **state)
{
	static const char *const tlds[] = { "com", "org", "uk", "foo" };

	(void)state;
	arena = arena_new();
	for (size_t i = 0; i < sizeof(tlds) / sizeof(*tlds); i++)
		domains_add(arena, &domains, 1, str_cstr(tlds[i]));
	domains_add(arena, &domains, 2, STR("co.uk"));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static void answers_like_spamassassin(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct find_case *c = &cases[i];
		struct strs seen = { NULL, 0, 0 };
		struct uri_finder finder;
		struct uri_found found;
		size_t n = 0;

		print_message("  %s\n", c->text);
		uri_finder_init(&finder, &domains, str_cstr(c->text));
		while (uri_find_next(&finder, &found)) {
			struct str raw = uri_found_trim(found.text), uri;
			unsigned types;

			if (strs_has(&seen, raw))
				continue;
			strs_add(arena, &seen, raw);
			if (!uri_of_found(arena, &domains, &found, raw, &uri,
					  &types))
				continue;
			assert_true(n < 4 && c->found[n].uri);
			assert_true(str_eq(uri, str_cstr(c->found[n].uri)));
			assert_int_equal(types, URI_PARSED |
					 c->found[n].types);
			n++;
		}
		assert_true(n == 4 || !c->found[n].uri);
	}
}

/* The same piece again and again, n bytes in all. */
static struct str repeated(const char *piece, size_t n)
{
	struct buf b;

	buf_in(&b, arena, n);
	while (!b.full)
		buf_adds(&b, str_cstr(piece));
	return buf_str(&b);
}

static int64_t time_to_find(struct str text)
{
	int64_t start = clock_cpu_us();
	struct uri_finder finder;
	struct uri_found found;

	uri_finder_init(&finder, &domains, text);
	while (uri_find_next(&finder, &found))
		uri_found_trim(found.text);
	return clock_cpu_us() - start;
}

static void hostile_texts_take_linear_time(void **state)
{
	static const char *const pieces[] = {
		"a", "@", "a@", "a.", "http://", "(", ")", "www.", "%25",
		"user:pass@", "a@b.com", "http://a.b/ ", "-a-", "\033(B",
		"mailto:", "a.com:1/", "/", ".", "_a.com",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pieces) / sizeof(*pieces); i++) {
		int64_t small = time_to_find(repeated(pieces[i], 1 << 16));
		int64_t large = time_to_find(repeated(pieces[i], 1 << 20));

		/* 16 times the text; quadratic would be 256 times. */
		if (large > 60 * small + 20000)
			fail_msg("%s: %d us, then %d us", pieces[i],
				 (int)small, (int)large);
	}
}

static void percent_decoding(void **state)
{
	(void)state;
	assert_true(str_eq(uri_decode_percent(arena, STR("a%41%20%zz\x80<"), false),
			   STR("aA%20%25zz%80%3c")));
	assert_true(str_eq(uri_decode_percent(arena, STR("%"), false), STR("%25")));
	assert_true(str_eq(uri_decode_percent(arena, STR(""), false), STR("")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_like_spamassassin),
		cmocka_unit_test(hostile_texts_take_linear_time),
		cmocka_unit_test(percent_decoding),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
