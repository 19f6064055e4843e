/*
 * Error texts and broken invariants; see err.h.
 */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

int err_set(struct err *err, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return -1;
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	return -1;
}

void must_failed(const char *cond, const char *file, int line)
{
	fprintf(stderr, "mekiki: bug: %s does not hold at %s:%d\n", cond, file,
		line);
	abort();
}
