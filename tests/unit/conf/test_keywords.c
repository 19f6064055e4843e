/*
 * The table of directives, and the stock files as a whole: the numbers that
 * SpamAssassin 4.0.1 itself counts.
 */
#include "conf_load.h"

#include "conf/keywords.h"
#include "mail/domain.h"

static void each_row(const struct keyword *rows, size_t n, bool plugins)
{
	for (size_t i = 0; i < n; i++) {
		const struct keyword *kw = &rows[i];
		struct str doc = str_cstr(kw->doc);

		print_message("%s\n", kw->name);
		assert_int_equal(kw->plugin != NULL, plugins);
		/* A sentence, and not a copy of the name. */
		assert_true(doc.n > 7 && doc.p[doc.n - 1] == '.');
		assert_true(kw->type != KW_CODE || kw->code);
		assert_true(kw->flags <= KW_PRIV);
	}
}

static void rows(void **state)
{
	size_t ncore, nplugins;
	const struct keyword *core = keywords_core(&ncore);
	const struct keyword *plugins = keywords_plugins(&nplugins);

	(void)state;
	assert_int_equal(ncore, 133);
	assert_int_equal(nplugins, 206);
	each_row(core, ncore, false);
	each_row(plugins, nplugins, true);
}

/* With Debian's plug-ins 211 directives are known, the others name their
 * plug-in. */
static void known(void **state)
{
	struct arena *a = arena_new();
	struct ruleset *rs = conf_load(a, "");
	size_t n, found = 0;
	const struct keyword *v = keywords_core(&n);

	(void)state;
	for (size_t i = 0; i < n; i++)
		found += keyword_find(rs, str_cstr(v[i].name)) == &v[i];
	v = keywords_plugins(&n);
	for (size_t i = 0; i < n; i++) {
		struct str name = str_cstr(v[i].name);

		if (keyword_find(rs, name) == &v[i])
			found++;
		else if (!keyword_find(rs, name))
			assert_non_null(keyword_plugin(rs, name));
	}
	assert_int_equal(found, 211);
	assert_null(keyword_find(rs, STR("use_dcc")));
	assert_string_equal(keyword_plugin(rs, STR("use_dcc")), "DCC");
	assert_string_equal(keyword_find(rs, STR("whitelist_from"))->name,
			    "welcomelist_from");
	arena_free(&a);
}

/* AWL and TxRep have directives of the same name with other defaults. */
static void twins(void **state)
{
	struct arena *a = arena_new();
	struct ruleset *rs = conf_load(a, PLUGIN("TxRep"));

	(void)state;
	assert_str_is(settings_option(rs->site, STR("user_awl_sql_table")),
		      "txrep");
	rs = conf_load(a, PLUGIN("AWL"));
	assert_str_is(settings_option(rs->site, STR("user_awl_sql_table")),
		      "awl");
	arena_free(&a);
}

static const struct {
	enum rule_kind kind;
	size_t rules, subs, tests;
} counts[] = {
	{ RULE_META, 919, 298, 62 }, { RULE_HEADER, 763, 622, 1 },
	{ RULE_BODY, 621, 478, 5 }, { RULE_BODY_EVAL, 145, 42, 2 },
	{ RULE_URI, 144, 110, 3 }, { RULE_HEADER_EVAL, 104, 24, 6 },
	{ RULE_RBL_EVAL, 66, 6, 0 }, { RULE_MIMEHEADER, 61, 48, 8 },
	{ RULE_RAWBODY, 58, 46, 0 }, { RULE_FULL_EVAL, 13, 3, 0 },
	{ RULE_ASKDNS, 13, 13, 0 }, { RULE_RAWBODY_EVAL, 7, 5, 0 },
	{ RULE_FULL, 4, 3, 0 }, { RULE_URI_DETAIL, 0, 0, 0 },
	{ RULE_EMPTY, 19, 3, 16 },
};

static size_t count_list(const struct ruleset *rs, const char *list)
{
	const struct addr_list *l = settings_addrs(rs->site, str_cstr(list));

	return l ? l->n : 0;
}

/* The stock files without Debian's site files: 9 rules fewer than with. */
static void stock(void **state)
{
	struct arena *a = arena_new();
	struct load_options opt = { .local_only = true, .lang = "C",
				    .lint = true };
	struct conf_dir d;
	struct ruleset *rs;
	size_t multiple = 0, captures = 0, templates = 0, replaced = 0;

	(void)state;
	if (access("/usr/share/spamassassin/72_active.cf", R_OK) != 0)
		skip();
	opt.rules_dir = "/usr/share/spamassassin";
	conf_dir_begin(&d);
	conf_dir_put(&d, "a.pre", default_pre, sizeof(default_pre) - 1);
	opt.site_dir = d.path;
	rs = ruleset_load(a, &opt);
	conf_dir_end(&d);
	conf_print_diags(rs);
	assert_int_equal(rs->diags.n, 0);
	assert_int_equal(rs->nrules, 2937);
	for (size_t k = 0; k < sizeof(counts) / sizeof(counts[0]); k++) {
		size_t n = 0, subs = 0, tests = 0;

		print_message("%s\n", rule_kind_name(counts[k].kind));
		for (size_t i = 0; i < rs->nrules; i++) {
			const struct rule *r = &rs->rules[i];

			if (r->kind != counts[k].kind)
				continue;
			n++;
			subs += rule_is_sub(r);
			tests += str_starts(r->name, STR("T_"));
		}
		assert_int_equal(n, counts[k].rules);
		assert_int_equal(subs, counts[k].subs);
		assert_int_equal(tests, counts[k].tests);
	}
	for (size_t i = 0; i < rs->nrules; i++) {
		multiple += (rs->rules[i].tflags & TF_MULTIPLE) != 0;
		captures += rs->rules[i].captures.n > 0;
		templates += rs->rules[i].templates.n > 0;
		replaced += rs->rules[i].replaced;
		/* Every `multiple` has a maxhits. */
		if (rs->rules[i].tflags & TF_MULTIPLE)
			assert_true(rs->rules[i].maxhits > 1);
	}
	assert_int_equal(multiple, 55);
	assert_int_equal(captures, 1);
	assert_int_equal(templates, 6);
	assert_int_equal(replaced, 99);
	assert_int_equal(rs->nredirectors, 15);
	assert_int_equal(rs->site->mail.domains->tlds.n, 1458);
	assert_int_equal(rs->site->mail.domains->two_level.n, 1884);
	assert_int_equal(rs->site->mail.domains->three_level.n, 48);
	assert_int_equal(count_list(rs, "def_welcomelist_auth"), 898);
	/* 86 addresses, three of them with two domains. */
	assert_int_equal(count_list(rs, "def_welcomelist_from_dkim"), 89);
	assert_int_equal(count_list(rs, "def_welcomelist_from_spf"), 20);
	/* 288 domains, one of them twice. */
	assert_int_equal(settings_list(rs->site,
				STR("uridnsbl_skip_domain"))->n, 289);
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows),
		cmocka_unit_test(known),
		cmocka_unit_test(twins),
		cmocka_unit_test(stock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
