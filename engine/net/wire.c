/*
 * Packets; see wire.h.
 */
#include "net/wire.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"

/* Texts up to this size go in the packet itself. */
#define INLINE_MAX 32768
/* A length that says: there is no text. */
#define NO_TEXT UINT32_MAX

union control {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(sizeof(int))];
};

/* The texts as a memfd; -1 if there cannot be one. */
static int to_memfd(struct str texts)
{
	int fd = memfd_create("ask", MFD_CLOEXEC);

	while (fd >= 0 && texts.n) {
		ssize_t n = write(fd, texts.p, texts.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			close(fd);
			return -1;
		}
		texts = str_from(texts, (size_t)n);
	}
	return fd;
}

static int send_packet(int sock, const struct wire_head *h, struct str texts,
		       int fd)
{
	union control control = { 0 };
	struct iovec iov[2] = {
		{ (void *)(uintptr_t)h, sizeof(*h) },
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

int wire_send(int sock, struct wire_head *h, struct str texts, int fd)
{
	int big = -1, rc;

	h->bytes = texts.n;
	h->in_fd = texts.n > INLINE_MAX;
	if (texts.n > WIRE_MAX || (h->in_fd && fd >= 0))
		return -1;
	if (!h->in_fd)
		return send_packet(sock, h, texts, fd);
	big = to_memfd(texts);
	if (big < 0)
		return 0;
	rc = send_packet(sock, h, STR(""), big);
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

int wire_recv(int sock, struct wire_head *h_r, struct arena *a,
	      struct str *texts_r, int *fd_r)
{
	char part[INLINE_MAX];
	struct iovec iov[2] = { { h_r, sizeof(*h_r) }, { part, sizeof(part) } };
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
	if ((size_t)n < sizeof(*h_r) || h_r->bytes > WIRE_MAX) {
		good = false;
	} else if (h_r->in_fd) {
		good = fd >= 0 && read_memfd(fd, a, h_r->bytes, texts_r);
	} else {
		n -= (ssize_t)sizeof(*h_r);
		*texts_r = str_dup(a, str_make(part, (size_t)n));
		good = (size_t)n == h_r->bytes;
	}
	if (good && h_r->type == WIRE_CLIENT)
		*fd_r = fd;
	else if (fd >= 0)
		close(fd);
	return good ? 1 : -1;
}

static void put(struct buf *b, struct str s)
{
	uint32_t n = s.p ? (uint32_t)s.n : NO_TEXT;

	buf_add(b, (const char *)&n, sizeof(n));
	if (s.p)
		buf_adds(b, s);
}

static bool take(struct str *rest, struct str *s_r)
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

static void put_all(struct buf *b, const struct strs *list)
{
	for (size_t i = 0; i < list->n; i++)
		put(b, list->v[i]);
}

static bool take_all(struct arena *a, struct str rest, struct strs *list)
{
	struct str s;

	while (rest.n) {
		if (!take(&rest, &s))
			return false;
		strs_add(a, list, s.p ? s : STR(""));
	}
	return true;
}

struct str wire_pack_ask(struct arena *a, const struct ask *ask)
{
	struct buf b;

	buf_in(&b, a, WIRE_MAX + 1);
	put(&b, ask->url);
	put(&b, ask->method);
	put(&b, ask->body);
	put_all(&b, &ask->headers);
	return buf_str(&b);
}

bool wire_unpack_ask(struct arena *a, const struct wire_head *h,
		     struct str texts, struct ask *ask_r)
{
	*ask_r = (struct ask){
		.id = h->id,
		.kind = (enum ask_kind)h->word,
		.timeout = h->timeout,
		.no_ssl_verify = h->no_ssl_verify != 0,
		.max_size = h->max_size,
		.redirects = h->redirects,
	};
	return take(&texts, &ask_r->url) && take(&texts, &ask_r->method) &&
	       take(&texts, &ask_r->body) &&
	       take_all(a, texts, &ask_r->headers);
}

struct str wire_pack_answer(struct arena *a, const struct ask_answer *answer)
{
	struct buf b;

	buf_in(&b, a, WIRE_MAX + 1);
	put(&b, answer->error);
	put(&b, answer->body);
	put_all(&b, &answer->headers);
	return buf_str(&b);
}

bool wire_unpack_answer(struct arena *a, const struct wire_head *h,
			struct str texts, struct ask_answer *answer_r)
{
	*answer_r = (struct ask_answer){
		.id = h->id,
		.status = (enum ask_status)h->word,
		.code = h->code,
	};
	return h->word <= ASK_REFUSED && take(&texts, &answer_r->error) &&
	       take(&texts, &answer_r->body) &&
	       take_all(a, texts, &answer_r->headers);
}
