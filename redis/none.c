/*
 * The store that keeps nothing: `store none`. Every batch is refused at once,
 * so that whoever asks goes its way without memory.
 */
#include "redis/store.h"

#include "base/mem.h"

static struct store *none_open(const struct store_options *o,
			       struct event_base *base, struct err *err)
{
	struct store *s = xcalloc(1, sizeof(*s));

	(void)o;
	(void)base;
	(void)err;
	s->ops = &store_none_ops;
	return s;
}

static void none_close(struct store *s)
{
	xfree(s);
}

static void refuse(store_done *done, void *ctx)
{
	struct err err = { "nothing is remembered: store none" };

	done(ctx, STORE_UNREACHABLE, NULL, 0, &err);
}

static void none_send(struct store *s, const struct store_batch *b,
		      double timeout, store_done *done, void *ctx)
{
	(void)s;
	(void)b;
	(void)timeout;
	refuse(done, ctx);
}

static bool none_is_up(const struct store *s)
{
	(void)s;
	return false;
}

static void none_scan(struct store *s, struct str prefix, struct str cursor,
		      store_done *done, void *ctx)
{
	(void)s;
	(void)prefix;
	(void)cursor;
	refuse(done, ctx);
}

const struct store_ops store_none_ops = {
	.name = "none",
	.open = none_open,
	.close = none_close,
	.send = none_send,
	.is_up = none_is_up,
	.scan = none_scan,
};
