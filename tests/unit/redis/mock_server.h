/*
 * A Redis server as tests want it, on the test's own event loop: it logs
 * clients in, then answers, errs, hangs, dawdles, cuts replies or sends
 * nonsense, as told.
 */
#ifndef TESTS_UNIT_REDIS_MOCK_SERVER_H
#define TESTS_UNIT_REDIS_MOCK_SERVER_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/queue.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>

#include "base/arena.h"
#include "base/mem.h"
#include "redis/resp.h"

enum mock_mode {
	MOCK_ECHO,		/* the last argument as a text */
	MOCK_RAW,		/* `raw` to each command */
	MOCK_CUT,		/* the first `cut` octets of `raw`, then closes */
	MOCK_PIECES,		/* the echo, an octet a write */
	MOCK_SILENT,		/* logs in, then nothing, not even to PING */
	MOCK_DEAD,		/* no answer at all */
	MOCK_SLOW,		/* the echo after `delay` seconds */
};

struct mock_client {
	LIST_ENTRY(mock_client) link;
	struct mock *mock;
	struct bufferevent *bev;
	struct resp_reader *reader;
	bool logged_in;
	struct evbuffer *pieces;	/* to be sent an octet at a time */
	struct event *drip;
};

struct mock {
	struct event_base *base;
	struct evconnlistener *listener;
	uint16_t port;
	LIST_HEAD(, mock_client) clients;
	enum mock_mode mode;
	struct str raw;
	size_t cut;
	double delay;
	const char *password;	/* NULL: none */
	bool forgets;		/* EVALSHA is NOSCRIPT */
	unsigned connections, commands, texts, digests;
	struct str greeting_error;	/* to PING of the log-in */
};

struct mock_late {
	struct mock *mock;
	struct mock_client *client;
	struct event *ev;
	char octets[64];
};

static inline void mock_drop(struct mock_client *c)
{
	LIST_REMOVE(c, link);
	bufferevent_free(c->bev);
	evbuffer_free(c->pieces);
	event_free(c->drip);
	resp_reader_free(&c->reader);
	xfree(c);
}

static inline void mock_send(struct mock_client *c, struct str s)
{
	bufferevent_write(c->bev, s.p, s.n);
}

static inline bool mock_lives(struct mock *m, const struct mock_client *c)
{
	struct mock_client *i;

	LIST_FOREACH(i, &m->clients, link)
		if (i == c)
			return true;
	return false;
}

static inline void mock_echo(struct mock_client *c, struct str s)
{
	struct evbuffer *out = bufferevent_get_output(c->bev);

	evbuffer_add_printf(out, "$%zu\r\n", s.n);
	evbuffer_add(out, s.p, s.n);
	evbuffer_add(out, "\r\n", 2);
}

static inline void mock_on_late(evutil_socket_t fd, short what, void *arg)
{
	struct mock_late *l = arg;

	(void)fd;
	(void)what;
	if (mock_lives(l->mock, l->client))
		mock_echo(l->client, str_cstr(l->octets));
	event_free(l->ev);
	xfree(l);
}

static inline void mock_on_drip(evutil_socket_t fd, short what, void *arg)
{
	struct mock_client *c = arg;
	struct timeval tv = { 0, 500 };
	char octet;

	(void)fd;
	(void)what;
	if (evbuffer_remove(c->pieces, &octet, 1) == 1) {
		bufferevent_write(c->bev, &octet, 1);
		evtimer_add(c->drip, &tv);
	}
}

static inline void mock_later(struct mock_client *c, struct str s)
{
	struct mock_late *l = xcalloc(1, sizeof(*l));
	struct timeval tv = { 0, (suseconds_t)(c->mock->delay * 1e6) };

	l->mock = c->mock;
	l->client = c;
	memcpy(l->octets, s.p, s.n < 63 ? s.n : 63);
	l->ev = evtimer_new(c->mock->base, mock_on_late, l);
	evtimer_add(l->ev, &tv);
}

