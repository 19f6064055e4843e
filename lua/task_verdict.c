/*
 * The verdict so far, and forcing it. rspamd's actions are wider than ours:
 * see task_symbols.c for how they map.
 */
#include "lua/task.h"

#include "lua/scripts.h"

/* The forced verdict that counts, kept for the message. */
struct forced {
	struct lua_forced what;
	long priority;
	bool least;		/* "at least this": never helps a message */
};

#define KEY STR("task.forced")

static const struct {
	struct str action;
	enum lua_force verdict;
} actions[] = {
	{ { "no action", 9 }, LUA_FORCE_HAM },
	{ { "greylist", 8 }, LUA_FORCE_NONE },
	{ { "soft reject", 11 }, LUA_FORCE_NONE },
	{ { "add header", 10 }, LUA_FORCE_SPAM },
	{ { "rewrite subject", 15 }, LUA_FORCE_SPAM },
	{ { "quarantine", 10 }, LUA_FORCE_SPAM },
	{ { "discard", 7 }, LUA_FORCE_SPAM },
	{ { "reject", 6 }, LUA_FORCE_SPAM },
};

/* The action's name in its usual spelling; STR_NONE if there is none such.
 * rspamd knows some by several names. */
static struct str action_of(struct str word, enum lua_force *verdict_r)
{
	static const struct {
		struct str other, action;
	} others[] = {
		{ { "accept", 6 }, { "no action", 9 } },
		{ { "no_action", 9 }, { "no action", 9 } },
		{ { "add_header", 10 }, { "add header", 10 } },
		{ { "soft_reject", 11 }, { "soft reject", 11 } },
		{ { "soft-reject", 11 }, { "soft reject", 11 } },
		{ { "rewrite_subject", 15 }, { "rewrite subject", 15 } },
	};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (str_ieq(word, others[i].other))
			word = others[i].action;
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (str_ieq(word, actions[i].action)) {
			*verdict_r = actions[i].verdict;
			return actions[i].action;
		}
	return STR_NONE;
}

/* The text of field key of the table at 2, or of argument idx, kept. */
static struct str kept(lua_State *L, struct lua_run *run, const char *key,
		       int idx)
{
	struct str s;

	if (lua_istable(L, 2)) {
		lua_getfield(L, 2, key);
		idx = lua_gettop(L);
	}
	s = lua_str_opt(L, idx);
	lua_spend_output(L, s.n);
	return s.p ? str_dup(run->arena, s) : STR_NONE;
}

static long kept_number(lua_State *L, const char *key, int idx)
{
	double d;

	if (lua_istable(L, 2)) {
		lua_getfield(L, 2, key);
		idx = lua_gettop(L);
	}
	d = luaL_optnumber(L, idx, 0);
	return d > -1e9 && d < 1e9 ? (long)d : 0;
}

static void force(struct lua_run *run, const struct forced *f)
{
	struct forced *old = map_get(&run->memo, KEY);
	struct lua_forced now = f->what;

	/* The higher priority wins; of two that are equal the first. */
	if (old && old->priority >= f->priority)
		return;
	if (!old) {
		old = arena_alloc(run->arena, sizeof(*old));
		map_set(&run->memo, KEY, old);
	}
	*old = *f;
	if (f->least && now.verdict == LUA_FORCE_HAM)
		now.verdict = LUA_FORCE_NONE;
	run->host.force(run->host.ctx, &now);
}

/* task:set_pre_result(action [, message [, module [, score [, priority [, flags]]]]])
 * Forces the verdict, whatever the other rules say: "reject", "add header",
 * "rewrite subject", "quarantine" and "discard" make it spam; "accept" and
 * "no action" make it ham; "soft reject" and "greylist" are kept for protocols
 * that know them and leave the verdict alone. Of several, the one of the
 * highest priority counts. Instead of single arguments, a table of fields with
 * these names will do. The score is not changed; rspamd would set it. With
 * flags "least", "no action" forces nothing.
 * > assert(not pcall(task.set_pre_result, task, "no such action"))
 * > task:set_pre_result{action = "soft reject", message = "later", module = "doc"}
 * > local forced, action, message, module = task:has_pre_result()
 * > assert(forced and action == "soft reject" and message == "later" and module == "doc")
 * > assert(task:get_metric_action() == "soft reject")
 */
