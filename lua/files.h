/*
 * Files that scripts name: lists for maps, options. Whether one may be read is
 * lua_may_read's to say, before.
 */
#ifndef MEKIKI_LUA_FILES_H
#define MEKIKI_LUA_FILES_H

#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/str.h"

struct arena;

/* What tells one content of a file from the next without reading it. All zero:
 * the file is not there. */
struct file_mark {
	dev_t dev;
	ino_t ino;
	int64_t size, mtime_ns, ctime_ns;
};

/* Reads a regular file of at most max octets into the arena; mark_r (or NULL)
 * is the mark of what was read. False: err says why. */
bool lua_file_read(struct arena *a, struct str path, size_t max,
		   struct str *text_r, struct file_mark *mark_r,
		   struct err *err);

/* The mark of the file that is there now (path ends with a NUL). One stat(),
 * which workers may do. */
struct file_mark lua_file_mark(const char *path);

bool file_mark_eq(const struct file_mark *a, const struct file_mark *b);

#endif