static inline bool mock_login(struct mock_client *c,
			      const struct store_reply *r)
{
	struct mock *m = c->mock;
	struct str word = r->items[0].text;
	struct str last = r->items[r->n - 1].text;

	if (str_eq(word, STR("AUTH"))) {
		c->logged_in = m->password &&
			       str_eq(last, str_cstr(m->password));
		mock_send(c, c->logged_in ? STR("+OK\r\n")
			  : STR("-WRONGPASS invalid username-password pair\r\n"));
	} else if (m->password && !c->logged_in) {
		mock_send(c, STR("-NOAUTH Authentication required.\r\n"));
	} else if (str_eq(word, STR("PING"))) {
		if (m->mode == MOCK_SILENT && c->logged_in)
			return true;
		c->logged_in = true;
		if (m->greeting_error.n)
			mock_send(c, m->greeting_error);
		else
			mock_send(c, STR("+PONG\r\n"));
	} else if (str_eq(word, STR("CLIENT")) ||
		   str_eq(word, STR("SELECT"))) {
		mock_send(c, STR("+OK\r\n"));
	} else {
		return false;
	}
	return true;
}

/* False if the client is gone. */
static inline bool mock_answer(struct mock_client *c,
			       const struct store_reply *r)
{
	struct mock *m = c->mock;
	struct str last = r->items[r->n - 1].text;

	if (m->mode == MOCK_DEAD || mock_login(c, r))
		return true;
	m->commands++;
	m->texts += str_eq(r->items[0].text, STR("EVAL"));
	m->digests += str_eq(r->items[0].text, STR("EVALSHA"));
	if (m->forgets && str_eq(r->items[0].text, STR("EVALSHA"))) {
		mock_send(c, STR("-NOSCRIPT No matching script.\r\n"));
		return true;
	}
	switch (m->mode) {
	case MOCK_ECHO:
		mock_echo(c, last);
		break;
	case MOCK_RAW:
		mock_send(c, m->raw);
		break;
	case MOCK_CUT:
		/* Nothing else waits to be written. */
		must(send(bufferevent_getfd(c->bev), m->raw.p, m->cut, 0) ==
		     (ssize_t)m->cut);
		mock_drop(c);
		return false;
	case MOCK_PIECES:
		evbuffer_add_printf(c->pieces, "$%zu\r\n%.*s\r\n", last.n,
				    STR_ARG(last));
		event_active(c->drip, EV_TIMEOUT, 0);
		break;
	case MOCK_SLOW:
		mock_later(c, last);
		break;
	case MOCK_SILENT:
	case MOCK_DEAD:
		break;
	}
	return true;
}

static inline void mock_on_read(struct bufferevent *bev, void *arg)
{
	struct mock_client *c = arg;
	struct evbuffer *in = bufferevent_get_input(bev);
	size_t n = evbuffer_get_length(in);
	struct str s = str_make((char *)evbuffer_pullup(in, -1), n);
	struct arena *a = arena_new();
	struct store_reply r;
	bool lives = true;

	while (lives && s.n && resp_read(c->reader, &s, a, &r, NULL) > 0)
		lives = mock_answer(c, &r);
	if (lives)
		evbuffer_drain(in, n);
	arena_free(&a);
}

static inline void mock_on_event(struct bufferevent *bev, short what,
				 void *arg)
{
	(void)bev;
	if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR))
		mock_drop(arg);
}

static inline void mock_on_accept(struct evconnlistener *l, evutil_socket_t fd,
				  struct sockaddr *sa, int len, void *arg)
{
	struct mock *m = arg;
	struct mock_client *c = xcalloc(1, sizeof(*c));

	(void)l;
	(void)sa;
	(void)len;
	m->connections++;
	c->mock = m;
	c->bev = bufferevent_socket_new(m->base, fd, BEV_OPT_CLOSE_ON_FREE);
	c->reader = resp_reader_new();
	c->pieces = evbuffer_new();
	c->drip = evtimer_new(m->base, mock_on_drip, c);
	LIST_INSERT_HEAD(&m->clients, c, link);
	bufferevent_setcb(c->bev, mock_on_read, NULL, mock_on_event, c);
	bufferevent_enable(c->bev, EV_READ | EV_WRITE);
}

/* Listens: on a port of its own the first time, then on the same. */
static inline void mock_start(struct mock *m, struct event_base *base)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
		.sin_port = htons(m->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(sin);

	m->base = base;
	m->listener = evconnlistener_new_bind(base, mock_on_accept, m,
		LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE, -1,
		(struct sockaddr *)&sin, (int)sizeof(sin));
	must(m->listener);
	getsockname(evconnlistener_get_fd(m->listener),
		    (struct sockaddr *)&sin, &len);
	m->port = ntohs(sin.sin_port);
}

static inline void mock_stop(struct mock *m)
{
	while (!LIST_EMPTY(&m->clients))
		mock_drop(LIST_FIRST(&m->clients));
	if (m->listener)
		evconnlistener_free(m->listener);
	m->listener = NULL;
}

#endif
