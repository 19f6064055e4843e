/*
 * Commands about keys whatever they hold: there or not, until when, removed,
 * listed.
 */
#include "redis/embedded_int.h"

/* Records that one SCAN looks at without COUNT, and that KEYS may look at. */
#define SCAN_COUNT 10
#define SCAN_COUNT_MAX 10000
#define KEYS_STEPS 10000000

static const char *const type_names[] = {
	[TYPE_NONE] = "none", [TYPE_STRING] = "string", [TYPE_HASH] = "hash",
	[TYPE_SET] = "set", [TYPE_ZSET] = "zset", [TYPE_LIST] = "list",
};

static void cmd_del(struct call *c)
{
	struct record r;
	int64_t n = 0;

	for (size_t i = 1; i < c->argc; i++)
		if (record_find(c->e, c->argv[i], &r)) {
			record_remove(&r);
			n++;
		}
	reply_int(c, n);
}

static void cmd_exists(struct call *c)
{
	struct record r;
	int64_t n = 0;

	for (size_t i = 1; i < c->argc; i++)
		n += record_find(c->e, c->argv[i], &r);
	reply_int(c, n);
}

static void cmd_type(struct call *c)
{
	struct record r;

	record_find(c->e, c->argv[1], &r);
	reply_status(c, type_names[r.type]);
}

/* ---- expiry ---- */

struct expire_options {
	bool nx, xx, gt, lt;
};

static bool read_expire_options(struct call *c, struct expire_options *o)
{
	*o = (struct expire_options){ .nx = false };
	for (size_t i = 3; i < c->argc; i++) {
		if (arg_is(c, i, "nx"))
			o->nx = true;
		else if (arg_is(c, i, "xx"))
			o->xx = true;
		else if (arg_is(c, i, "gt"))
			o->gt = true;
		else if (arg_is(c, i, "lt"))
			o->lt = true;
		else {
			reply_error(c, "ERR Unsupported option %s",
				    arena_strndup(c->e->scratch, c->argv[i].p,
						  c->argv[i].n));
			return false;
		}
	}
	if (o->nx && (o->xx || o->gt || o->lt)) {
		reply_error(c, "ERR NX and XX, GT or LT options at the same "
			    "time are not compatible");
		return false;
	}
	if (o->gt && o->lt) {
		reply_error(c, "ERR GT and LT options at the same time are "
			    "not compatible");
		return false;
	}
	return true;
}

/* What never expires counts as infinitely late. */
static bool expire_wanted(const struct expire_options *o,
			  const struct record *r, int64_t when)
{
	if (o->nx && r->expires)
		return false;
	if (o->xx && !r->expires)
		return false;
	if (o->gt && (!r->expires || when <= r->expires))
		return false;
	if (o->lt && r->expires && when >= r->expires)
		return false;
	return true;
}

static void save_expiry(struct record *r, int64_t expires)
{
	r->expires = expires;
	buf_adds(record_begin(r), r->payload);
	record_save(r);
}

static void expire_at(struct call *c, int unit, bool absolute)
{
	struct expire_options o;
	struct record r;
	int64_t when;

	if (!read_expire_options(c, &o) || !arg_int(c, 2, &when))
		return;
	if (__builtin_mul_overflow(when, unit, &when) ||
	    (!absolute && __builtin_add_overflow(when, c->e->now, &when))) {
		reply_error(c, "ERR invalid expire time in '%s' command",
			    c->row->name);
		return;
	}
	if (!record_find(c->e, c->argv[1], &r) ||
	    !expire_wanted(&o, &r, when)) {
		reply_int(c, 0);
		return;
	}
	if (when <= c->e->now)
		record_remove(&r);
	else
		save_expiry(&r, when);
	reply_int(c, 1);
}

static void cmd_expire(struct call *c)
{
	expire_at(c, 1000, false);
}

static void cmd_pexpire(struct call *c)
{
	expire_at(c, 1, false);
}

static void cmd_expireat(struct call *c)
{
	expire_at(c, 1000, true);
}

static void cmd_pexpireat(struct call *c)
{
	expire_at(c, 1, true);
}

static void cmd_persist(struct call *c)
{
	struct record r;
	bool there = record_find(c->e, c->argv[1], &r) && r.expires;

	if (there)
		save_expiry(&r, 0);
	reply_int(c, there);
}

/* -2: no such key; -1: it never expires. */
static int64_t time_left(struct call *c)
{
	struct record r;

	if (!record_find(c->e, c->argv[1], &r))
		return -2;
	return r.expires ? r.expires - c->e->now : -1;
}

static void cmd_ttl(struct call *c)
{
	int64_t ms = time_left(c);

	reply_int(c, ms < 0 ? ms : (ms + 500) / 1000);
}

static void cmd_pttl(struct call *c)
{
	reply_int(c, time_left(c));
}

/* ---- listing ---- */

static void cmd_dbsize(struct call *c)
{
	reply_int(c, (int64_t)record_count(c->e));
}

/* Names that match are put into names; keeps to those of a type unless it is
 * TYPE_NONE. */
