/*
 * Bayes in the store, for a scan and for learning: names of keys, batches and
 * replies; see bayes.h. What only people ask for (dump, backup, restore) is
 * in bayes_all.c.
 *
 * On one server everything of a message is one script with all its tokens. On
 * a cluster (BAYES_TAGGED) each hash tag gets its own script, always all of
 * them: a tag without a token of this message keeps a marker nevertheless, or
 * a later learn, whose tokens may be others (settings change), would find a
 * tag that does not know what the others know.
 */
#include "redis/bayes_int.h"

#include "base/arena.h"
#include "base/buf.h"
#include "conf/settings.h"

/* ---- which database ---- */

/* A time to live as it is sent. SpamAssassin reads 0 and less as "for ever". */
static double ttl_of(const struct settings *s, struct str option)
{
	double v = settings_number(s, option);

	return v >= 1 && v < BAYES_TTL_MAX ? (double)(int64_t)v : 0;
}

struct str bayes_prefix(struct arena *a, struct str user)
{
	struct buf b;

	if (!user.n)
		return STR("");
	buf_in(&b, a, 3 * user.n + 4);
	buf_adds(&b, STR("u:"));
	for (size_t i = 0; i < user.n; i++) {
		unsigned char c = (unsigned char)user.p[i];

		if (c <= ' ' || c == '%' || c == ':' || c == '{' || c == '}' ||
		    c == 0x7f)
			buf_addf(&b, "%%%02x", c);
		else
			buf_addc(&b, c);
	}
	buf_addc(&b, ':');
	return buf_str(&b);
}

/* One file for all users, in SpamAssassin's terms: a path that no home
 * directory is part of. */
static bool is_shared_path(struct str path)
{
	return path.n && path.p[0] != '~' &&
	       !str_starts(path, STR("__userstate__"));
}

void bayes_home_read(struct arena *a, const struct settings *s,
		     enum bayes_layout layout, struct str user, bool per_user,
		     struct bayes_home *out_r)
{
	struct str one = settings_option(s, STR("bayes_sql_override_username"));
	struct bayes_home home = { .layout = layout, .prefix = STR("") };

	if (settings_bool(s, STR("bayes_auto_expire"))) {
		home.token_ttl = ttl_of(s, STR("bayes_token_ttl"));
		home.seen_ttl = ttl_of(s, STR("bayes_seen_ttl"));
	}
	if (per_user && one.n)
		home.prefix = bayes_prefix(a, one);
	else if (per_user && !is_shared_path(settings_option(s,
						STR("bayes_path"))))
		home.prefix = bayes_prefix(a, user);
	*out_r = home;
}

/* ---- names ---- */

static struct str total_key(struct arena *a, const struct bayes_home *home,
			    const char *name)
{
	return str_printf(a, "%.*sv:%s%s", STR_ARG(home->prefix),
			  home->layout == BAYES_TAGGED ? "{v}:" : "", name);
}

/* In the order of enum total. */
void bayes_total_keys(struct arena *a, const struct bayes_home *home,
		      struct str keys_r[TOTALS])
{
	static const char *const names[TOTALS] = {
		[TOTAL_NSPAM] = "NSPAM",
		[TOTAL_NHAM] = "NHAM",
		[TOTAL_VERSION] = "DB_VERSION",
		[TOTAL_FORMAT] = "TOKEN_FORMAT",
	};

	for (size_t i = 0; i < TOTALS; i++)
		keys_r[i] = total_key(a, home, names[i]);
}

/* "{2a}" of a tag, "{v}:" and "{2a}:" in markers, "" where there are none. */
static struct str tag_text(struct arena *a, const struct bayes_home *home,
			   int tag)
{
	if (home->layout == BAYES_PLAIN)
		return STR("");
	return tag == TAG_TOTALS ? STR("{v}") : str_printf(a, "{%02x}", tag);
}

struct str bayes_seen_key(struct arena *a, const struct bayes_home *home,
			  int tag, struct str id)
{
	struct str t = tag_text(a, home, tag);
	struct buf b;

	buf_in(&b, a, home->prefix.n + t.n + id.n + 4);
	buf_adds(&b, home->prefix);
	buf_adds(&b, STR("s:"));
	buf_adds(&b, t);
	if (t.n)
		buf_addc(&b, ':');
	buf_adds(&b, id);
	return buf_str(&b);
}

