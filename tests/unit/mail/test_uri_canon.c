/*
 * The forms of a URI and their hosts against a table of SpamAssassin's own
 * answers (uri_list_canonicalize, uri_to_domain; sa_uri.pl canon). The order
 * within a row means nothing: SpamAssassin's is that of a hash.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "mail/domain.h"
#include "mail/settings.h"
#include "mail/uri.h"

struct form {
	const char *text;
	const char *host;	/* "host=domain", or NULL */
};

struct canon_case {
	const char *uri;
	struct form forms[8];
};

static const struct canon_case cases[] = {
	{ "http://example.com/",
	  { { "http://example.com/", "example.com=example.com" } } },
	{ "HTTP://EXAMPLE.com/Path",
	  { { "HTTP://EXAMPLE.com/Path", "example.com=example.com" } } },
	{ " http://example.com/a\r\nb ",
	  { { "http://example.com/ab", "example.com=example.com" } } },
	{ "http:\\\\example.com\\x",
	  { { "http://example.com/x", "example.com=example.com" },
	    { "http:\\\\example.com\\x", NULL } } },
	{ "http:www.example.com",
	  { { "http://www.example.com", "www.example.com=example.com" },
	    { "http:www.example.com", "www.example.com=example.com" } } },
	{ "https:/example.com",
	  { { "https://example.com", "example.com=example.com" },
	    { "https:/example.com", "example.com=example.com" } } },
	{ "www.example.com",
	  { { "http://www.example.com", "www.example.com=example.com" },
	    { "www.example.com", "www.example.com=example.com" } } },
	{ "ftp.example.com/x",
	  { { "ftp.example.com/x", "ftp.example.com=example.com" },
	    { "ftp://ftp.example.com/x", "ftp.example.com=example.com" } } },
	{ "example.com",
	  { { "example.com", "example.com=example.com" },
	    { "http://example.com", "example.com=example.com" } } },
	{ "http://example.com?id=3",
	  { { "http://example.com/?id=3", "example.com=example.com" },
	    { "http://example.com?id=3", "example.com=example.com" } } },
	{ "https://example.com#top",
	  { { "https://example.com#top", "example.com=example.com" },
	    { "https://example.com/#top", "example.com=example.com" } } },
	{ "http://%77&#00119;%77.example.com/",
	  { { "http://%77&#00119;%77.example.com/", NULL },
	    { "http://w&/#00119;w.example.com/", NULL },
	    { "http://w/#00119;w.example.com/", NULL },
	    { "http://www.w&.com/#00119;w.example.com/", NULL } } },
	{ "http://%65xample.com/%41%20%2f%7f%00",
	  { { "http://%65xample.com/%41%20%2f%7f%00", NULL },
	    { "http://example.com/A%20/%7f%00", "example.com=example.com" } } },
	{ "%68ttp:foo.example.com",
	  { { "%68ttp:foo.example.com", NULL },
	    { "http:foo.example.com", "foo.example.com=example.com" } } },
	{ "http://exa&#x6d;ple&#x2e;com/",
	  { { "http://exa&#x6d;ple&#x2e;com/", NULL },
	    { "http://exa&/#x6d;ple.com/", NULL },
	    { "http://exa/#x6d;ple.com/", NULL },
	    { "http://www.exa&.com/#x6d;ple.com/", NULL } } },
	{ "http://example&#12290;com/",
	  { { "http://example&#12290;com/", NULL },
	    { "http://example&/#12290;com/", NULL },
	    { "http://example/#12290;com/", NULL },
	    { "http://www.example&.com/#12290;com/", NULL } } },
	{ "http://example&#XFF0E;com/",
	  { { "http://example&#XFF0E;com/", NULL },
	    { "http://example&/#XFF0E;com/", NULL },
	    { "http://example/#XFF0E;com/", NULL },
	    { "http://www.example&.com/#XFF0E;com/", NULL } } },
	{ "http://a&#38;#x41;.example.com/",
	  { { "http://a&#38;#x41;.example.com/", NULL },
	    { "http://a&/#38;#x41;.example.com/", NULL },
	    { "http://a/#38;#x41;.example.com/", NULL },
	    { "http://www.a&.com/#38;#x41;.example.com/", NULL } } },
	{ "http://example.com:80/x",
	  { { "http://example.com/x", "example.com=example.com" },
	    { "http://example.com:80/x", "example.com=example.com" } } },
	{ "http://example.com:8080/x",
	  { { "http://example.com:8080/x", "example.com=example.com" } } },
	{ "https://example.com:443",
	  { { "https://example.com", "example.com=example.com" },
	    { "https://example.com:443", "example.com=example.com" } } },
	{ "https://example.com:80/",
	  { { "https://example.com:80/", "example.com=example.com" } } },
	{ "HTTP://example.com:443/",
	  { { "HTTP://example.com/", "example.com=example.com" },
	    { "HTTP://example.com:443/", "example.com=example.com" } } },
	{ "http://user:pass@example.com/",
	  { { "http://user:pass@example.com/", "example.com=example.com" } } },
	{ "http://www.good.com@evil.com/",
	  { { "http://www.good.com@evil.com/", "evil.com=evil.com" } } },
	{ "http://@example.com/",
	  { { "http://@example.com/", "example.com=example.com" } } },
	{ "http://a@b@example.com/",
	  { { "http://a@b@example.com/", "example.com=example.com" },
	    { "http://example.com/", "example.com=example.com" } } },
	{ "http://user@/x",
	  { { "http:///x", NULL },
	    { "http://user@/x", NULL },
	    { "http://www.user@.com/x", NULL } } },
	{ "http://exam\001ple.com/",
	  { { "http://exam\001ple.com/", NULL },
	    { "http://example.com/", "example.com=example.com" } } },
	{ "http://example.com./",
	  { { "http://example.com./", NULL },
	    { "http://example.com/", "example.com=example.com" } } },
	{ "http://example.com!!!/x",
	  { { "http://example.com!!!/x", NULL },
	    { "http://example.com/x", "example.com=example.com" } } },
	{ "http://exampl\303\251.com/",
	  { { "http://exampl\303\251.com/", NULL } } },
	{ "http://10.0.0.1/",
	  { { "http://10...1/", NULL },
	    { "http://10.0.0.1/", "10.0.0.1=10.0.0.1" } } },
	{ "http://0x7f.1.2.0377/",
	  { { "http://0x7f.1.2.0377/", NULL },
	    { "http://127.1.2.255/", "127.1.2.255=127.1.2.255" } } },
	{ "http://0177.0.0.1/",
	  { { "http://0177.0.0.1/", NULL },
	    { "http://127...1/", NULL } } },
	{ "http://089.2.3.4/",
	  { { "http://089.2.3.4/", NULL },
	    { "http://89.2.3.4/", "89.2.3.4=89.2.3.4" } } },
	{ "http://89.0x00000000000000000000068.0000000000000000000000160.0x00000000000011",
	  { { "http://89.0x00000000000000000000068.0000000000000000000000160.0x00000000000011", NULL },
	    { "http://89.104.112.17", "89.104.112.17=89.104.112.17" } } },
	{ "http://0xfffffffffffffffff.1.2.3/",
	  { { "http://-1.1.2.3/", NULL },
	    { "http://0xfffffffffffffffff.1.2.3/", NULL } } },
	{ "http://0x7f000001/",
	  { { "http://0x7f000001/", NULL },
	    { "http://127.0.0.1/", "127.0.0.1=127.0.0.1" } } },
	{ "http://0x1234567f000001/",
	  { { "http://0x1234567f000001/", NULL },
	    { "http://127.0.0.1/", "127.0.0.1=127.0.0.1" } } },
	{ "http://1113343453/x",
	  { { "http://1113343453/x", NULL },
	    { "http://66.92.69.221/x", "66.92.69.221=66.92.69.221" } } },
	{ "http://99999999999/",
	  { { "http://23.72.118.231/", "23.72.118.231=23.72.118.231" },
	    { "http://99999999999/", NULL } } },
	{ "http://99999999999999999999999/",
	  { { "http://255.255.255.255/", "255.255.255.255=255.255.255.255" },
	    { "http://99999999999999999999999/", NULL } } },
	{ "http://foo/",
	  { { "http://foo/", NULL },
	    { "http://www.foo.com/", "www.foo.com=foo.com" } } },
	{ "http://www.foo",
	  { { "http://www.foo", "www.foo=www.foo" } } },
	{ "http://foo:80/x",
	  { { "http://foo/x", NULL },
	    { "http://foo:80/x", NULL },
	    { "http://www.foo.com:80/x", "www.foo.com=foo.com" } } },
	{ "http://foo:81/",
	  { { "http://foo:81/", NULL } } },
	{ "http://localhost/",
	  { { "http://localhost/", NULL } } },
	{ "http://me@foo/",
	  { { "http://me@foo/", NULL } } },
	{ "https://foo/",
	  { { "https://foo/", NULL } } },
	{ "http://www./",
	  { { "http://www./", NULL },
	    { "http://www/", NULL } } },
	{ "http://r.example.com/*http://target.org/x&y",
	  { { "http://r.example.com/*http://target.org/x&y", "r.example.com=example.com" },
	    { "http://target.org/x", "target.org=target.org" } } },
	{ "http://r.example.com/?u=https:/target.org#z",
	  { { "http://r.example.com/?u=https:/target.org#z", "r.example.com=example.com" },
	    { "https://target.org", "target.org=target.org" },
	    { "https:/target.org", "target.org=target.org" } } },
	{ "http://r.example.com/?u=http:target",
	  { { "http://r.example.com/?u=http:target", "r.example.com=example.com" } } },
	{ "http://r.example.com/http://two.example.com/http://three.example.com/",
	  { { "http://r.example.com/http://two.example.com/http://three.example.com/", "r.example.com=example.com" },
	    { "http://three.example.com/", "three.example.com=example.com" },
	    { "http://two.example.com/http://three.example.com/", "two.example.com=example.com" } } },
	{ "http://r.example.com/http:&http://four.example.com",
	  { { "http://four.example.com", "four.example.com=example.com" },
	    { "http://r.example.com/http:&http://four.example.com", "r.example.com=example.com" } } },
	{ "http://redirect.example.com/go?to=five.example.org",
	  { { "http://redirect.example.com/go?to=five.example.org", "redirect.example.com=example.com" } } },
	{ "mailto:foo@example.com",
	  { { "mailto:foo@example.com", "example.com=example.com" } } },
	{ "MAILTO:foo@example.com?subject=x",
	  { { "MAILTO:foo@example.com", "example.com=example.com" },
	    { "MAILTO:foo@example.com?subject=x", "example.com=example.com" } } },
	{ "mailto:foo@example.com&x=y",
	  { { "mailto:foo@example.com", "example.com=example.com" },
	    { "mailto:foo@example.com&x=y", NULL } } },
	{ "mailto:%20foo@example.com%20",
	  { { "mailto:%20foo@example.com%20", NULL },
	    { "mailto:foo@example.com", "example.com=example.com" } } },
	{ "mailto:%20@example.com",
	  { { "mailto:%20@example.com", "example.com=example.com" } } },
	{ "mailto:@example.com%20x",
	  { { "mailto:@example.com%20x", NULL },
	    { "mailto:mailto:@example.com", "example.com=example.com" } } },
	{ "foo@example.com?x",
	  { { "foo@example.com", "example.com=example.com" },
	    { "foo@example.com?x", "example.com=example.com" } } },
	{ "mailto:\"Foo%20Bar\"%20<foo.bar@example.com>",
	  { { "mailto:\"Foo%20Bar\"%20<foo.bar@example.com>", NULL },
	    { "mailto:foo.bar@example.com", "example.com=example.com" } } },
	{ "mailto:<a><b@c.com><d>",
	  { { "mailto:<a><b@c.com><d>", NULL },
	    { "mailto:b@c.com", "c.com=c.com" } } },
	{ "mailto:a<@x>b<c@>d<e@f>",
	  { { "mailto:a<@x>b<c@>d<e@f>", NULL },
	    { "mailto:e@f", NULL } } },
	{ "mailto:foo%40example.com",
	  { { "mailto:foo%40example.com", NULL } } },
	{ "#top",
	  { { "#top", NULL } } },
	{ "?x=1",
	  { { "?x=1", NULL } } },
	{ "&y",
	  { { "&y", NULL } } },
	{ "/image.gif",
	  { { "/image.gif", NULL } } },
	{ "//example.com/x",
	  { { "//example.com/x", NULL },
	    { "http:////example.com/x", NULL } } },
	{ "/",
	  { { "/", NULL } } },
	{ "x",
	  { { "x", NULL } } },
	{ "",
	  { { "", NULL } } },
	{ "javascript:alert(1)",
	  { { "javascript:alert(1)", NULL } } },
	{ "cid:123@example.com",
	  { { "cid:123@example.com", NULL } } },
	{ "file:///etc/passwd",
	  { { "file:///etc/passwd", NULL } } },
	{ "ftp://ftp.example.com/",
	  { { "ftp://ftp.example.com/", "ftp.example.com=example.com" } } },
	{ "http://example.co.uk/",
	  { { "http://example.co.uk/", "example.co.uk=example.co.uk" } } },
	{ "http://www.example.nosuchtld/",
	  { { "http://www.example.nosuchtld/", NULL } } },
	{ "http://a_b.example.com/",
	  { { "http://a_b.example.com/", "a_b.example.com=example.com" } } },
	{ "http://a_b.com/",
	  { { "http://a_b.com/", NULL } } },
	{ "http://[::1]/",
	  { { "http://::1]/", NULL },
	    { "http://[::1]/", NULL },
	    { "http://www.[.com::1]/", NULL } } },
	{ "http://ex%61mple.com",
	  { { "http://ex%61mple.com", NULL },
	    { "http://example.com", "example.com=example.com" } } },
	{ "http://example.com:/",
	  { { "http://example.com:/", "example.com=example.com" } } },
	{ "http://example.com:99999/%zz",
	  { { "http://example.com:99999/%zz", "example.com=example.com" } } },
	{ "data:text/html,x",
	  { { "data:text/html,x", NULL } } },
};

