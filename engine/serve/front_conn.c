/*
 * One client of the front: a state machine from its first byte to its last
 * (see CONN_STATES). What bytes mean is spamd_request.c's business; this file
 * finds lines, gathers the mail in a memfd, and keeps the times: timeout-tcp
 * for the request line, timeout-child for all that follows.
 *
 * Clients half-close after the request or do not, and send a Content-length
 * or do not: the mail ends at the announced length, else at the end of input.
 * After the reply the connection is read on for a moment, because closing a
 * socket with unread bytes would make the kernel throw the reply away.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/buffer.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "serve/chan.h"
#include "serve/front_int.h"
#include "serve/spamd_reply.h"

#define READ_STEP 65536

static void advance(struct conn *c);

const char *conn_state_name(enum conn_state s)
{
	static const char *const names[] = {
#define X(name) #name,
		CONN_STATES(X)
#undef X
	};

	return names[s];
}

void conn_enter(struct conn *c, enum conn_state s)
{
	log_debug("front", "client %llu: %s -> %s", (unsigned long long)c->id,
		  conn_state_name(c->state), conn_state_name(s));
	c->state = s;
}

static void set_timer(struct conn *c, long seconds)
{
	const struct timeval tv = { .tv_sec = seconds };

	if (seconds > 0)
		event_add(c->timer, &tv);
	else
		event_del(c->timer);
}

void conn_close(struct conn *c)
{
	struct front *f = c->front;

	conn_enter(c, CONN_CLOSED);
	if (c->job)
		pool_abandon(f, c->job, false);
	if (c->mail >= 0)
		f->bytes -= c->got;
	fd_close(&c->mail);
	fd_close(&c->prefs);
	fd_close(&c->scores);
	event_free(c->timer);
	bufferevent_free(c->bev);
	TAILQ_REMOVE(&f->conns, c, link);
	f->nconns--;
	xfree(c);
	front_conn_ended(f);
}

/* Reads on what nobody wants; true if the client has no more to say. */
static bool drop_rest(struct conn *c)
{
	static char rest[READ_STEP];
	ssize_t n;

	if (c->tls || c->eof)
		return c->eof;
	for (int i = 0; i < 4; i++) {
		n = recv(bufferevent_getfd(c->bev), rest, sizeof(rest),
			 MSG_DONTWAIT);
		if (n <= 0)
			return n == 0;
	}
	return false;
}

/* All was said. */
static void finish(struct conn *c)
{
	if (c->tls)
		tls_end(c->bev);
	if (drop_rest(c)) {
		conn_close(c);
		return;
	}
	shutdown(bufferevent_getfd(c->bev), SHUT_WR);
	conn_enter(c, CONN_LINGER);
	set_timer(c, LIMIT_LINGER_SECONDS);
}

static void begin_reply(struct conn *c)
{
	conn_enter(c, CONN_REPLY);
	set_timer(c, c->front->o->timeout_child);
}

/* Most replies fit into the socket at once, which saves a round through the
 * loop. */
static struct str send_now(struct conn *c, struct str text)
{
	ssize_t n;

	if (c->tls || !text.n)
		return text;
	n = send(bufferevent_getfd(c->bev), text.p, text.n,
		 MSG_NOSIGNAL | MSG_DONTWAIT);
	return n > 0 ? str_from(text, (size_t)n) : text;
}

void conn_reply(struct conn *c, struct str text, int fd, uint64_t size)
{
	c->job = NULL;
	begin_reply(c);
	if (fd >= 0) {
		if (evbuffer_add_file(bufferevent_get_output(c->bev), fd, 0,
				      (off_t)size) < 0) {
			close(fd);
			conn_close(c);
		}
		return;
	}
	text = send_now(c, text);
	if (text.n)
		bufferevent_write(c->bev, text.p, text.n);
	else
		finish(c);
}

void conn_refuse(struct conn *c, int code, struct str text)
{
	static const struct {
		int code;
		const char *what;
	} rows[] = {
		{ 69, "spamd: service unavailable" },
		{ 75, "spamd: temporary failure" },
		{ 76, "spamd: bad protocol: header error" },
		{ 79, "spamd: timeout" },
	};
	struct buf b;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (rows[i].code == code)
			log_warn("%s: %.*s", rows[i].what, STR_ARG(text));
	buf_init(&b, 4096);
	spamd_reply_error(&b, code, text);
	conn_reply(c, buf_str(&b), -1, 0);
	buf_free(&b);
}

void conn_refuse_request(struct conn *c)
{
	conn_refuse(c, c->request.code,
		    str_make(c->request.text, c->request.ntext));
}

