/*
 * load [-n BATCHES] [-s SECONDS] [-t TIMEOUT] [-k KEYS] [-c COMMANDS] URL:
 * a load for a store, that knows afterwards what must be in it. Keeps n batches
 * under way for that many seconds (or until SIGTERM); each of their commands
 * is a script that counts once under a marker, and a batch that failed is sent
 * again until it succeeds, as the journal would do it.
 *
 * Every tenth of a second a line "at MILLISECONDS ok N failed M" (since 1970);
 * at the end, once nothing is under way any more:
 *   status WORD N          for each status that was told
 *   error N TEXT           replies that were errors, with the last one's text
 *   slowest MILLISECONDS   from sending to status
 *   open N                 batches that never got through (10 s at the end)
 *   count KEY N            commands on that key that were acknowledged
 */
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "redis/store.h"

#define COMMANDS_MAX 64
#define LAST_SECONDS 10		/* to get through what is still under way */
#define AGAIN_US 20000

static const char script[] =
	"if redis.call('SADD', KEYS[2], ARGV[1]) == 1 then "
	"return redis.call('INCR', KEYS[1]) end return 0";

static const char *const status_words[] = {
	[STORE_OK] = "OK", [STORE_UNREACHABLE] = "UNREACHABLE",
	[STORE_BUSY] = "BUSY", [STORE_LATE] = "LATE", [STORE_LOST] = "LOST",
	[STORE_FAILED] = "FAILED",
};

struct load {
	struct event_base *base;
	struct store *store;
	struct lane *lanes;
	size_t nlanes, ncommands, nkeys;
	double seconds, timeout;
	size_t *counts;		/* of each key */
	unsigned long markers, statuses[STORE_FAILED + 1], errors;
	unsigned long ok, failed;	/* since the last line */
	char error[200];
	int64_t slowest;
	bool ending;
	size_t open;
};

struct lane {
	struct load *load;
	struct arena *arena;
	struct store_batch batch;
	size_t keys[COMMANDS_MAX];
	struct event *again;
	int64_t sent;
	bool busy;
};

/* ---- one batch ---- */

static void compose(struct lane *lane)
{
	struct load *l = lane->load;
	struct arena *a = lane->arena;

	arena_reset(a);
	lane->batch = (struct store_batch){ 0 };
	for (size_t i = 0; i < l->ncommands; i++) {
		size_t key = (size_t)random() % l->nkeys;
		struct store_batch *b = &lane->batch;

		lane->keys[i] = key;
		store_add(a, b, "EVAL", str_cstr(script));
		store_add_int(a, b, 2);
		store_add_arg(a, b, str_printf(a, "load:%d:count:{%zu}",
					       (int)getpid(), key));
		store_add_arg(a, b, str_printf(a, "load:%d:seen:{%zu}",
					       (int)getpid(), key));
		store_add_arg(a, b, str_printf(a, "%lu", l->markers++));
	}
}

static void on_done(void *ctx, enum store_status status,
		    const struct store_reply *replies, size_t n,
		    const struct err *err);

static void send_it(struct lane *lane)
{
	struct load *l = lane->load;

	lane->sent = clock_mono_us();
	store_send(l->store, &lane->batch, l->timeout, on_done, lane);
}

static void send_again(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	send_it(ctx);
}

static void next(struct lane *lane)
{
	struct load *l = lane->load;

	lane->busy = !l->ending;
	if (lane->busy) {
		compose(lane);
		send_it(lane);
	} else if (--l->open == 0) {
		event_base_loopbreak(l->base);
	}
}

static bool has_error(struct load *l, const struct store_reply *replies,
		      size_t n)
{
	bool found = false;

	for (size_t i = 0; i < n; i++) {
		if (replies[i].kind != REPLY_ERROR)
			continue;
		found = true;
		l->errors++;
		snprintf(l->error, sizeof(l->error), "%.*s",
			 STR_ARG(str_head(replies[i].text, 150)));
	}
	return found;
}

static void on_done(void *ctx, enum store_status status,
		    const struct store_reply *replies, size_t n,
		    const struct err *err)
{
	struct lane *lane = ctx;
	struct load *l = lane->load;
	int64_t took = clock_mono_us() - lane->sent;

	if (took > l->slowest)
		l->slowest = took;
	l->statuses[status]++;
	if (status != STORE_OK || has_error(l, replies, n)) {
		if (!l->failed++)
			fprintf(stderr, "%s: %s\n", status_words[status],
				status == STORE_OK ? l->error : err->text);
		event_add(lane->again, &(struct timeval){ 0, AGAIN_US });
		return;
	}
	l->ok++;
	for (size_t i = 0; i < l->ncommands; i++)
		l->counts[lane->keys[i]]++;
	next(lane);
}

