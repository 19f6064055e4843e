/*
 * The embedded store's outer side: batches come in, are executed as a whole
 * in one transaction, and answered at once. What a batch needs is found out
 * first: one that only reads waits for nobody.
 *
 * A script does not say whether it writes. It is begun as a reader; at its
 * first command that would write everything is given up (nothing was changed
 * yet) and begun again as a writer, and so is every later run of it.
 */
#include "redis/embedded.h"

#include "base/clock.h"
#include "base/mem.h"
#include "redis/embedded_int.h"

/* What one tick removes at most. */
#define TICK_STEPS 2000
/* Names and records that one scan() returns and looks at. */
#define SCAN_NAMES 250
#define SCAN_STEPS 2000

static struct embedded *of(struct store *s)
{
	return (struct embedded *)s;
}

/* ---- one transaction ---- */

static int begin(struct embedded *e, enum kv_mode mode)
{
	e->now = e->clock();
	e->writing = mode != KV_READ;
	e->must_write = false;
	e->meta.loaded = false;
	e->meta.dirty = false;
	return e->kv->ops->begin(e->kv, mode);
}

static int finish(struct embedded *e)
{
	if (e->writing && !e->kv->failed)
		record_flush(e);
	if (e->kv->failed) {
		e->kv->ops->abort(e->kv);
		return -1;
	}
	return e->kv->ops->commit(e->kv);
}

/* ---- one command ---- */

static void execute_plain(struct embedded *e, const struct store_command *cmd,
			  struct store_reply *reply)
{
	struct call c = { .e = e, .argv = cmd->argv.v, .argc = cmd->argv.n,
			  .out = e->out, .reply = reply };

	command_execute(&c);
}

static void execute_script(struct embedded *e, const struct store_command *cmd,
			   struct store_reply *reply)
{
	struct call c = { .e = e, .argv = cmd->argv.v, .argc = cmd->argv.n,
			  .out = e->out, .reply = reply };

	embedded_lua_run(&c, cmd);
}

static enum kv_mode mode_of(const struct embedded *e,
			    const struct store_command *cmd)
{
	const struct command_row *row;

	if (e->read_only)
		return KV_READ;
	if (cmd->script >= 0)
		return embedded_lua_writes(e->lua, cmd) ? KV_WRITE : KV_READ;
	row = cmd->argv.n ? command_find(cmd->argv.v[0]) : NULL;
	if (row && row->flags & CMD_SCRIPT)
		return embedded_lua_writes(e->lua, cmd) ? KV_WRITE : KV_READ;
	if (!row || !(row->flags & CMD_WRITE))
		return KV_READ;
	return row->flags & CMD_SHRINKS ? KV_SHRINK : KV_WRITE;
}

/* The strongest of all its commands. */
static enum kv_mode mode_of_batch(const struct embedded *e,
				  const struct store_batch *b)
{
	bool writes = false, shrinks = false;

	for (size_t i = 0; i < b->n && !writes; i++) {
		enum kv_mode mode = mode_of(e, &b->v[i]);

		writes = mode == KV_WRITE;
		shrinks |= mode == KV_SHRINK;
	}
	return writes ? KV_WRITE : shrinks ? KV_SHRINK : KV_READ;
}

static int execute_batch(struct embedded *e, const struct store_batch *b,
			 enum kv_mode mode, struct store_reply *replies)
{
	if (begin(e, mode) < 0)
		return -1;
	for (size_t i = 0; i < b->n && !e->kv->failed && !e->must_write; i++) {
		replies[i] = (struct store_reply){ .kind = REPLY_NIL };
		if (b->v[i].script >= 0)
			execute_script(e, &b->v[i], &replies[i]);
		else
			execute_plain(e, &b->v[i], &replies[i]);
		arena_reset(e->scratch);
	}
	if (e->must_write) {
		e->kv->ops->abort(e->kv);
		return 0;
	}
	return finish(e);
}

static int check_ceilings(const struct store_batch *b, struct err *err)
{
	for (size_t i = 0; i < b->n; i++)
		if (b->v[i].argv.n > STORE_ARGS_MAX)
			return err_set(err, "a command with more than %d "
				       "arguments", STORE_ARGS_MAX);
	if (store_octets(b) > STORE_REQUEST_MAX)
		return err_set(err, "more than %zu octets at once",
			       STORE_REQUEST_MAX);
	return 0;
}

/* ---- the interface ---- */

/* Replies are read by a function that may ask again, so each level of that
 * has an arena of its own. */
static struct arena *enter(struct embedded *e, bool *first_r)
{
	*first_r = !e->busy;
	e->busy = true;
	return *first_r ? e->out : arena_new();
}

static void leave(struct embedded *e, struct arena *out, bool first)
{
	if (first) {
		arena_reset(e->out);
		e->busy = false;
	} else {
		arena_free(&out);
	}
}

static int send_in(struct embedded *e, const struct store_batch *b,
		   struct arena *out, struct store_reply **replies_r,
		   struct err *err)
{
	struct store_reply *replies;
	struct arena *outer = e->out;
	int rc;

	if (check_ceilings(b, err) < 0)
		return -1;
	e->out = out;
	replies = arena_alloc(out, (b->n + 1) * sizeof(*replies));
	rc = execute_batch(e, b, mode_of_batch(e, b), replies);
	if (rc == 0 && e->must_write)
		rc = execute_batch(e, b, KV_WRITE, replies);
	e->out = outer;
	if (rc < 0)
		*err = e->kv->err;
	*replies_r = replies;
	return rc;
}

