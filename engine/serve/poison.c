/*
 * The poison directory; see poison.h. Only the keeper writes here, and it
 * copies bytes without looking at them.
 */
#include "serve/poison.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/str.h"

/* Names begin with the time, so that the smallest name is the oldest. */
static void drop_oldest(const char *dir)
{
	char oldest[256] = "", path[PATH_MAX];
	struct dirent *e;
	size_t n = 0;
	DIR *d = opendir(dir);

	if (!d)
		return;
	while ((e = readdir(d))) {
		if (!str_ends(str_cstr(e->d_name), STR(".eml")))
			continue;
		n++;
		if (!*oldest || strcmp(e->d_name, oldest) < 0)
			snprintf(oldest, sizeof(oldest), "%s", e->d_name);
	}
	closedir(d);
	if (n < LIMIT_POISON_FILES)
		return;
	if (snprintf(path, sizeof(path), "%s/%s", dir, oldest) <
	    (int)sizeof(path))
		unlink(path);
}

static int copy(int from, int to, uint64_t size)
{
	char part[65536];
	uint64_t at = 0;

	while (at < size) {
		size_t want = size - at < sizeof(part) ? (size_t)(size - at) :
							 sizeof(part);
		ssize_t n = pread(from, part, want, (off_t)at);

		if (n <= 0 || write(to, part, (size_t)n) != n)
			return -1;
		at += (uint64_t)n;
	}
	return 0;
}

static int make_dirs(const char *state_dir, char *dir, size_t size)
{
	if (snprintf(dir, size, "%s/poison", state_dir) >= (int)size)
		return -1;
	mkdir(state_dir, 0755);
	return mkdir(dir, 0700) < 0 && errno != EEXIST ? -1 : 0;
}

int poison_keep(const char *state_dir, int fd, uint64_t size, char *path_r,
		struct err *err)
{
	static unsigned counter;
	char dir[PATH_MAX - 64], when[32];
	time_t now = clock_now();
	struct tm tm;
	int out;

	if (make_dirs(state_dir, dir, sizeof(dir)) < 0)
		return err_set(err, "%s/poison: %s", state_dir,
			       strerror(errno));
	drop_oldest(dir);
	gmtime_r(&now, &tm);
	strftime(when, sizeof(when), "%Y%m%dT%H%M%SZ", &tm);
	snprintf(path_r, PATH_MAX, "%s/%s-%d-%u.eml", dir, when, (int)getpid(),
		 counter++);
	out = open(path_r, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		   0600);
	if (out < 0)
		return err_set(err, "%s: %s", path_r, strerror(errno));
	if (size > LIMIT_POISON_FILE)
		size = LIMIT_POISON_FILE;
	if (copy(fd, out, size) < 0) {
		err_set(err, "%s: %s", path_r, strerror(errno));
		unlink(path_r);
		close(out);
		return -1;
	}
	close(out);
	return 0;
}
