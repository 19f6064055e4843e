/*
 * Values as text, written into a buffer of a fixed size; the shape is that of
 * rspamd's logger: whole floats without ".0", tables as {[1] = x, [key] = y},
 * bounded in depth.
 */
#ifndef MEKIKI_LUA_DESCRIBE_H
#define MEKIKI_LUA_DESCRIBE_H

#include "lua/vm.h"

/* What one text of values holds at most; the rest is cut off. */
#define LUA_DESCRIBE_MAX 8192

struct lua_printer {
	char *p;
	size_t n, max;
	bool full;		/* something was cut off */
};

#define LUA_PRINTER_IN(array) \
	((struct lua_printer){ .p = (array), .max = sizeof(array) })

/* Appends octets; the value at idx; `format` with the values from idx `first`
 * to `last` in its places (%s, %1, %d, %.2f). */
void lua_print_str(struct lua_printer *pr, struct str s);
void lua_print_value(lua_State *L, struct lua_printer *pr, int idx);
void lua_print_format(lua_State *L, struct lua_printer *pr, struct str format,
		      int first, int last);

#endif
