/*
 * UCL, the language of rspamd's configuration files, and JSON, which is a part
 * of it: text in, a tree in an arena out. Everyday UCL: sections, named
 * blocks, lists, repeated keys, quoted and bare words, here-documents, numbers
 * with suffixes, comments. Not here: variables, and macros (.include and
 * others), which are refused by name or skipped with a note.
 */
#ifndef MEKIKI_LUA_UCL_PARSE_H
#define MEKIKI_LUA_UCL_PARSE_H

#include <stdint.h>

#include "base/err.h"
#include "base/map.h"
#include "base/str.h"

enum ucl_type { UCL_NULL, UCL_BOOL, UCL_INT, UCL_REAL, UCL_TEXT, UCL_LIST,
		UCL_OBJECT };

struct ucl_value {
	enum ucl_type type;
	bool implicit;			/* a list made of a repeated key */
	union {
		bool b;
		int64_t i;
		double d;
		struct str s;
		struct {
			struct ucl_value **v;
			size_t n, cap;
		} list;
		struct map *map;	/* key -> struct ucl_value * */
	};
};

/* Nesting of values, octets of a text and values in it beyond which a text is
 * refused. */
#define UCL_DEPTH_MAX 64
#define UCL_TEXT_MAX ((size_t)8 << 20)
#define UCL_VALUES_MAX 200000

/* Parses a whole text, in linear time. NULL if it is wrong; err begins with
 * "line N: ". skipped: gets the names of .include lines, which are passed over
 * then; NULL refuses them. */
struct ucl_value *ucl_parse(struct arena *a, struct str text,
			    struct strs *skipped, struct err *err);

/* Parses one value, as it stands behind `key =`. */
struct ucl_value *ucl_parse_value(struct arena *a, struct str text,
				  struct err *err);

/* A new, empty object. */
struct ucl_value *ucl_object(struct arena *a);

/* Adds a value under a key: a second one makes a list of both, as a second
 * list lengthens the first. */
void ucl_add(struct arena *a, struct ucl_value *object, struct str key,
	     struct ucl_value *value);

/* What stands under key, or NULL. */
struct ucl_value *ucl_get(const struct ucl_value *object, struct str key);

/* Puts everything of `over` into `base`, an object: objects in both are
 * merged, anything else is replaced. */
void ucl_merge(struct arena *a, struct ucl_value *base,
	       const struct ucl_value *over);

/* A number as UCL writes it ("10", "1.5", "2kb", "5min"); NULL if text is
 * none. */
struct ucl_value *ucl_number(struct arena *a, struct str text);

/* The text with its backslashes resolved; false if a \u lacks its digits. */
bool ucl_unescape(struct arena *a, struct str s, struct str *out_r);

#endif