int task_set_pre_result(lua_State *L)
{
	struct lua_run *run = task_arg(L);
	struct forced f = { 0 };
	struct str word, flags;

	lua_settop(L, 7);
	word = kept(L, run, "action", 2);
	f.what.message = kept(L, run, "message", 3);
	f.what.module = kept(L, run, "module", 4);
	f.priority = kept_number(L, "priority", 6);
	flags = kept(L, run, "flags", 7);
	f.least = str_find(flags, STR("least")) >= 0;
	f.what.action = action_of(word.p ? word : STR(""), &f.what.verdict);
	if (!f.what.action.p)
		return luaL_error(L, "unknown action %s: expected reject, "
				  "add header, rewrite subject, quarantine, "
				  "discard, soft reject, greylist or no action",
				  str_dup(run->arena, str_head(word, 60)).p);
	if (!run->verdict_is_final)
		force(run, &f);
	return 0;
}

/* task:has_pre_result() -> boolean [, action, message, module]
 * Whether a script forced the verdict, and how.
 * > assert(type(task:has_pre_result()) == "boolean")
 */
int task_has_pre_result(lua_State *L)
{
	struct lua_run *run = task_arg(L);
	const struct forced *f = map_get(&run->memo, KEY);

	lua_pushboolean(L, f != NULL);
	if (!f)
		return 1;
	lua_push_str(L, f->what.action);
	lua_push_str(L, f->what.message);
	lua_push_str(L, f->what.module);
	return 4;
}

struct str task_action(struct lua_run *run)
{
	const struct forced *f = map_get(&run->memo, KEY);
	bool spam = run->host.score(run->host.ctx) >=
		run->host.required(run->host.ctx);

	if (f && !(f->least && spam))
		return f->what.action;
	return spam ? STR("add header") : STR("no action");
}

/* rspamd has results under several names; only the usual one is there. */
static bool other_metric(lua_State *L)
{
	struct str name = lua_str_opt(L, 2);

	return name.p && !str_eq(name, STR("default"));
}

/* task:get_metric_score() -> {score, required}
 * The score so far and the one that makes a message spam. Complete only in
 * postfilters and idempotent symbols.
 * > local s = task:get_metric_score()
 * > assert(type(s[1]) == "number" and s[2] > 0)
 */
int task_get_metric_score(lua_State *L)
{
	struct lua_run *run = task_arg(L);

	if (other_metric(L))
		return 0;
	lua_createtable(L, 2, 0);
	lua_pushnumber(L, run->host.score(run->host.ctx));
	lua_rawseti(L, -2, 1);
	lua_pushnumber(L, run->host.required(run->host.ctx));
	lua_rawseti(L, -2, 2);
	return 1;
}

/* task:get_metric_action() -> string
 * "no action" below the required score, "add header" from it on, or what
 * set_pre_result forced.
 * > local action = task:get_metric_action()
 * > assert(action == "no action" or action == "add header" or task:has_pre_result())
 */
int task_get_metric_action(lua_State *L)
{
	struct lua_run *run = task_arg(L);

	if (other_metric(L))
		return 0;
	lua_push_str(L, task_action(run));
	return 1;
}

struct sums {
	struct lua_run *run;
	double plus, minus;
	long nplus, nminus;
};

static void sum_one(void *ctx, const struct rule *r)
{
	struct sums *s = ctx;
	struct lua_result res = { 0 };

	s->run->host.result(s->run->host.ctx, r, &res);
	if (res.score > 0) {
		s->plus += res.score;
		s->nplus++;
	} else if (res.score < 0) {
		s->minus += res.score;
		s->nminus++;
	}
}

/* task:get_metric_result() -> table
 * The verdict so far: `score`, `action`, `passthrough` (whether it was
 * forced), `npositive` and `positive_score` of results that add to the score,
 * `nnegative` and `negative_score` of those that take from it.
 * > local r = task:get_metric_result()
 * > assert(r.action == task:get_metric_action() and r.npositive >= 0)
 */
int task_get_metric_result(lua_State *L)
{
	struct lua_run *run = task_arg(L);
	struct sums s = { .run = run };

	if (other_metric(L))
		return 0;
	run->host.each_hit(run->host.ctx, sum_one, &s);
	lua_spend(L, 200 + (size_t)(s.nplus + s.nminus) * 50);
	lua_createtable(L, 0, 7);
	lua_field_num(L, "score", run->host.score(run->host.ctx));
	lua_field_str(L, "action", task_action(run));
	lua_field_bool(L, "passthrough", map_has(&run->memo, KEY));
	lua_field_num(L, "positive_score", s.plus);
	lua_field_num(L, "negative_score", s.minus);
	lua_field_int(L, "npositive", s.nplus);
	lua_field_int(L, "nnegative", s.nminus);
	return 1;
}
