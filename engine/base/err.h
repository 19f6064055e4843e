/*
 * How a function that failed says why: one sentence for a person. Functions
 * that can fail return -1 (or NULL) and set it on every such return.
 */
#ifndef MEKIKI_BASE_ERR_H
#define MEKIKI_BASE_ERR_H

struct err {
	char text[512];
};

/* Sets the text (cut at the buffer's end); err may be NULL. Returns -1, so
 * that a caller can write: return err_set(err, "..."). */
int err_set(struct err *err, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* A broken invariant of ours: says where and aborts. */
#define must(cond) \
	((cond) ? (void)0 : must_failed(#cond, __FILE__, __LINE__))

void must_failed(const char *cond, const char *file, int line)
	__attribute__((noreturn));

#endif
