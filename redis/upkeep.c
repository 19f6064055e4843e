/*
 * Lists of the day and the cap; see upkeep.h. What was noted is gathered by
 * name, so that a thousand messages of one sender are one entry.
 *
 * The cap walks in circles of three steps, each a batch of its own: count (and
 * let go what is useless by now), take out of the index what becomes useless
 * first, forget those keys. A process that dies between leaves keys that no
 * index knows; these end by their own lifetime.
 */
#include "redis/upkeep.h"

#include <math.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/map.h"
#include "base/mem.h"
#include "redis/reputation.h"
#include "redis/same_text.h"
#include "redis/slots.h"

#define KEY_MAX 512		/* octets of a name that is noted */
#define NOTED_MAX 65536		/* names between two compose */
#define DUE_LEAST 1000		/* new ones, before a step is due */
#define PAIRS 512		/* of name and number in one command */

enum step { STEP_COUNT, STEP_TAKE, STEP_FORGET };

struct upkeep {
	double max_keys;
	struct arena *arena;	/* of what was noted */
	struct map known;	/* key -> int64_t *: when it is useless */
	struct map tops;	/* key of a list -> struct map *:
				 * name -> double * */
	size_t noted, since_step;
	/* The cap */
	enum step step;
	double counts[UPKEEP_SHARDS], all;
	struct arena *step_arena;
	struct strs taken;
};

/* What a script of a batch tells. */
struct lesson {
	struct str key;
	double seconds;		/* that the key is kept */
	double balance;		/* what the list of the day gets */
	int64_t time;		/* of the message */
};

struct upkeep *upkeep_new(size_t max_keys)
{
	struct upkeep *u = xcalloc(1, sizeof(*u));

	u->max_keys = (double)max_keys;
	u->arena = arena_new();
	u->step_arena = arena_new();
	u->known = u->tops = MAP_IN(u->arena);
	return u;
}

void upkeep_free(struct upkeep **u)
{
	if (!*u)
		return;
	arena_free(&(*u)->arena);
	arena_free(&(*u)->step_arena);
	xfree(*u);
	*u = NULL;
}

/* ---- names ---- */

struct str upkeep_top_key(struct arena *a, enum evidence_kind kind,
			  struct str date)
{
	return str_printf(a, "mekiki:top:%s:%.*s", evidence_word(kind),
			  STR_ARG(date));
}

static unsigned shard_of(struct str key)
{
	return (unsigned)slot_of_key(key) % UPKEEP_SHARDS;
}

static struct str shard_key(struct arena *a, unsigned shard)
{
	return str_printf(a, "mekiki:known:%x", shard);
}

struct str upkeep_known_key(struct arena *a, struct str key)
{
	return shard_key(a, shard_of(key));
}

/* ---- what scripts tell ---- */

static double arg_number(const struct store_command *c, size_t i)
{
	double v;

	return i < c->argv.n && str_to_double(c->argv.v[i], &v) &&
	       isfinite(v) ? v : 0;
}

static bool arg_is(const struct store_command *c, size_t i, struct str word)
{
	return i < c->argv.n && str_eq(c->argv.v[i], word);
}

/* In eighths, which sums of numbers keep exactly: a person is to read 12.5 in
 * the list and not 12.499999999999998. */
static double rounded(double weight)
{
	return round(8 * weight) / 8;
}

/* Answers how long the key is kept; 0 if the message had been counted. */
static bool read_observe(const struct store_command *c, double reply,
			 struct lesson *l)
{
	double weight = rounded(arg_number(c, 4));

	l->seconds = reply;
	l->time = (int64_t)arg_number(c, 1);
	l->balance = arg_is(c, 3, STR("spam")) ? weight : -weight;
	return reply > 0;
}

/* Answers 1 if it changed anything. What was told before it is not known
 * here, so that taking back changes no list. */
static bool read_correct(const struct store_command *c, double reply,
			 struct lesson *l)
{
	double weight = rounded(arg_number(c, 5));

