/*
 * Bayes as a whole, for people: which keys a database has, what their names
 * say, and how one is filled from a backup. See bayes.h.
 */
#include "redis/bayes_int.h"

#include "base/arena.h"

struct str bayes_token_keys(struct arena *a, const struct bayes_home *home)
{
	return str_cat(a, home->prefix, home->layout == BAYES_TAGGED ?
		       STR("w:{") : STR("w:"));
}

struct str bayes_seen_keys(struct arena *a, const struct bayes_home *home)
{
	return str_cat(a, home->prefix, home->layout == BAYES_TAGGED ?
		       STR("s:{") : STR("s:"));
}

/* The rest of a key behind the prefix and "w:" or "s:". */
static bool behind(const struct bayes_home *home, struct str key, char kind,
		   struct str *rest_r)
{
	if (!str_starts(key, home->prefix))
		return false;
	key = str_from(key, home->prefix.n);
	if (key.n < 2 || key.p[0] != kind || key.p[1] != ':')
		return false;
	*rest_r = str_from(key, 2);
	return true;
}

bool bayes_key_token(const struct bayes_home *home, struct str key,
		     struct str *token_r)
{
	struct str rest;

	if (!behind(home, key, 'w', &rest))
		return false;
	if (home->layout == BAYES_TAGGED) {
		if (rest.n < 4 || rest.p[0] != '{' || rest.p[3] != '}')
			return false;
		rest = str_from(rest, 4);
	}
	*token_r = rest;
	return rest.n == BAYES_TOKEN;
}

bool bayes_key_seen(const struct bayes_home *home, struct str key,
		    struct str *id_r)
{
	struct str rest;

	if (!behind(home, key, 's', &rest))
		return false;
	if (home->layout == BAYES_TAGGED) {
		if (!str_starts(rest, STR("{v}:")))
			return false;
		rest = str_from(rest, 4);
	}
	*id_r = rest;
	return true;
}

void bayes_compose_token(struct arena *a, const struct bayes_home *home,
			 struct str token, int64_t spam, int64_t ham,
			 double ttl, struct store_batch *b)
{
	int tag;

	must(token.n == BAYES_TOKEN);
	tag = bayes_tag_of(home, (const uint8_t *)token.p);
	store_add_script(a, b, "bayes_set");
	store_add_key(a, b, str_cat(a, bayes_token_head(a, home, tag), token));
	store_add_int(a, b, spam);
	store_add_int(a, b, ham);
	store_add_int(a, b, (int64_t)ttl);
}

void bayes_compose_totals(struct arena *a, const struct bayes_home *home,
			  int64_t nspam, int64_t nham, struct store_batch *b)
{
	int64_t v[TOTALS] = {
		[TOTAL_NSPAM] = nspam,
		[TOTAL_NHAM] = nham,
		[TOTAL_VERSION] = 3,
		[TOTAL_FORMAT] = 2,
	};
	bool gone = nspam < 0 || nham < 0;
	struct str keys[TOTALS];

	bayes_total_keys(a, home, keys);
	for (size_t i = 0; i < TOTALS; i++) {
		store_add(a, b, gone ? "DEL" : "SET", keys[i]);
		if (!gone)
			store_add_int(a, b, v[i]);
	}
}

void bayes_compose_seen(struct arena *a, const struct bayes_home *home,
			struct str id, char kind, double ttl,
			struct store_batch *b)
{
	bool tagged = home->layout == BAYES_TAGGED;

	for (int tag = TAG_TOTALS; tag < (tagged ? TAGS : 0); tag++) {
		store_add(a, b, "SET", bayes_seen_key(a, home, tag, id));
		store_add_arg(a, b, kind == 's' ? STR("s") : STR("h"));
		if (ttl >= 1) {
			store_add_arg(a, b, STR("EX"));
			store_add_int(a, b, (int64_t)ttl);
		}
	}
}
