/*
 * The links of whole messages: sources, kinds, hosts, what stays out of the
 * list, ceilings, and time on hostile mail. The answers are SpamAssassin's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "mail/domain.h"
#include "mail/html.h"
#include "mail/message.h"
#include "mail/settings.h"
#include "mail/uri.h"

static struct arena *arena;
static struct domains domains;
static struct mail_settings settings;

static int setup(void **state)
{
	(void)state;
	arena = arena_new();
	domains_add(arena, &domains, 1, STR("com"));
	domains_add(arena, &domains, 1, STR("org"));
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

static const struct uris *uris_of(const char *type, struct str body,
				  struct message **m_r)
{
	struct str raw = str_printf(arena, "From: a@example.com\n"
				    "Subject: www.subject.com\n%s\n\n", type);
	struct message *m;

	m = message_parse(arena, &settings, str_cat(arena, raw, body));
	if (m_r)
		*m_r = m;
	return message_uris(m);
}

static const struct uri_info *info_of(const struct uris *u, const char *raw)
{
	return map_get(&u->by_raw, str_cstr(raw));
}

static bool lists(const struct uris *u, const char *form)
{
	return strs_has(&u->list, str_cstr(form));
}

static void text_gives_parsed_links(void **state)
{
	const struct uris *u = uris_of("Content-Type: text/plain",
				       STR("see example.com and x@b.org\n"),
				       NULL);

	(void)state;
	assert_int_equal(u->by_raw.n, 3);
	assert_int_equal(info_of(u, "http://www.subject.com")->types,
			 URI_PARSED | URI_SCHEMELESS);
	assert_int_equal(info_of(u, "http://example.com")->types,
			 URI_PARSED | URI_SCHEMELESS | URI_UNLINKED);
	assert_true(str_eq(info_of(u, "mailto:x@b.org")->hosts.v[0],
			   STR("b.org")));
	assert_true(lists(u, "mailto:x@b.org"));
}

static void html_and_text_melt(void **state)
{
	const struct uris *u = uris_of(
		"Content-Type: text/html",
		STR("<a href=\"http://www.example.com\">www.example.com</a>"
		    " <a href=\"http://www.example.com\">click</a>"
		    "<a href=\"rel/x.html\">rel</a><img src=\"http://i.org/\">"),
		NULL);
	const struct uri_info *info = info_of(u, "http://www.example.com");

	(void)state;
	assert_int_equal(info->types, HTML_URI_A | URI_PARSED |
			 URI_SCHEMELESS);
	assert_int_equal(info->anchor_text.n, 2);
	assert_true(str_eq(info->domains.v[0], STR("example.com")));
	assert_int_equal(info_of(u, "http://i.org/")->types, HTML_URI_IMG);
	/* Surprise 8. */
	assert_true(lists(u, "http://www.rel.com/x.html"));
}

static void signatures_give_hosts_only(void **state)
{
	const struct uris *u = uris_of(
		"DKIM-Signature: v=1; bd=no.com; d = sig.\n example.com ;"
		" h=d=two.org\nDomainKey-Signature: d=nowhere.invalid; d=;",
		STR("text\n"), NULL);
	const struct uri_info *info = info_of(u,
					      "domainkeys:sig.example.com");

	(void)state;
	assert_non_null(info);
	assert_int_equal(info->types, URI_DOMAINKEYS);
	assert_int_equal(info->cleaned.n, 0);
	assert_true(str_eq(info->hosts.v[0], STR("sig.example.com")));
	assert_non_null(info_of(u, "domainkeys:two.org"));
	assert_int_equal(u->by_raw.n, 3);
	assert_int_equal(u->list.n, 1);
}

static void signatures_can_be_left_out(void **state)
{
	const struct uris *u;

	(void)state;
	settings.parse_dkim_uris = false;
	u = uris_of("DKIM-Signature: d=example.com", STR("text\n"), NULL);
	settings.parse_dkim_uris = true;
	assert_int_equal(u->by_raw.n, 1);
}

static struct str repeated(const char *piece, size_t n)
{
	struct buf b;

	buf_in(&b, arena, n);
	while (!b.full)
		buf_adds(&b, str_cstr(piece));
	return buf_str(&b);
}

static void a_long_uri_is_cut(void **state)
{
	struct message *m;
	struct str body = str_cat(arena, STR("<a href=\"http://example.com/"),
				  str_cat(arena, repeated("x", 20000),
					  STR("\">x</a>")));
	const struct uris *u = uris_of("Content-Type: text/html", body, &m);

	(void)state;
	assert_true(u->truncated);
	assert_true(m->flags & MSG_URI_TRUNCATED);
	for (size_t i = 0; i < u->list.n; i++)
		assert_true(u->list.v[i].n <= LIMIT_URI);
}

static void many_links_meet_a_ceiling(void **state)
{
	struct message *m;
	const struct uris *u;
	struct buf b;

	(void)state;
	buf_in(&b, arena, 16 << 20);
	for (int i = 0; i < 100000; i++)
		buf_addf(&b, "<a href=\"http://h%d.example.com/\">x</a>\n", i);
	u = uris_of("Content-Type: text/html", buf_str(&b), &m);
	assert_int_equal(u->by_raw.n, LIMIT_URIS);
	assert_true(m->flags & MSG_URIS_CUT);
}

static int64_t time_of(const char *type, struct str body)
{
	int64_t start = clock_cpu_us();

	uris_of(type, body, NULL);
	return clock_cpu_us() - start;
}

static void hostile_mail_takes_linear_time(void **state)
{
	static const struct {
		const char *type, *piece;
	} cases[] = {
		{ "Content-Type: text/html",
		  "<a href=\"http://a.com/http://a.com/http://a.com/\">" },
		{ "Content-Type: text/html", "<a href=\"mailto:<<<<@@@>\">" },
		{ "Content-Type: text/plain", "http://a.com/%25%32%35 " },
		{ "Content-Type: text/plain", "a@b.com:a@b.com" },
		{ "Content-Type: text/plain", "http://u@u@u@u@a.com/ (((" },
		{ "Content-Type: text/html", "<a href=http:\\\\&#47;&#x2f;>" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		int64_t small, large;

		small = time_of(cases[i].type, repeated(cases[i].piece,
							1 << 17));
		large = time_of(cases[i].type, repeated(cases[i].piece,
							1 << 21));
		if (large > 60 * small + 50000)
			fail_msg("%s: %d us, then %d us", cases[i].piece,
				 (int)small, (int)large);
	}
}

static void nested_links_stay_small(void **state)
{
	size_t before = arena_used(arena);
	struct message *m;
	struct buf b;

	(void)state;
	buf_in(&b, arena, 4 << 20);
	for (int i = 0; i < 400; i++) {
		buf_addf(&b, "<a href=\"http://h%d.com/", i);
		buf_adds(&b, repeated("http://a.b/", 8000));
		buf_adds(&b, STR("\">x</a>"));
	}
	uris_of("Content-Type: text/html", buf_str(&b), &m);
	assert_true(m->flags & MSG_URIS_CUT);
	assert_true(arena_used(arena) - before < 25 * b.n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_gives_parsed_links),
		cmocka_unit_test(html_and_text_melt),
		cmocka_unit_test(signatures_give_hosts_only),
		cmocka_unit_test(signatures_can_be_left_out),
		cmocka_unit_test(a_long_uri_is_cut),
		cmocka_unit_test(many_links_meet_a_ceiling),
		cmocka_unit_test(hostile_mail_takes_linear_time),
		cmocka_unit_test(nested_links_stay_small),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
