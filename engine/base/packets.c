/*
 * Packets; see packets.h.
 */
#include "base/packets.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"

/* Texts up to this size go in the packet itself. */
#define INLINE_MAX 32768
/* A length that says: there is no text. */
#define NO_TEXT UINT32_MAX

union control {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(sizeof(int))];
};

int packets_memfd(const char *name, struct str text)
{
	int fd = memfd_create(name, MFD_CLOEXEC);

	while (fd >= 0 && text.n) {
		ssize_t n = write(fd, text.p, text.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			close(fd);
			return -1;
		}
		text = str_from(text, (size_t)n);
	}
	return fd;
}

static int send_packet(int sock, const void *head, size_t nhead,
		       struct str texts, int fd)
{
	union control control = { 0 };
	struct iovec iov[2] = {
		{ (void *)(uintptr_t)head, nhead },
		{ (void *)(uintptr_t)texts.p, texts.n },
	};
	struct msghdr mh = { .msg_iov = iov, .msg_iovlen = 2 };
	ssize_t n;

	if (fd >= 0) {
		struct cmsghdr *c;

		mh.msg_control = control.bytes;
		mh.msg_controllen = sizeof(control);
		c = CMSG_FIRSTHDR(&mh);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(fd));
		memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	}
	do {
		n = sendmsg(sock, &mh, MSG_NOSIGNAL | MSG_DONTWAIT);
	} while (n < 0 && errno == EINTR);
	if (n >= 0)
		return 1;
	/* Too many descriptors under way is a full channel, too. */
	return errno == EAGAIN || errno == ENOBUFS || errno == ETOOMANYREFS ?
	       0 : -1;
}

int packets_send(int sock, const struct packet_form *f,
		 struct packet_head *h, struct str texts, int fd)
{
	int big = -1, rc;

	h->bytes = texts.n;
	h->in_fd = texts.n > INLINE_MAX;
	if (texts.n > f->max || (h->in_fd && fd >= 0))
		return -1;
	if (!h->in_fd)
		return send_packet(sock, h, f->head, texts, fd);
	big = packets_memfd("texts", texts);
	if (big < 0)
		return 0;
	rc = send_packet(sock, h, f->head, STR(""), big);
	close(big);
	return rc;
}

static int take_fd(struct msghdr *mh)
{
	int fd = -1;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(mh); c; c = CMSG_NXTHDR(mh, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS &&
		    c->cmsg_len == CMSG_LEN(sizeof(fd)))
			memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	return fd;
}

static bool read_memfd(int fd, struct arena *a, size_t size,
		       struct str *texts_r)
{
	char *p;
	struct stat st;
	size_t n = 0;

	/* Nothing that could be waited for, such as a pipe. */
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return false;
	p = arena_text(a, size);
	while (n < size) {
		ssize_t got = pread(fd, p + n, size - n, (off_t)n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		n += (size_t)got;
	}
	*texts_r = str_make(p, n);
	return true;
}

int packets_recv(int sock, const struct packet_form *f,
		 struct packet_head *h_r, struct arena *a,
		 struct str *texts_r, int *fd_r)
{
	char part[INLINE_MAX];
	struct iovec iov[2] = { { h_r, f->head }, { part, sizeof(part) } };
	union control control;
	struct msghdr mh = {
		.msg_iov = iov, .msg_iovlen = 2,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control),
	};
	bool good = false;
	ssize_t n;
	int fd;

	*fd_r = -1;
	do {
		n = recvmsg(sock, &mh, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN ? 0 : -1;
	fd = take_fd(&mh);
	if ((size_t)n < f->head || h_r->bytes > f->max) {
		good = false;
	} else if (h_r->in_fd) {
		good = fd >= 0 && read_memfd(fd, a, h_r->bytes, texts_r);
	} else {
		n -= (ssize_t)f->head;
		*texts_r = str_dup(a, str_make(part, (size_t)n));
		good = (size_t)n == h_r->bytes;
	}
	if (good && h_r->type == f->fd_type)
		*fd_r = fd;
	else if (fd >= 0)
		close(fd);
	return good ? 1 : -1;
}

void packets_put(struct buf *b, struct str s)
{
	uint32_t n = s.p ? (uint32_t)s.n : NO_TEXT;

	buf_add(b, (const char *)&n, sizeof(n));
	if (s.p)
		buf_adds(b, s);
}

bool packets_take(struct str *rest, struct str *s_r)
{
	uint32_t n;

	if (rest->n < sizeof(n))
		return false;
	memcpy(&n, rest->p, sizeof(n));
	*rest = str_from(*rest, sizeof(n));
	if (n == NO_TEXT) {
		*s_r = STR_NONE;
		return true;
	}
	if (n > rest->n)
		return false;
	*s_r = str_head(*rest, n);
	*rest = str_from(*rest, n);
	return true;
}

void packets_put_u32(struct buf *b, uint32_t v)
{
	buf_add(b, (const char *)&v, sizeof(v));
}

bool packets_take_u32(struct str *rest, uint32_t *v_r)
{
	if (rest->n < sizeof(*v_r))
		return false;
	memcpy(v_r, rest->p, sizeof(*v_r));
	*rest = str_from(*rest, sizeof(*v_r));
	return true;
}

int packets_wait_any(const int *fds, size_t nfds, int64_t until_us)
{
	struct pollfd pfd[4];

	must(nfds <= 4);
	for (size_t i = 0; i < nfds; i++)
		pfd[i] = (struct pollfd){ .fd = fds[i], .events = POLLIN };
	for (;;) {
		int64_t left = until_us - clock_mono_us();
		int n;

		if (until_us <= 0 || left < 0)
			left = 0;
		if (left > 3600000000LL)
			left = 3600000000LL;
		n = poll(pfd, nfds, (int)((left + 999) / 1000));
		if (n > 0)
			return 1;
		if (n == 0 && left == 0)
			return 0;
		if (n < 0 && errno != EINTR)
			return 0;
	}
}

int packets_wait(int fd, int64_t until_us)
{
	return packets_wait_any(&fd, 1, until_us);
}