static void embedded_send(struct store *s, const struct store_batch *b,
			  double timeout, store_done *done, void *ctx)
{
	struct embedded *e = of(s);
	struct store_reply *replies;
	struct err err = { "" };
	struct arena *out;
	bool first;

	(void)timeout;
	out = enter(e, &first);
	if (send_in(e, b, out, &replies, &err) < 0)
		done(ctx, STORE_FAILED, NULL, 0, &err);
	else
		done(ctx, STORE_OK, replies, b->n, &err);
	leave(e, out, first);
}

static bool embedded_is_up(const struct store *s)
{
	(void)s;
	return true;
}

/* The list of store_ops.scan; the last name that was looked at is the cursor
 * that goes on. */
static void scan_names(struct call *c, struct str prefix, struct str cursor)
{
	struct key_walk w;
	struct record r;
	struct strs names = { 0 };
	struct str last = STR("");
	struct store_reply *items;
	bool more;

	key_walk_begin(&w, c->e, prefix, SCAN_STEPS);
	if (cursor.n)
		key_walk_resume(&w, cursor);
	while (names.n < SCAN_NAMES && (more = key_walk_next(&w, &r))) {
		last = r.name;
		strs_add(c->out, &names, str_dup(c->out, r.name));
	}
	more = names.n == SCAN_NAMES || w.more;
	if (w.more)
		last = w.last;
	items = reply_list(c, 2);
	item_text(c, &items[0], more ? last : STR(""));
	c->reply = &items[1];
	items = reply_list(c, names.n);
	for (size_t i = 0; i < names.n; i++)
		item_text(c, &items[i], names.v[i]);
}

static void embedded_scan(struct store *s, struct str prefix,
			  struct str cursor, store_done *done, void *ctx)
{
	struct embedded *e = of(s);
	struct store_reply reply = { .kind = REPLY_NIL };
	struct call c = { .e = e, .reply = &reply };
	bool first;
	int rc;

	c.out = enter(e, &first);
	rc = begin(e, KV_READ);
	if (rc == 0) {
		scan_names(&c, prefix, cursor);
		arena_reset(e->scratch);
		rc = finish(e);
	}
	if (rc < 0)
		done(ctx, STORE_FAILED, NULL, 0, &e->kv->err);
	else
		done(ctx, STORE_OK, &reply, 1, &e->kv->err);
	leave(e, c.out, first);
}

/* What is expired, and what belonged to keys that are gone. A store that is
 * full may still do this; a failure shows at the next batch. */
static void embedded_tick(struct store *s)
{
	struct embedded *e = of(s);
	bool wants;

	if (e->kv->ops->tick)
		e->kv->ops->tick(e->kv);
	if (e->read_only || begin(e, KV_READ) < 0)
		return;
	wants = record_wants_sweep(e);
	if (finish(e) < 0 || !wants || begin(e, KV_SHRINK) < 0)
		return;
	record_sweep(e, TICK_STEPS);
	arena_reset(e->scratch);
	finish(e);
}

static void embedded_close(struct store *s)
{
	struct embedded *e = of(s);

	embedded_lua_free(&e->lua);
	e->kv->ops->close(e->kv);
	arena_free(&e->scratch);
	arena_free(&e->out);
	buf_free(&e->build);
	xfree(e);
}

static int64_t clock_ms(void)
{
	return clock_now_ms();
}

void embedded_set_clock(struct store *s, int64_t (*now_ms)(void))
{
	of(s)->clock = now_ms ? now_ms : clock_ms;
}

static int check_format(struct embedded *e, struct err *err)
{
	int rc;

	if (begin(e, KV_READ) < 0) {
		*err = e->kv->err;
		return -1;
	}
	rc = record_check_format(e, err);
	if (finish(e) < 0) {
		*err = e->kv->err;
		return -1;
	}
	return rc;
}

struct store *embedded_open(const struct store_ops *ops, struct kv *kv,
			    bool read_only, struct err *err)
{
	struct embedded *e = xcalloc(1, sizeof(*e));

	e->store.ops = ops;
	e->kv = kv;
	e->read_only = read_only;
	e->scratch = arena_new();
	e->out = arena_new();
	e->clock = clock_ms;
	buf_init(&e->build, EMBEDDED_VALUE_MAX);
	e->lua = embedded_lua_new(e);
	if (check_format(e, err) < 0) {
		embedded_close(&e->store);
		return NULL;
	}
	return &e->store;
}

static struct store *memory_open(const struct store_options *o,
				 struct event_base *base, struct err *err)
{
	(void)base;
	return embedded_open(&store_memory_ops, kv_memory_open(o), false, err);
}

const struct store_ops store_memory_ops = {
	.name = "memory",
	.open = memory_open,
	.close = embedded_close,
	.send = embedded_send,
	.is_up = embedded_is_up,
	.scan = embedded_scan,
	.tick = embedded_tick,
};

static struct store *lmdb_open(const struct store_options *o,
			       struct event_base *base, struct err *err)
{
	struct kv *kv = kv_lmdb_open(o, err);

	(void)base;
	return kv ? embedded_open(&store_lmdb_ops, kv, o->read_only, err) :
		NULL;
}

const struct store_ops store_lmdb_ops = {
	.name = "lmdb",
	.open = lmdb_open,
	.close = embedded_close,
	.send = embedded_send,
	.is_up = embedded_is_up,
	.scan = embedded_scan,
	.tick = embedded_tick,
};
