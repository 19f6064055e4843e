/*
 * The reader of Redis's replies on any bytes. The first byte says how the
 * others are cut. Whatever a server sends, memory stays within the ceiling,
 * every text lies in the arena, and neither the replies nor the place of the
 * first fault depend on the cutting. Decoding, and dropping unread, take the
 * same octets.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/mem.h"
#include "redis/resp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool good)
{
	if (!good)
		abort();
}

/* What a run found, as one number that depends on all of it. */
struct outcome {
	uint64_t sum;
	size_t replies;
	bool failed;
};

static void mix(struct outcome *o, uint64_t v)
{
	o->sum = (o->sum ^ v) * 1099511628211u + 1;
}

static void walk(struct outcome *o, const struct store_reply *r, int depth)
{
	require(depth <= STORE_REPLY_DEPTH);
	mix(o, r->kind);
	mix(o, (uint64_t)r->number);
	mix(o, r->n);
	for (size_t i = 0; i < r->text.n; i++)
		mix(o, (unsigned char)r->text.p[i]);
	require(r->kind == REPLY_LIST || (r->n == 0 && !r->items));
	for (size_t i = 0; i < r->n; i++)
		walk(o, &r->items[i], depth + 1);
}

static struct outcome run(struct str s, size_t piece, bool drop)
{
	struct resp_reader *r = resp_reader_new();
	struct arena *a = arena_new();
	struct outcome o = { .sum = 1 };
	size_t size = s.n;

	while (s.n && !o.failed) {
		struct str head = str_head(s, piece);
		struct str in = head;
		int rc = 1;

		while (in.n && rc > 0) {
			struct store_reply reply = { .kind = REPLY_NIL };
			struct err err = { "" };
			size_t before = arena_used(a);

			rc = resp_read(r, &in, drop ? NULL : a, &reply, &err);
			require(rc >= 0 || err.text[0]);
			require(rc != 0 || in.n == 0);
			o.failed = rc < 0;
			o.replies += rc > 0;
			if (rc <= 0)
				continue;
			require(resp_cost(r) <= STORE_REPLY_MAX);
			/* The root, and each text's ending NUL. */
			require(arena_used(a) - before <= resp_cost(r) +
				sizeof(reply) + 16 * (size + 1));
			if (!drop)
				walk(&o, &reply, 0);
		}
		s = str_from(s, head.n);
	}
	arena_free(&a);
	resp_reader_free(&r);
	return o;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct outcome whole, cut, dropped;
	struct str s;
	size_t piece;

	if (size < 1)
		return 0;
	piece = 1 + data[0] % 17;
	s = str_make((const char *)data + 1, size - 1);
	whole = run(s, SIZE_MAX, false);
	cut = run(s, piece, false);
	dropped = run(s, piece, true);
	require(whole.sum == cut.sum && whole.replies == cut.replies &&
		whole.failed == cut.failed);
	/* What only the decoder refuses (a number out of range) is not seen
	 * by whoever drops. */
	require(dropped.replies >= cut.replies);
	return 0;
}
