/*
 * The asker's loop; see asker.h.
 *
 * It holds two lists: clients, and questions. A question ends in one of four
 * ways: its kind's code answers it, its time is up, its client moves on to
 * another message, its client is gone. An answer that the client's channel has
 * no room for waits in its question until there is.
 */
#include "net/asker.h"

#include <signal.h>
#include <sys/queue.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/process.h"
#include "net/http.h"
#include "net/wire.h"

#define CLIENTS_MAX 1100
/* Bytes of all open questions. */
#define QUESTION_BYTES_MAX ((size_t)64 << 20)
/* Packets taken of one client in a row. */
#define BATCH 32

struct client {
	TAILQ_ENTRY(client) link;
	int fd;
	uint32_t serial;
	size_t nopen;
	bool blocked;		/* answers wait for room */
};

struct question {
	TAILQ_ENTRY(question) link;
	struct client *client;
	struct arena *arena;
	struct ask ask;
	uint32_t serial;
	size_t bytes;
	int64_t due_us;
	struct http_transfer *http;
	/* The answer, once there is one. */
	bool done;
	struct wire_head head;
	struct str texts;
};

struct asker {
	const struct asker_settings *s;
	struct arena *arena;
	int control;		/* -1: there is none, one client is all */
	struct http *http;	/* NULL until somebody asks for it */
	TAILQ_HEAD(, client) clients;
	TAILQ_HEAD(, question) questions;
	size_t nclients, nopen, bytes;
};

/* Kinds of questions: how each begins. A kind without code is refused. */
struct kind {
	bool (*begin)(struct asker *k, struct question *q, struct err *err);
	const char *why_not;
};

static bool begin_http(struct asker *k, struct question *q, struct err *err)
{
	if (!k->http)
		k->http = http_new(k->arena, k->s, err);
	if (!k->http)
		return false;
	q->http = http_start(k->http, q->arena, &q->ask, q, err);
	return q->http != NULL;
}

static const struct kind kinds[] = {
	[ASK_HTTP] = { begin_http, NULL },
	[ASK_DNS] = { NULL, "DNS is not configured" },
	[ASK_REDIS] = { NULL, "Redis is not configured" },
};

static void question_free(struct asker *k, struct question *q)
{
	struct arena *a = q->arena;

	TAILQ_REMOVE(&k->questions, q, link);
	http_drop(&q->http);
	q->client->nopen--;
	k->nopen--;
	k->bytes -= q->bytes;
	arena_free(&a);
}

/* Sends an answer that is ready; the question ends unless it must wait. */
static void deliver(struct asker *k, struct question *q)
{
	struct client *c = q->client;

	if (wire_send(c->fd, &q->head, q->texts, -1) == 0)
		c->blocked = true;
	else
		question_free(k, q);
}

static void answer(struct asker *k, struct question *q, struct ask_answer *ans)
{
	q->done = true;
	q->head = (struct wire_head){
		.packet.type = WIRE_ANSWER,
		.serial = q->serial,
		.id = q->ask.id,
		.word = ans->status,
		.code = ans->code,
	};
	q->texts = wire_pack_answer(q->arena, ans);
	http_drop(&q->http);
	deliver(k, q);
}

static void fail(struct asker *k, struct question *q, enum ask_status status,
		 const char *why)
{
	struct ask_answer ans = { .status = status, .error = str_cstr(why) };

	answer(k, q, &ans);
}

static void set_deadline(const struct asker *k, struct question *q)
{
	double seconds = q->ask.timeout;

	/* Not a number is none of these. */
	if (!(seconds > 0 && seconds < k->s->timeout))
		seconds = k->s->timeout;
	q->due_us = clock_mono_us() + (int64_t)(seconds * 1e6);
}

static void begin(struct asker *k, struct question *q)
{
	const struct kind *kind = q->ask.kind < sizeof(kinds) / sizeof(*kinds) ?
				  &kinds[q->ask.kind] : NULL;
	struct err err;

	set_deadline(k, q);
	if (!kind)
		fail(k, q, ASK_ERROR, "an unknown kind of question");
	else if (!kind->begin)
		fail(k, q, ASK_REFUSED, kind->why_not);
	else if (q->ask.kind == ASK_HTTP && !k->s->http)
		fail(k, q, ASK_REFUSED, k->s->why_not);
	else if (q->client->nopen > ASKER_OPEN_PER_CLIENT ||
		 k->nopen > ASKER_OPEN_MAX || k->bytes > QUESTION_BYTES_MAX)
		fail(k, q, ASK_ERROR, "too many questions are open");
	else if (!kind->begin(k, q, &err))
		fail(k, q, ASK_ERROR, err.text);
}

/* Drops a client's questions: those of older messages, or all. */
static void drop_questions(struct asker *k, const struct client *c, bool all)
{
	struct question *q, *next;

	for (q = TAILQ_FIRST(&k->questions); q && c->nopen; q = next) {
		next = TAILQ_NEXT(q, link);
		if (q->client == c && (all || q->serial != c->serial))
			question_free(k, q);
	}
}

static void client_free(struct asker *k, struct client *c)
{
	drop_questions(k, c, true);
	TAILQ_REMOVE(&k->clients, c, link);
	k->nclients--;
	close(c->fd);
	xfree(c);
}

