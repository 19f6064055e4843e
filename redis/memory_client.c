/*
 * The client's side of the memory process; see memory.h. It keeps no list of
 * what it asked: a question's number and its message's number come back with
 * the answer, and an answer to an older message is nobody's.
 */
#include "redis/memory.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/map.h"
#include "redis/memory_wire.h"

/* What a caller of memory_ask waits longer than the process itself does, so
 * that the process's own words about a slow store arrive. */
#define GRACE_US 5000000

struct memory_client {
	int fd;
	bool gone;
	uint32_t serial;	/* of the message */
	uint32_t nasked;	/* memory_ask's questions */
	uint32_t epoch;
	uint64_t untrained;	/* hash of the prefix of the database that was
				 * last found so; 0: none */
};

struct memory_client *memory_client_new(struct arena *a, int fd)
{
	struct memory_client *c = arena_alloc(a, sizeof(*c));

	c->fd = fd;
	return c;
}

void memory_client_trained(struct memory_client *c, struct str prefix,
			   bool trained)
{
	uint64_t hash = str_hash(prefix) | 1;

	if (!trained)
		c->untrained = hash;
	else if (c->untrained == hash)
		c->untrained = 0;
}

bool memory_client_is_trained(const struct memory_client *c, struct str prefix)
{
	return !c || c->untrained != (str_hash(prefix) | 1);
}

bool memory_client_alive(const struct memory_client *c)
{
	return c && !c->gone;
}

int memory_client_fd(const struct memory_client *c)
{
	return memory_client_alive(c) ? c->fd : -1;
}

uint32_t memory_client_epoch(const struct memory_client *c)
{
	return c ? c->epoch : 0;
}

void memory_begin(struct memory_client *c)
{
	if (c)
		c->serial++;
}

static struct str pack(struct arena *a, const struct memory_ask *ask)
{
	struct buf b;

	buf_in(&b, a, MEMORY_TEXTS_MAX + 1);
	packets_put(&b, ask->tokens.n ? ask->tokens : STR_NONE);
	packets_put(&b, ask->prefix);
	memory_put_batch(&b, &ask->batch);
	return buf_str(&b);
}

bool memory_send(struct memory_client *c, const struct memory_ask *ask,
		 struct err *err)
{
	struct memory_head h = {
		.packet.type = MEMORY_ASK,
		.id = ask->id,
		.word = ask->word,
		.home = ask->home,
		.timeout = ask->timeout,
	};
	struct arena *a;
	struct str texts;
	int rc = 0;

	if (!memory_client_alive(c)) {
		err_set(err, "the memory process is gone");
		return false;
	}
	a = arena_new();
	texts = pack(a, ask);
	if (texts.n <= MEMORY_TEXTS_MAX) {
		h.serial = c->serial;
		rc = memory_packet_send(c->fd, &h, texts, -1);
	}
	arena_free(&a);
	if (rc > 0)
		return true;
	c->gone = rc < 0;
	err_set(err, "%s", rc < 0 ? "the memory process is gone" :
		"the memory process is busy");
	return false;
}

static bool unpack(struct arena *a, const struct memory_head *h,
		   struct str texts, struct memory_answer *out_r)
{
	struct str counts;

	*out_r = (struct memory_answer){
		.id = h->id,
		.status = (enum store_status)h->word,
		.journaled = h->journaled != 0,
	};
	if (h->word > STORE_FAILED || !packets_take(&texts, &out_r->error) ||
	    !packets_take(&texts, &counts) ||
	    !memory_take_replies(a, &texts, &out_r->replies, &out_r->n) ||
	    counts.n % sizeof(*out_r->counts))
		return false;
	if (counts.n) {
		struct bayes_count *v = arena_alloc(a, counts.n);

		memcpy(v, counts.p, counts.n);
		out_r->counts = v;
		out_r->ncounts = counts.n / sizeof(*v);
	}
	return true;
}

int memory_wait(struct memory_client *c, int64_t until_us, struct arena *a,
		struct memory_answer *out_r)
{
	while (memory_client_alive(c)) {
		struct memory_head h;
		struct str texts;
		int fd, rc;

		if (!packets_wait(c->fd, until_us))
			return 0;
		rc = memory_packet_recv(c->fd, &h, a, &texts, &fd);
		if (rc == 0)
			continue;
		if (rc < 0 || h.packet.type != MEMORY_ANSWER ||
		    !unpack(a, &h, texts, out_r)) {
			c->gone = true;
			break;
		}
		c->epoch = h.epoch;
		if (h.serial == c->serial)
			return 1;
	}
	return -1;
}

bool memory_ask_until(struct memory_client *c, const struct memory_ask *ask,
		      int64_t until_us, struct arena *a,
		      struct memory_answer *out_r, struct err *err)
{
	struct memory_ask own = *ask;
	int rc;

	if (!memory_client_alive(c)) {
		err_set(err, "the memory process is gone");
		return false;
	}
	own.id = MEMORY_ASK_IDS + c->nasked++ % MEMORY_ASK_IDS;
	if (!memory_send(c, &own, err))
		return false;
	do
		rc = memory_wait(c, until_us, a, out_r);
	while (rc > 0 && out_r->id != own.id);
	if (rc <= 0) {
		err_set(err, "%s", rc < 0 ? "the memory process is gone" :
			"the memory process does not answer");
		return false;
	}
	if (out_r->status == STORE_OK)
		return true;
	err_set(err, "%.*s", STR_ARG(out_r->error));
	return false;
}

bool memory_ask(struct memory_client *c, const struct memory_ask *ask,
		struct arena *a, struct memory_answer *out_r, struct err *err)
{
	return memory_ask_until(c, ask, clock_mono_us() + GRACE_US +
				(int64_t)(ask->timeout * 1e6), a, out_r, err);
}

void memory_ask_keys(struct arena *a, struct memory_ask *ask, struct str prefix,
		     struct str cursor)
{
	ask->word = MEMORY_READ;
	store_add(a, &ask->batch, "SCAN", prefix);
	store_add_arg(a, &ask->batch, cursor);
}
