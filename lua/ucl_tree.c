/*
 * The tree that UCL text becomes: adding and merging. A key that comes twice
 * makes a list of its values, as in libucl; options that stand in several
 * places (local.d, override.d, lua_option lines) are merged.
 */
#include "base/arena.h"
#include "lua/ucl_parse.h"

struct ucl_value *ucl_object(struct arena *a)
{
	struct ucl_value *v = arena_alloc(a, sizeof(*v));

	v->type = UCL_OBJECT;
	v->map = arena_alloc(a, sizeof(*v->map));
	*v->map = MAP_IN(a);
	return v;
}

static void append(struct arena *a, struct ucl_value *list,
		   struct ucl_value *value)
{
	list->list.v = arena_grow(a, list->list.v, list->list.n,
				  &list->list.cap, sizeof(*list->list.v));
	list->list.v[list->list.n++] = value;
}

void ucl_add(struct arena *a, struct ucl_value *object, struct str key,
	     struct ucl_value *value)
{
	struct ucl_value *old = map_get(object->map, key), *list;

	if (!old) {
		map_set(object->map, key, value);
	} else if (old->type == UCL_LIST && value->type == UCL_LIST &&
		   !old->implicit) {
		for (size_t i = 0; i < value->list.n; i++)
			append(a, old, value->list.v[i]);
	} else if (old->type == UCL_LIST) {
		append(a, old, value);
	} else {
		list = arena_alloc(a, sizeof(*list));
		list->type = UCL_LIST;
		list->implicit = true;
		append(a, list, old);
		append(a, list, value);
		map_set(object->map, key, list);
	}
}

struct ucl_value *ucl_get(const struct ucl_value *object, struct str key)
{
	return object && object->type == UCL_OBJECT ?
		map_get(object->map, key) : NULL;
}

/* Bounded by the nesting of what was parsed. */
void ucl_merge(struct arena *a, struct ucl_value *base,
	       const struct ucl_value *over)
{
	struct map_entry *e;
	size_t i = 0;

	if (base->type != UCL_OBJECT || over->type != UCL_OBJECT)
		return;
	while ((e = map_next(over->map, &i))) {
		struct ucl_value *old = map_get(base->map, e->key);
		struct ucl_value *new = e->value;

		if (old && old->type == UCL_OBJECT && new->type == UCL_OBJECT)
			ucl_merge(a, old, new);
		else
			map_set(base->map, e->key, new);
	}
}