/* Takes a and what is in it. False if the packet is nonsense. */
static bool on_ask(struct asker *k, struct client *c, struct arena *a,
		   const struct wire_head *h, struct str texts)
{
	struct question *q = arena_alloc(a, sizeof(*q));

	q->client = c;
	q->arena = a;
	q->serial = h->serial;
	q->bytes = texts.n;
	if (!wire_unpack_ask(a, h, texts, &q->ask)) {
		arena_free(&a);
		return false;
	}
	TAILQ_INSERT_TAIL(&k->questions, q, link);
	c->nopen++;
	k->nopen++;
	k->bytes += q->bytes;
	begin(k, q);
	return true;
}

/* One packet of a client's. 1: there may be more; 0: not now; -1: it ends. */
static int read_client(struct asker *k, struct client *c)
{
	struct arena *a = arena_new();
	struct wire_head h;
	struct str texts;
	int fd, rc = wire_recv(c->fd, &h, a, &texts, &fd);

	if (rc > 0 && (h.packet.type == WIRE_ASK || h.packet.type == WIRE_CANCEL)) {
		if (h.serial != c->serial) {
			c->serial = h.serial;
			drop_questions(k, c, false);
		}
		if (h.packet.type == WIRE_ASK)
			return on_ask(k, c, a, &h, texts) ? 1 : -1;
	} else if (rc > 0) {
		if (fd >= 0)
			close(fd);
		rc = -1;
	}
	arena_free(&a);
	return rc;
}

static void send_waiting(struct asker *k, struct client *c)
{
	struct question *q, *next;

	c->blocked = false;
	for (q = TAILQ_FIRST(&k->questions); q && !c->blocked; q = next) {
		next = TAILQ_NEXT(q, link);
		if (q->client == c && q->done)
			deliver(k, q);
	}
}

static void add_client(struct asker *k, int fd)
{
	struct client *c;

	if (k->nclients >= CLIENTS_MAX) {
		close(fd);
		return;
	}
	c = xcalloc(1, sizeof(*c));
	c->fd = fd;
	TAILQ_INSERT_TAIL(&k->clients, c, link);
	k->nclients++;
}

static void read_control(struct asker *k)
{
	struct arena *a = arena_new();
	struct wire_head h;
	struct str texts;
	int fd, rc = wire_recv(k->control, &h, a, &texts, &fd);

	arena_free(&a);
	if (rc < 0)
		_exit(0);
	if (rc > 0 && fd >= 0)
		add_client(k, fd);
}

/* What is done, and what took too long. The wait until the next deadline. */
static int settle(struct asker *k)
{
	int64_t now, next = 0;
	struct question *q, *following;
	struct ask_answer ans;

	while (k->http && (q = http_next_done(k->http, &ans)))
		answer(k, q, &ans);
	now = clock_mono_us();
	for (q = TAILQ_FIRST(&k->questions); q; q = following) {
		following = TAILQ_NEXT(q, link);
		if (q->due_us > now) {
			if (!next || q->due_us < next)
				next = q->due_us;
		} else if (!q->done) {
			fail(k, q, ASK_TIMEOUT, "time is up");
		}
	}
	if (!next)
		return 10000;
	return next - now > 10000000 ? 10000 : (int)((next - now) / 1000) + 1;
}

static void serve_clients(struct asker *k, const struct pollfd *fds)
{
	struct client *c, *next;
	int rc;

	for (c = TAILQ_FIRST(&k->clients); c; c = next, fds++) {
		next = TAILQ_NEXT(c, link);
		if (!fds->revents)
			continue;
		if (fds->revents & POLLOUT)
			send_waiting(k, c);
		rc = 1;
		for (int i = 0; i < BATCH && rc > 0; i++)
			rc = read_client(k, c);
		if (rc < 0)
			client_free(k, c);
	}
}

static void serve(struct asker *k)
{
	static struct pollfd fds[1 + CLIENTS_MAX];

	while (k->control >= 0 || !TAILQ_EMPTY(&k->clients)) {
		unsigned n = 1;
		struct client *c;
		int ms = settle(k);

		fds[0] = (struct pollfd){ .fd = k->control, .events = POLLIN };
		TAILQ_FOREACH(c, &k->clients, link)
			fds[n++] = (struct pollfd){
				.fd = c->fd,
				.events = (short)(POLLIN | (c->blocked ?
							    POLLOUT : 0)),
			};
		/* Without control channel the first one is -1, which poll
		 * passes over, and libcurl does not. */
		if (!k->http)
			poll(fds, n, ms);
		else
			http_work(k->http, fds + (k->control < 0),
				  n - (k->control < 0), ms);
		serve_clients(k, fds + 1);
		if (k->control >= 0 && fds[0].revents)
			read_control(k);
	}
	_exit(0);
}

static void init(struct asker *k, int control, const struct asker_settings *s)
{
	signal(SIGPIPE, SIG_IGN);
	*k = (struct asker){ .s = s, .control = control,
			     .arena = arena_new() };
	TAILQ_INIT(&k->clients);
	TAILQ_INIT(&k->questions);
}

void asker_run(int control_fd, const struct asker_settings *s)
{
	struct asker k;

	init(&k, control_fd, s);
	serve(&k);
	_exit(0);
}

int asker_give(int control_fd, int end)
{
	struct wire_head h = { .packet.type = WIRE_CLIENT };

	return wire_send(control_fd, &h, STR(""), end);
}

static void run_spawned(void *ctx, int fd)
{
	struct asker k;

	init(&k, -1, ctx);
	add_client(&k, fd);
	serve(&k);
}

int asker_spawn(const struct asker_settings *s, pid_t *pid_r, struct err *err)
{
	return process_spawn("mekiki-asker", run_spawned, (void *)s, pid_r, err);
}
