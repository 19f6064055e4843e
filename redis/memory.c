/*
 * The memory process; see memory.h. It waits in one place, libevent's loop,
 * for packets of its clients, for the servers behind the store, and for a
 * tick. A question lives from its packet to its answer; an answer that the
 * client's channel has no room for waits in it until there is.
 */
#include "redis/memory_int.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/process.h"

#define PEERS_MAX 1100
#define OPEN_PER_PEER 256	/* questions of one client at once */
#define OPEN_MAX 8192		/* ... of all */
#define PACKETS_IN_A_ROW 32
#define TICK_MS 50
#define STORE_TICK_US 1000000

/* ---- answers ---- */

void memory_question_end(struct question *q)
{
	struct arena *a = q->arena;

	TAILQ_REMOVE(&q->memory->questions, q, all);
	q->memory->nquestions--;
	if (q->peer)
		q->peer->open--;
	arena_free(&a);
}

static void deliver(struct question *q)
{
	struct memory_peer *p = q->peer;

	if (p && (!TAILQ_EMPTY(&p->waiting) ||
		  memory_packet_send(p->fd, &q->head, q->texts, -1) == 0)) {
		TAILQ_INSERT_TAIL(&p->waiting, q, link);
		event_add(p->writes, NULL);
		return;
	}
	memory_question_end(q);
}

void memory_answer(struct question *q, enum store_status status,
		   const char *error, const struct store_reply *replies,
		   size_t n)
{
	struct buf b;

	buf_in(&b, q->arena, MEMORY_TEXTS_MAX + 1);
	packets_put(&b, status == STORE_OK ? STR_NONE : str_cstr(error));
	packets_put(&b, q->counts ?
		str_make((const char *)q->counts, q->ask.tokens.n /
			 BAYES_TOKEN * sizeof(*q->counts)) : STR(""));
	memory_put_replies(&b, replies, n);
	if (b.n > MEMORY_TEXTS_MAX) {
		memory_answer(q, STORE_FAILED, "the answer is too large",
			      NULL, 0);
		return;
	}
	q->texts = buf_str(&b);
	q->head.packet.type = MEMORY_ANSWER;
	q->head.word = status;
	q->head.epoch = q->memory->sets.epoch;
	deliver(q);
}

static void on_writable(evutil_socket_t fd, short what, void *ctx)
{
	struct memory_peer *p = ctx;
	struct question *q;

	(void)what;
	while ((q = TAILQ_FIRST(&p->waiting))) {
		if (memory_packet_send(fd, &q->head, q->texts, -1) == 0) {
			event_add(p->writes, NULL);
			return;
		}
		TAILQ_REMOVE(&p->waiting, q, link);
		memory_question_end(q);
	}
}

/* ---- reading ---- */

static struct bayes_home home_of(const struct question *q)
{
	return (struct bayes_home){
		.layout = q->memory->settings->bayes_layout,
		.prefix = q->ask.prefix,
	};
}

static const uint8_t *token_at(const struct question *q, size_t i)
{
	return (const uint8_t *)q->ask.tokens.p + i * BAYES_TOKEN;
}

/* Adds what must be asked for the tokens that are not in the cache, and may be
 * in the store. */
static void ask_tokens(struct question *q)
{
	size_t n = q->ask.tokens.n / BAYES_TOKEN;
	struct known_tokens *exist = memory_known(q);
	struct bayes_home home = home_of(q);
	bool *known;

	q->counts = arena_alloc(q->arena, n * sizeof(*q->counts));
	q->missing = arena_alloc(q->arena, n * sizeof(*q->missing));
	q->asked = arena_alloc(q->arena, n * BAYES_TOKEN);
	known = arena_alloc(q->arena, n);
	token_cache_get(q->memory->tokens, q->ask.prefix, token_at(q, 0), n,
			q->counts, known);
	for (size_t i = 0; i < n; i++) {
		if (known[i] ||
		    (exist && !known_tokens_may_have(exist, token_at(q, i))))
			continue;
		memcpy(q->asked + q->nmissing * BAYES_TOKEN, token_at(q, i),
		       BAYES_TOKEN);
		q->missing[q->nmissing++] = i;
	}
	if (exist) {
		bayes_compose_state(q->arena, &home, NULL, &q->ask.batch);
		q->nstate = 1;
	}
	if (q->nmissing)
		bayes_compose_counts(q->arena, &home, q->asked, q->nmissing,
				     &q->ask.batch);
}

