/*
 * Reading the files that scripts name, and noticing that one has changed. A
 * worker may not open files, but it may ask what stat() says.
 */
#include "lua/files.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"

static struct file_mark mark_of(const struct stat *st)
{
	return (struct file_mark){
		.dev = st->st_dev,
		.ino = st->st_ino,
		.size = st->st_size,
		.mtime_ns = st->st_mtim.tv_sec * INT64_C(1000000000) +
			st->st_mtim.tv_nsec,
		.ctime_ns = st->st_ctim.tv_sec * INT64_C(1000000000) +
			st->st_ctim.tv_nsec,
	};
}

struct file_mark lua_file_mark(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return (struct file_mark){ 0 };
	return mark_of(&st);
}

bool file_mark_eq(const struct file_mark *a, const struct file_mark *b)
{
	return a->dev == b->dev && a->ino == b->ino && a->size == b->size &&
	       a->mtime_ns == b->mtime_ns && a->ctime_ns == b->ctime_ns;
}

static bool read_all(int fd, char *p, size_t want, size_t *n_r)
{
	*n_r = 0;
	while (*n_r < want) {
		ssize_t got = read(fd, p + *n_r, want - *n_r);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return false;
		if (got == 0)
			break;
		*n_r += (size_t)got;
	}
	return true;
}

bool lua_file_read(struct arena *a, struct str path, size_t max,
		   struct str *text_r, struct file_mark *mark_r,
		   struct err *err)
{
	struct stat st;
	size_t n = 0;
	char *p;
	bool ok;
	/* A named pipe must not make anybody wait. */
	int fd = open(arena_strndup(a, path.p, path.n),
		      O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0 || fstat(fd, &st) < 0) {
		err_set(err, "%.*s: %s", STR_ARG(path), strerror(errno));
		if (fd >= 0)
			close(fd);
		return false;
	}
	if (!S_ISREG(st.st_mode) || (size_t)st.st_size > max) {
		close(fd);
		err_set(err, "%.*s: no regular file of at most %zu octets",
			STR_ARG(path), max);
		return false;
	}
	p = arena_text(a, (size_t)st.st_size + 1);
	ok = read_all(fd, p, (size_t)st.st_size, &n);
	if (!ok)
		err_set(err, "%.*s: %s", STR_ARG(path), strerror(errno));
	close(fd);
	if (mark_r)
		*mark_r = mark_of(&st);
	*text_r = str_make(p, n);
	return ok;
}
