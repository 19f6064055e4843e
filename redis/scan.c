/*
 * SCAN for a prefix; see scan.h.
 */
#include "redis/scan.h"

#include "base/arena.h"

#define SCAN_COUNT 500		/* keys that a server looks at in one step */

/* What begins with prefix, as a pattern of Redis's. */
static struct str pattern_of(struct arena *a, struct str prefix)
{
	char *out = arena_text(a, 2 * prefix.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < prefix.n; i++) {
		if (str_chr(STR("*?[]\\^"), prefix.p[i]) >= 0)
			out[n++] = '\\';
		out[n++] = prefix.p[i];
	}
	out[n++] = '*';
	return str_make(out, n);
}

void scan_add(struct arena *a, struct store_batch *b, struct str prefix,
	      struct str cursor)
{
	store_add(a, b, "SCAN", cursor.n ? cursor : STR("0"));
	store_add_arg(a, b, STR("MATCH"));
	store_add_arg(a, b, pattern_of(a, prefix));
	store_add_arg(a, b, STR("COUNT"));
	store_add_int(a, b, SCAN_COUNT);
}

struct store_reply scan_reply(const struct store_reply *r,
			      struct store_reply *items)
{
	struct store_reply out = *r;

	if (r->kind != REPLY_LIST || r->n != 2 ||
	    !str_eq(r->items[0].text, STR("0")))
		return out;
	items[0] = (struct store_reply){ .kind = REPLY_TEXT, .text = STR("") };
	items[1] = r->items[1];
	out.items = items;
	return out;
}
