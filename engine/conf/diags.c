/*
 * The list of faults found while reading a configuration: each with its
 * place, kept in the order in which they were met.
 */
#include <stdarg.h>
#include <stdio.h>

#include "base/arena.h"
#include "conf/ruleset.h"

void diag_add(struct diags *d, enum diag_level level, const char *file,
	      int line, const char *fmt, ...)
{
	char text[1024];
	struct diag *g;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	d->v = arena_grow(d->arena, d->v, d->n, &d->cap, sizeof(d->v[0]));
	g = &d->v[d->n++];
	g->level = level;
	g->file = file ? file : "";
	g->line = line;
	g->text = str_dup(d->arena, str_cstr(text));
	if (level == DIAG_ERROR)
		d->nerrors++;
}