static void on_timer(evutil_socket_t fd, short what, void *ctx)
{
	struct conn *c = ctx;
	const struct daemon_options *o = c->front->o;
	char text[128];

	(void)fd, (void)what;
	switch (c->state) {
	case CONN_LINE:
		snprintf(text, sizeof(text), "(%ld second socket timeout "
			 "reading input from client)", o->timeout_tcp);
		break;
	case CONN_HEADERS:
	case CONN_BODY:
	case CONN_OVERLONG:
	case CONN_PREFS:
	case CONN_SCORES:
	case CONN_WAITING:
		snprintf(text, sizeof(text), "(%ld second timeout while trying "
			 "to %s)", o->timeout_child,
			 spamd_word_name(c->request.word));
		break;
	default:
		conn_close(c);
		return;
	}
	if (c->job)
		pool_abandon(c->front, c->job, true);
	conn_refuse(c, 79, str_cstr(text));
}

static void fill_job(struct conn *c, struct m_job *b)
{
	const struct spamd_request *r = &c->request;
	const long limit = c->front->o->timeout_child;

	*b = (struct m_job){
		.id = ++c->front->next_id,
		.size = c->got,
		.start_us = c->start_us,
		.version = r->version,
		.word = r->word,
		.zlib = r->zlib,
		.has_length = r->has_length,
		.has_prefs = c->prefs >= 0,
		.has_scores = c->scores >= 0,
		.set_local = r->set_local,
		.set_remote = r->set_remote,
		.remove_local = r->remove_local,
		.remove_remote = r->remove_remote,
		.class_spam = r->class_spam,
		.length = r->length,
	};
	if (limit > 0) {
		double spent = (double)(clock_mono_us() - c->start_us) / 1e6;

		b->time_left = spent < (double)limit - 0.1 ?
			(double)limit - spent : 0.1;
	}
	memcpy(b->length_text, r->length_text, sizeof(b->length_text));
	memcpy(b->user, r->user, sizeof(b->user));
	memcpy(b->rhost, c->rhost, sizeof(b->rhost));
	memcpy(b->raddr, c->raddr, sizeof(b->raddr));
	memcpy(b->rport, c->rport, sizeof(b->rport));
}

void conn_submit(struct conn *c)
{
	struct job *job = xcalloc(1, sizeof(*job));

	fill_job(c, &job->body);
	job->conn = c;
	job->mail = c->mail;
	job->prefs = c->prefs;
	job->scores = c->scores;
	c->mail = c->prefs = c->scores = -1;
	c->job = job;
	conn_enter(c, CONN_WAITING);
	pool_submit(c->front, job);
}

void conn_mail_complete(struct conn *c)
{
	if (!c->request.zlib && !spamd_request_length_ok(&c->request, c->got)) {
		conn_refuse_request(c);
		return;
	}
	fcntl(c->mail, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE |
	      F_SEAL_SEAL);
	prefs_begin(c);
}

