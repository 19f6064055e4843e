/*
 * An administrator's word on reputation, as batches; see reputation_admin.h.
 */
#include "redis/reputation_admin.h"

#include "base/arena.h"
#include "base/clock.h"
#include "redis/upkeep.h"

void reputation_compose_show(struct arena *a, const struct evidence_key *key,
			     struct store_batch *b)
{
	struct str name = reputation_store_key(a, key);

	store_add(a, b, "HGETALL", name);
	store_add(a, b, "TTL", name);
}

void reputation_compose_forget(struct arena *a, struct str store_key,
			       struct store_batch *b)
{
	store_add(a, b, "DEL", store_key);
	store_add(a, b, "ZREM", upkeep_known_key(a, store_key));
	store_add_arg(a, b, store_key);
}

static void field(struct arena *a, struct store_batch *b, const char *name,
		  struct str value)
{
	store_add_arg(a, b, str_cstr(name));
	store_add_arg(a, b, value);
}

/* Only if there is none. */
static void first(struct arena *a, struct store_batch *b, struct str key,
		  const char *name, struct str value)
{
	store_add(a, b, "HSETNX", key);
	field(a, b, name, value);
}

void reputation_compose_set(struct arena *a, const struct evidence_key *key,
			    const struct reputation_word *w,
			    struct store_batch *b)
{
	struct str name = reputation_store_key(a, key);
	struct str now = str_printf(a, "%lld", (long long)w->now);
	struct str iso = clock_text(a, w->now);
	double all = w->spam + w->ham, places = w->numbers.prior;
	double room = all > places ? places / all : 1;

	store_add(a, b, "HSET", name);
	field(a, b, "recent_spam", str_printf(a, "%.6g", w->spam * room));
	field(a, b, "recent_ham", str_printf(a, "%.6g", w->ham * room));
	field(a, b, "score", str_printf(a, "%.3f", (w->spam - w->ham) * room /
						   places));
	field(a, b, "last", now);
	field(a, b, "last_time", iso);
	field(a, b, "set", str_printf(a, "%.*s spam %.4g ham %.4g",
				      STR_ARG(iso), w->spam, w->ham));
	if (w->counts) {
		field(a, b, "spam", str_printf(a, "%.0f", w->spam));
		field(a, b, "ham", str_printf(a, "%.0f", w->ham));
		field(a, b, "seen", str_printf(a, "%.0f", all));
	}
	first(a, b, name, "first", now);
	first(a, b, name, "first_time", iso);
	store_add(a, b, "EXPIRE", name);
	store_add_int(a, b, (int64_t)w->numbers.lifetime);
	store_add(a, b, "ZADD", upkeep_known_key(a, name));
	store_add_int(a, b, w->now + (int64_t)w->numbers.lifetime);
	store_add_arg(a, b, name);
}
