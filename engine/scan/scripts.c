/*
 * Rules in Lua inside of a scan; see scripts.h. A callback is called in the
 * tier of its priority, behind the tier's other rules, but not before the
 * rules that it depends on are answered: it is put off then, and looked at
 * again after each tier. What nobody has answered after the last tier is
 * called all the same, since nothing will come any more.
 *
 * A rule that asked the world is answered when its answers are in. Until then
 * metas that name it, and rules that depend on it, wait.
 */
#include "scan/scripts.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/packets.h"
#include "net/asker.h"

/* Seconds that a scan without a time limit waits for the world. */
#define WAIT_MAX 60.0

static const struct rule *rule_at(const struct scan *s, unsigned id)
{
	return &s->engine->rules->rules[id];
}

/* ---- what a run asks of the scan ---- */

static void host_hit(void *ctx, const struct rule *r, double weight,
		     const struct strs *options)
{
	scan_hit_weighted(ctx, r, weight, options);
}

static bool host_result(void *ctx, const struct rule *r,
			struct lua_result *out_r)
{
	struct scan *s = ctx;

	*out_r = (struct lua_result){ .value = s->value[r->id] };
	out_r->hit = out_r->value != 0;
	out_r->options = map_get(&s->logs, r->name);
	for (size_t i = 0; i < s->nhits && out_r->hit; i++)
		if (s->hits[i].rule == r)
			out_r->score += s->hits[i].score;
	return s->ready[r->id] || out_r->hit;
}

static void host_each_hit(void *ctx, void (*fn)(void *fn_ctx,
						const struct rule *r),
			  void *fn_ctx)
{
	struct scan *s = ctx;
	const struct ruleset *rs = s->engine->rules;

	for (size_t i = 0; i < rs->nrules; i++)
		if (s->value[i] != 0 && !rs->rules[i].hidden)
			fn(fn_ctx, &rs->rules[i]);
}

static double host_score(void *ctx)
{
	return ((struct scan *)ctx)->score;
}

static double host_required(void *ctx)
{
	return ((struct scan *)ctx)->required;
}

static void host_force(void *ctx, const struct lua_forced *forced)
{
	struct scan *s = ctx;

	s->forced = *forced;
}

static bool host_ask(void *ctx, const struct ask *ask, struct err *err)
{
	struct scan *s = ctx;

	if (ask->kind == ASK_REDIS)
		return memory_ask_command(s, ask, err);
	/* Why there is none, the caller knows. */
	if (!s->options->asker)
		return false;
	return asker_send(s->options->asker, ask, err);
}

static void host_set_tag(void *ctx, struct str name, struct str value)
{
	struct scan *s = ctx;
	struct str *copy = arena_alloc(s->arena, sizeof(*copy));

	*copy = str_dup(s->arena, value);
	map_set(&s->tags, str_dup(s->arena, name), copy);
}

static struct str host_get_tag(void *ctx, struct str name)
{
	struct scan *s = ctx;
	const struct str *own = map_get(&s->tags, name);
	struct str text, out;

	if (own)
		return *own;
	text = str_printf(s->arena, "_%.*s_", STR_ARG(name));
	out = tags_expand(s, text);
	return str_eq(out, text) ? STR_NONE : out;
}

void scripts_begin(struct scan *s)
{
	struct lua_host host = {
		.ctx = s,
		.msg = s->msg,
		.arena = s->arena,
		.settings = s->settings,
		.rules = s->engine->rules,
		.envelope = s->options->envelope,
		.memory = &s->memory,
		.may_write = s->options->teach,
		.hit = host_hit,
		.result = host_result,
		.each_hit = host_each_hit,
		.score = host_score,
		.required = host_required,
		.force = host_force,
		.ask = host_ask,
		.set_tag = host_set_tag,
		.get_tag = host_get_tag,
	};

	if (!s->engine->vm)
		return;
	asker_begin(s->options->asker);
	s->run = lua_run_begin(s->engine->vm, &host);
	s->put_off.v = arena_alloc(s->arena, (s->engine->plan->nscripts + 1) *
				   sizeof(unsigned));
	s->asking.v = arena_alloc(s->arena, (s->engine->plan->nscripts + 1) *
				  sizeof(unsigned));
}

/* ---- calling ---- */

/* The rule has its answer, and so have the symbols that only it inserts. */
static void answer(struct scan *s, const struct rule *r)
{
	size_t n;
	const unsigned *children = lua_rule_children(s->engine->vm, r, &n);

	scan_ready(s, r->id);
	for (size_t i = 0; i < n; i++)
		scan_ready(s, children[i]);
}

static void mark(struct scan *s, uint32_t rule, bool inside)
{
	struct scan_progress *p = s->options->progress;

	if (!p)
		return;
	p->rule = rule;
	__atomic_store_n(&p->script_seq, (p->script_seq | 1) + !inside,
			 __ATOMIC_RELEASE);
}

static bool is_skipped(const struct scan *s, unsigned id)
{
	for (int i = 0; i < SCAN_SKIPS; i++)
		if (s->options->skip_rules[i] == id + 1)
			return true;
	return false;
}

static void call(struct scan *s, unsigned id)
{
	const struct rule *r = rule_at(s, id);

	if (scan_rule_score(s, r) == 0 || is_skipped(s, id)) {
		answer(s, r);
		return;
	}
	mark(s, id, true);
	if (lua_run_rule(s->run, r) == LUA_WAITING)
		s->asking.v[s->asking.n++] = id;
	else
		answer(s, r);
	mark(s, id, false);
}

