/*
 * Members: what is in a hash, a set or a sorted set. Few and small ones are
 * packed into the record of their key, so that a hash of ten fields is one
 * record that is read and written whole:
 *
 *   count, then for each: length, name, length, value
 *
 * Many or large ones are spread over records of their own, and the record of
 * the key holds an id that no other key ever had, and their count:
 *
 *   m id name        -> value
 *   i id score name  -> nothing: the order of a sorted set
 *
 * so that a key is forgotten by forgetting its id; its members are removed by
 * and by (members_sweep). A name of more than 460 octets stands as its
 * beginning and its digest, and whole in the value.
 */
#include "base/digest.h"
#include "redis/embedded_int.h"

#define NAME_DIRECT 460
#define DIGEST_OCTETS 32

/* ---- scores ---- */

struct str score_pack(double score, char buf[SCORE_OCTETS])
{
	uint64_t bits;

	memcpy(&bits, &score, sizeof(bits));
	bits = bits >> 63 ? ~bits : bits | (uint64_t)1 << 63;
	put_be(buf, bits, SCORE_OCTETS);
	return str_make(buf, SCORE_OCTETS);
}

double score_unpack(struct str packed)
{
	uint64_t bits;
	double score;

	if (packed.n != SCORE_OCTETS)
		return 0;
	bits = get_be(packed.p, SCORE_OCTETS);
	bits = bits >> 63 ? bits & ~((uint64_t)1 << 63) : ~bits;
	memcpy(&score, &bits, sizeof(score));
	return score;
}

/* As it stands in the index, where -0 is 0. */
static struct str score_index(struct str packed, char buf[SCORE_OCTETS])
{
	double score = score_unpack(packed);

	return score_pack(score == 0 ? 0 : score, buf);
}

/* ---- keys of spread members ---- */

struct spread_key {
	char p[KV_KEY_MAX];
	size_t n;
};

static struct str key_str(const struct spread_key *k)
{
	return str_make(k->p, k->n);
}

static void key_begin(struct spread_key *k, int kind, uint64_t id)
{
	k->p[0] = (char)kind;
	put_be(k->p + 1, id, 8);
	k->n = 9;
}

static void key_add(struct spread_key *k, struct str s)
{
	if (s.n)
		memcpy(k->p + k->n, s.p, s.n);
	k->n += s.n;
}

static void key_add_name(struct spread_key *k, struct str name)
{
	struct digest d;

	key_add(k, str_head(name, NAME_DIRECT));
	if (name.n <= NAME_DIRECT)
		return;
	digest_begin(&d, DIGEST_SHA256, STR_NONE);
	digest_add(&d, name);
	k->n += digest_end(&d, (uint8_t *)k->p + k->n);
}

static void member_key(const struct members *m, struct str name,
		       struct spread_key *k)
{
	key_begin(k, 'm', m->id);
	key_add_name(k, name);
}

static void index_key(const struct members *m, struct str packed,
		      struct str name, struct spread_key *k)
{
	char buf[SCORE_OCTETS];

	key_begin(k, 'i', m->id);
	key_add(k, score_index(packed, buf));
	key_add_name(k, name);
}

/* Splits what stands under a member's name (as key has it) into name and
 * value. */
static void read_member(struct str in_key, struct str v, struct str *name_r,
			struct str *value_r)
{
	*name_r = in_key;
	if (in_key.n > NAME_DIRECT && !cut_counted(&v, name_r))
		*name_r = in_key;
	*value_r = v;
}

/* ---- spread members ---- */

static bool spread_get(struct members *m, struct str name,
		       struct str *value_r)
{
	struct spread_key k;
	struct str v, whole;

	member_key(m, name, &k);
	if (!m->e->kv->ops->get(m->e->kv, key_str(&k), &v))
		return false;
	read_member(str_from(key_str(&k), 9), v, &whole, value_r);
	return true;
}

static void put_named(struct members *m, const struct spread_key *k,
		      struct str name, struct str value)
{
	struct buf *b = &m->e->build;

	if (name.n > NAME_DIRECT) {
		b->n = 0;
		buf_counted(b, name);
		buf_adds(b, value);
		value = buf_str(b);
	}
	m->e->kv->ops->put(m->e->kv, key_str(k), value);
}

static void spread_put(struct members *m, struct str name, struct str value,
		       const struct str *old)
{
	struct kv *kv = m->e->kv;
	char score[SCORE_OCTETS];
	struct spread_key k;

	if (m->rec.type == TYPE_ZSET) {
		memcpy(score, value.p, sizeof(score));
		value = str_make(score, sizeof(score));
		if (old) {
			index_key(m, *old, name, &k);
			kv->ops->del(kv, key_str(&k));
		}
		index_key(m, value, name, &k);
		put_named(m, &k, name, STR(""));
	}
	member_key(m, name, &k);
	put_named(m, &k, name, value);
}