static struct mail_settings settings;
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
	mail_settings_init(&settings);
	settings.domains = &domains;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static size_t count_forms(const struct canon_case *c)
{
	size_t n = 0;

	while (n < 8 && c->forms[n].text)
		n++;
	return n;
}

static struct str host_and_domain(struct str uri)
{
	struct str host, domain;

	if (!uri_host_domain(arena, &settings, uri, &host, &domain))
		return STR("");
	return str_printf(arena, "%.*s=%.*s", STR_ARG(host), STR_ARG(domain));
}

static void answers_like_spamassassin(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct canon_case *c = &cases[i];
		struct strs got = { NULL, 0, 0 };

		print_message("  %s\n", c->uri);
		assert_true(uri_canonical_forms(arena, &settings,
						str_cstr(c->uri), false, &got));
		for (size_t k = 0; k < count_forms(c); k++) {
			const struct form *f = &c->forms[k];
			struct str form = str_cstr(f->text);

			if (!strs_has(&got, form))
				fail_msg("lacks %s", f->text);
			assert_true(str_eq(host_and_domain(form),
					   str_cstr(f->host ? f->host : "")));
		}
		assert_int_equal(got.n, count_forms(c));
	}
}

static void the_uri_itself_is_first(void **state)
{
	struct strs got = { NULL, 0, 0 };

	(void)state;
	uri_canonical_forms(arena, &settings, STR(" www.foo.com\n"), false,
			    &got);
	assert_true(str_eq(got.v[0], STR("www.foo.com")));
}

