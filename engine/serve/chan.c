/*
 * Packets with descriptors over a socket pair; see chan.h.
 */
#include "serve/chan.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/arena.h"

int chan_pair(int ends_r[2], struct err *err)
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends_r) < 0)
		return err_set(err, "socketpair: %s", strerror(errno));
	return 0;
}

union control {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(sizeof(int) * CHAN_FDS)];
};

static void attach(struct msghdr *mh, union control *c, const int *fds,
		   size_t nfds)
{
	struct cmsghdr *h;

	memset(c, 0, sizeof(*c));
	mh->msg_control = c->bytes;
	mh->msg_controllen = CMSG_SPACE(sizeof(int) * nfds);
	h = CMSG_FIRSTHDR(mh);
	h->cmsg_level = SOL_SOCKET;
	h->cmsg_type = SCM_RIGHTS;
	h->cmsg_len = CMSG_LEN(sizeof(int) * nfds);
	memcpy(CMSG_DATA(h), fds, sizeof(int) * nfds);
}

int chan_send(int fd, uint32_t type, const void *body, size_t nbody,
	      const void *text, size_t ntext, const int *fds, size_t nfds)
{
	struct iovec iov[3] = {
		{ &type, sizeof(type) },
		{ (void *)(uintptr_t)body, nbody },
		{ (void *)(uintptr_t)text, ntext },
	};
	struct msghdr mh = { .msg_iov = iov, .msg_iovlen = 3 };
	union control control;
	ssize_t n;

	must(sizeof(type) + nbody + ntext <= CHAN_MAX && nfds <= CHAN_FDS);
	if (nfds)
		attach(&mh, &control, fds, nfds);
	do {
		n = sendmsg(fd, &mh, MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	if (n >= 0)
		return 1;
	return errno == EAGAIN || errno == ENOBUFS ? 0 : -1;
}

static void take_fds(struct msghdr *mh, struct packet *p)
{
	for (struct cmsghdr *h = CMSG_FIRSTHDR(mh); h; h = CMSG_NXTHDR(mh, h)) {
		size_t n;

		if (h->cmsg_level != SOL_SOCKET || h->cmsg_type != SCM_RIGHTS)
			continue;
		n = (h->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < n && p->nfds < CHAN_FDS; i++)
			memcpy(&p->fds[p->nfds++],
			       CMSG_DATA(h) + i * sizeof(int), sizeof(int));
	}
}

static int receive(int fd, char *buf, struct packet *p_r, int flags)
{
	struct iovec iov[2] = {
		{ &p_r->type, sizeof(p_r->type) },
		{ buf, CHAN_MAX - sizeof(p_r->type) },
	};
	union control control;
	struct msghdr mh = {
		.msg_iov = iov,
		.msg_iovlen = 2,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control),
	};
	ssize_t n;

	*p_r = (struct packet){ .data = buf };
	do {
		n = recvmsg(fd, &mh, MSG_CMSG_CLOEXEC | flags);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN ? 0 : -1;
	if ((size_t)n < sizeof(p_r->type))
		return -1;
	p_r->n = (size_t)n - sizeof(p_r->type);
	take_fds(&mh, p_r);
	return 1;
}

int chan_recv(int fd, char *buf, struct packet *p_r)
{
	return receive(fd, buf, p_r, 0);
}

int chan_wait(int fd, char *buf, struct packet *p_r, int ms)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	int n;

	do {
		n = poll(&pfd, 1, ms);
	} while (n < 0 && errno == EINTR);
	if (n <= 0)
		return n;
	return receive(fd, buf, p_r, MSG_DONTWAIT);
}

void packet_close(struct packet *p)
{
	for (size_t i = 0; i < p->nfds; i++)
		fd_close(&p->fds[i]);
	p->nfds = 0;
}

void fd_nonblock(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags >= 0)
		fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

struct str fd_read(struct arena *a, int fd, size_t size)
{
	char *p = arena_text(a, size + 1);
	size_t n = 0;

	while (n < size) {
		ssize_t got = pread(fd, p + n, size - n, (off_t)n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		n += (size_t)got;
	}
	return str_make(p, n);
}

void fd_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}