/* ---- time ---- */

static void report(evutil_socket_t fd, short what, void *ctx)
{
	struct load *l = ctx;
	struct timeval now;

	(void)fd;
	(void)what;
	gettimeofday(&now, NULL);
	printf("at %lld ok %lu failed %lu\n", (long long)now.tv_sec * 1000 +
	       now.tv_usec / 1000, l->ok, l->failed);
	fflush(stdout);
	l->ok = l->failed = 0;
}

static void give_up(evutil_socket_t fd, short what, void *ctx)
{
	struct load *l = ctx;

	(void)fd;
	(void)what;
	event_base_loopbreak(l->base);
}

static void stop(evutil_socket_t fd, short what, void *ctx)
{
	struct load *l = ctx;
	struct timeval last = { LAST_SECONDS, 0 };

	(void)fd;
	(void)what;
	if (!l->ending)
		event_base_once(l->base, -1, EV_TIMEOUT, give_up, l, &last);
	l->ending = true;
}

static void run(struct load *l)
{
	struct timeval tenth = { 0, 100000 };
	struct timeval all = { (time_t)l->seconds,
			(suseconds_t)(l->seconds * 1e6) % 1000000 };
	struct event *line = event_new(l->base, -1, EV_PERSIST, report, l);
	struct event *end = evsignal_new(l->base, SIGTERM, stop, l);

	event_add(line, &tenth);
	event_add(end, NULL);
	event_base_once(l->base, -1, EV_TIMEOUT, stop, l, &all);
	l->open = l->nlanes;
	for (size_t i = 0; i < l->nlanes; i++) {
		struct lane *lane = &l->lanes[i];

		lane->load = l;
		lane->arena = arena_new();
		lane->again = evtimer_new(l->base, send_again, lane);
		next(lane);
	}
	event_base_dispatch(l->base);
	event_free(line);
	event_free(end);
}

static void summary(const struct load *l)
{
	for (size_t i = 0; i <= STORE_FAILED; i++)
		if (l->statuses[i])
			printf("status %s %lu\n", status_words[i],
			       l->statuses[i]);
	printf("error %lu %s\n", l->errors, l->error);
	printf("slowest %lld\n", (long long)l->slowest / 1000);
	printf("open %zu\n", l->open);
	for (size_t i = 0; i < l->nkeys; i++)
		printf("count load:%d:count:{%zu} %zu\n", (int)getpid(), i,
		       l->counts[i]);
}

/* ---- the program ---- */

static bool read_arguments(struct load *l, int argc, char **argv)
{
	int opt;

	while ((opt = getopt(argc, argv, "n:s:t:k:c:")) != -1) {
		double v = optarg ? strtod(optarg, NULL) : 0;

		if (opt == 'n' && v >= 1)
			l->nlanes = (size_t)v;
		else if (opt == 's')
			l->seconds = v;
		else if (opt == 't')
			l->timeout = v;
		else if (opt == 'k' && v >= 1)
			l->nkeys = (size_t)v;
		else if (opt == 'c' && v >= 1 && v <= COMMANDS_MAX)
			l->ncommands = (size_t)v;
		else
			return false;
	}
	return optind + 1 == argc;
}

int main(int argc, char **argv)
{
	struct store_options o = { .connect_timeout = 1, .answer_timeout = 1 };
	struct load l = { .nlanes = 16, .seconds = 5, .timeout = 1,
			  .nkeys = 200, .ncommands = 4 };
	struct arena *a = arena_new();
	struct err err = { "" };

	if (!read_arguments(&l, argc, argv))
		return 2;
	l.base = event_base_new();
	if (store_url_parse(a, str_cstr(argv[optind]), &o.url, &err) == 0) {
		o.url.ca_file = getenv("STORE_CA");
		l.store = store_open(&o, l.base, &err);
	}
	if (!l.store) {
		fprintf(stderr, "load: %s\n", err.text);
		return 1;
	}
	l.lanes = xcalloc(l.nlanes, sizeof(*l.lanes));
	l.counts = xcalloc(l.nkeys, sizeof(*l.counts));
	run(&l);
	summary(&l);
	/* A pending batch is told LOST now, and must not be sent again. */
	l.ending = true;
	store_close(&l.store);
	for (size_t i = 0; i < l.nlanes; i++) {
		event_free(l.lanes[i].again);
		arena_free(&l.lanes[i].arena);
	}
	xfree(l.lanes);
	xfree(l.counts);
	event_base_free(l.base);
	arena_free(&a);
	return 0;
}
