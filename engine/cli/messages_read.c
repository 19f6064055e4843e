/*
 * Reading one message; see messages.h. Compressed files are read through the
 * programs that made them, as SpamAssassin does.
 */
#include "cli/messages.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/log.h"

#define PIECE ((size_t)1 << 16)

/* What compressed files begin with. */
static const struct {
	struct str magic;
	const char *program;
} packers[] = {
	{ { "\x1f\x8b", 2 }, "gzip" },
	{ { "BZh", 3 }, "bzip2" },
	{ { "BZ0", 3 }, "bzip2" },
	{ { "\xfd" "7zXZ\0", 6 }, "xz" },
	{ { "\x04\x22M\x18", 4 }, "lz4" },
	{ { "LZIP", 4 }, "lzip" },
	{ { "\x89LZO\0\r", 6 }, "lzop" },
};

static const char *packer_of(int fd)
{
	char begin[6];
	ssize_t n = pread(fd, begin, sizeof(begin), 0);

	for (size_t i = 0; n > 0 && i < sizeof(packers) / sizeof(*packers);
	     i++)
		if (str_starts(str_make(begin, (size_t)n), packers[i].magic))
			return packers[i].program;
	return NULL;
}

/* Up to `most` octets from where fd stands, or a few more than `limit`: 0, or
 * -1 and errno. */
static int read_from(int fd, size_t most, size_t limit, struct buf *out)
{
	while (most && out->n <= limit) {
		size_t want = most < PIECE ? most : PIECE;
		char *room = buf_room(out, want);
		ssize_t n;

		must(room);
		n = read(fd, room, want);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return (int)n;
		out->n += (size_t)n;
		most -= (size_t)n;
	}
	return 0;
}

/* The program's output with fd as its input. */
static int read_packed(int fd, const char *program, size_t limit,
		       struct buf *out)
{
	int ends[2], rc, status;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		dup2(fd, STDIN_FILENO);
		dup2(ends[1], STDOUT_FILENO);
		execlp(program, program, "-cd", (char *)NULL);
		_exit(127);
	}
	close(ends[1]);
	rc = pid < 0 ? -1 : read_from(ends[0], SIZE_MAX, limit, out);
	close(ends[0]);
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return -1;
	/* One that was cut off because there is too much has not failed. */
	if (rc == 0 && out->n <= limit && status != 0) {
		errno = WIFEXITED(status) && WEXITSTATUS(status) == 127 ?
			ENOENT : EIO;
		rc = -1;
	}
	return rc;
}

bool messages_read(const struct message_item *item, size_t max,
		   struct buf *out)
{
	const char *program = NULL;
	bool whole = item->format == FORMAT_FILE;
	size_t limit = max && max < LIMIT_MESSAGE ? max : LIMIT_MESSAGE;
	int fd = open(item->path.p, O_RDONLY | O_CLOEXEC), rc = -1;

	out->n = 0;
	out->max = limit + PIECE;
	if (fd >= 0 && whole)
		program = packer_of(fd);
	if (fd >= 0 && program)
		rc = read_packed(fd, program, limit, out);
	else if (fd >= 0 && whole)
		rc = read_from(fd, SIZE_MAX, limit, out);
	else if (fd >= 0 && lseek(fd, item->at, SEEK_SET) >= 0)
		rc = read_from(fd, item->size, limit, out);
	if (rc < 0 && program)
		log_warn("archive-iterator: %s: %s: %s", item->path.p, program,
			 strerror(errno));
	else if (rc < 0 && (fd >= 0 || errno != ENOENT))
		log_warn("archive-iterator: no access to %s: %s", item->path.p,
			 strerror(errno));
	else if (rc == 0 && out->n > limit)
		log_info("archive-iterator: skipping large message: %s, limit "
			 "%zu bytes", item->path.p, limit);
	if (fd >= 0)
		close(fd);
	return rc == 0 && out->n <= limit;
}