static bool needs_are_met(const struct scan *s, unsigned id)
{
	size_t n;
	const unsigned *needs = lua_rule_needs(s->engine->vm, rule_at(s, id),
					       &n);

	for (size_t i = 0; i < n; i++)
		if (!s->ready[needs[i]] && s->value[needs[i]] == 0)
			return false;
	return true;
}

/* Calls those put off whose rules are answered by now, or all of them. Each
 * call may answer what another one waits for. */
static void call_put_off(struct scan *s, bool all)
{
	struct id_list *list = &s->put_off;
	bool again = true;

	while (again) {
		size_t kept = 0, n = list->n;

		again = false;
		list->n = 0;
		for (size_t i = 0; i < n; i++) {
			unsigned id = list->v[i];

			if (!needs_are_met(s, id)) {
				list->v[kept++] = id;
				continue;
			}
			call(s, id);
			again = true;
		}
		list->n = kept;
		if (again)
			metas_run(s, false);
		if (!again && all && list->n) {
			/* A circle, or a rule that never runs. */
			unsigned id = list->v[0];

			memmove(list->v, list->v + 1,
				--list->n * sizeof(*list->v));
			call(s, id);
			again = true;
		}
	}
}

static void call_list(struct scan *s, const struct id_list *list)
{
	if (!s->run || s->timed_out)
		return;
	for (size_t i = 0; i < list->n && !scan_time_is_up(s); i++) {
		if (needs_are_met(s, list->v[i]))
			call(s, list->v[i]);
		else
			s->put_off.v[s->put_off.n++] = list->v[i];
	}
}

void scripts_prefilter(struct scan *s)
{
	call_list(s, &s->engine->plan->prefilters);
	if (s->run)
		call_put_off(s, true);
}

void scripts_tier(struct scan *s, const struct tier *t)
{
	call_list(s, &t->scripts);
	if (s->run && s->put_off.n) {
		metas_run(s, false);
		call_put_off(s, false);
	}
}

/* ---- waiting ---- */

/* Whose answers are in is answered. */
static void settle(struct scan *s)
{
	struct id_list *list = &s->asking;
	size_t kept = 0;

	for (size_t i = 0; i < list->n; i++) {
		const struct rule *r = rule_at(s, list->v[i]);

		if (lua_run_is_waiting(s->run, r))
			list->v[kept++] = list->v[i];
		else
			answer(s, r);
	}
	list->n = kept;
}

/* The next answer of whoever has one: 1; 0: time is up; -1: nobody is there
 * to answer any more. */
static int wait_for_answer(struct scan *s, int64_t until,
			   struct ask_answer *out_r)
{
	struct asker_client *asker = s->options->asker;

	for (;;) {
		int fds[2] = { asker_client_fd(asker), memory_fd(s) };
		int rc;

		if ((s->store_asks ? fds[1] : fds[0]) < 0)
			return -1;
		if (!packets_wait_any(fds, 2, until))
			return 0;
		rc = asker_wait(asker, 0, s->arena, out_r);
		if (rc <= 0)
			rc = memory_take_command(s, out_r);
		if (rc > 0)
			return 1;
	}
}

/* Whoever is answered goes on, and with it, before the verdict, those that
 * wait for its rule. */
static void take_answer(struct scan *s, const struct ask_answer *a,
			bool verdict_is_told)
{
	uint32_t rule = lua_run_asker(s->run, a->id);

	mark(s, rule, true);
	lua_run_answer(s->run, a);
	mark(s, rule, false);
	if (verdict_is_told)
		return;
	settle(s);
	metas_run(s, false);
	call_put_off(s, false);
}

static void take_answers(struct scan *s, bool verdict_is_told)
{
	int64_t until = s->deadline_us ? s->deadline_us :
		clock_mono_us() + (int64_t)(WAIT_MAX * 1e6);
	struct ask_answer a;
	int rc = 1;

	while (rc > 0 && lua_run_open(s->run) > 0) {
		rc = wait_for_answer(s, until, &a);
		if (rc > 0)
			take_answer(s, &a, verdict_is_told);
	}
	if (rc <= 0)
		lua_run_give_up(s->run, rc < 0 ? ASK_GONE : ASK_TIMEOUT);
}

void scripts_wait(struct scan *s)
{
	if (!s->run)
		return;
	if (s->shortcircuited) {
		lua_run_drop(s->run);
		return;
	}
	metas_run(s, false);
	call_put_off(s, false);
	take_answers(s, false);
	settle(s);
	metas_run(s, false);
	call_put_off(s, true);
}

void scripts_postfilter(struct scan *s)
{
	if (!s->run || s->shortcircuited)
		return;
	call_list(s, &s->engine->plan->postfilters);
	call_put_off(s, true);
	/* What a postfilter asked is waited for in the same place. */
	if (lua_run_open(s->run) > 0)
		scripts_wait(s);
}

void scripts_force(struct scan *s)
{
	if (s->forced.verdict == LUA_FORCE_SPAM)
		s->is_spam = true;
	else if (s->forced.verdict == LUA_FORCE_HAM)
		s->is_spam = false;
}

void scripts_end(struct scan *s)
{
	const struct id_list *last = &s->engine->plan->idempotents;

	if (!s->run)
		return;
	lua_run_final(s->run);
	for (size_t i = 0; i < last->n; i++)
		call(s, last->v[i]);
	take_answers(s, true);
	lua_run_end(&s->run);
}
