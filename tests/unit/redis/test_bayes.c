/*
 * Bayes in the store: names of keys in both layouts, which database a user
 * has, what batches are composed, and replies of all kinds, sensible or not.
 * That the scripts do what SpamAssassin does is asked in tests/store.
 */
#include "../conf/conf_load.h"

#include "redis/bayes.h"

static struct arena *a;

static int begin(void **state)
{
	(void)state;
	a = arena_new();
	return 0;
}

static int end(void **state)
{
	(void)state;
	arena_free(&a);
	return 0;
}

static struct store_reply text(const char *s)
{
	return (struct store_reply){ .kind = REPLY_TEXT,
				     .text = str_cstr(s) };
}

static struct str script_of(const struct store_command *c)
{
	return str_cstr(c->script < 0 ? "" : store_scripts[c->script].name);
}

static const struct bayes_home plain = {
	.layout = BAYES_PLAIN, .prefix = { "", 0 },
	.token_ttl = 1814400, .seen_ttl = 691200,
};
static const struct bayes_home tagged = {
	.layout = BAYES_TAGGED, .prefix = { "", 0 },
	.token_ttl = 100, .seen_ttl = 50,
};
static const struct bayes_home alices = {
	.layout = BAYES_PLAIN, .prefix = { "u:alice:", 8 },
};

/* ---- which database ---- */

static struct bayes_home home_of(const char *lines, const char *user,
				 bool per_user)
{
	struct ruleset *rs = conf_load(a, lines);
	struct bayes_home h;

	assert_int_equal(rs->diags.n, 0);
	bayes_home_read(a, rs->site, BAYES_PLAIN, str_cstr(user), per_user,
			&h);
	return h;
}

static void homes(void **state)
{
	struct bayes_home h = home_of("", "alice", false);

	(void)state;
	assert_str_is(h.prefix, "");
	assert_true(h.token_ttl == 1814400 && h.seen_ttl == 691200);
	h = home_of("bayes_token_ttl 2d\nbayes_seen_ttl 90s\n", NULL, true);
	assert_true(h.token_ttl == 172800 && h.seen_ttl == 90);
	assert_str_is(h.prefix, "");
	h = home_of("bayes_auto_expire 0\n", "alice", true);
	assert_true(h.token_ttl == 0 && h.seen_ttl == 0);
	assert_str_is(h.prefix, "u:alice:");
	h = home_of("bayes_sql_override_username all\n", "alice", true);
	assert_str_is(h.prefix, "u:all:");
	h = home_of("bayes_sql_override_username all\n", "alice", false);
	assert_str_is(h.prefix, "");
	h = home_of("bayes_path /var/lib/site/bayes\n", "alice", true);
	assert_str_is(h.prefix, "");
	h = home_of("bayes_path ~/.spamassassin/bayes\n", "alice", true);
	assert_str_is(h.prefix, "u:alice:");
	/* No name can look like another one's keys. */
	assert_str_is(bayes_prefix(a, STR("a:w")), "u:a%3aw:");
	assert_str_is(bayes_prefix(a, STR("50%3a {x}\n")),
		      "u:50%253a%20%7bx%7d%0a:");
	assert_str_is(bayes_prefix(a, STR("")), "");
}

/* ---- the state ---- */

static void state_asked(void **state)
{
	struct store_batch b = { 0 };
	struct strs ids = { 0 };

	(void)state;
	strs_add(a, &ids, STR("1@sa_generated"));
	strs_add(a, &ids, STR("<x@example.com>"));
	bayes_compose_state(a, &plain, &ids, &b);
	bayes_compose_state(a, &tagged, &ids, &b);
	bayes_compose_state(a, &alices, NULL, &b);
	assert_int_equal(b.n, 3);
	assert_str_is(strs_join(a, &b.v[0].argv, STR(" ")),
		      "MGET v:NSPAM v:NHAM v:DB_VERSION v:TOKEN_FORMAT "
		      "s:1@sa_generated s:<x@example.com>");
	assert_str_is(strs_join(a, &b.v[1].argv, STR(" ")),
		      "MGET v:{v}:NSPAM v:{v}:NHAM v:{v}:DB_VERSION "
		      "v:{v}:TOKEN_FORMAT s:{v}:1@sa_generated "
		      "s:{v}:<x@example.com>");
	assert_str_is(strs_join(a, &b.v[2].argv, STR(" ")),
		      "MGET u:alice:v:NSPAM u:alice:v:NHAM "
		      "u:alice:v:DB_VERSION u:alice:v:TOKEN_FORMAT");
}

