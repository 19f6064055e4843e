/*
 * The client's side of the asker; see asker.h. It keeps no list of what it
 * asked: a question's number and its message's number come back with the
 * answer, and an answer to an older message is nobody's.
 */
#include "base/arena.h"
#include "net/asker.h"
#include "net/wire.h"

struct asker_client {
	int fd;
	bool gone;
	uint32_t serial;	/* of the message */
	size_t open;		/* its questions without an answer */
};

struct asker_client *asker_client_new(struct arena *a, int fd)
{
	struct asker_client *c = arena_alloc(a, sizeof(*c));

	c->fd = fd;
	return c;
}

bool asker_client_alive(const struct asker_client *c)
{
	return c && !c->gone;
}

int asker_client_fd(const struct asker_client *c)
{
	return asker_client_alive(c) ? c->fd : -1;
}

void asker_begin(struct asker_client *c)
{
	struct wire_head h = { .packet.type = WIRE_CANCEL };

	if (!c || c->gone)
		return;
	h.serial = ++c->serial;
	/* If there is no room for this, the next question says the same. */
	if (c->open)
		wire_send(c->fd, &h, STR(""), -1);
	c->open = 0;
}

static size_t size_of(const struct ask *ask)
{
	size_t n = ask->url.n + ask->method.n + ask->body.n;

	for (size_t i = 0; i < ask->headers.n; i++)
		n += ask->headers.v[i].n;
	return n;
}

bool asker_send(struct asker_client *c, const struct ask *ask, struct err *err)
{
	struct arena *a;
	struct wire_head h = {
		.packet.type = WIRE_ASK,
		.id = ask->id,
		.word = ask->kind,
		.timeout = ask->timeout,
		.no_ssl_verify = ask->no_ssl_verify,
		.max_size = ask->max_size,
		.redirects = ask->redirects,
	};
	int rc;

	if (!asker_client_alive(c)) {
		err_set(err, "nobody is there to ask");
		return false;
	}
	if (size_of(ask) > ASKER_REQUEST_MAX) {
		err_set(err, "a request of more than %zu bytes",
			ASKER_REQUEST_MAX);
		return false;
	}
	if (c->open >= ASKER_OPEN_PER_CLIENT) {
		err_set(err, "more than %d questions are open",
			ASKER_OPEN_PER_CLIENT);
		return false;
	}
	h.serial = c->serial;
	a = arena_new();
	rc = wire_send(c->fd, &h, wire_pack_ask(a, ask), -1);
	arena_free(&a);
	if (rc > 0) {
		c->open++;
		return true;
	}
	if (rc < 0) {
		c->gone = true;
		err_set(err, "the asker is gone");
	} else {
		err_set(err, "the asker is busy");
	}
	return false;
}

int asker_wait(struct asker_client *c, int64_t until_us, struct arena *a,
	       struct ask_answer *out_r)
{
	while (asker_client_alive(c)) {
		struct wire_head h;
		struct str texts;
		int fd, rc;

		if (!packets_wait(c->fd, until_us))
			return 0;
		rc = wire_recv(c->fd, &h, a, &texts, &fd);
		if (rc == 0)
			continue;
		if (rc < 0 || h.packet.type != WIRE_ANSWER ||
		    !wire_unpack_answer(a, &h, texts, out_r)) {
			c->gone = true;
			break;
		}
		if (h.serial != c->serial)
			continue;
		if (c->open)
			c->open--;
		return 1;
	}
	return -1;
}
