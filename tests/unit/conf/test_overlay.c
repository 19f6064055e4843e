/*
 * Settings and the overlay that a user's file lays over them: what it may
 * change, what it may not, and that the site's stay as they are.
 */
#include "conf_load.h"

#include "mail/domain.h"
#include "mail/network.h"

static const char site[] =
	"body A /x/\nbody B /x/\nbody OFF /x/\nscore A 2\nscore OFF 0\n"
	"describe A site\ndescribe B site\n"
	"required_score 5\nreport_safe 1\nok_locales en\n"
	"welcomelist_from *@one.org a?b@two.org\n"
	"welcomelist_from_rcvd x@y.z relay.one\n"
	"welcomelist_from_rcvd x@y.z relay.two\n"
	"enlist_uri_host (L) bad.com !good.bad.com\n"
	"enlist_addrlist (PEOPLE) *@people.org\n"
	"bayes_ignore_header X-One\n"
	"add_header all Level _STARS(*)_\n"
	"report Hello\nreport \"quoted \"\n"
	"trusted_networks 10.0.0.0/8\ntime_limit 2m\n"
	"rewrite_header Subject [S]\n"
	"util_rb_tld com\nutil_rb_2tld co.uk\n";

static struct settings *overlay(struct arena *a, const struct ruleset *rs,
				const char *text, struct diags *d)
{
	*d = (struct diags){ .arena = a };
	return settings_overlay_text(a, rs, str_cstr(text), "prefs", d);
}

static bool listed(const struct settings *s, const char *list,
		   const char *addr)
{
	return settings_addr_listed(s, str_cstr(list), str_cstr(addr), NULL);
}

static int host(const struct settings *s, const char *list, const char *name)
{
	return settings_uri_host_listed(s, str_cstr(list), str_cstr(name),
					NULL);
}

static void site_reads(void **state)
{
	struct arena *a = arena_new();
	struct ruleset *rs = conf_load(a, site);
	const struct settings *s = rs->site;
	const struct addr_entry *e = NULL;

	(void)state;
	conf_print_diags(rs);
	assert_int_equal(rs->diags.n, 0);
	assert_true(s->required_score == 5);
	assert_int_equal(s->report_safe, 1);
	assert_int_equal(s->report_wrap_width, 75);
	assert_str_is(s->report_charset, "UTF-8");
	assert_true(s->fold_headers);
	assert_str_is(s->report_template, "Hello\nquoted \n");
	assert_true(settings_number(s, STR("time_limit")) == 120);
	assert_true(settings_bool(s, STR("use_bayes")));
	assert_false(settings_bool(s, STR("skip_rbl_checks")));
	assert_str_is(settings_option(s, STR("ok_locales")), "en");
	assert_str_is(settings_option(s, STR("required_hits")), "5");
	assert_null(settings_option(s, STR("nosuch")).p);
	assert_true(listed(s, "welcomelist_from", "any@one.org"));
	assert_true(listed(s, "welcomelist_from", "axb@two.org"));
	assert_false(listed(s, "welcomelist_from", "ab@two.org"));
	assert_false(listed(s, "welcomelist_from", "any@one.org.uk"));
	assert_true(listed(s, "addrlist:PEOPLE", "me@people.org"));
	assert_false(listed(s, "nosuch", "me@people.org"));
	assert_true(settings_addr_listed(s, STR("welcomelist_from_rcvd"),
					 STR("x@y.z"), &e));
	assert_str_is(e->rcvd, "relay.one");
	assert_int_equal(settings_addrs(s,
				STR("welcomelist_from_rcvd"))->n, 2);
	assert_int_equal(host(s, "L", "www.bad.com"), 1);
	assert_int_equal(host(s, "L", "x.good.bad.com"), 0);
	assert_int_equal(host(s, "L", "ad.com"), -1);
	assert_int_equal(host(s, "NONE", "bad.com"), -1);
	assert_true(netset_has(s->mail.trusted, STR("10.1.2.3")));
	assert_true(netset_has(s->mail.trusted, STR("127.0.0.1")));
	assert_null(s->mail.internal);
	assert_int_equal(s->mail.body_part_scan_size, 50000);
	assert_true(map_has(&s->mail.domains->two_level, STR("co.uk")));
	arena_free(&a);
}