struct state_case {
	const char *values[6];	/* NULL: nil */
	bool usable;
	int64_t nspam, nham;
	int seen;
};

static const struct state_case states[] = {
	{ { "12", "34", "3", "2", NULL, NULL }, true, 12, 34, 0 },
	{ { "12", "34", "3", "2", "s", NULL }, true, 12, 34, 's' },
	{ { "12", "34", "3", "2", NULL, "h" }, true, 12, 34, 'h' },
	/* The first that there is counts, sensible or not. */
	{ { "12", "34", "3", "2", "x", "h" }, true, 12, 34, 0 },
	{ { "-1", "34", "3", "2", NULL, NULL }, true, 0, 34, 0 },
	{ { NULL, NULL, NULL, NULL, NULL, NULL }, true, 0, 0, 0 },
	{ { "1", "1", "0", NULL, NULL, NULL }, true, 0, 0, 0 },
	{ { "12", "34", "2", "2", "s", NULL }, false, 0, 0, 0 },
	{ { "12", "34", "4", "2", NULL, NULL }, false, 0, 0, 0 },
	{ { "12", "34", "3", "1", NULL, NULL }, false, 0, 0, 0 },
	{ { "12", "34", "3", NULL, NULL, NULL }, false, 0, 0, 0 },
};

static void state_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(states) / sizeof(*states); i++) {
		const struct state_case *c = &states[i];
		struct store_reply items[6] = { 0 }, list = {
			.kind = REPLY_LIST, .items = items, .n = 6 };
		struct bayes_state s;

		for (size_t k = 0; k < 6; k++)
			if (c->values[k])
				items[k] = text(c->values[k]);
		assert_true(bayes_parse_state(a, &list, 1, &s));
		assert_int_equal(s.usable, c->usable);
		assert_int_equal(s.why.n > 0, !c->usable);
		assert_int_equal(s.nspam, c->nspam);
		assert_int_equal(s.nham, c->nham);
		assert_int_equal(s.seen, c->seen);
	}
}

static void state_nonsense(void **state)
{
	struct store_reply few = { .kind = REPLY_LIST, .n = 3 };
	struct store_reply wrong = text("12");
	struct bayes_state s;

	(void)state;
	few.items = arena_alloc(a, 3 * sizeof(*few.items));
	assert_false(bayes_parse_state(a, &few, 1, &s));
	assert_false(bayes_parse_state(a, &wrong, 1, &s));
	assert_false(bayes_parse_state(a, NULL, 0, &s));
}

/* ---- counts ---- */

static const uint8_t tokens[] = "\0abcd" "\377bcde" "\077cdef" "\0defg";

static void counts_plain(void **state)
{
	struct store_batch b = { 0 };
	struct bayes_count c[4];
	struct store_reply r = text("12/3  /7 4294967296/x");
	static const char *const faults[] = {
		"1 2 3", "1 2 3 4 5", "", "1 2 3 4 "
	};

	(void)state;
	bayes_compose_counts(a, &plain, tokens, 4, &b);
	assert_int_equal(b.n, 1);
	assert_str_is(script_of(&b.v[0]), "bayes_counts");
	assert_int_equal(b.v[0].nkeys, 4);
	assert_int_equal(b.v[0].argv.n, 4);
	assert_true(str_eq(b.v[0].argv.v[0], STR("w:\0abcd")));
	assert_true(str_eq(b.v[0].argv.v[3], STR("w:\0defg")));
	assert_true(bayes_parse_counts(&plain, tokens, 4, &r, 1, c));
	assert_int_equal(c[0].spam, 12);
	assert_int_equal(c[0].ham, 3);
	assert_int_equal(c[1].spam | c[1].ham | c[2].spam, 0);
	assert_int_equal(c[2].ham, 7);
	assert_true(c[3].spam == UINT32_MAX && c[3].ham == 0);
	for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++) {
		r = text(faults[i]);
		assert_false(bayes_parse_counts(&plain, tokens, 4, &r, 1, c));
		assert_int_equal(c[0].spam | c[1].spam, 0);
	}
	r.kind = REPLY_ERROR;
	assert_false(bayes_parse_counts(&plain, tokens, 4, &r, 1, c));
	assert_false(bayes_parse_counts(&plain, tokens, 4, NULL, 0, c));
	/* One unknown token is an empty text; no tokens are no question. */
	r = (struct store_reply){ .kind = REPLY_TEXT };
	assert_true(bayes_parse_counts(&plain, tokens, 1, &r, 1, c));
	assert_true(bayes_parse_counts(&plain, tokens, 0, NULL, 0, c));
}

