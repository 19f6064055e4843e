/*
 * The front's loop: what the keeper says, new connections, the end; see
 * front_int.h.
 */
#include "serve/front.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "mail/network.h"
#include "serve/chan.h"
#include "serve/daemon_log.h"
#include "serve/fence.h"
#include "serve/front_int.h"

/* Connections taken in one go, so that a flood does not starve the others. */
#define ACCEPT_BATCH 32
/* Descriptors that are not clients': each client may need three. */
#define RESERVED_FDS 128

/* Names of the two addresses that need no resolver. */
static char loopback_names[2][64];

static void find_loopback_names(void)
{
	struct sockaddr_in v4 = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	struct sockaddr_in6 v6 = {
		.sin6_family = AF_INET6,
		.sin6_addr = IN6ADDR_LOOPBACK_INIT,
	};

	if (getnameinfo((struct sockaddr *)&v4, sizeof(v4), loopback_names[0],
			sizeof(loopback_names[0]), NULL, 0, NI_NAMEREQD))
		snprintf(loopback_names[0], sizeof(loopback_names[0]),
			 "127.0.0.1");
	if (getnameinfo((struct sockaddr *)&v6, sizeof(v6), loopback_names[1],
			sizeof(loopback_names[1]), NULL, 0, NI_NAMEREQD))
		snprintf(loopback_names[1], sizeof(loopback_names[1]), "::1");
}

/* A resolver's answer is not waited for: other hosts go by their address. */
static const char *name_of(const char *addr)
{
	if (strcmp(addr, "127.0.0.1") == 0)
		return loopback_names[0];
	if (strcmp(addr, "::1") == 0)
		return loopback_names[1];
	return addr;
}

static void set_accepting(struct front *f, bool on)
{
	struct listener *l;

	TAILQ_FOREACH(l, &f->listeners, link) {
		if (on)
			event_add(l->readable, NULL);
		else
			event_del(l->readable);
	}
	f->paused = !on;
}

static void leave(struct front *f)
{
	pool_stop(f);
	exit(0);
}

void front_conn_ended(struct front *f)
{
	if (f->paused && f->nconns < f->max_conns && !f->draining)
		set_accepting(f, true);
	if (f->draining && f->nconns == 0)
		leave(f);
}

static void peer_text(const struct sockaddr_storage *ss, char *addr,
		      size_t naddr, char *port, size_t nport)
{
	const struct sockaddr_in6 *v6 = (const void *)ss;
	struct sockaddr_in v4;
	const void *sa = ss;
	socklen_t n = sizeof(*v6);

	if (ss->ss_family == AF_INET) {
		n = sizeof(v4);
	} else if (IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr)) {
		v4 = (struct sockaddr_in){ .sin_family = AF_INET,
					   .sin_port = v6->sin6_port };
		memcpy(&v4.sin_addr, v6->sin6_addr.s6_addr + 12, 4);
		sa = &v4;
		n = sizeof(v4);
	}
	if (getnameinfo(sa, n, addr, (socklen_t)naddr, port, (socklen_t)nport,
			NI_NUMERICHOST | NI_NUMERICSERV))
		snprintf(addr, naddr, "?");
}

static void accepted(struct front *f, struct listener *l, int fd,
		     const struct sockaddr_storage *ss)
{
	char addr[64], port[16];

	if (l->what.is_unix) {
		conn_new(f, fd, l, "127.0.0.1", "localhost", l->what.text);
		return;
	}
	peer_text(ss, addr, sizeof(addr), port, sizeof(port));
	if (!netset_has(f->allowed, str_cstr(addr))) {
		log_warn("spamd: unauthorized connection from %s [%s]:%s to "
			 "port %u, fd %d", name_of(addr), addr, port,
			 l->what.port, l->fd);
		close(fd);
		return;
	}
	conn_new(f, fd, l, addr, name_of(addr), port);
}

/* At the ceiling the connection that has sent nothing for longest makes room;
 * without one, nobody new is taken for now. */
static bool make_room(struct front *f)
{
	struct conn *c;

	TAILQ_FOREACH(c, &f->conns, link) {
		if (c->state == CONN_LINE || c->state == CONN_HANDSHAKE ||
		    c->state == CONN_LINGER) {
			conn_close(c);
			return true;
		}
	}
	return false;
}

