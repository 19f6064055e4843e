/*
 * Children; see process.h.
 */
#include "base/process.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <unistd.h>

/* Nothing of the program's is read or written, and its numbers stay taken. */
static void silence(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0)
		return;
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	close(null);
}

void process_keep_only(const char *name, int fd)
{
	prctl(PR_SET_NAME, name);
	if (fd > 3)
		close_range(3, (unsigned)fd - 1, 0);
	close_range((unsigned)fd + 1, ~0U, 0);
	silence();
}