/* False if the replies are no counts. */
static bool take_tokens(struct question *q, const struct store_reply *replies,
			size_t n)
{
	struct bayes_home home = home_of(q);
	struct bayes_count *found;

	if (q->nstate)
		memory_known_state(q, replies++);
	n -= q->nstate;
	if (!q->nmissing)
		return true;
	found = arena_alloc(q->arena, q->nmissing * sizeof(*found));
	if (!bayes_parse_counts(&home, q->asked, q->nmissing, replies, n,
				found))
		return false;
	for (size_t i = 0; i < q->nmissing; i++)
		q->counts[q->missing[i]] = found[i];
	token_cache_put(q->memory->tokens, q->ask.prefix, q->asked,
			q->nmissing, found);
	return true;
}

static void read_done(void *ctx, enum store_status status,
		      const struct store_reply *replies, size_t n,
		      const struct err *err)
{
	struct question *q = ctx;

	memory_note(q->memory, q->ask.home, status, err);
	if (status == STORE_OK &&
	    !take_tokens(q, replies + q->nown, n - q->nown)) {
		q->counts = NULL;
		memory_answer(q, STORE_FAILED, "the store's counts of tokens "
			      "make no sense", NULL, 0);
		return;
	}
	if (status != STORE_OK)
		q->counts = NULL;
	memory_answer(q, status, err ? err->text : "", replies,
		      status == STORE_OK ? q->nown : 0);
}

/* memory_ask_keys: each home has its own way of walking through all keys. */
static bool asks_keys(const struct store_batch *b)
{
	return b->n == 1 && b->v[0].script < 0 && b->v[0].argv.n == 3 &&
	       str_eq(b->v[0].argv.v[0], STR("SCAN"));
}

static void memory_read(struct question *q)
{
	struct memory *m = q->memory;
	struct store *s = m->stores[q->ask.home];

	q->nown = q->ask.batch.n;
	if (q->ask.tokens.n)
		ask_tokens(q);
	if (q->ask.batch.n == 0) {
		memory_answer(q, STORE_OK, "", NULL, 0);
		return;
	}
	if (asks_keys(&q->ask.batch))
		s->ops->scan(s, q->ask.batch.v[0].argv.v[1],
			     q->ask.batch.v[0].argv.v[2], read_done, q);
	else
		memory_store_send(m, q->ask.home, &q->ask.batch,
				  q->ask.timeout > 0 ?
			   q->ask.timeout : m->settings->timeout, read_done,
			   q);
}

/* ---- questions ---- */

static void (*const words[])(struct question *q) = {
	[MEMORY_READ] = memory_read,
	[MEMORY_TEACH] = memory_teach,
	[MEMORY_LEARN] = memory_learn,
	[MEMORY_SETS] = memory_sets,
};

static bool unpack(struct question *q, struct str texts)
{
	struct memory_ask *ask = &q->ask;

	*ask = (struct memory_ask){
		.id = q->head.id,
		.word = (enum memory_word)q->head.word,
		.home = (enum memory_home)q->head.home,
		.timeout = q->head.timeout,
	};
	if (q->head.word >= sizeof(words) / sizeof(*words) ||
	    q->head.home >= HOMES || !(q->head.timeout >= 0) ||
	    !packets_take(&texts, &ask->tokens) ||
	    !packets_take(&texts, &ask->prefix) ||
	    ask->tokens.n % BAYES_TOKEN)
		return false;
	q->bytes = texts;
	return memory_take_batch(q->arena, &texts, &ask->batch);
}

