/*
 * Connecting; see dial.h. libevent's own connect-to-a-name tries only the
 * first address of a name, and blocks unless it is given a resolver, so both
 * are done here. The resolver is made for one look-up and thrown away behind
 * it: it has sockets and reads /etc/resolv.conf and /etc/hosts, which may
 * have changed by the next time. libevent calls back late when a look-up is
 * given up, so it lives in an object of its own.
 */
#include "redis/dial.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include <event2/bufferevent.h>
#include <event2/dns.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <event2/util.h>

#include "base/mem.h"
#include "redis/tls.h"

#define ADDRESSES_MAX 16	/* of one name; more are not tried */

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_un local;
};

struct lookup {
	struct dial *dial;	/* NULL: nobody waits any more */
	struct evdns_base *dns;
	struct evdns_getaddrinfo_request *request;
	struct event end;
};

struct dial {
	struct event_base *base;
	const struct dial_target *target;
	dial_done *done;
	void *ctx;
	struct event next;	/* goes on from the event loop */
	struct lookup *lookup;
	struct bufferevent *bev;
	union address addresses[ADDRESSES_MAX];
	size_t n, at;
	struct err err;		/* of the last address */
};

static void host_text(const struct dial_target *t, char text[256])
{
	snprintf(text, 256, "%.*s", STR_ARG(t->host));
}

/* ---- addresses ---- */

static void add_address(struct dial *d, const struct sockaddr *sa, size_t len)
{
	if (d->n == ADDRESSES_MAX || len > sizeof(union address) ||
	    (sa->sa_family != AF_INET && sa->sa_family != AF_INET6))
		return;
	memcpy(&d->addresses[d->n++], sa, len);
}

static void add_all(struct dial *d, const struct evutil_addrinfo *list)
{
	for (; list; list = list->ai_next)
		add_address(d, list->ai_addr, list->ai_addrlen);
}

static socklen_t address_length(const union address *a)
{
	return a->any.sa_family == AF_INET ? sizeof(a->v4) :
	       a->any.sa_family == AF_INET6 ? sizeof(a->v6) :
	       sizeof(a->local);
}

/* True if the host is written as an address, which needs no look-up. */
static bool add_literal(struct dial *d, const char *port)
{
	struct evutil_addrinfo hints = { .ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_STREAM,
		.ai_flags = EVUTIL_AI_NUMERICHOST | EVUTIL_AI_NUMERICSERV };
	struct evutil_addrinfo *list = NULL;
	char host[256];

	host_text(d->target, host);
	if (evutil_getaddrinfo(host, port, &hints, &list) != 0)
		return false;
	add_all(d, list);
	evutil_freeaddrinfo(list);
	return true;
}

static void lookup_end(evutil_socket_t fd, short what, void *arg)
{
	struct lookup *l = arg;

	(void)fd;
	(void)what;
	evdns_base_free(l->dns, 0);
	xfree(l);
}

static void on_addresses(int code, struct evutil_addrinfo *list, void *arg)
{
	struct lookup *l = arg;
	struct dial *d = l->dial;

	l->request = NULL;
	/* The resolver may not be thrown away inside of itself. */
	event_active(&l->end, EV_TIMEOUT, 0);
	if (d) {
		d->lookup = NULL;
		add_all(d, list);
		if (code)
			err_set(&d->err, "the name is not found: %s",
				evutil_gai_strerror(code));
		event_active(&d->next, EV_TIMEOUT, 0);
	}
	if (list)
		evutil_freeaddrinfo(list);
}

static void look_up(struct dial *d, const char *port)
{
	struct evutil_addrinfo hints = { .ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_STREAM };
	struct lookup *l = xcalloc(1, sizeof(*l));
	struct evdns_getaddrinfo_request *request;
	char host[256];

	l->dns = evdns_base_new(d->base, EVDNS_BASE_INITIALIZE_NAMESERVERS |
				EVDNS_BASE_DISABLE_WHEN_INACTIVE);
	/* Without any name server there may still be /etc/hosts. */
	if (!l->dns)
		l->dns = evdns_base_new(d->base, 0);
	must(l->dns);
	l->dial = d;
	d->lookup = l;
	evtimer_assign(&l->end, d->base, lookup_end, l);
	host_text(d->target, host);
	request = evdns_getaddrinfo(l->dns, host, port, &hints, on_addresses,
				    l);
	/* It may have been answered already. */
	if (d->lookup)
		l->request = request;
}