static void on_connection(evutil_socket_t fd, short what, void *ctx)
{
	struct listener *l = ctx;
	struct front *f = l->front;

	(void)what;
	for (int i = 0; i < ACCEPT_BATCH; i++) {
		struct sockaddr_storage ss = { 0 };
		socklen_t n = sizeof(ss);
		int s;

		if (f->nconns >= f->max_conns && !make_room(f)) {
			log_warn("%zu connections: no more for now", f->nconns);
			set_accepting(f, false);
			return;
		}
		s = accept4(fd, (struct sockaddr *)&ss, &n,
			    SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (s < 0) {
			if (errno == EMFILE || errno == ENFILE ||
			    errno == ENOMEM || errno == ENOBUFS)
				set_accepting(f, false);
			return;
		}
		accepted(f, l, s, &ss);
	}
}

static void add_listener(struct front *f, struct packet *p)
{
	const struct m_listen *m = packet_body(p, sizeof(*m));
	struct listener *l;

	if (!m || !p->nfds)
		return;
	l = xcalloc(1, sizeof(*l));
	l->front = f;
	l->what = *m;
	l->fd = p->fds[0];
	p->fds[0] = -1;
	fd_nonblock(l->fd);
	l->readable = event_new(f->base, l->fd, EV_READ | EV_PERSIST,
				on_connection, l);
	TAILQ_INSERT_TAIL(&f->listeners, l, link);
}

static void drop_listeners(struct front *f)
{
	struct listener *l;

	while ((l = TAILQ_FIRST(&f->listeners))) {
		TAILQ_REMOVE(&f->listeners, l, link);
		event_free(l->readable);
		fd_close(&l->fd);
		xfree(l);
	}
}

static void drain(struct front *f)
{
	struct conn *c, *next;

	if (f->draining)
		return;
	f->draining = true;
	f->drain_until_us = clock_mono_us() + LIMIT_DRAIN_SECONDS * 1000000LL;
	drop_listeners(f);
	/* Whoever has sent nothing yet has lost nothing; front_conn_ended may
	 * leave from within. */
	for (c = TAILQ_FIRST(&f->conns); c; c = next) {
		next = TAILQ_NEXT(c, link);
		if (c->state == CONN_LINE || c->state == CONN_HANDSHAKE)
			conn_close(c);
	}
	if (f->nconns == 0)
		leave(f);
}

/* The bound of a drain: an explicit failure for whoever still waits. */
static void end_drain(struct front *f)
{
	struct conn *c, *next;

	for (c = TAILQ_FIRST(&f->conns); c; c = next) {
		next = TAILQ_NEXT(c, link);
		if (c->state == CONN_REPLY || c->state == CONN_LINGER)
			continue;
		if (c->job)
			pool_abandon(f, c->job, true);
		conn_refuse(c, 75, STR("shutting down"));
	}
	leave(f);
}

static void on_tls(struct front *f, struct packet *p)
{
	const struct m_tls *m = packet_body(p, sizeof(*m));
	struct tls_server *t;
	struct err err;

	if (!m || p->nfds < 2)
		return;
	t = tls_server_new(p->fds[0], p->fds[1],
			   m->has_ca && p->nfds > 2 ? p->fds[2] : -1,
			   f->o->ssl_ca_path, m->verify, &err);
	if (!t) {
		log_error("%s", err.text);
		if (!f->tls)
			exit(78);
		return;
	}
	tls_server_free(&f->tls);
	f->tls = t;
}

static void on_keeper_packet(struct front *f, struct packet *p)
{
	const void *body;

	switch (p->type) {
	case M_LISTEN:
		add_listener(f, p);
		break;
	case M_TLS:
		on_tls(f, p);
		break;
	case M_GENERATION:
		body = packet_body(p, sizeof(struct m_generation));
		if (!body || !p->nfds)
			break;
		pool_generation(f, ((const struct m_generation *)body)->id,
				p->fds[0]);
		p->fds[0] = -1;
		/* Nobody is kept waiting in vain before there are workers. */
		set_accepting(f, true);
		break;
	case M_LOG_FD:
		if (p->nfds) {
			daemon_log_use_fd(p->fds[0]);
			p->fds[0] = -1;
		}
		break;
	case M_PREFS_ANSWER:
		body = packet_body(p, sizeof(struct m_prefs_answer));
		if (body)
			prefs_answer(f, body, p->nfds ? p->fds[0] : -1);
		p->nfds = 0;
		break;
	case M_STATS:
		front_log_statistics(f);
		break;
	case M_DRAIN:
		drain(f);
		break;
	case M_STOP:
		leave(f);
		break;
	case M_PING:
		chan_send(f->keeper, M_PONG, NULL, 0, NULL, 0, NULL, 0);
		break;
	default:
		break;
	}
}

static void on_keeper(evutil_socket_t fd, short what, void *ctx)
{
	struct front *f = ctx;
	struct packet p;
	int rc = chan_recv(fd, f->packet, &p);

	(void)what;
	if (rc < 0) {
		log_error("the keeper is gone: finishing what runs");
		event_del(f->keeper_readable);
		drain(f);
		return;
	}
	if (rc == 0)
		return;
	on_keeper_packet(f, &p);
	packet_close(&p);
}

static void on_tick(evutil_socket_t fd, short what, void *ctx)
{
	struct front *f = ctx;

	(void)fd, (void)what;
	worker_tick(f);
	if (f->paused && f->nconns < f->max_conns && !f->draining)
		set_accepting(f, true);
	if (f->draining && clock_mono_us() > f->drain_until_us)
		end_drain(f);
}

static void on_script_tick(evutil_socket_t fd, short what, void *ctx)
{
	struct front *f = ctx;

	(void)fd, (void)what;
	scripts_tick(f);
	/* The next request that begins starts it again. */
	if (!f->nrunning)
		event_del(f->script_tick);
}

/* As many connections as are asked for and descriptors allow. */
static void set_ceilings(struct front *f)
{
	struct rlimit rl;
	size_t by_fds = 1024;

	if (getrlimit(RLIMIT_NOFILE, &rl) == 0) {
		rl.rlim_cur = rl.rlim_max;
		setrlimit(RLIMIT_NOFILE, &rl);
		by_fds = rl.rlim_cur > RESERVED_FDS * 2 ?
			 (rl.rlim_cur - RESERVED_FDS) / 3 : 32;
	}
	f->max_conns = (size_t)f->o->max_connections;
	if (f->max_conns > by_fds)
		f->max_conns = by_fds;
}

static void allow_addresses(struct front *f)
{
	struct err err;

	f->allowed = netset_new(f->arena);
	for (size_t i = 0; i < f->o->allowed.n; i++)
		if (netset_add(f->allowed, str_cstr(f->o->allowed.v[i]),
			       &err) < 0)
			log_error("-A %s: %s", f->o->allowed.v[i], err.text);
}

static void make_base(struct front *f)
{
	struct event_config *config = event_config_new();

	must(config != NULL);
	/* A connection changes its mind about what it waits for several times
	 * in one round of the loop: one system call is enough. */
	event_config_set_flag(config, EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST);
	f->base = event_base_new_with_config(config);
	event_config_free(config);
	must(f->base != NULL);
}

void front_run(const struct daemon_options *o, int keeper)
{
	struct front *f = xcalloc(1, sizeof(*f));
	const struct timeval often = { .tv_usec = 250000 };
	struct err err;

	if (o->daemonize)
		daemon_log_detach();
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	f->o = o;
	f->keeper = keeper;
	f->arena = arena_new();
	f->packet = xmalloc(CHAN_MAX + 1);
	TAILQ_INIT(&f->listeners);
	TAILQ_INIT(&f->conns);
	TAILQ_INIT(&f->generations);
	TAILQ_INIT(&f->queue);
	TAILQ_INIT(&f->suspects);
	find_loopback_names();
	set_ceilings(f);
	allow_addresses(f);
	f->refuses_nobody = o->paranoid && !o->user && geteuid() == 0;
	if (fence_become(o->user ? o->user : o->default_user, o->group,
			 &err) < 0) {
		log_error("%s", err.text);
		exit(77);
	}
	fence_no_privileges();
	make_base(f);
	fd_nonblock(keeper);
	f->keeper_readable = event_new(f->base, keeper, EV_READ | EV_PERSIST,
				       on_keeper, f);
	event_add(f->keeper_readable, NULL);
	f->tick = event_new(f->base, -1, EV_PERSIST, on_tick, f);
	event_add(f->tick, &often);
	f->script_tick = event_new(f->base, -1, EV_PERSIST, on_script_tick, f);
	event_base_dispatch(f->base);
	exit(0);
}
