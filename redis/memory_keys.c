/*
 * Walking through the names of keys, for programs; see memory.h. A server does
 * other work between two pieces, and may tell a name twice.
 */
#include "base/arena.h"
#include "redis/memory.h"

/* One piece of the walk; *cursor becomes "" at the end. */
static bool next_piece(struct memory_client *client, struct arena *a,
		       struct memory_ask *ask, struct str prefix,
		       struct str *cursor, struct strs *out, struct err *err)
{
	const struct store_reply *r, *names;
	struct memory_answer answer;

	ask->batch = (struct store_batch){ 0 };
	memory_ask_keys(a, ask, prefix, *cursor);
	if (!memory_ask(client, ask, a, &answer, err))
		return false;
	r = answer.n == 1 ? &answer.replies[0] : NULL;
	if (r && r->kind == REPLY_ERROR) {
		struct str why = store_explain(a, r->text);

		err_set(err, "%.*s", STR_ARG(why));
		return false;
	}
	if (!r || r->kind != REPLY_LIST || r->n != 2 ||
	    r->items[1].kind != REPLY_LIST) {
		err_set(err, "the store's list of keys makes no sense");
		return false;
	}
	*cursor = r->items[0].text;
	names = &r->items[1];
	for (size_t i = 0; i < names->n; i++)
		strs_add(a, out, names->items[i].text);
	return true;
}

bool memory_find_keys(struct memory_client *client, struct arena *a,
		      enum memory_home home, double timeout,
		      struct str prefix, struct strs *out, struct err *err)
{
	struct memory_ask ask = { .home = home, .timeout = timeout };
	struct str cursor = STR("");

	do
		if (!next_piece(client, a, &ask, prefix, &cursor, out, err))
			return false;
	while (cursor.n);
	strs_sort(out);
	strs_uniq(out);
	return true;
}