	l->seconds = arg_number(c, 9);
	l->time = (int64_t)arg_number(c, 2);
	l->balance = arg_is(c, 4, STR("spam")) ? weight :
		     arg_is(c, 4, STR("ham")) ? -weight : 0;
	return reply > 0;
}

static bool read_text(const struct store_command *c, double reply,
		      struct lesson *l)
{
	(void)c;
	l->seconds = reply;
	return reply > 0;
}

static const struct {
	const char *script;
	bool (*read)(const struct store_command *c, double reply,
		     struct lesson *l);
} readers[] = {
	{ "reputation_observe", read_observe },
	{ "reputation_correct", read_correct },
	{ "same_text_count", read_text },
};
#define NREADERS (sizeof(readers) / sizeof(*readers))

static bool read_lesson(const struct store_command *c,
			const struct store_reply *r, struct lesson *l)
{
	*l = (struct lesson){ 0 };
	if (c->script < 0 || c->nkeys < 1 || c->argv.n < 2 ||
	    r->kind != REPLY_INT || c->argv.v[0].n > KEY_MAX)
		return false;
	l->key = c->argv.v[0];
	for (size_t i = 0; i < NREADERS; i++)
		if (c->script ==
		    (int)store_script_named(readers[i].script))
			return readers[i].read(c, (double)r->number, l);
	return false;
}

/* ---- noting ---- */

/* The number that is kept under name, 0 if it is new. */
static double *number_of(struct upkeep *u, struct map *m, struct str name)
{
	double *v = map_get(m, name);

	if (!v) {
		v = arena_alloc(u->arena, sizeof(*v));
		map_set(m, str_dup(u->arena, name), v);
		u->noted++;
	}
	return v;
}

static void note_top(struct upkeep *u, const struct lesson *l)
{
	struct evidence_key who;
	struct str list;
	struct map *names;

	if (l->balance == 0 || !reputation_key_named(l->key, &who))
		return;
	list = upkeep_top_key(u->arena, who.kind, clock_date(u->arena, l->time));
	names = map_get(&u->tops, list);
	if (!names) {
		names = arena_alloc(u->arena, sizeof(*names));
		*names = MAP_IN(u->arena);
		map_set(&u->tops, list, names);
	}
	*number_of(u, names, who.name) += l->balance;
}

void upkeep_note(struct upkeep *u, const struct store_command *commands,
		 const struct store_reply *replies, size_t n, int64_t now)
{
	struct lesson l;

	for (size_t i = 0; i < n && u->noted < NOTED_MAX; i++) {
		double *useless;

		if (!read_lesson(&commands[i], &replies[i], &l))
			continue;
		useless = number_of(u, &u->known, l.key);
		*useless = fmax(*useless, (double)now + l.seconds);
		note_top(u, &l);
	}
}

/* ---- writing ---- */

static void compose_known(struct arena *a, struct upkeep *u,
			  struct store_batch *b)
{
	struct strs args[UPKEEP_SHARDS] = { 0 };
	const struct map_entry *e;
	size_t i = 0;

	while ((e = map_next(&u->known, &i))) {
		struct strs *to = &args[shard_of(e->key)];

		strs_add(a, to, str_printf(a, "%.0f", *(double *)e->value));
		strs_add(a, to, str_dup(a, e->key));
	}
	for (unsigned s = 0; s < UPKEEP_SHARDS; s++)
		for (size_t k = 0; k < args[s].n; k++) {
			if (k % (2 * PAIRS) == 0)
				store_add(a, b, "ZADD", shard_key(a, s));
			store_add_arg(a, b, args[s].v[k]);
		}
}

static void begin_top(struct arena *a, struct str list, struct store_batch *b)
{
	store_add_script(a, b, "reputation_top");
	store_add_key(a, b, str_dup(a, list));
	store_add_int(a, b, UPKEEP_TOP);
	store_add_int(a, b, UPKEEP_TOP_SECONDS);
}

static void compose_tops(struct arena *a, struct upkeep *u,
			 struct store_batch *b)
{
	const struct map_entry *list, *e;
	size_t i = 0;