/* As matchers do it: what stands behind "to=" is the target. */
static bool behind_to(const void *ctx, struct arena *a, struct str uri,
		      struct str *target_r)
{
	ssize_t at = str_find(uri, STR("to="));

	(void)a;
	assert_ptr_equal(ctx, &settings);
	if (at < 0)
		return false;
	*target_r = str_from(uri, (size_t)at + 3);
	return true;
}

static void redirections_are_followed(void **state)
{
	struct mail_settings own = settings;
	struct strs got = { NULL, 0, 0 };

	(void)state;
	own.redirect = behind_to;
	own.redirect_ctx = &settings;
	uri_canonical_forms(arena, &own,
			    STR("http://a.com/?to=b.com/?to=c%2ecom&http://d.com"),
			    false, &got);
	assert_true(strs_has(&got, STR("b.com/?to=c.com&http://d.com")));
	assert_true(strs_has(&got, STR("http://c.com&http://d.com")));
	assert_false(strs_has(&got, STR("http://d.com")));
	assert_int_equal(got.n, 6);
}

static void a_redirection_to_itself_ends(void **state)
{
	struct mail_settings own = settings;
	struct strs got = { NULL, 0, 0 };

	(void)state;
	own.redirect = behind_to;
	own.redirect_ctx = &settings;
	assert_true(uri_canonical_forms(arena, &own,
					STR("http://a.com/to=a.com/to="),
					false, &got));
}