static void counts_tagged(void **state)
{
	struct store_batch b = { 0 };
	struct bayes_count c[4];
	struct store_reply r[2] = { text("1 2"), text("3/4 /5") };

	(void)state;
	bayes_compose_counts(a, &tagged, tokens, 4, &b);
	assert_int_equal(b.n, 2);
	assert_int_equal(b.v[0].nkeys, 2);
	assert_true(str_eq(b.v[0].argv.v[0], STR("w:{00}\0abcd")));
	assert_true(str_eq(b.v[0].argv.v[1], STR("w:{00}\0defg")));
	assert_true(str_eq(b.v[1].argv.v[0], STR("w:{3f}\377bcde")));
	assert_true(bayes_parse_counts(&tagged, tokens, 4, r, 2, c));
	assert_int_equal(c[0].spam, 1);
	assert_int_equal(c[1].spam, 3);
	assert_int_equal(c[1].ham, 4);
	assert_int_equal(c[2].ham, 5);
	assert_int_equal(c[3].spam, 2);
	assert_false(bayes_parse_counts(&tagged, tokens, 4, r, 1, c));
	r[1] = text("3/4");
	assert_false(bayes_parse_counts(&tagged, tokens, 4, r, 2, c));
	assert_int_equal(c[0].spam, 0);
}

/* More tokens than one script is asked for. */
static void counts_many(void **state)
{
	enum { N = 2500 };
	static uint8_t many[N * BAYES_TOKEN];
	static struct bayes_count c[N];
	struct store_reply r[3] = { 0 };
	struct store_batch b = { 0 };

	(void)state;
	for (uint32_t i = 0; i < N; i++)
		memcpy(many + i * BAYES_TOKEN, &i, sizeof(i));
	bayes_compose_counts(a, &plain, many, N, &b);
	assert_int_equal(b.n, 3);
	for (size_t i = 0; i < b.n; i++) {
		struct strs words = { 0 };

		for (size_t k = 0; k < b.v[i].nkeys; k++)
			strs_add(a, &words, str_printf(a, "%zu",
						       i * 1024 + k));
		r[i] = text(strs_join(a, &words, STR(" ")).p);
		r[i].text.n = strs_join(a, &words, STR(" ")).n;
	}
	assert_true(bayes_parse_counts(&plain, many, N, r, 3, c));
	for (uint32_t i = 0; i < N; i++)
		assert_int_equal(c[i].spam, i);
	assert_false(bayes_parse_counts(&plain, many, N, r, 2, c));
	r[0].text.n--;		/* still as many pieces */
	assert_true(bayes_parse_counts(&plain, many, N, r, 3, c));
	r[0].text.n -= 5;	/* one piece less */
	assert_false(bayes_parse_counts(&plain, many, N, r, 3, c));
	b.n = 0;
	bayes_compose_touch(a, &plain, many, N, &b);
	assert_int_equal(b.n, 3);
	assert_int_equal(b.v[2].argv.n, N - 2048 + 1);
}

/* ---- learning ---- */

static void learn_plain(void **state)
{
	struct store_batch b = { 0 };
	struct strs ids = { 0 }, args;

	(void)state;
	strs_add(a, &ids, STR("one"));
	strs_add(a, &ids, STR("two"));
	bayes_compose_learn(a, &plain, true, false, tokens, 4, &ids, &b);
	assert_int_equal(b.n, 1);
	assert_str_is(script_of(&b.v[0]), "bayes_learn");
	assert_int_equal(b.v[0].nkeys, 4 + 2 + 4);
	assert_str_is(b.v[0].argv.v[3], "v:TOKEN_FORMAT");
	assert_str_is(b.v[0].argv.v[4], "s:one");
	assert_true(str_eq(b.v[0].argv.v[6], STR("w:\0abcd")));
	args = (struct strs){ .v = b.v[0].argv.v + 10, .n = 6 };
	assert_str_is(strs_join(a, &args, STR(" ")), "s 0 691200 1814400 4 2");
	bayes_compose_forget(a, &alices, tokens, 4, &ids, &b);
	args.v = b.v[1].argv.v + 10;
	assert_str_is(strs_join(a, &args, STR(" ")), "f 1 0 0 4 2");
	assert_str_is(b.v[1].argv.v[4], "u:alice:s:one");
}