static void begin_mail(struct conn *c)
{
	c->mail = memfd_create("mail", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (c->mail < 0)
		conn_refuse(c, 75, STR("no memory for the message"));
	else
		conn_enter(c, CONN_BODY);
}

/* One line of the request, if there is one. */
static bool take_line(struct conn *c)
{
	struct evbuffer *in = bufferevent_get_input(c->bev);
	struct evbuffer_ptr end = evbuffer_search(in, "\n", 1, NULL);
	size_t n = end.pos < 0 ? evbuffer_get_length(in) : (size_t)end.pos + 1;
	bool first = c->state == CONN_LINE;

	if (n > LIMIT_REQUEST_LINE) {
		spamd_request_too_long(&c->request);
	} else if (end.pos < 0 && !c->eof) {
		return false;
	} else if (n == 0) {
		spamd_request_eof(&c->request);
	} else {
		const char *p = (const char *)evbuffer_pullup(in, (ssize_t)n);

		spamd_request_line(&c->request, str_make(p, n));
		evbuffer_drain(in, n);
	}
	if (first)
		set_timer(c, c->front->o->timeout_child);
	return true;
}

static void ping_or_skip(struct conn *c)
{
	struct buf b;

	buf_init(&b, 256);
	if (c->request.word == WORD_PING)
		spamd_reply_ping(&b);
	else
		log_info("spamd: skipped large message in %3.1f seconds",
			 (double)(clock_mono_us() - c->start_us) / 1e6);
	conn_reply(c, buf_str(&b), -1, 0);
	buf_free(&b);
}

/* States LINE and HEADERS. True if there may be more to do at once. */
static bool on_line(struct conn *c)
{
	if (!take_line(c))
		return false;
	switch (c->request.need) {
	case NEED_HEADER:
		conn_enter(c, CONN_HEADERS);
		return true;
	case NEED_BODY:
		begin_mail(c);
		return true;
	case NEED_NOTHING:
		ping_or_skip(c);
		return false;
	default:
		conn_refuse_request(c);
		return false;
	}
}

static void drop_input(struct conn *c)
{
	struct evbuffer *in = bufferevent_get_input(c->bev);

	evbuffer_drain(in, evbuffer_get_length(in));
	if (c->state == CONN_LINGER && c->eof)
		conn_close(c);
}

static void advance(struct conn *c)
{
	bool more = true;

	while (more) {
		switch (c->state) {
		case CONN_LINE:
		case CONN_HEADERS:
			more = on_line(c);
			break;
		case CONN_BODY:
			more = conn_on_body(c);
			break;
		case CONN_OVERLONG:
			more = conn_on_overlong(c);
			break;
		default:
			drop_input(c);
			return;
		}
	}
}

static void on_readable(struct bufferevent *bev, void *ctx)
{
	(void)bev;
	advance(ctx);
}

static void on_written(struct bufferevent *bev, void *ctx)
{
	struct conn *c = ctx;

	if (c->state == CONN_REPLY &&
	    evbuffer_get_length(bufferevent_get_output(bev)) == 0)
		finish(c);
}

static void log_connection(struct conn *c)
{
	char tls[128] = "";

	if (!c->local_port) {
		log_info("spamd: got connection over %s", c->rport);
		return;
	}
	if (c->tls)
		tls_describe(c->bev, tls, sizeof(tls));
	log_info("spamd: connection from %s [%s]:%s to port %u, fd %d%s%s",
		 c->rhost, c->raddr, c->rport, c->local_port, c->listener_fd,
		 c->tls ? ", " : "", tls);
}

static void on_event(struct bufferevent *bev, short what, void *ctx)
{
	struct conn *c = ctx;

	if (what & BEV_EVENT_CONNECTED) {
		log_connection(c);
		conn_enter(c, CONN_LINE);
		set_timer(c, c->front->o->timeout_tcp);
		return;
	}
	if ((what & BEV_EVENT_EOF) && (what & BEV_EVENT_READING) &&
	    c->state != CONN_HANDSHAKE) {
		c->eof = true;
		/* libevent's TLS stops writing, too, when a client says that
		 * it has no more to say. */
		bufferevent_enable(bev, EV_WRITE);
		advance(c);
		return;
	}
	if (c->state == CONN_HANDSHAKE)
		log_info("spamd: TLS handshake with [%s]:%s failed", c->raddr,
			 c->rport);
	conn_close(c);
}

void conn_new(struct front *f, int fd, const struct listener *l,
	      const char *raddr, const char *rhost, const char *rport)
{
	struct conn *c;
	struct bufferevent *bev = l->what.tls ?
		f->tls ? tls_accept(f->tls, f->base, fd) : NULL :
		bufferevent_socket_new(f->base, fd, BEV_OPT_CLOSE_ON_FREE);

	if (!bev) {
		close(fd);
		return;
	}
	c = xcalloc(1, sizeof(*c));
	c->front = f;
	c->bev = bev;
	c->tls = l->what.tls;
	c->id = ++f->next_id;
	c->state = c->tls ? CONN_HANDSHAKE : CONN_LINE;
	c->start_us = clock_mono_us();
	c->mail = c->prefs = c->scores = -1;
	c->local_port = l->what.is_unix ? 0 : l->what.port;
	c->listener_fd = l->fd;
	snprintf(c->raddr, sizeof(c->raddr), "%s", raddr);
	snprintf(c->rhost, sizeof(c->rhost), "%s", rhost);
	snprintf(c->rport, sizeof(c->rport), "%s", rport);
	spamd_request_init(&c->request, f->o->allow_tell);
	c->timer = evtimer_new(f->base, on_timer, c);
	TAILQ_INSERT_TAIL(&f->conns, c, link);
	f->nconns++;
	if (!c->tls)
		log_connection(c);
	bufferevent_setcb(bev, on_readable, on_written, on_event, c);
	bufferevent_setwatermark(bev, EV_READ, 0, READ_STEP * 4);
	bufferevent_set_max_single_read(bev, READ_STEP);
	set_timer(c, f->o->timeout_tcp);
	bufferevent_enable(bev, EV_READ | EV_WRITE);
}