/* What a token's key begins with. */
struct str bayes_token_head(struct arena *a, const struct bayes_home *home,
			    int tag)
{
	return str_cat(a, str_cat(a, home->prefix, STR("w:")),
		       tag_text(a, home, tag));
}

/* One token's key behind its head. */
static struct str token_key(struct arena *a, struct str head,
			    const uint8_t *token)
{
	char *key = arena_text(a, head.n + BAYES_TOKEN);

	memcpy(key, head.p, head.n);
	memcpy(key + head.n, token, BAYES_TOKEN);
	return str_make(key, head.n + BAYES_TOKEN);
}

/* A message of many thousand tokens must not hold up the server, which does
 * one script at a time: what need not be one script is one for so many keys,
 * ended by `last` (may be NULL). */
#define KEYS_AT_ONCE 1024

static void compose_pieces(struct arena *a, const struct bayes_home *home,
			   const char *script, int tag, const uint8_t *tokens,
			   size_t n, const int64_t *last,
			   struct store_batch *b)
{
	struct str head = bayes_token_head(a, home, tag);
	size_t keys = 0;

	for (size_t i = 0; i < n; i++) {
		const uint8_t *token = tokens + i * BAYES_TOKEN;

		if (bayes_tag_of(home, token) != tag)
			continue;
		if (keys % KEYS_AT_ONCE == 0) {
			if (keys && last)
				store_add_int(a, b, *last);
			store_add_script(a, b, script);
		}
		store_add_key(a, b, token_key(a, head, token));
		keys++;
	}
	if (keys && last)
		store_add_int(a, b, *last);
}

static void compose_reading(struct arena *a, const struct bayes_home *home,
			    const char *script, const uint8_t *tokens,
			    size_t n, const int64_t *last,
			    struct store_batch *b)
{
	for (int tag = 0; tag < (home->layout == BAYES_TAGGED ? TAGS : 1);
	     tag++)
		compose_pieces(a, home, script, tag, tokens, n, last, b);
}

/* ---- the state of a database ---- */

void bayes_compose_state(struct arena *a, const struct bayes_home *home,
			 const struct strs *message_ids, struct store_batch *b)
{
	struct str keys[TOTALS];

	bayes_total_keys(a, home, keys);
	store_add(a, b, "MGET", keys[0]);
	for (size_t i = 1; i < TOTALS; i++)
		store_add_arg(a, b, keys[i]);
	for (size_t i = 0; message_ids && i < message_ids->n; i++)
		store_add_arg(a, b, bayes_seen_key(a, home, TAG_TOTALS,
						   message_ids->v[i]));
}

static struct str text_of(const struct store_reply *r)
{
	return r->kind == REPLY_TEXT ? r->text : STR("");
}

/* Why this database may not be used, or STR_NONE: `what` is "version" or
 * "format". */
static struct str refusal(struct arena *a, struct str what, struct str found)
{
	found = str_head(found, 40);
	if (str_eq(what, STR("version")))
		return str_printf(a, "Bayes database version %.*s is not "
				  "supported, only 3", STR_ARG(found));
	return str_printf(a, "Bayes database with the old token format %.*s: "
			  "back it up and restore it with sa-learn, or clear "
			  "it", STR_ARG(found));
}

bool bayes_parse_state(struct arena *a, const struct store_reply *replies,
		       size_t n, struct bayes_state *out_r)
{
	const struct store_reply *v = replies ? replies->items : NULL;
	struct str version, format;

	*out_r = (struct bayes_state){ .usable = true };
	if (n != 1 || replies->kind != REPLY_LIST || replies->n < TOTALS)
		return false;
	version = text_of(&v[TOTAL_VERSION]);
	if (!version.n || str_eq(version, STR("0")))
		return true;
	format = text_of(&v[TOTAL_FORMAT]);
	if (!str_eq(version, STR("3")))
		out_r->why = refusal(a, STR("version"), version);
	else if (store_reply_number(&v[TOTAL_FORMAT], 0) < 2)
		out_r->why = refusal(a, STR("format"),
				     format.n ? format : STR("0"));
	out_r->usable = !out_r->why.n;
	if (!out_r->usable)
		return true;
	out_r->nspam = bayes_count_of(&v[TOTAL_NSPAM]);
	out_r->nham = bayes_count_of(&v[TOTAL_NHAM]);
	for (size_t i = TOTALS; i < replies->n; i++) {
		struct str kind = text_of(&v[i]);

		if (!kind.n)
			continue;
		if (kind.n == 1 && (kind.p[0] == 's' || kind.p[0] == 'h'))
			out_r->seen = kind.p[0];
		break;
	}
	return true;
}

