/*
 * Records: what the embedded store keeps of one key, and the index by which
 * expired ones are found.
 *
 *   K name         -> type and flags, [expiry], payload
 *   L digest       -> the same of a name that is too long for a key of the
 *                     kv; the name stands before the payload
 *   E time key     -> nothing: the record of this key may expire then
 *   G id           -> nothing: members that belong to no key any more
 *   M              -> format, number of keys, next id
 *
 * An expiry that moves away, as that of a Bayes token does each time it is
 * seen, leaves its line of the index where it is; whoever comes upon the line
 * when it is due looks at the record and writes a new one.
 */
#include "base/digest.h"
#include "redis/embedded.h"
#include "redis/embedded_int.h"

/* Longer names stand under their digest, so that a line of the index (E, four
 * octets, key) still fits. */
#define NAME_MAX_DIRECT 480

#define TYPE_BITS 0x0f
#define HAS_EXPIRY 0x10
#define IS_SPREAD 0x20
#define HAS_NAME 0x40
#define EXPIRY_OCTETS (6 + 4)
#define EXPIRES_MAX (((int64_t)1 << 48) - 1)	/* the year 10889 */

#define META_KEY STR("M")
#define META_OCTETS 17

/* ---- octets ---- */

void put_be(char *p, uint64_t v, size_t n)
{
	while (n--) {
		p[n] = (char)(v & 255);
		v >>= 8;
	}
}

uint64_t get_be(const char *p, size_t n)
{
	uint64_t v = 0;

	for (size_t i = 0; i < n; i++)
		v = v << 8 | (unsigned char)p[i];
	return v;
}

void buf_varint(struct buf *b, uint64_t v)
{
	for (; v >= 128; v >>= 7)
		buf_addc(b, (int)(v & 127) | 128);
	buf_addc(b, (int)v);
}

bool cut_varint(struct str *s, uint64_t *v_r)
{
	uint64_t v = 0;

	for (size_t i = 0; i < s->n && i < 10; i++) {
		unsigned char c = (unsigned char)s->p[i];

		v |= (uint64_t)(c & 127) << (7 * i);
		if (c < 128) {
			*v_r = v;
			*s = str_from(*s, i + 1);
			return true;
		}
	}
	return false;
}

void buf_counted(struct buf *b, struct str s)
{
	buf_varint(b, s.n);
	buf_adds(b, s);
}

bool cut_counted(struct str *s, struct str *text_r)
{
	uint64_t n;

	if (!cut_varint(s, &n) || n > s->n)
		return false;
	*text_r = str_head(*s, (size_t)n);
	*s = str_from(*s, (size_t)n);
	return true;
}

/* ---- the counts ---- */

static void load_meta(struct embedded *e)
{
	struct str v;

	if (e->meta.loaded)
		return;
	e->meta.loaded = true;
	e->meta.keys = 0;
	e->meta.next_id = 1;
	if (e->kv->ops->get(e->kv, META_KEY, &v) && v.n == META_OCTETS) {
		e->meta.keys = get_be(v.p + 1, 8);
		e->meta.next_id = get_be(v.p + 9, 8);
	}
}

static void count_keys(struct embedded *e, int by)
{
	load_meta(e);
	e->meta.keys += (uint64_t)(int64_t)by;
	e->meta.dirty = true;
}

uint64_t record_count(struct embedded *e)
{
	load_meta(e);
	return e->meta.keys;
}

uint64_t record_new_id(struct embedded *e)
{
	load_meta(e);
	e->meta.dirty = true;
	return e->meta.next_id++;
}

void record_flush(struct embedded *e)
{
	char v[META_OCTETS];

	if (!e->meta.dirty)
		return;
	v[0] = EMBEDDED_FORMAT;
	put_be(v + 1, e->meta.keys, 8);
	put_be(v + 9, e->meta.next_id, 8);
	e->kv->ops->put(e->kv, META_KEY, str_make(v, sizeof(v)));
}

int record_check_format(struct embedded *e, struct err *err)
{
	struct str k, v;

	if (!e->kv->ops->get(e->kv, META_KEY, &v)) {
		if (!e->kv->ops->step(e->kv, KV_FROM, STR("\0"), &k, &v))
			return 0;
		return err_set(err, "the file holds something else than "
			       "mekiki's records");
	}
	if (v.n < 1 || v.p[0] != EMBEDDED_FORMAT || v.n != META_OCTETS)
		return err_set(err, "the file has records of the format %d; "
			       "this version knows %d only", v.n ? v.p[0] : 0,
			       EMBEDDED_FORMAT);
	return 0;
}

/* ---- finding ---- */

static void make_key(struct record *r)
{
	struct digest d;

	if (r->name.n <= NAME_MAX_DIRECT) {
		r->key[0] = 'K';
		if (r->name.n)
			memcpy(r->key + 1, r->name.p, r->name.n);
		r->nkey = (uint16_t)(1 + r->name.n);
		return;
	}
	r->key[0] = 'L';
	digest_begin(&d, DIGEST_SHA256, STR_NONE);
	digest_add(&d, r->name);
	r->nkey = (uint16_t)(1 + digest_end(&d, (uint8_t *)r->key + 1));
}