	while ((list = map_next(&u->tops, &i))) {
		size_t k = 0, n = 0;

		while ((e = map_next(list->value, &k))) {
			if (n++ % PAIRS == 0)
				begin_top(a, list->key, b);
			store_add_arg(a, b, str_dup(a, e->key));
			store_add_arg(a, b, str_printf(a, "%.4g",
						*(double *)e->value));
		}
	}
}

void upkeep_compose(struct arena *a, struct upkeep *u, struct store_batch *b)
{
	if (!u->noted)
		return;
	compose_known(a, u, b);
	compose_tops(a, u, b);
	u->since_step += u->known.n;
	u->noted = 0;
	arena_reset(u->arena);
	u->known = u->tops = MAP_IN(u->arena);
}

/* ---- the cap ---- */

bool upkeep_is_due(const struct upkeep *u)
{
	return u->max_keys > 0 &&
	       (double)u->since_step > fmax(DUE_LEAST, u->max_keys / 50);
}

static void compose_count(struct arena *a, int64_t now, struct store_batch *b)
{
	for (unsigned s = 0; s < UPKEEP_SHARDS; s++) {
		struct str key = shard_key(a, s);

		store_add(a, b, "ZREMRANGEBYSCORE", key);
		store_add_arg(a, b, STR("-inf"));
		store_add_int(a, b, now);
		store_add(a, b, "ZCARD", key);
	}
}

/* Names are spread over the shards by chance, so that each gives its share. */
static void compose_take(struct arena *a, struct upkeep *u,
			 struct store_batch *b)
{
	double excess = fmin(u->all - u->max_keys, UPKEEP_STEP);

	for (unsigned s = 0; s < UPKEEP_SHARDS; s++) {
		store_add(a, b, "ZPOPMIN", shard_key(a, s));
		store_add_int(a, b, (int64_t)ceil(excess * u->counts[s] /
						  u->all));
	}
}

void upkeep_step_compose(struct arena *a, struct upkeep *u, int64_t now,
			 struct store_batch *b)
{
	switch (u->step) {
	case STEP_COUNT:
		u->since_step = 0;
		compose_count(a, now, b);
		break;
	case STEP_TAKE:
		compose_take(a, u, b);
		break;
	case STEP_FORGET:
		for (size_t i = 0; i < u->taken.n; i++)
			store_add(a, b, "UNLINK", u->taken.v[i]);
		break;
	}
}

static bool counted(struct upkeep *u, const struct store_reply *r, size_t n)
{
	u->all = 0;
	for (size_t s = 0; s < UPKEEP_SHARDS && 2 * s + 1 < n; s++) {
		u->counts[s] = store_reply_number(&r[2 * s + 1], 0);
		u->all += u->counts[s];
	}
	if (u->max_keys <= 0 || u->all <= u->max_keys)
		return false;
	u->step = STEP_TAKE;
	return true;
}

/* Only what belongs into the index is forgotten, whoever wrote it there. */
static bool is_indexed(struct str name)
{
	struct evidence_key who;
	struct str digest;

	return reputation_key_named(name, &who) ||
	       same_text_key_named(name, &digest);
}

static bool taken(struct upkeep *u, const struct store_reply *r, size_t n)
{
	bool any = false;

	u->taken = (struct strs){ 0 };
	arena_reset(u->step_arena);
	for (size_t s = 0; s < n; s++)
		for (size_t i = 0; r[s].kind == REPLY_LIST && i < r[s].n;
		     i += 2) {
			any = true;
			if (is_indexed(r[s].items[i].text))
				strs_add(u->step_arena, &u->taken,
					 str_dup(u->step_arena,
						 r[s].items[i].text));
		}
	u->step = u->taken.n ? STEP_FORGET : STEP_COUNT;
	return any;
}

bool upkeep_step_parse(struct upkeep *u, const struct store_reply *replies,
		       size_t n)
{
	enum step step = u->step;

	u->step = STEP_COUNT;
	switch (step) {
	case STEP_COUNT:
		return counted(u, replies, n);
	case STEP_TAKE:
		return taken(u, replies, n);
	case STEP_FORGET:
		return true;
	}
	return false;
}