int64_t bayes_count_of(const struct store_reply *r)
{
	double v = store_reply_number(r, 0);

	return v > 0 && v < 9e15 ? (int64_t)v : 0;
}

/* ---- counts ---- */

void bayes_compose_counts(struct arena *a, const struct bayes_home *home,
			  const uint8_t *tokens, size_t n,
			  struct store_batch *b)
{
	compose_reading(a, home, "bayes_counts", tokens, n, NULL, b);
}

/* A number of messages as SpamAssassin's HINCRBY wrote it. */
static uint32_t take_count(struct str s)
{
	uint64_t v = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (!is_digit((unsigned char)s.p[i]))
			return 0;
		v = v * 10 + (uint64_t)(s.p[i] - '0');
		if (v > UINT32_MAX)
			return UINT32_MAX;
	}
	return (uint32_t)v;
}

static struct bayes_count take_pair(struct str s)
{
	ssize_t slash = str_chr(s, '/');

	if (slash < 0)
		return (struct bayes_count){ .spam = take_count(s) };
	return (struct bayes_count){
		.spam = take_count(str_head(s, (size_t)slash)),
		.ham = take_count(str_from(s, (size_t)slash + 1)),
	};
}

/* Where the reading of one tag's replies is. */
struct tag_reading {
	size_t next;		/* its next reply */
	size_t taken;		/* tokens so far */
	struct str rest;	/* of the reply that is being read */
};

/* The first reply of each tag; their number altogether is returned. */
static size_t begin_reading(const struct bayes_home *home,
			    const uint8_t *tokens, size_t n,
			    struct tag_reading r[TAGS])
{
	size_t count[TAGS] = { 0 }, all = 0;

	for (size_t i = 0; i < n; i++)
		count[bayes_tag_of(home, tokens + i * BAYES_TOKEN)]++;
	for (int tag = 0; tag < TAGS; tag++) {
		r[tag] = (struct tag_reading){ .next = all };
		all += (count[tag] + KEYS_AT_ONCE - 1) / KEYS_AT_ONCE;
	}
	return all;
}

/* The next token's count of a tag. */
static bool take_next(struct tag_reading *r, const struct store_reply *replies,
		      struct bayes_count *out_r)
{
	struct str piece;

	if (r->taken++ % KEYS_AT_ONCE == 0) {
		/* The reply before must have been read to its end. */
		if (r->rest.p || replies[r->next].kind != REPLY_TEXT)
			return false;
		r->rest = replies[r->next++].text;
		if (!r->rest.n)		/* one token, unknown */
			r->rest = STR("");
	}
	if (!str_next(&r->rest, ' ', &piece))
		return false;
	*out_r = take_pair(piece);
	return true;
}

bool bayes_parse_counts(const struct bayes_home *home, const uint8_t *tokens,
			size_t n, const struct store_reply *replies,
			size_t nreplies, struct bayes_count *out_r)
{
	struct tag_reading r[TAGS];
	bool fine = begin_reading(home, tokens, n, r) == nreplies;

	for (size_t i = 0; fine && i < n; i++)
		fine = take_next(&r[bayes_tag_of(home,
						 tokens + i * BAYES_TOKEN)],
				 replies, &out_r[i]);
	for (int tag = 0; fine && tag < TAGS; tag++)
		fine = r[tag].rest.p == NULL;
	if (!fine)
		memset(out_r, 0, n * sizeof(*out_r));
	return fine;
}

/* ---- learning ---- */

/* One script of a learn: the totals' (with markers only), a tag's, or, where
 * there are no tags, all of it. */
static void compose_change(struct arena *a, const struct bayes_home *home,
			   const char *op, bool relearn, int tag,
			   const uint8_t *tokens, size_t n,
			   const struct strs *message_ids,
			   struct store_batch *b)
{
	bool totals = home->layout == BAYES_PLAIN || tag == TAG_TOTALS;
	struct str keys[TOTALS], head;