static void spread_del(struct members *m, struct str name, struct str old)
{
	struct kv *kv = m->e->kv;
	struct spread_key k;

	if (m->rec.type == TYPE_ZSET) {
		index_key(m, old, name, &k);
		kv->ops->del(kv, key_str(&k));
	}
	member_key(m, name, &k);
	kv->ops->del(kv, key_str(&k));
}

/* ---- packed members ---- */

static ssize_t packed_find(const struct members *m, struct str name)
{
	for (size_t i = 0; i < m->count; i++)
		if (str_eq(m->v[i].name, name))
			return (ssize_t)i;
	return -1;
}

static void read_packed(struct members *m, struct str s)
{
	struct member one;
	uint64_t n;

	if (!cut_varint(&s, &n))
		return;
	/* Two octets each at least. */
	m->cap = (size_t)(n < s.n / 2 ? n : s.n / 2) + 8;
	m->v = arena_alloc(m->e->scratch, m->cap * sizeof(*m->v));
	for (; n && cut_counted(&s, &one.name) &&
	     cut_counted(&s, &one.value); n--) {
		m->v = arena_grow(m->e->scratch, m->v, m->count, &m->cap,
				  sizeof(*m->v));
		m->v[m->count++] = one;
	}
}

static int member_cmp(const struct member *a, const struct member *b)
{
	double x = score_unpack(a->value), y = score_unpack(b->value);

	return x < y ? -1 : x > y ? 1 : str_cmp(a->name, b->name);
}

static void packed_remove(struct members *m, size_t i)
{
	m->count--;
	memmove(m->v + i, m->v + i + 1, (m->count - i) * sizeof(*m->v));
}

static void packed_insert(struct members *m, size_t i, struct member one)
{
	m->v = arena_grow(m->e->scratch, m->v, m->count, &m->cap,
			  sizeof(*m->v));
	memmove(m->v + i + 1, m->v + i, (m->count - i) * sizeof(*m->v));
	m->v[i] = one;
	m->count++;
}

/* A sorted set is kept in order; the others as they came. */
static void packed_put(struct members *m, ssize_t at, struct member one)
{
	size_t i = at < 0 ? m->count : (size_t)at;

	if (m->rec.type == TYPE_ZSET) {
		if (at >= 0)
			packed_remove(m, i);
		for (i = m->count; i && member_cmp(&one, &m->v[i - 1]) < 0;)
			i--;
		at = -1;
	}
	if (at < 0)
		packed_insert(m, i, one);
	else
		m->v[i] = one;
}

/* From here on they are records of their own. */
static void spread_out(struct members *m)
{
	m->spread = true;
	m->id = record_new_id(m->e);
	/* What they point to may be the kv's. */
	for (size_t i = 0; i < m->count; i++) {
		m->v[i].name = str_dup(m->e->scratch, m->v[i].name);
		m->v[i].value = str_dup(m->e->scratch, m->v[i].value);
	}
	for (size_t i = 0; i < m->count; i++)
		spread_put(m, m->v[i].name, m->v[i].value, NULL);
}

/* ---- all of them ---- */

int members_open(struct call *c, struct str key, enum value_type type,
		 struct members *m)
{
	m->e = c->e;
	m->changed = m->spread = false;
	m->id = m->count = 0;
	m->v = NULL;
	m->cap = 0;
	if (!record_find(c->e, key, &m->rec)) {
		m->rec.type = type;
		m->rec.spread = false;
		return 0;
	}
	if (m->rec.type != type) {
		reply_wrong_type(c);
		return -1;
	}
	m->spread = m->rec.spread;
	if (!m->spread) {
		read_packed(m, m->rec.payload);
	} else if (m->rec.payload.n == 16) {
		m->id = get_be(m->rec.payload.p, 8);
		m->count = get_be(m->rec.payload.p + 8, 8);
	}
	return 1;
}

bool members_get(struct members *m, struct str name, struct str *value_r)
{
	ssize_t i;

	if (m->spread)
		return spread_get(m, name, value_r);
	i = packed_find(m, name);
	if (i >= 0)
		*value_r = m->v[i].value;
	return i >= 0;
}

static bool put_spread(struct members *m, struct str name, struct str value)
{
	struct str old;
	bool had = spread_get(m, name, &old);
	char score[SCORE_OCTETS];

	m->changed = true;
	if (had && m->rec.type == TYPE_ZSET) {
		memcpy(score, old.p, sizeof(score));
		old = str_make(score, sizeof(score));
	}
	spread_put(m, name, value, had ? &old : NULL);
	m->count += !had;
	return !had;
}

bool members_put(struct members *m, struct str name, struct str value)
{
	struct arena *a = m->e->scratch;
	ssize_t at;

	if (!m->spread && (m->count >= PACKED_COUNT ||
			   name.n + value.n > PACKED_OCTETS) &&
	    packed_find(m, name) < 0)
		spread_out(m);
	if (m->spread)
		return put_spread(m, name, value);
	at = packed_find(m, name);
	m->changed = true;
	packed_put(m, at, (struct member){ str_dup(a, name),
					   str_dup(a, value) });
	return at < 0;
}