/* Characters are numbered, not octets, and their host gets a form of octets
 * in lower case. */
static void wide_uris(void **state)
{
	struct strs got = { NULL, 0, 0 };

	(void)state;
	uri_canonical_forms(arena, &settings,
			    STR("http://\xc3\xa9X.com:80/%41\xc3\xa9\xe2\x82\xac"),
			    true, &got);
	assert_true(strs_has(&got, STR("http://%e9X.com:80/A%e9\xe2\x82\xac")));
	got.n = 0;
	uri_canonical_forms(arena, &settings, STR("http://\xc3\xa9X.com:80/"),
			    true, &got);
	assert_true(strs_has(&got, STR("http://\xc3\xa9X.com/")));
	assert_true(strs_has(&got, STR("http://\xc3\xa9x.com:80/")));
	assert_true(strs_has(&got, STR("http://\xc3\xa9x.com/")));
	assert_int_equal(got.n, 4);
}

static void nested_redirections_have_a_ceiling(void **state)
{
	struct strs got = { NULL, 0, 0 };
	struct buf b;

	(void)state;
	buf_in(&b, arena, 1 << 20);
	for (int i = 0; i < 2000; i++)
		buf_adds(&b, STR("http://a.b/"));
	assert_false(uri_canonical_forms(arena, &settings, buf_str(&b), false,
					 &got));
	assert_true(got.n <= LIMIT_URI_FORMS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_like_spamassassin),
		cmocka_unit_test(the_uri_itself_is_first),
		cmocka_unit_test(redirections_are_followed),
		cmocka_unit_test(a_redirection_to_itself_ends),
		cmocka_unit_test(wide_uris),
		cmocka_unit_test(nested_redirections_have_a_ceiling),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
