/*
 * Links taken apart and found in text, against tables of what rspamd answers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "mail/link.h"

static const struct {
	const char *href, *text, *host, *tld;
	unsigned flags;
} hrefs[] = {
	{ "http://x.com/", "http://x.com/", "x.com", "x.com", 0 },
	{ "HTTPS://Sub.X.co.uk:8443/A?b#C",
	  "https://sub.x.co.uk:8443/A?b#C", "sub.x.co.uk", "x.co.uk",
	  LINK_HAS_PORT },
	{ "http://exa%6dple.com/%41%20%2f?%42#%43",
	  "http://example.com/A /?B#C", "example.com", "example.com",
	  LINK_HOST_ENCODED | LINK_PATH_ENCODED | LINK_QUERY_ENCODED },
	{ "http://us er@h.com/", "http://user@h.com/", "h.com", "h.com",
	  LINK_HAS_USER },
	{ "http://zero\xe2\x80\x8bwidth.com/", "http://zerowidth.com/",
	  "zerowidth.com", "zerowidth.com", LINK_ZW_SPACES },
	{ "www.foo.com/x", "http://www.foo.com/x", "www.foo.com", "foo.com",
	  LINK_SCHEMALESS },
	{ "//pr.com/x", "http://pr.com/x", "pr.com", "pr.com",
	  LINK_SCHEMALESS },
	{ "http:two.com", "http://two.com", "two.com", "two.com",
	  LINK_MISSING_SLASHES },
	{ "http:\\\\back.com\\x", "http://back.com/x", "back.com",
	  "back.com", LINK_OBSCURED },
	{ "http://3232235777/y", "http://192.168.1.1/y", "192.168.1.1",
	  "192.168.1.1", LINK_OBSCURED | LINK_NUMERIC | LINK_NO_TLD },
	{ "http://0x7f.1/", "http://127.0.0.1/", "127.0.0.1", "127.0.0.1",
	  LINK_OBSCURED | LINK_NUMERIC | LINK_NO_TLD },
	{ "http://026250572534/", "http://178.162.245.92/", "178.162.245.92",
	  "178.162.245.92", LINK_OBSCURED | LINK_NUMERIC | LINK_NO_TLD },
	{ "http://8%31.9.8.4%2FLi%73t%2F", "http://81.9.8.4/List/",
	  "81.9.8.4", "81.9.8.4", LINK_HOST_ENCODED | LINK_PATH_ENCODED |
	  LINK_NUMERIC | LINK_NO_TLD },
	{ "http://010.1.2.3/", "http://10.1.2.3/", "10.1.2.3", "10.1.2.3",
	  LINK_NUMERIC | LINK_NO_TLD },
	{ "http://1.2.3.4:80/x", "http://1.2.3.4:80/x", "1.2.3.4",
	  "1.2.3.4", LINK_NUMERIC | LINK_HAS_PORT | LINK_NO_TLD },
	{ "https://[2001:db8::1]/z", "https://[2001:db8::1]/z",
	  "2001:db8::1", "2001:db8::1", LINK_NUMERIC | LINK_NO_TLD },
	{ "http://www.b.com/c+d?e+f%2b#g+h", "http://www.b.com/c d?e f+#g h",
	  "www.b.com", "b.com", LINK_QUERY_ENCODED },
	{ "mailto:a+b@c.com", "a+b@c.com", "c.com", "c.com",
	  LINK_MISSING_SLASHES },
	{ "http://unknown.notld/", "http://unknown.notld/", "unknown.notld",
	  "unknown.notld", LINK_NO_TLD },
	{ "MAILTO:Joe@Foo.com?subject=x", "Joe@foo.com", "foo.com",
	  "foo.com", LINK_MISSING_SLASHES },
	{ "http://a.com/b/../c", "http://a.com/c", "a.com", "a.com",
	  LINK_PATH_ENCODED },
	{ "javascript:alert(1)", NULL, NULL, NULL, 0 },
	{ "#top", NULL, NULL, NULL, 0 },
	{ "/page", NULL, NULL, NULL, 0 },
	{ "page.html", NULL, NULL, NULL, 0 },
	{ "", NULL, NULL, NULL, 0 },
	{ "http://", NULL, NULL, NULL, 0 },
	{ "http://a.com:99999/", NULL, NULL, NULL, 0 },
	{ "http://a b\"c/", NULL, NULL, NULL, 0 },
	{ "cid:logo", NULL, NULL, NULL, 0 },
};

static void hrefs_are_taken_apart(void **state)
{
	struct arena *a = arena_new();
	struct link l;

	(void)state;
	for (size_t i = 0; i < sizeof(hrefs) / sizeof(hrefs[0]); i++) {
		bool got = link_parse(a, str_cstr(hrefs[i].href),
				      LINK_IN_HREF, &l);

		if (got != (hrefs[i].text != NULL))
			fail_msg("%s: %s a link", hrefs[i].href,
				 got ? "is" : "is not");
		if (!got)
			continue;
		if (!str_eq(l.text, str_cstr(hrefs[i].text)) ||
		    !str_eq(l.host, str_cstr(hrefs[i].host)) ||
		    !str_eq(l.tld, str_cstr(hrefs[i].tld)) ||
		    l.flags != hrefs[i].flags)
			fail_msg("%s: %.*s host %.*s of %.*s, flags %x",
				 hrefs[i].href, STR_ARG(l.text),
				 STR_ARG(l.host), STR_ARG(l.tld), l.flags);
	}
	arena_free(&a);
}

static const struct {
	const char *text, *links;
} texts[] = {
	{ "See example.com/path and www.foo.de, or x",
	  "http://example.com/path http://www.foo.de" },
	{ "(www.bar.com) www.a.com! www.b.com. www.c.com/x, y",
	  "http://www.bar.com http://www.a.com http://www.b.com. "
	  "http://www.c.com/x," },
	{ "(http://paren.com/x). <http://angle.com/c>",
	  "http://paren.com/x http://angle.com/c" },
	{ "jim@bar.org and <mail@x.co.jp> mailto:a@b.com?subject=hi",
	  "jim@bar.org mail@x.co.jp a@b.com" },
	{ "foo.bar domain.tld/path.html google.com",
	  "http://foo.bar http://google.com" },
	{ "//noscheme.com/x git://a.com/ hxxp://bad.com/ info.txt 1.2.3.4",
	  "" },
	{ "\xe3\x81\xafhttp://a.co.jp/x http://b.jp/\xe6\x97\xa5",
	  "http://a.co.jp/x http://b.jp/\xe6\x97\xa5" },
	{ "http://u.com, http://v.com; http://w.com! http://nope.tldless/",
	  "http://u.com http://v.com http://w.com" },
	{ "j.com, l.com; x=f.com y:g.com *p.com* s.com- t..com .u.com", "" },
	{ "h.com:8080/i {k.com} [m.com] 'n.com'",
	  "http://h.com:8080/i http://k.com http://m.com http://n.com" },
	{ "WWW.RR.COM ftp.ss.com https://tt.com/uu?vv#ww",
	  "http://www.rr.com ftp://ftp.ss.com https://tt.com/uu?vv#ww" },
	{ "User@II.COM Foo.Bar+tag@jj.com z@z.com.",
	  "User@ii.com Foo.Bar+tag@jj.com z@z.com" },
};

static bool list_link(void *ctx, const struct link_find *found)
{
	struct buf *b = ctx;

	if (b->n)
		buf_addc(b, ' ');
	buf_adds(b, found->link->text);
	return true;
}

static void links_are_found_in_text(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct buf b;

		buf_in(&b, a, 4096);
		link_find_all(a, str_cstr(texts[i].text), list_link, &b);
		if (!str_eq(buf_str(&b), str_cstr(texts[i].links)))
			fail_msg("%s: %.*s", texts[i].text,
				 STR_ARG(buf_str(&b)));
	}
	arena_free(&a);
}

static void links_in_queries(void **state)
{
	struct arena *a = arena_new();
	struct buf b;

	(void)state;
	buf_in(&b, a, 4096);
	link_find_in_query(a, STR("u=http://target.com/x 2=ftp://x.org"),
			   list_link, &b);
	assert_true(str_eq(buf_str(&b),
			   STR("http://target.com/x ftp://x.org")));
	arena_free(&a);
}

static void doubles_are_counted(void **state)
{
	struct arena *a = arena_new();
	struct links set = { .arena = a, .by_text = MAP_IN(a) };
	struct link l, m, *kept;

	(void)state;
	assert_true(link_parse(a, STR("mailto:a@b.com"), LINK_IN_HREF, &l));
	assert_true(link_parse(a, STR("mailto:A@B.com"), LINK_IN_HREF, &m));
	kept = links_add(&set, &l);
	assert_ptr_equal(links_add(&set, &m), kept);
	assert_int_equal(kept->count, 2);
	assert_int_equal(set.n, 1);
	arena_free(&a);
}

static bool nothing(void *ctx, const struct link_find *found)
{
	(void)ctx;
	(void)found;
	return true;
}

/* A quadratic search needs minutes for these. */
static void hostile_text_is_linear(void **state)
{
	static const char *const units[] = { "http://", "mailto:", "a@", "a.",
		"http://[", "a!", "http://a.zzzz/", "a.com@", "www." };

	(void)state;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		struct arena *a = arena_new();
		struct buf b;
		int64_t start;

		buf_init(&b, 4 << 20);
		while (!b.full && b.n < 2 << 20)
			buf_adds(&b, str_cstr(units[i]));
		start = clock_cpu_us();
		link_find_all(a, buf_str(&b), nothing, NULL);
		if (clock_cpu_us() - start > 10000000)
			fail_msg("%s, again and again, takes too long",
				 units[i]);
		buf_free(&b);
		arena_free(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hrefs_are_taken_apart),
		cmocka_unit_test(links_are_found_in_text),
		cmocka_unit_test(links_in_queries),
		cmocka_unit_test(doubles_are_counted),
		cmocka_unit_test(hostile_text_is_linear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