bool members_del(struct members *m, struct str name)
{
	struct str old;
	ssize_t i;

	if (!members_get(m, name, &old))
		return false;
	m->changed = true;
	if (m->spread) {
		char score[SCORE_OCTETS];

		if (old.n == SCORE_OCTETS)
			memcpy(score, old.p, sizeof(score));
		spread_del(m, name, str_make(score, sizeof(score)));
		m->count--;
		return true;
	}
	i = packed_find(m, name);
	packed_remove(m, (size_t)i);
	return true;
}

static void write_spread(struct members *m)
{
	char payload[16];

	m->rec.spread = true;
	put_be(payload, m->id, 8);
	put_be(payload + 8, m->count, 8);
	buf_add(record_begin(&m->rec), payload, sizeof(payload));
	record_save(&m->rec);
}

void members_save(struct members *m)
{
	struct buf *b;

	if (!m->changed)
		return;
	m->changed = false;
	if (!m->count) {
		record_remove(&m->rec);
		return;
	}
	if (m->spread) {
		write_spread(m);
		return;
	}
	b = record_begin(&m->rec);
	buf_varint(b, m->count);
	for (size_t i = 0; i < m->count; i++) {
		buf_counted(b, m->v[i].name);
		buf_counted(b, m->v[i].value);
	}
	if (b->n > PACKED_OCTETS) {
		spread_out(m);
		write_spread(m);
		return;
	}
	record_save(&m->rec);
}

bool members_sweep(struct embedded *e, uint64_t id, size_t *steps)
{
	static const char kinds[] = "mi";

	for (size_t i = 0; kinds[i]; i++) {
		struct spread_key k;
		struct str key, v;

		key_begin(&k, kinds[i], id);
		while (!e->kv->failed &&
		       e->kv->ops->step(e->kv, KV_FROM, key_str(&k), &key, &v) &&
		       str_starts(key, str_head(key_str(&k), 9))) {
			if (!*steps)
				return false;
			--*steps;
			e->kv->ops->del(e->kv, key);
		}
	}
	return true;
}

/* ---- walking ---- */

/* Where the records of this id begin, or (reverse) the first key behind. */
static void walk_edge(struct member_walk *w)
{
	struct spread_key k;

	key_begin(&k, w->m->rec.type == TYPE_ZSET ? 'i' : 'm',
		  w->m->id + w->reverse);
	memcpy(w->at, k.p, k.n);
	w->nat = k.n;
}

void member_walk_begin(struct member_walk *w, struct members *m, bool reverse)
{
	w->m = m;
	w->reverse = reverse;
	w->begun = false;
	w->i = reverse && !m->spread ? (size_t)m->count : 0;
	if (m->spread)
		walk_edge(w);
}

void member_walk_seek(struct member_walk *w, struct members *m, bool reverse,
		      double score)
{
	char buf[SCORE_OCTETS];
	struct str packed = score_pack(score == 0 ? 0 : score, buf);

	member_walk_begin(w, m, reverse);
	if (m->spread) {
		/* Behind all of the score, for the way back. */
		put_be(w->at + 1, m->id, 8);
		put_be(w->at + 9, get_be(packed.p, 8) + reverse, 8);
		w->nat = 9 + SCORE_OCTETS;
		return;
	}
	while (!reverse && w->i < m->count &&
	       score_unpack(m->v[w->i].value) < score)
		w->i++;
	while (reverse && w->i && score_unpack(m->v[w->i - 1].value) > score)
		w->i--;
}

static bool walk_packed(struct member_walk *w)
{
	const struct member *one;

	if (w->reverse ? w->i == 0 : w->i >= w->m->count)
		return false;
	one = &w->m->v[w->reverse ? --w->i : w->i++];
	w->name = one->name;
	w->value = one->value;
	return true;
}

bool member_walk_next(struct member_walk *w)
{
	struct kv *kv = w->m->e->kv;
	bool zset = w->m->rec.type == TYPE_ZSET;
	enum kv_step how = w->reverse ? KV_BEFORE :
		w->begun ? KV_AFTER : KV_FROM;
	struct str key, v;

	if (!w->m->spread)
		return walk_packed(w);
	if (!kv->ops->step(kv, how, str_make(w->at, w->nat), &key, &v) ||
	    key.n < 9 || key.p[0] != (zset ? 'i' : 'm') ||
	    get_be(key.p + 1, 8) != w->m->id)
		return false;
	w->begun = true;
	memcpy(w->at, key.p, key.n);
	w->nat = key.n;
	if (zset) {
		read_member(str_from(key, 9 + SCORE_OCTETS), v, &w->name, &v);
		w->value = str_head(str_from(key, 9), SCORE_OCTETS);
	} else {
		read_member(str_from(key, 9), v, &w->name, &w->value);
	}
	return true;
}