static void collect(struct call *c, struct key_walk *w, struct str pattern,
		    const char *type, struct strs *names)
{
	struct record r;

	while (key_walk_next(w, &r))
		if ((!pattern.p || glob_matches(pattern, r.name)) &&
		    (!type || strcmp(type, type_names[r.type]) == 0))
			strs_add(c->e->scratch, names, r.name);
}

static void reply_names(struct call *c, const struct strs *names)
{
	struct store_reply *items = reply_list(c, names->n);

	for (size_t i = 0; i < names->n; i++)
		item_text(c, &items[i], names->v[i]);
}

/* What all names that match begin with. */
static struct str literal_start(struct str pattern)
{
	size_t n = 0;

	while (n < pattern.n && !strchr("*?[\\", pattern.p[n]))
		n++;
	return str_head(pattern, n);
}

static void cmd_keys(struct call *c)
{
	struct strs names = { 0 };
	struct key_walk w;

	key_walk_begin(&w, c->e, literal_start(c->argv[1]), KEYS_STEPS);
	collect(c, &w, c->argv[1], NULL, &names);
	reply_names(c, &names);
}

struct scan_options {
	struct str pattern;
	const char *type;
	size_t count;
};

static bool read_scan_options(struct call *c, struct scan_options *o)
{
	int64_t count;

	*o = (struct scan_options){ .count = SCAN_COUNT };
	for (size_t i = 2; i < c->argc; i += 2) {
		if (i + 1 >= c->argc) {
			reply_syntax(c);
			return false;
		}
		if (arg_is(c, i, "match")) {
			o->pattern = c->argv[i + 1];
		} else if (arg_is(c, i, "type")) {
			o->type = arena_strndup(c->e->scratch,
						c->argv[i + 1].p,
						c->argv[i + 1].n);
		} else if (arg_is(c, i, "count")) {
			if (!arg_int(c, i + 1, &count))
				return false;
			o->count = count > SCAN_COUNT_MAX ? SCAN_COUNT_MAX :
				(size_t)count;
			if (count >= 1)
				continue;
			reply_syntax(c);
			return false;
		} else {
			reply_syntax(c);
			return false;
		}
	}
	return true;
}

/* A cursor is "0", or an x and the hexadecimal digits of the last name. */
static bool read_cursor(struct call *c, struct str *name_r)
{
	struct str s = c->argv[1];
	char *p = arena_text(c->e->scratch, s.n / 2 + 1);
	size_t n = 0;

	*name_r = STR_NONE;
	if (str_eq(s, STR("0")))
		return true;
	if (s.n % 2 == 0 || s.p[0] != 'x') {
		reply_error(c, "ERR invalid cursor");
		return false;
	}
	for (size_t i = 1; i < s.n; i += 2) {
		int high = hex_value((unsigned char)s.p[i]);
		int low = hex_value((unsigned char)s.p[i + 1]);

		if (high < 0 || low < 0) {
			reply_error(c, "ERR invalid cursor");
			return false;
		}
		p[n++] = (char)(high << 4 | low);
	}
	*name_r = str_make(p, n);
	return true;
}

static void item_cursor(struct call *c, struct store_reply *item,
			struct str name)
{
	char *p = arena_text(c->e->scratch, name.n * 2 + 1);
	size_t n = 0;

	p[n++] = 'x';
	for (size_t i = 0; i < name.n; i++) {
		p[n++] = "0123456789abcdef"[(unsigned char)name.p[i] >> 4];
		p[n++] = "0123456789abcdef"[name.p[i] & 15];
	}
	item_text(c, item, str_make(p, n));
}

static void cmd_scan(struct call *c)
{
	struct scan_options o;
	struct strs names = { 0 };
	struct store_reply *items;
	struct key_walk w;
	struct str from;

	if (!read_cursor(c, &from) || !read_scan_options(c, &o))
		return;
	key_walk_begin(&w, c->e, literal_start(o.pattern), o.count);
	if (from.p)
		key_walk_resume(&w, from);
	collect(c, &w, o.pattern, o.type, &names);
	items = reply_list(c, 2);
	if (w.more)
		item_cursor(c, &items[0], w.last);
	else
		item_text(c, &items[0], STR("0"));
	c->reply = &items[1];
	reply_names(c, &names);
}

const struct command_row embedded_key_commands[] = {
	{ "del", -2, CMD_WRITE | CMD_SHRINKS, cmd_del },
	{ "unlink", -2, CMD_WRITE | CMD_SHRINKS, cmd_del },
	{ "exists", -2, 0, cmd_exists },
	{ "type", 2, 0, cmd_type },
	{ "expire", -3, CMD_WRITE, cmd_expire },
	{ "pexpire", -3, CMD_WRITE, cmd_pexpire },
	{ "expireat", -3, CMD_WRITE, cmd_expireat },
	{ "pexpireat", -3, CMD_WRITE, cmd_pexpireat },
	{ "persist", 2, CMD_WRITE, cmd_persist },
	{ "ttl", 2, 0, cmd_ttl },
	{ "pttl", 2, 0, cmd_pttl },
	{ "dbsize", 1, 0, cmd_dbsize },
	{ "keys", 2, 0, cmd_keys },
	{ "scan", -2, 0, cmd_scan },
	{ 0 },
};