static void find_addresses(struct dial *d)
{
	const struct dial_target *t = d->target;
	char port[8];

	if (t->path.p) {
		struct sockaddr_un *un = &d->addresses[0].local;

		un->sun_family = AF_UNIX;
		memcpy(un->sun_path, t->path.p, t->path.n);
		d->n = 1;
		return;
	}
	snprintf(port, sizeof(port), "%u", t->port);
	if (!add_literal(d, port))
		look_up(d, port);
}

/* ---- connecting ---- */

static void finish(struct dial *d, struct bufferevent *bev)
{
	struct err err = d->err;
	dial_done *done = d->done;
	void *ctx = d->ctx;

	if (bev)
		bufferevent_setcb(bev, NULL, NULL, NULL, NULL);
	d->bev = NULL;
	dial_cancel(&d);
	done(ctx, bev, &err);
}

static void on_connect(struct bufferevent *bev, short what, void *arg)
{
	struct dial *d = arg;
	int code = EVUTIL_SOCKET_ERROR();
	int on = 1;

	if (what & BEV_EVENT_CONNECTED) {
		if (!d->target->path.p)
			setsockopt(bufferevent_getfd(bev), IPPROTO_TCP,
				   TCP_NODELAY, &on, sizeof(on));
		finish(d, bev);
		return;
	}
	if (d->target->tls && tls_client_why(bev, &d->err))
		;
	else if ((what & BEV_EVENT_ERROR) && code && code != EAGAIN)
		err_set(&d->err, "%s", evutil_socket_error_to_string(code));
	else
		err_set(&d->err, "the server closed the connection");
	bufferevent_free(d->bev);
	d->bev = NULL;
	event_active(&d->next, EV_TIMEOUT, 0);
}

/* 0 if the address is being tried; -1 and d->err. */
static int try_address(struct dial *d, const union address *a)
{
	const struct dial_target *t = d->target;

	if (t->tls)
		d->bev = tls_client_bufferevent(t->tls, d->base, t->tls_name,
						&d->err);
	else
		d->bev = bufferevent_socket_new(d->base, -1,
						BEV_OPT_CLOSE_ON_FREE);
	if (!d->bev)
		return -1;
	bufferevent_setcb(d->bev, NULL, NULL, on_connect, d);
	if (bufferevent_socket_connect(d->bev, &a->any,
				       (int)address_length(a)) == 0)
		return 0;
	err_set(&d->err, "%s", strerror(errno));
	if (d->bev)
		bufferevent_free(d->bev);
	d->bev = NULL;
	return -1;
}

/* Each step from the event loop: finds the addresses, then tries the next. */
static void on_next(evutil_socket_t fd, short what, void *arg)
{
	struct dial *d = arg;

	(void)fd;
	(void)what;
	if (d->lookup || d->bev)
		return;
	if (d->n == 0 && d->err.text[0] == '\0') {
		find_addresses(d);
		if (d->lookup)
			return;
		if (d->n == 0 && d->err.text[0] == '\0')
			err_set(&d->err, "the name has no address");
	}
	while (d->at < d->n)
		if (try_address(d, &d->addresses[d->at++]) == 0)
			return;
	finish(d, NULL);
}

/* ---- the outside ---- */

int dial_check(const struct dial_target *t, struct err *err)
{
	struct sockaddr_un un;

	if (t->path.p && t->path.n >= sizeof(un.sun_path))
		return err_set(err, "the path of the socket is longer than "
			       "%zu octets, which no system allows",
			       sizeof(un.sun_path) - 1);
	if (t->path.p && t->path.n == 0)
		return err_set(err, "the path of the socket is empty");
	if (!t->path.p && (t->host.n == 0 || t->host.n > 255 || !t->port))
		return err_set(err, "that is no host and port");
	return 0;
}

struct dial *dial_start(struct event_base *base, const struct dial_target *t,
			dial_done *done, void *ctx)
{
	struct dial *d = xcalloc(1, sizeof(*d));

	d->base = base;
	d->target = t;
	d->done = done;
	d->ctx = ctx;
	evtimer_assign(&d->next, base, on_next, d);
	event_active(&d->next, EV_TIMEOUT, 0);
	return d;
}

void dial_cancel(struct dial **d)
{
	struct dial *old = *d;

	*d = NULL;
	if (!old)
		return;
	event_del(&old->next);
	if (old->bev)
		bufferevent_free(old->bev);
	if (old->lookup) {
		old->lookup->dial = NULL;
		if (old->lookup->request)
			evdns_getaddrinfo_cancel(old->lookup->request);
	}
	xfree(old);
}
