/*
 * Upkeep in the memory process: lists of the day and the cap (upkeep.h) are
 * written beside what was taught, by the process that hears what came of it.
 * What of them gets lost is not missed, so nothing here is repeated.
 */
#include "redis/memory_int.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "redis/upkeep.h"

#define WRITE_US 1000000
#define STEP_US 60000000

void memory_upkeep_init(struct memory *m)
{
	struct maintenance *t = &m->maintenance;

	t->upkeep = upkeep_new(m->settings->max_keys);
	t->wrote_us = t->stepped_us = clock_mono_us();
}

void memory_upkeep_end(struct memory *m)
{
	upkeep_free(&m->maintenance.upkeep);
}

void memory_upkeep_note(struct memory *m, enum memory_home home,
			const struct store_command *commands,
			const struct store_reply *replies, size_t n)
{
	if (home == HOME_MAIN || m->settings->one_home)
		upkeep_note(m->maintenance.upkeep, commands, replies, n,
			    clock_now());
}

/* ---- once a second ---- */

static void log_refused(struct memory *m, const struct store_reply *replies,
			size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (replies[i].kind == REPLY_ERROR &&
		    !m->maintenance.refused++)
			log_error("store: it refuses lists of reputation: "
				  "%.*s", STR_ARG(replies[i].text));
}

static void written(void *ctx, enum store_status status,
		    const struct store_reply *replies, size_t n,
		    const struct err *err)
{
	struct memory *m = ctx;

	(void)status;
	(void)err;
	m->maintenance.busy = false;
	log_refused(m, replies, n);
}

static void write_noted(struct memory *m)
{
	struct store_batch b = { 0 };
	struct arena *a = arena_new();

	upkeep_compose(a, m->maintenance.upkeep, &b);
	if (b.n) {
		m->maintenance.busy = true;
		store_send(m->stores[HOME_MAIN], &b, 0, written, m);
	}
	arena_free(&a);
}

/* ---- once a minute ---- */

static void stepped(void *ctx, enum store_status status,
		    const struct store_reply *replies, size_t n,
		    const struct err *err)
{
	struct memory *m = ctx;
	struct maintenance *t = &m->maintenance;

	(void)err;
	t->busy = false;
	log_refused(m, replies, n);
	t->goes_on = status == STORE_OK &&
		     upkeep_step_parse(t->upkeep, replies, n);
}

static void step(struct memory *m)
{
	struct store_batch b = { 0 };
	struct arena *a = arena_new();

	upkeep_step_compose(a, m->maintenance.upkeep, clock_now(), &b);
	m->maintenance.busy = true;
	store_send(m->stores[HOME_MAIN], &b, 0, stepped, m);
	arena_free(&a);
}

void memory_upkeep_tick(struct memory *m)
{
	struct maintenance *t = &m->maintenance;
	int64_t now = clock_mono_us();

	if (t->busy || !memory_store_is_up(m, HOME_MAIN))
		return;
	if (now - t->wrote_us >= WRITE_US) {
		t->wrote_us = now;
		write_noted(m);
	} else if (t->goes_on || now - t->stepped_us >= STEP_US ||
		   upkeep_is_due(t->upkeep)) {
		t->stepped_us = now;
		step(m);
	}
}

bool memory_upkeep_finish(struct memory *m)
{
	bool answers = !m->health[HOME_MAIN].failures;

	if (!m->maintenance.busy && answers)
		write_noted(m);
	return m->maintenance.busy && answers;
}