/* Takes a and what is in it. False if the packet is nonsense. */
static bool on_ask(struct memory_peer *p, struct arena *a,
		   const struct memory_head *h, struct str texts)
{
	struct memory *m = p->memory;
	struct question *q = arena_alloc(a, sizeof(*q));

	*q = (struct question){ .memory = m, .peer = p, .arena = a,
				.head = *h };
	if (!unpack(q, texts)) {
		arena_free(&a);
		return false;
	}
	TAILQ_INSERT_TAIL(&m->questions, q, all);
	m->nquestions++;
	p->open++;
	if (p->open > OPEN_PER_PEER || m->nquestions > OPEN_MAX)
		memory_answer(q, STORE_BUSY, "too many questions are open",
			      NULL, 0);
	else
		words[q->ask.word](q);
	return true;
}

/* ---- clients ---- */

static void peer_free(struct memory_peer *p)
{
	struct memory *m = p->memory;
	struct question *q, *next;

	while ((q = TAILQ_FIRST(&p->waiting))) {
		TAILQ_REMOVE(&p->waiting, q, link);
		memory_question_end(q);
	}
	/* What it still has under way goes on; nobody will be answered. */
	for (q = TAILQ_FIRST(&m->questions); q && p->open; q = next) {
		next = TAILQ_NEXT(q, all);
		if (q->peer == p) {
			q->peer = NULL;
			p->open--;
		}
	}
	TAILQ_REMOVE(&m->peers, p, link);
	m->npeers--;
	event_free(p->reads);
	event_free(p->writes);
	close(p->fd);
	xfree(p);
	if (m->control < 0 && TAILQ_EMPTY(&m->peers))
		event_base_loopbreak(m->base);
}

static void on_readable(evutil_socket_t fd, short what, void *ctx)
{
	struct memory_peer *p = ctx;

	(void)what;
	for (int i = 0; i < PACKETS_IN_A_ROW; i++) {
		struct arena *a = arena_new();
		struct memory_head h;
		struct str texts;
		int passed, rc = memory_packet_recv(fd, &h, a, &texts,
						    &passed);

		if (rc > 0 && h.packet.type == MEMORY_ASK) {
			if (on_ask(p, a, &h, texts))
				continue;
			peer_free(p);
			return;
		}
		if (rc > 0 && passed >= 0)
			close(passed);
		arena_free(&a);
		if (rc != 0)
			peer_free(p);
		return;
	}
}

static void add_peer(struct memory *m, int fd)
{
	struct memory_peer *p;

	if (m->npeers >= PEERS_MAX) {
		close(fd);
		return;
	}
	p = xcalloc(1, sizeof(*p));
	p->memory = m;
	p->fd = fd;
	TAILQ_INIT(&p->waiting);
	p->reads = event_new(m->base, fd, EV_READ | EV_PERSIST, on_readable, p);
	p->writes = event_new(m->base, fd, EV_WRITE, on_writable, p);
	event_add(p->reads, NULL);
	TAILQ_INSERT_TAIL(&m->peers, p, link);
	m->npeers++;
}

static void on_control(evutil_socket_t control, short what, void *ctx)
{
	struct memory *m = ctx;
	struct arena *a = arena_new();
	struct memory_head h;
	struct str texts;
	int fd, rc = memory_packet_recv(control, &h, a, &texts, &fd);

	(void)what;
	arena_free(&a);
	if (rc < 0)
		event_base_loopbreak(m->base);
	else if (rc > 0 && fd >= 0)
		add_peer(m, fd);
}

/* ---- the process ---- */