static void user_changes(void **state)
{
	struct arena *a = arena_new();
	struct ruleset *rs = conf_load(a, site);
	struct diags d;
	struct settings *s = overlay(a, rs,
		"score A 3\nscore OFF 1\nscore B (0.5)\n"
		"describe A mine\nrequired_score 7\nreport_safe 0\n"
		"unwelcomelist_from *@one.org\nwelcomelist_from me@mine.org\n"
		"unwelcomelist_from_rcvd x@y.z\n"
		"enlist_uri_host (L) ugly.com\ndelist_uri_host bad.com\n"
		"bayes_ignore_header X-Two\n"
		"remove_header all Level\nadd_header ham Mine text\n"
		"report more\nrewrite_header Subject\n"
		"clear_trusted_networks\nnormalize_charset 0\n"
		"lang de required_score 1\n"
		"if plugin(Mail::SpamAssassin::Plugin::DKIM)\n"
		"ok_locales de\nendif\n", &d);
	unsigned ra = ruleset_find(rs, STR("A"))->id;
	unsigned rb = ruleset_find(rs, STR("B"))->id;
	unsigned off = ruleset_find(rs, STR("OFF"))->id;

	(void)state;
	assert_int_equal(d.n, 0);
	assert_true(settings_score(s, ra, 0) == 3);
	assert_true(settings_score(s, off, 3) == 1);
	assert_true(settings_score(s, rb, 1) == 1.5);
	assert_str_is(settings_describe(s, STR("A")), "mine");
	assert_str_is(settings_describe(s, STR("B")), "site");
	assert_true(s->required_score == 7);
	assert_false(listed(s, "welcomelist_from", "any@one.org"));
	assert_true(listed(s, "welcomelist_from", "axb@two.org"));
	assert_true(listed(s, "welcomelist_from", "me@mine.org"));
	assert_false(listed(s, "welcomelist_from_rcvd", "x@y.z"));
	assert_int_equal(host(s, "L", "bad.com"), -1);
	assert_int_equal(host(s, "L", "ugly.com"), 1);
	assert_int_equal(settings_list(s, STR("bayes_ignore_header"))->n, 2);
	assert_str_is(s->report_template, "Hello\nquoted \nmore\n");
	assert_null(map_get(&s->rewrite_header, STR("Subject")));
	assert_null(s->mail.trusted);
	assert_false(s->mail.normalize_charset);
	assert_str_is(settings_option(s, STR("ok_locales")), "de");
	/* report_safe 0 brought its header. */
	assert_int_equal(s->nheaders, 3);
	assert_str_is(s->headers[0].name, "Checker-Version");
	assert_str_is(s->headers[1].name, "Report");
	assert_true(s->headers[1].spam && !s->headers[1].ham);
	assert_str_is(s->headers[2].name, "Mine");

	/* The site's own are untouched. */
	s = rs->site;
	assert_true(settings_score(s, ra, 0) == 2);
	assert_true(settings_score(s, off, 0) == 0);
	assert_str_is(settings_describe(s, STR("A")), "site");
	assert_true(s->required_score == 5);
	assert_true(listed(s, "welcomelist_from", "any@one.org"));
	assert_false(listed(s, "welcomelist_from", "me@mine.org"));
	assert_true(listed(s, "welcomelist_from_rcvd", "x@y.z"));
	assert_int_equal(host(s, "L", "bad.com"), 1);
	assert_int_equal(host(s, "L", "ugly.com"), -1);
	assert_int_equal(settings_list(s, STR("bayes_ignore_header"))->n, 1);
	assert_int_equal(s->nheaders, 2);
	assert_str_is(s->report_template, "Hello\nquoted \n");
	assert_non_null(map_get(&s->rewrite_header, STR("Subject")));
	assert_non_null(s->mail.trusted);
	arena_free(&a);
}

/* What a user may not do, and that the rest of the file counts. */
static void user_refused(void **state)
{
	static const char *const bad[] = {
		"header X Subject =~ /x/", "body A /changed/", "meta A B",
		"tflags A net", "priority A 5", "reuse A",
		"replace_tag A x", "redirector_pattern /x/",
		"allow_user_rules 1", "loadplugin Mail::SpamAssassin::Plugin::"
		"TextCat", "body_part_scan_size 5", "util_rb_tld xyz",
		"bayes_path /x", "rbl_timeout 5", "enable_compat x",
		"include other.cf", "mimeheader X Content-Type =~ /x/",
		"askdns X a A b",
	};
	struct arena *a = arena_new();
	struct ruleset *rs = conf_load(a, site);
	size_t nrules = rs->nrules, nplugins = rs->plugins.n;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct diags d;
		struct str text = str_printf(a, "required_score 6\n%s\n"
					     "ok_locales fr\n", bad[i]);
		struct settings *s = overlay(a, rs, text.p, &d);

		print_message("%s\n", bad[i]);
		assert_int_equal(d.n, 1);
		assert_int_equal(d.v[0].level, DIAG_WARN);
		assert_int_equal(d.v[0].line, 2);
		assert_string_equal(d.v[0].file, "prefs");
		assert_true(s->required_score == 6);
		assert_str_is(settings_option(s, STR("ok_locales")), "fr");
	}
	assert_int_equal(rs->nrules, nrules);
	assert_int_equal(rs->plugins.n, nplugins);
	assert_str_is(ruleset_find(rs, STR("A"))->re.pattern, "x");
	assert_int_equal(rs->diags.n, 0);
	arena_free(&a);
}