	store_add_script(a, b, "bayes_learn");
	bayes_total_keys(a, home, keys);
	for (size_t i = 0; totals && i < TOTALS; i++)
		store_add_key(a, b, keys[i]);
	for (size_t i = 0; i < message_ids->n; i++)
		store_add_key(a, b, bayes_seen_key(a, home, tag,
						   message_ids->v[i]));
	if (n > BAYES_TOKENS_MAX || tag == TAG_TOTALS)
		n = tag == TAG_TOTALS ? 0 : BAYES_TOKENS_MAX;
	head = bayes_token_head(a, home, tag);
	for (size_t i = 0; i < n; i++)
		if (bayes_tag_of(home, tokens + i * BAYES_TOKEN) == tag)
			store_add_key(a, b, token_key(a, head, tokens +
						      i * BAYES_TOKEN));
	store_add_arg(a, b, str_cstr(op));
	store_add_int(a, b, relearn);
	store_add_int(a, b, (int64_t)home->seen_ttl);
	store_add_int(a, b, (int64_t)home->token_ttl);
	store_add_int(a, b, totals ? TOTALS : 0);
	store_add_int(a, b, (int64_t)message_ids->n);
}

static void compose_changes(struct arena *a, const struct bayes_home *home,
			    const char *op, bool relearn,
			    const uint8_t *tokens, size_t n,
			    const struct strs *message_ids,
			    struct store_batch *b)
{
	must(message_ids->n);
	if (home->layout == BAYES_PLAIN) {
		compose_change(a, home, op, relearn, 0, tokens, n, message_ids,
			       b);
		return;
	}
	/* The totals' first: its answer is the one that counts. */
	for (int tag = TAG_TOTALS; tag < TAGS; tag++)
		compose_change(a, home, op, relearn, tag, tokens, n,
			       message_ids, b);
}

void bayes_compose_learn(struct arena *a, const struct bayes_home *home,
			 bool spam, bool relearn, const uint8_t *tokens,
			 size_t n, const struct strs *message_ids,
			 struct store_batch *b)
{
	compose_changes(a, home, spam ? "s" : "h", relearn, tokens, n,
			message_ids, b);
}

void bayes_compose_forget(struct arena *a, const struct bayes_home *home,
			  const uint8_t *tokens, size_t n,
			  const struct strs *message_ids,
			  struct store_batch *b)
{
	compose_changes(a, home, "f", true, tokens, n, message_ids, b);
}

static enum bayes_learned learned_of(struct arena *a,
				     const struct store_reply *r,
				     struct str *why_r)
{
	static const struct {
		struct str word;
		enum bayes_learned what;
	} words[] = {
		{ { "learned", 7 }, BAYES_LEARNED },
		{ { "already", 7 }, BAYES_ALREADY },
		{ { "forgotten", 9 }, BAYES_FORGOTTEN },
		{ { "unknown", 7 }, BAYES_UNKNOWN },
	};
	struct str rest = r->text, word = STR("");

	*why_r = STR("the store gave no sensible answer");
	if (r->kind == REPLY_ERROR)
		*why_r = store_explain(a, r->text);
	if (r->kind != REPLY_TEXT)
		return BAYES_REFUSED;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (str_eq(r->text, words[i].word))
			return words[i].what;
	str_next(&rest, ' ', &word);
	if (str_eq(word, STR("version")) || str_eq(word, STR("format")))
		*why_r = refusal(a, word, rest);
	return BAYES_REFUSED;
}

enum bayes_learned bayes_parse_learn(struct arena *a,
				     const struct store_reply *replies,
				     size_t nreplies, struct str *why_r)
{
	enum bayes_learned what = BAYES_REFUSED, tags;

	*why_r = STR("the store gave no answer");
	if (!nreplies)
		return what;
	what = learned_of(a, &replies[0], why_r);
	for (size_t i = 1; what != BAYES_REFUSED && i < nreplies; i++) {
		tags = learned_of(a, &replies[i], why_r);
		if (tags == BAYES_REFUSED)
			return tags;
	}
	return what;
}

bool bayes_is_addition(const struct store_command *c, bool *spam_r)
{
	const struct str *argv = c->argv.v + c->nkeys;

	if (c->script != (int)store_script_named("bayes_learn") ||
	    c->argv.n < c->nkeys + 2 || str_eq(argv[0], STR("f")) ||
	    !str_eq(argv[1], STR("0")))
		return false;
	*spam_r = str_eq(argv[0], STR("s"));
	return true;
}

/* ---- use ---- */

void bayes_compose_touch(struct arena *a, const struct bayes_home *home,
			 const uint8_t *tokens, size_t n,
			 struct store_batch *b)
{
	int64_t ttl = (int64_t)home->token_ttl;

	if (ttl > 0)
		compose_reading(a, home, "bayes_touch", tokens, n, &ttl, b);
}
