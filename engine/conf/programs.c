/*
 * The list of programs; see programs.h.
 */
#include "conf/programs.h"

#include <string.h>

#include "base/limits.h"
#include "conf/loader.h"

static void copy_texts(struct arena *a, struct strs *to,
		       const struct strs *from)
{
	*to = (struct strs){ 0 };
	for (size_t i = 0; i < from->n; i++)
		strs_add(a, to, str_dup(a, from->v[i]));
}

int programs_find(const struct programs *ps, const char *plugin,
		  struct str name)
{
	for (size_t i = 0; i < ps->n; i++)
		if (strcmp(ps->v[i].plugin, plugin) == 0 &&
		    str_eq(ps->v[i].name, name))
			return (int)i;
	return -1;
}

bool programs_add(struct loader *ld, const struct program *p)
{
	struct programs *ps = &ld->rs->programs;
	struct program *own;

	if (ps->n >= LIMIT_PROGRAMS || !p->argv.n ||
	    programs_find(ps, p->plugin, p->name) >= 0)
		return false;
	ps->v = arena_grow(ld->a, ps->v, ps->n, &ps->cap, sizeof(*ps->v));
	own = &ps->v[ps->n++];
	*own = *p;
	own->name = str_dup(ld->a, p->name);
	copy_texts(ld->a, &own->argv, &p->argv);
	copy_texts(ld->a, &own->env, &p->env);
	copy_texts(ld->a, &own->writable, &p->writable);
	return true;
}