static void user_file(void **state)
{
	struct arena *a = arena_new();
	struct ruleset *rs = conf_load(a, site);
	struct diags d = { .arena = a };
	struct conf_dir dir;
	struct settings *s;

	(void)state;
	conf_dir_begin(&dir);
	conf_dir_put(&dir, "user_prefs", "required_score 3\n"
		     "if can(Mail::SpamAssassin::Conf::feature_geodb)\n"
		     "required_score 4\nendif\n", 87);
	s = settings_overlay(a, rs, conf_dir_path(&dir, "user_prefs"), &d);
	conf_dir_end(&dir);
	/* can() is never true in a file of this name. */
	assert_true(s->required_score == 3);
	assert_int_equal(d.n, 1);
	s = settings_overlay(a, rs, "/nonexistent-prefs", &d);
	assert_true(s->required_score == 5);
	assert_int_equal(d.n, 1);
	arena_free(&a);
}

static void headers(void **state)
{
	static const struct { const char *lines, *spam, *ham; } cases[] = {
		{ "", "Checker-Version", "Checker-Version" },
		{ "add_header all A x\nadd_header spam B y\n",
		  "Checker-Version A B", "Checker-Version A" },
		{ "add_header all A x\nadd_header all B y\nadd_header ham a z\n",
		  "Checker-Version A B", "Checker-Version B a" },
		{ "add_header all Checker-Version x\nadd_header all A x\n",
		  "Checker-Version A", "Checker-Version A" },
		{ "add_header all A x\nadd_header all checker-version x\n",
		  "A checker-version", "A checker-version" },
		{ "add_header all A x\nremove_header spam a\n",
		  "Checker-Version", "Checker-Version A" },
		{ "remove_header all Checker-Version\n", "Checker-Version",
		  "Checker-Version" },
		{ "remove_header all checker-version\n", "", "" },
		{ "remove_header spam checker-version\nclear_headers\n",
		  "Checker-Version", "Checker-Version" },
		{ "add_header all A x\nclear_headers\n", "Checker-Version",
		  "Checker-Version" },
		{ "report_safe 0\n", "Checker-Version Report",
		  "Checker-Version" },
		{ "add_header spam report x\nreport_safe 0\n",
		  "Checker-Version report", "Checker-Version" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct arena *a = arena_new();
		struct ruleset *rs = conf_load(a, cases[i].lines);
		struct strs spam = { 0 }, ham = { 0 };

		print_message("%s\n", cases[i].lines);
		assert_int_equal(rs->diags.n, 0);
		for (size_t h = 0; h < rs->site->nheaders; h++) {
			const struct header_template *t =
				&rs->site->headers[h];

			if (t->spam)
				strs_add(a, &spam, t->name);
			if (t->ham)
				strs_add(a, &ham, t->name);
		}
		assert_str_is(strs_join(a, &spam, STR(" ")), cases[i].spam);
		assert_str_is(strs_join(a, &ham, STR(" ")), cases[i].ham);
		arena_free(&a);
	}
}

static void header_texts(void **state)
{
	static const struct { const char *line, *text; } cases[] = {
		{ "add_header all A x  y", "x  y" },
		{ "add_header all A \"x y\"", "x y" },
		{ "add_header all A \"", "\"" },
		{ "add_header all A a\\tb\\nc\\\\d\\xe", "a\tb\nc\\de" },
		{ "add_header all A tail\\", "tail\\" },
		{ "add_header all A \\\\n", "\\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct arena *a = arena_new();
		struct ruleset *rs = conf_load(a, cases[i].line);

		print_message("%s\n", cases[i].line);
		assert_int_equal(rs->site->nheaders, 2);
		assert_str_is(rs->site->headers[1].text, cases[i].text);
		arena_free(&a);
	}
}

static void globs(void **state)
{
	static const struct { const char *glob, *text; bool hit; } cases[] = {
		{ "", "", true }, { "", "a", false }, { "*", "", true },
		{ "*", "abc", true }, { "a*", "abc", true },
		{ "*c", "abc", true }, { "a*c", "abc", true },
		{ "a*c", "ac", true }, { "a?c", "abc", true },
		{ "a?c", "ac", false }, { "**b**", "abc", true },
		{ "*a*b*", "xxaxxbxx", true }, { "*a*b", "ab ba", false },
		{ "*@x.org", "me@x.org", true },
		{ "*@*.x.org", "me@x.org", false },
		{ "*@*.x.org", "me@a.b.x.org", true },
		{ "a.c", "abc", false }, { "A", "a", false },
	};
	struct arena *a = arena_new();
	char many[20001];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		print_message("%s %s\n", cases[i].glob, cases[i].text);
		assert_int_equal(glob_match(str_cstr(cases[i].glob),
					    str_cstr(cases[i].text)),
				 cases[i].hit);
	}
	memset(many, 'a', sizeof(many));
	assert_false(glob_match(STR("*a*a*a*a*a*a*a*a*b"),
				str_make(many, sizeof(many))));
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(site_reads),
		cmocka_unit_test(user_changes),
		cmocka_unit_test(user_refused),
		cmocka_unit_test(user_file),
		cmocka_unit_test(headers),
		cmocka_unit_test(header_texts),
		cmocka_unit_test(globs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