static struct str key_of(const struct record *r)
{
	return str_make(r->key, r->nkey);
}

/* Takes the record's head off v. False: that is none of ours. */
static bool read_head(struct record *r, struct str v)
{
	int flags = v.n ? (unsigned char)v.p[0] : 0;
	struct str name;

	v = str_from(v, 1);
	r->type = (enum value_type)(flags & TYPE_BITS);
	r->spread = flags & IS_SPREAD;
	if (r->type == TYPE_NONE || r->type > TYPE_LIST)
		return false;
	if (flags & HAS_EXPIRY) {
		if (v.n < EXPIRY_OCTETS)
			return false;
		r->expires = (int64_t)get_be(v.p, 6);
		r->indexed = (uint32_t)get_be(v.p + 6, 4);
		v = str_from(v, EXPIRY_OCTETS);
	}
	if (flags & HAS_NAME) {
		if (!cut_counted(&v, &name))
			return false;
		if (!r->name.p)
			r->name = str_dup(r->e->scratch, name);
	}
	r->payload = v;
	return true;
}

static void read_record(struct record *r)
{
	struct str v;

	r->type = TYPE_NONE;
	r->spread = r->found = r->dead = false;
	r->expires = 0;
	r->indexed = 0;
	r->payload = STR("");
	if (!r->e->kv->ops->get(r->e->kv, key_of(r), &v))
		return;
	r->found = read_head(r, v);
	if (!r->found)
		r->type = TYPE_NONE;
	r->dead = r->found && r->expires && r->expires < r->e->now;
}

bool record_find(struct embedded *e, struct str name, struct record *r)
{
	r->e = e;
	r->name = name;
	if (!name.p)
		r->name = STR("");
	make_key(r);
	read_record(r);
	if (r->dead && e->writing)
		record_remove(r);
	if (r->dead) {
		r->type = TYPE_NONE;
		r->expires = 0;
	}
	return r->type != TYPE_NONE;
}

bool record_at(struct embedded *e, struct str key, struct record *r)
{
	r->e = e;
	memcpy(r->key, key.p, key.n);
	r->nkey = (uint16_t)key.n;
	r->name = STR_NONE;
	if (r->key[0] == 'K')
		r->name = str_dup(e->scratch, str_from(key, 1));
	read_record(r);
	return r->found;
}

/* ---- writing ---- */

static struct str index_key(const struct record *r, uint32_t when,
			    char buf[KV_KEY_MAX])
{
	buf[0] = 'E';
	put_be(buf + 1, when, 4);
	memcpy(buf + 5, r->key, r->nkey);
	return str_make(buf, 5 + (size_t)r->nkey);
}

/* The second in which it may be removed; what expires after the year 2106
 * is looked at then. */
static uint32_t index_time(const struct record *r)
{
	int64_t s = r->expires / 1000 + 1;

	return s > UINT32_MAX ? UINT32_MAX : s < 1 ? 1 : (uint32_t)s;
}

/* Where the record will stand in the index. */
static uint32_t indexed_then(const struct record *r)
{
	uint32_t when;

	if (!r->expires)
		return 0;
	when = index_time(r);
	return r->indexed && r->indexed <= when ? r->indexed : when;
}

struct buf *record_begin(struct record *r)
{
	struct buf *b = &r->e->build;
	char expiry[EXPIRY_OCTETS];
	bool named = r->key[0] == 'L';

	b->n = 0;
	b->full = false;
	if (r->expires > EXPIRES_MAX)
		r->expires = EXPIRES_MAX;
	buf_addc(b, (int)r->type | (r->expires ? HAS_EXPIRY : 0) |
		 (r->spread ? IS_SPREAD : 0) | (named ? HAS_NAME : 0));
	if (r->expires) {
		put_be(expiry, (uint64_t)r->expires, 6);
		put_be(expiry + 6, indexed_then(r), 4);
		buf_add(b, expiry, sizeof(expiry));
	}
	if (named)
		buf_counted(b, r->name);
	return b;
}

static void change_index(struct record *r, uint32_t when)
{
	const struct kv_ops *ops = r->e->kv->ops;
	char buf[KV_KEY_MAX];

	if (when == r->indexed)
		return;
	if (r->indexed)
		ops->del(r->e->kv, index_key(r, r->indexed, buf));
	if (when)
		ops->put(r->e->kv, index_key(r, when, buf), STR(""));
	r->indexed = when;
}

void record_save(struct record *r)
{
	struct kv *kv = r->e->kv;

	if (r->e->build.full) {
		/* Commands refuse what is too large before they write. */
		kv->failed = true;
		err_set(&kv->err, "a value of more than %zu octets",
			EMBEDDED_VALUE_MAX);
		return;
	}
	change_index(r, indexed_then(r));
	kv->ops->put(kv, key_of(r), buf_str(&r->e->build));
	if (!r->found)
		count_keys(r->e, 1);
	r->found = true;
	r->payload = STR("");
}

