/*
 * libFuzzer target: any bytes as UCL. Either there is a tree, within its
 * bounds, or a fault that names a line.
 */
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "lua/ucl_parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* How many octets of text are in it; an escape never makes one longer. */
static size_t walk(const struct ucl_value *v, unsigned depth)
{
	struct map_entry *e;
	size_t n = 0, i = 0;

	must(depth <= 2 * UCL_DEPTH_MAX);
	if (v->type == UCL_TEXT)
		return v->s.n;
	if (v->type == UCL_LIST)
		for (; i < v->list.n; i++)
			n += walk(v->list.v[i], depth + 1);
	if (v->type == UCL_OBJECT)
		while ((e = map_next(v->map, &i)))
			n += e->key.n + walk(e->value, depth + 1);
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = str_make((const char *)data, size);
	struct arena *a = arena_new();
	struct strs skipped = { 0 };
	struct err err = { "" };
	struct ucl_value *v = ucl_parse(a, text, &skipped, &err);

	if (v)
		must(walk(v, 0) <= size);
	else
		must(strncmp(err.text, "line ", 5) == 0);
	v = ucl_parse_value(a, text, &err);
	if (v)
		must(walk(v, 0) <= size);
	arena_free(&a);
	return 0;
}