static void learn_tagged(void **state)
{
	struct store_batch b = { 0 };
	struct strs ids = { 0 };
	size_t keys = 0;

	(void)state;
	strs_add(a, &ids, STR("one"));
	bayes_compose_learn(a, &tagged, false, true, tokens, 4, &ids, &b);
	assert_int_equal(b.n, 65);
	assert_str_is(b.v[0].argv.v[0], "v:{v}:NSPAM");
	assert_str_is(b.v[0].argv.v[4], "s:{v}:one");
	assert_int_equal(b.v[0].nkeys, 5);
	for (size_t i = 1; i < b.n; i++) {
		const struct strs *v = &b.v[i].argv;

		assert_str_is(v->v[0], str_printf(a, "s:{%02zx}:one", i - 1).p);
		assert_str_is(v->v[v->n - 2], "0");
		keys += b.v[i].nkeys - 1;
	}
	assert_int_equal(keys, 4);
}

static void learn_many(void **state)
{
	size_t n = BAYES_TOKENS_MAX + 1000;
	uint8_t *many = arena_alloc(a, n * BAYES_TOKEN);
	struct store_batch b = { 0 };
	struct strs ids = { 0 };

	(void)state;
	strs_add(a, &ids, STR("one"));
	bayes_compose_learn(a, &plain, true, true, many, n, &ids, &b);
	assert_int_equal(b.v[0].nkeys, BAYES_TOKENS_MAX + 5);
	assert_true(b.v[0].argv.n <= STORE_ARGS_MAX);
}

static void learn_replies(void **state)
{
	struct store_reply r[2] = { text("learned"), text("already") };
	struct str why;

	(void)state;
	assert_int_equal(bayes_parse_learn(a, r, 1, &why), BAYES_LEARNED);
	assert_int_equal(bayes_parse_learn(a, r, 2, &why), BAYES_LEARNED);
	assert_int_equal(bayes_parse_learn(a, r + 1, 1, &why), BAYES_ALREADY);
	r[0] = text("forgotten");
	assert_int_equal(bayes_parse_learn(a, r, 1, &why), BAYES_FORGOTTEN);
	r[0] = text("unknown");
	assert_int_equal(bayes_parse_learn(a, r, 1, &why), BAYES_UNKNOWN);
	r[0] = text("version 7");
	assert_int_equal(bayes_parse_learn(a, r, 1, &why), BAYES_REFUSED);
	assert_true(str_find(why, STR("version 7")) > 0);
	r[0] = text("format 1");
	assert_int_equal(bayes_parse_learn(a, r, 1, &why), BAYES_REFUSED);
	assert_true(str_find(why, STR("token format 1")) > 0);
	r[0] = text("learned");
	r[1] = text("WRONGTYPE Operation against a key");
	r[1].kind = REPLY_ERROR;
	assert_int_equal(bayes_parse_learn(a, r, 2, &why), BAYES_REFUSED);
	assert_true(why.n > 0);
	r[0] = text("?");
	assert_int_equal(bayes_parse_learn(a, r, 1, &why), BAYES_REFUSED);
	assert_int_equal(bayes_parse_learn(a, r, 0, &why), BAYES_REFUSED);
}

static void touched(void **state)
{
	struct store_batch b = { 0 };

	(void)state;
	bayes_compose_touch(a, &alices, tokens, 4, &b);
	assert_int_equal(b.n, 0);
	bayes_compose_touch(a, &plain, tokens, 4, &b);
	assert_int_equal(b.n, 1);
	assert_int_equal(b.v[0].nkeys, 4);
	assert_str_is(b.v[0].argv.v[4], "1814400");
	bayes_compose_touch(a, &tagged, tokens, 4, &b);
	assert_int_equal(b.n, 3);
}

/* ---- all of it ---- */

