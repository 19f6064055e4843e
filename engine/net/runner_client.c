/*
 * The client's side of the runner; see runner.h. As with the asker, no list is
 * kept of what was asked: the numbers of a question and of its message come
 * back with the answer.
 */
#include "net/runner.h"

#include <unistd.h>

#include "base/arena.h"
#include "net/runner_wire.h"

struct runner_client {
	int fd;
	bool gone;
	uint32_t serial;	/* of the message */
	size_t open;		/* its questions without an answer */
};

struct runner_client *runner_client_new(struct arena *a, int fd)
{
	struct runner_client *c = arena_alloc(a, sizeof(*c));

	c->fd = fd;
	return c;
}

bool runner_client_alive(const struct runner_client *c)
{
	return c && !c->gone;
}

int runner_client_fd(const struct runner_client *c)
{
	return runner_client_alive(c) ? c->fd : -1;
}

void runner_begin(struct runner_client *c)
{
	struct runner_head h = { .packet.type = RUNNER_CANCEL };

	if (!c || c->gone)
		return;
	h.serial = ++c->serial;
	/* If there is no room for this, the next question says the same. */
	if (c->open)
		runner_wire_send(c->fd, &h, STR(""), -1);
	c->open = 0;
}

static bool is_askable(const struct runner_client *c,
		       const struct runner_ask *ask, struct err *err)
{
	if (!runner_client_alive(c))
		err_set(err, "nobody is there to run programs");
	else if (ask->input.n > RUNNER_INPUT_MAX)
		err_set(err, "an input of more than %zu bytes",
			RUNNER_INPUT_MAX);
	else if (ask->params.n > RUNNER_PARAMS)
		err_set(err, "more than %d parameters", RUNNER_PARAMS);
	else if (c->open >= RUNNER_OPEN_PER_CLIENT)
		err_set(err, "more than %d runs are open",
			RUNNER_OPEN_PER_CLIENT);
	else
		return true;
	return false;
}

bool runner_send(struct runner_client *c, const struct runner_ask *ask,
		 struct err *err)
{
	struct runner_head h = {
		.packet.type = RUNNER_RUN,
		.id = ask->id,
		.word = ask->program,
		.size = ask->input.n,
		.timeout = ask->timeout,
	};
	struct arena *a;
	int rc, fd;

	if (!is_askable(c, ask, err))
		return false;
	h.serial = c->serial;
	fd = packets_memfd("input", ask->input);
	if (fd < 0) {
		err_set(err, "the input cannot be kept");
		return false;
	}
	a = arena_new();
	rc = runner_wire_send(c->fd, &h, runner_wire_pack(a, &ask->params),
			      fd);
	arena_free(&a);
	close(fd);
	if (rc > 0) {
		c->open++;
		return true;
	}
	c->gone = rc < 0;
	err_set(err, rc < 0 ? "the runner is gone" : "the runner is busy");
	return false;
}

int runner_wait(struct runner_client *c, int64_t until_us, struct arena *a,
		struct runner_answer *out_r)
{
	while (runner_client_alive(c)) {
		struct runner_head h;
		struct str texts;
		int fd, rc;

		if (!packets_wait(c->fd, until_us))
			return 0;
		rc = runner_wire_recv(c->fd, false, &h, a, &texts, &fd);
		if (rc == 0)
			continue;
		if (rc > 0 && fd >= 0)
			close(fd);
		if (rc < 0 || h.packet.type != RUNNER_ANSWER ||
		    !runner_wire_unpack_answer(&h, texts, out_r)) {
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