static void leave_garbage(struct record *r)
{
	char key[9];

	if (r->payload.n < 8)
		return;
	key[0] = 'G';
	memcpy(key + 1, r->payload.p, 8);
	r->e->kv->ops->put(r->e->kv, str_make(key, sizeof(key)), STR(""));
}

void record_remove(struct record *r)
{
	if (!r->found)
		return;
	if (r->spread)
		leave_garbage(r);
	change_index(r, 0);
	r->e->kv->ops->del(r->e->kv, key_of(r));
	count_keys(r->e, -1);
	r->found = false;
	r->spread = false;
	r->payload = STR("");
}

/* ---- walking over names ---- */

static void walk_to(struct key_walk *w, struct str key)
{
	memcpy(w->at, key.p, key.n);
	w->nat = key.n;
}

void key_walk_begin(struct key_walk *w, struct embedded *e, struct str prefix,
		    size_t steps)
{
	w->e = e;
	w->prefix = prefix;
	w->steps = steps;
	w->begun = w->more = false;
	w->last = STR("");
	w->at[0] = 'K';
	prefix = str_head(prefix, NAME_MAX_DIRECT);
	if (prefix.n)
		memcpy(w->at + 1, prefix.p, prefix.n);
	w->nat = 1 + prefix.n;
}

void key_walk_resume(struct key_walk *w, struct str name)
{
	struct record r = { .name = name };

	make_key(&r);
	walk_to(w, key_of(&r));
	w->begun = true;
}

/* The next record of any name; from K to L when the names that fit end. */
static bool walk_step(struct key_walk *w, struct str *key_r)
{
	const struct kv_ops *ops = w->e->kv->ops;
	struct str k, v, prefix = str_head(w->prefix, NAME_MAX_DIRECT);
	bool there = ops->step(w->e->kv, w->begun ? KV_AFTER : KV_FROM,
			       str_make(w->at, w->nat), &k, &v);

	w->begun = true;
	if (w->at[0] == 'K' && !(there && k.p[0] == 'K' &&
				 str_starts(str_from(k, 1), prefix))) {
		walk_to(w, STR("L"));
		there = ops->step(w->e->kv, KV_AFTER, STR("L"), &k, &v);
	}
	if (!there || k.p[0] > 'L')
		return false;
	walk_to(w, k);
	*key_r = k;
	return true;
}

bool key_walk_next(struct key_walk *w, struct record *r)
{
	struct str key;

	while (w->steps) {
		w->steps--;
		if (!walk_step(w, &key))
			return false;
		if (!record_at(w->e, key, r))
			continue;
		w->last = r->name;
		if (!r->dead && str_starts(r->name, w->prefix))
			return true;
	}
	w->more = true;
	return false;
}

/* ---- removing what is expired ---- */

static bool next_due(struct embedded *e, struct str *key_r, uint32_t *when_r)
{
	struct str k, v;

	if (!e->kv->ops->step(e->kv, KV_FROM, STR("E"), &k, &v) ||
	    k.p[0] != 'E' || k.n < 6)
		return false;
	*when_r = (uint32_t)get_be(k.p + 1, 4);
	if ((int64_t)*when_r * 1000 > e->now)
		return false;
	*key_r = k;
	return true;
}

static bool next_garbage(struct embedded *e, struct str *key_r)
{
	struct str v;

	return e->kv->ops->step(e->kv, KV_FROM, STR("G"), key_r, &v) &&
		key_r->p[0] == 'G' && key_r->n == 9;
}

/* A line of the index is due: the record goes, or gets a later line. */
static void sweep_one(struct embedded *e, struct str key, uint32_t when)
{
	char line[KV_KEY_MAX];
	struct record r;

	memcpy(line, key.p, key.n);
	record_at(e, str_make(line + 5, key.n - 5), &r);
	if (r.found && r.indexed == when && r.dead) {
		record_remove(&r);
		return;
	}
	if (r.found && r.indexed == when) {
		r.indexed = 0;
		buf_adds(record_begin(&r), r.payload);
		record_save(&r);
	}
	e->kv->ops->del(e->kv, str_make(line, key.n));
}

bool record_wants_sweep(struct embedded *e)
{
	struct str key;
	uint32_t when;

	return next_due(e, &key, &when) || next_garbage(e, &key);
}

void record_sweep(struct embedded *e, size_t steps)
{
	char line[9];
	struct str key;
	uint32_t when;

	while (steps && !e->kv->failed && next_due(e, &key, &when)) {
		sweep_one(e, key, when);
		arena_reset(e->scratch);
		steps--;
	}
	while (steps && !e->kv->failed && next_garbage(e, &key)) {
		memcpy(line, key.p, sizeof(line));
		if (members_sweep(e, get_be(line + 1, 8), &steps))
			e->kv->ops->del(e->kv, str_make(line, sizeof(line)));
	}
}
