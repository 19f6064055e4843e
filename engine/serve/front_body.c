/*
 * How a connection of the front gathers its mail: into a memfd, up to the
 * announced length or to the end of input, within the ceilings; and what
 * spamd makes of mail that is longer than announced.
 */
#include <sys/socket.h>
#include <unistd.h>

#include <event2/buffer.h>

#include "serve/front_int.h"

#define READ_STEP 65536

/* May n bytes more be kept? */
static bool has_room(struct conn *c, size_t n)
{
	if (c->got + n > LIMIT_MESSAGE)
		conn_refuse(c, 76, STR("(message too large)"));
	else if (c->front->bytes + n > LIMIT_FRONT_BYTES)
		conn_refuse(c, 75, STR("too much mail at once"));
	else
		return true;
	return false;
}

static void count(struct conn *c, size_t n)
{
	c->got += n;
	c->front->bytes += n;
}

static bool store(struct conn *c, size_t n)
{
	struct evbuffer *in = bufferevent_get_input(c->bev);

	if (n && !has_room(c, n))
		return false;
	while (n) {
		int done = evbuffer_write_atmost(in, c->mail, (ssize_t)n);

		if (done <= 0) {
			conn_refuse(c, 75, STR("no memory for the message"));
			return false;
		}
		n -= (size_t)done;
		count(c, (size_t)done);
	}
	return true;
}

/* libevent reads 4 KB in a round of its loop. Of a plain socket the mail is
 * read as fast as it comes, past libevent's buffer, once that is empty. */
static bool store_directly(struct conn *c)
{
	static char part[READ_STEP];
	const struct spamd_request *r = &c->request;
	const int fd = bufferevent_getfd(c->bev);

	while (!c->tls && !c->eof && !(r->has_length && c->got == r->length)) {
		size_t want = sizeof(part);
		ssize_t n;

		if (r->has_length && want > r->length - c->got)
			want = (size_t)(r->length - c->got);
		n = recv(fd, part, want, MSG_DONTWAIT);
		if (n < 0)
			break;
		c->eof = n == 0;
		if (!has_room(c, (size_t)n))
			return false;
		if (write(c->mail, part, (size_t)n) != n) {
			conn_refuse(c, 75, STR("no memory for the message"));
			return false;
		}
		count(c, (size_t)n);
	}
	return true;
}

static char last_byte(const struct conn *c)
{
	char byte = 0;

	if (c->got && pread(c->mail, &byte, 1, (off_t)c->got - 1) != 1)
		byte = 0;
	return byte;
}

/* spamd reads whole lines: when the announced length ends inside one, the rest
 * of that line, if it is there, makes the mail too long. */
static bool line_goes_on(struct conn *c)
{
	char byte;

	if (last_byte(c) == '\n')
		return false;
	if (evbuffer_get_length(bufferevent_get_input(c->bev)))
		return true;
	return !c->tls && recv(bufferevent_getfd(c->bev), &byte, 1,
			       MSG_PEEK | MSG_DONTWAIT) == 1;
}

/* State BODY. */
bool conn_on_body(struct conn *c)
{
	struct evbuffer *in = bufferevent_get_input(c->bev);
	const struct spamd_request *r = &c->request;
	size_t have = evbuffer_get_length(in);

	if (r->has_length && have > r->length - c->got)
		have = (size_t)(r->length - c->got);
	if (!store(c, have) || !store_directly(c))
		return false;
	if (r->has_length && c->got == r->length) {
		if (!r->zlib && line_goes_on(c)) {
			conn_enter(c, CONN_OVERLONG);
			return true;
		}
	} else if (!c->eof) {
		return false;
	}
	conn_mail_complete(c);
	return false;
}

/* State OVERLONG. */
bool conn_on_overlong(struct conn *c)
{
	struct evbuffer *in = bufferevent_get_input(c->bev);
	struct evbuffer_ptr end = evbuffer_search(in, "\n", 1, NULL);
	size_t n = end.pos < 0 ? evbuffer_get_length(in) : (size_t)end.pos + 1;

	evbuffer_drain(in, n);
	count(c, n);
	if (end.pos < 0 && !c->eof)
		return false;
	spamd_request_length_ok(&c->request, c->got);
	conn_refuse_request(c);
	return false;
}