static void names(void **state)
{
	struct str t;

	(void)state;
	assert_str_is(bayes_token_keys(a, &alices), "u:alice:w:");
	assert_str_is(bayes_seen_keys(a, &tagged), "s:{");
	assert_true(bayes_key_token(&plain, STR("w:\0abcd"), &t));
	assert_true(str_eq(t, STR("\0abcd")));
	assert_true(bayes_key_token(&tagged, STR("w:{00}\0abcd"), &t));
	assert_true(str_eq(t, STR("\0abcd")));
	assert_true(bayes_key_token(&alices, STR("u:alice:w:vwxyz"), &t));
	assert_false(bayes_key_token(&alices, STR("w:vwxyz"), &t));
	assert_false(bayes_key_token(&plain, STR("w:vwxy"), &t));
	assert_false(bayes_key_token(&plain, STR("s:vwxyz"), &t));
	assert_false(bayes_key_token(&tagged, STR("w:vwxyz"), &t));
	assert_true(bayes_key_seen(&plain, STR("s:<a@b>"), &t));
	assert_str_is(t, "<a@b>");
	assert_true(bayes_key_seen(&tagged, STR("s:{v}:<a@b>"), &t));
	assert_str_is(t, "<a@b>");
	assert_false(bayes_key_seen(&tagged, STR("s:{00}:<a@b>"), &t));
}

static void restored(void **state)
{
	struct store_batch b = { 0 };

	(void)state;
	bayes_compose_token(a, &tagged, STR("\0abcd"), 3, 0, 77.9, &b);
	assert_str_is(script_of(&b.v[0]), "bayes_set");
	assert_true(str_eq(strs_join(a, &b.v[0].argv, STR(" ")),
			   STR("w:{00}\0abcd 3 0 77")));
	bayes_compose_seen(a, &plain, STR("<a@b>"), 'h', 0, &b);
	assert_str_is(strs_join(a, &b.v[1].argv, STR(" ")), "SET s:<a@b> h");
	bayes_compose_seen(a, &plain, STR("<a@b>"), 's', 9, &b);
	assert_str_is(strs_join(a, &b.v[2].argv, STR(" ")),
		      "SET s:<a@b> s EX 9");
	b.n = 0;
	bayes_compose_seen(a, &tagged, STR("i"), 's', 9, &b);
	assert_int_equal(b.n, 65);
	b.n = 0;
	bayes_compose_totals(a, &plain, 5, 6, &b);
	assert_int_equal(b.n, 4);
	assert_str_is(strs_join(a, &b.v[0].argv, STR(" ")), "SET v:NSPAM 5");
	assert_str_is(strs_join(a, &b.v[2].argv, STR(" ")),
		      "SET v:DB_VERSION 3");
	b.n = 0;
	bayes_compose_totals(a, &plain, -1, -1, &b);
	assert_str_is(strs_join(a, &b.v[1].argv, STR(" ")), "DEL v:NHAM");
}

/* ---- in the embedded store ---- */

/* The last replies, copied. */
static struct store_reply *last;
static size_t nlast;

static struct store_reply copied(const struct store_reply *r)
{
	struct store_reply c = *r;

	c.text = str_dup(a, r->text);
	c.items = arena_alloc(a, r->n * sizeof(*c.items) + 1);
	for (size_t i = 0; i < r->n; i++)
		c.items[i] = copied(&r->items[i]);
	return c;
}

static void keep(void *ctx, enum store_status status,
		 const struct store_reply *replies, size_t n,
		 const struct err *err)
{
	(void)ctx;
	(void)err;
	assert_int_equal(status, STORE_OK);
	last = arena_alloc(a, n * sizeof(*last) + 1);
	nlast = n;
	for (size_t i = 0; i < n; i++)
		last[i] = copied(&replies[i]);
}

static enum bayes_learned done(struct store *s, const struct store_batch *b)
{
	struct str why;

	store_send(s, b, 0, keep, NULL);
	return bayes_parse_learn(a, last, nlast, &why);
}

static enum bayes_learned learn(struct store *s, const struct bayes_home *h,
				const char *op, bool relearn,
				const uint8_t *t, size_t n, const char *id)
{
	struct store_batch b = { 0 };
	struct strs ids = { 0 };

	strs_add(a, &ids, str_cstr(id));
	strs_add(a, &ids, STR("<other@id>"));
	if (*op == 'f')
		bayes_compose_forget(a, h, t, n, &ids, &b);
	else
		bayes_compose_learn(a, h, *op == 's', relearn, t, n, &ids, &b);
	return done(s, &b);
}

static struct bayes_state state_of(struct store *s, const struct bayes_home *h,
				   const char *id)
{
	struct store_batch b = { 0 };
	struct bayes_state state;
	struct strs ids = { 0 };

	strs_add(a, &ids, str_cstr(id));
	bayes_compose_state(a, h, &ids, &b);
	store_send(s, &b, 0, keep, NULL);
	assert_true(bayes_parse_state(a, last, nlast, &state));
	return state;
}