/* Once a second: what is expired leaves an embedded store. */
static void tick_stores(struct memory *m)
{
	int64_t now = clock_mono_us();

	if (now - m->ticked_us < STORE_TICK_US)
		return;
	m->ticked_us = now;
	for (int i = 0; i < (m->settings->one_home ? 1 : HOMES); i++)
		if (m->stores[i]->ops->tick)
			m->stores[i]->ops->tick(m->stores[i]);
}

static void on_tick(evutil_socket_t fd, short what, void *ctx)
{
	struct memory *m = ctx;

	(void)fd;
	(void)what;
	tick_stores(m);
	memory_probe(m);
	memory_teach_flush(m);
	memory_replay(m);
	memory_known_tick(m);
	memory_sets_tick(m);
	memory_upkeep_tick(m);
}

/* A store that can never work is as good as none, and said so. */
static struct store *open_store(struct memory *m, enum memory_home home)
{
	struct store_options none = { .url.scheme = STORE_NONE };
	struct store *s;
	struct err err;

	s = store_open(&m->settings->homes[home], m->base, &err);
	if (s)
		return s;
	log_error("store: %s", err.text);
	return store_open(&none, m->base, &err);
}

static void open_journal(struct memory *m)
{
	char dir[4096];
	struct err err;

	if (!m->settings->journal.n ||
	    m->settings->journal.n >= sizeof(dir))
		return;
	memcpy(dir, m->settings->journal.p, m->settings->journal.n);
	dir[m->settings->journal.n] = '\0';
	m->journal = journal_open(dir, &err);
	if (!m->journal)
		log_error("store: %s: what is learned while the store cannot "
			  "be reached is refused", err.text);
}

static void init(struct memory *m, int control,
		 const struct memory_settings *ms)
{
	static const struct timeval tick = { .tv_usec = TICK_MS * 1000 };

	signal(SIGPIPE, SIG_IGN);
	*m = (struct memory){ .settings = ms, .control = control };
	TAILQ_INIT(&m->peers);
	TAILQ_INIT(&m->questions);
	m->base = event_base_new();
	must(m->base);
	m->stores[HOME_MAIN] = open_store(m, HOME_MAIN);
	m->stores[HOME_BAYES] = ms->one_home ? m->stores[HOME_MAIN] :
					       open_store(m, HOME_BAYES);
	m->tokens = token_cache_new(ms->token_cache);
	memory_known_init(m);
	memory_health_init(m);
	memory_teach_init(m);
	memory_sets_init(m);
	memory_learn_init(m);
	memory_upkeep_init(m);
	open_journal(m);
	m->tick = event_new(m->base, -1, EV_PERSIST, on_tick, m);
	event_add(m->tick, &tick);
	if (control < 0)
		return;
	m->control_event = event_new(m->base, control, EV_READ | EV_PERSIST,
				     on_control, m);
	event_add(m->control_event, NULL);
}

/* What was taught in the last moment is sent before the process leaves. */
static void serve(struct memory *m)
{
	event_base_dispatch(m->base);
	memory_finish(m);
	memory_upkeep_end(m);
	store_close(&m->stores[HOME_MAIN]);
	if (!m->settings->one_home)
		store_close(&m->stores[HOME_BAYES]);
	journal_close(&m->journal);
	_exit(0);
}

void memory_run(int control_fd, const struct memory_settings *ms,
		void (*fence)(void))
{
	struct memory m;

	init(&m, control_fd, ms);
	if (fence)
		fence();
	serve(&m);
	_exit(0);
}

int memory_give(int control_fd, int end)
{
	struct memory_head h = { .packet.type = MEMORY_CLIENT };

	return memory_packet_send(control_fd, &h, STR(""), end);
}

static void run_spawned(void *ctx, int fd)
{
	struct memory k;

	init(&k, -1, ctx);
	add_peer(&k, fd);
	serve(&k);
}

int memory_spawn(const struct memory_settings *ms, pid_t *pid_r,
		 struct err *err)
{
	return process_spawn("mekiki-memory", run_spawned, (void *)ms, pid_r, err);
}
