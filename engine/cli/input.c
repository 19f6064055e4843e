/*
 * Reading whole files; see input.h.
 */
#include "cli/input.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define PIECE ((size_t)1 << 16)

int input_read(const char *path, struct buf *out, struct err *err)
{
	bool std = strcmp(path, "-") == 0;
	int fd = std ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = -1;

	while (fd >= 0) {
		char *room = buf_room(out, PIECE);

		if (!room) {
			err_set(err, "%s: larger than %zu bytes", path,
				out->max);
			break;
		}
		n = read(fd, room, PIECE);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		out->n += (size_t)n;
	}
	if (n < 0 && !out->full)
		err_set(err, "%s: %s", path, strerror(errno));
	if (fd >= 0 && !std)
		close(fd);
	return n == 0 ? 0 : -1;
}