static struct bayes_count *counts(struct store *s, const struct bayes_home *h,
				  const uint8_t *t, size_t n)
{
	struct bayes_count *c = arena_alloc(a, n * sizeof(*c));
	struct store_batch b = { 0 };

	bayes_compose_counts(a, h, t, n, &b);
	store_send(s, &b, 0, keep, NULL);
	assert_true(bayes_parse_counts(h, t, n, last, nlast, c));
	return c;
}

/* Learned, again, turned round, left alone, forgotten, in either layout. */
static void life_of(struct store *s, const struct bayes_home *h)
{
	struct bayes_count *c;
	struct bayes_state state = state_of(s, h, "one");

	assert_true(state.usable && !state.nspam && !state.seen);
	assert_int_equal(learn(s, h, "s", true, tokens, 4, "one"),
			 BAYES_LEARNED);
	assert_int_equal(learn(s, h, "s", true, tokens, 4, "one"),
			 BAYES_ALREADY);
	assert_int_equal(learn(s, h, "h", false, tokens, 4, "one"),
			 BAYES_ALREADY);
	assert_int_equal(learn(s, h, "h", true, tokens, 2, "two"),
			 BAYES_LEARNED);
	state = state_of(s, h, "one");
	assert_true(state.nspam == 1 && state.nham == 1);
	assert_int_equal(state.seen, 's');
	c = counts(s, h, tokens, 4);
	assert_true(c[0].spam == 1 && c[0].ham == 1);
	assert_true(c[3].spam == 1 && c[3].ham == 0);
	assert_int_equal(learn(s, h, "h", true, tokens, 4, "one"),
			 BAYES_LEARNED);
	c = counts(s, h, tokens, 4);
	assert_true(c[0].spam == 0 && c[0].ham == 2);
	assert_true(c[3].spam == 0 && c[3].ham == 1);
	assert_int_equal(learn(s, h, "f", true, tokens, 4, "one"),
			 BAYES_FORGOTTEN);
	assert_int_equal(learn(s, h, "f", true, tokens, 4, "one"),
			 BAYES_UNKNOWN);
	c = counts(s, h, tokens, 4);
	assert_true(c[0].ham == 1 && c[3].ham == 0);
	state = state_of(s, h, "one");
	assert_true(state.nspam == 0 && state.nham == 1 && !state.seen);
}

static void embedded(void **state)
{
	struct store_options o = { .url.scheme = STORE_MEMORY,
				   .map_size = 64 << 20 };
	struct store_batch b = { 0 };
	struct err err;
	struct store *s = store_open(&o, NULL, &err);

	(void)state;
	assert_non_null(s);
	life_of(s, &plain);
	life_of(s, &tagged);
	/* Another user's database is another one. */
	assert_int_equal(state_of(s, &alices, "two").nham, 0);
	life_of(s, &alices);
	bayes_compose_touch(a, &plain, tokens, 4, &b);
	bayes_compose_token(a, &plain, STR("vwxyz"), 0, 7, 100, &b);
	bayes_compose_totals(a, &plain, 30, 40, &b);
	bayes_compose_seen(a, &plain, STR("three"), 'h', 9, &b);
	store_send(s, &b, 0, keep, NULL);
	for (size_t i = 0; i < nlast; i++)
		assert_int_not_equal(last[i].kind, REPLY_ERROR);
	assert_int_equal(counts(s, &plain, (const uint8_t *)"vwxyz", 1)->ham,
			 7);
	assert_int_equal(state_of(s, &plain, "three").seen, 'h');
	assert_int_equal(state_of(s, &plain, "three").nspam, 30);
	store_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(homes),
		cmocka_unit_test(state_asked),
		cmocka_unit_test(state_read),
		cmocka_unit_test(state_nonsense),
		cmocka_unit_test(counts_plain),
		cmocka_unit_test(counts_tagged),
		cmocka_unit_test(counts_many),
		cmocka_unit_test(learn_plain),
		cmocka_unit_test(learn_tagged),
		cmocka_unit_test(learn_many),
		cmocka_unit_test(learn_replies),
		cmocka_unit_test(touched),
		cmocka_unit_test(names),
		cmocka_unit_test(restored),
		cmocka_unit_test(embedded),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
