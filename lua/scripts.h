/*
 * Rules written in Lua, as the layers above see them: one virtual machine an
 * engine, filled while the configuration is read, forked with the engine and
 * immutable for the rules (what a message's rules change is gone with the
 * message). A scan opens a run, asks for one rule after the other, waits for
 * what they asked of the world, and closes it.
 *
 * Nothing here waits or opens anything but the files named in the
 * configuration, at load. What a rule asks of the world goes to the host, as
 * a struct ask; the answer comes back through lua_run_answer().
 */
#ifndef MEKIKI_LUA_SCRIPTS_H
#define MEKIKI_LUA_SCRIPTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ask.h"
#include "base/err.h"
#include "base/str.h"

struct arena;
struct loader;
struct lua_run;
struct lua_vm;
struct memory_facts;
struct message;
struct rule;
struct ruleset;
struct settings;

/* ---- loading ---- */

/* A hook for load_options.scripts: makes the machine, runs every Lua file
 * that ld gathered, in order, and defines their symbols as rules. Faults go
 * to ld's diags. vm_r: a struct lua_vm **; stays NULL if there is no Lua
 * file. */
void lua_scripts_load(void *vm_r, struct loader *ld);

/* Once the ruleset is complete: what could only be checked now (unknown
 * dependencies), and which rule id each symbol has. */
void lua_scripts_bind(struct lua_vm *vm, struct ruleset *rs);

void lua_vm_free(struct lua_vm **vm);

/* When a symbol's callback runs. */
enum lua_stage {
	LUA_PREFILTER,		/* before every other rule */
	LUA_FILTER,		/* in the tier of its priority */
	LUA_POSTFILTER,		/* after all rules and answers */
	LUA_IDEMPOTENT,		/* after the verdict, which stays */
	LUA_PASSIVE,		/* virtual: others insert it */
};

enum lua_stage lua_rule_stage(const struct lua_vm *vm, const struct rule *r);

/* Is it answered by a postfilter only (its own callback, or its parent's)? */
bool lua_rule_is_late(const struct lua_vm *vm, const struct rule *r);

/* Its place inside of a stage: higher first (rspamd's priority). */
int lua_rule_order(const struct lua_vm *vm, const struct rule *r);

/* Ids of the rules whose answers r's callback asks for (its registered
 * dependencies), and of the virtual symbols that are answered when it is. */
const unsigned *lua_rule_needs(const struct lua_vm *vm, const struct rule *r,
			       size_t *n_r);
const unsigned *lua_rule_children(const struct lua_vm *vm,
				  const struct rule *r, size_t *n_r);

/* ---- one message ---- */

/* What the scan knows of a rule's result. */
struct lua_result {
	bool hit;
	double value;			/* what metas count with */
	double score;			/* that it added */
	const struct strs *options;	/* or NULL */
};

enum lua_force { LUA_FORCE_NONE, LUA_FORCE_HAM, LUA_FORCE_SPAM };

/* A verdict that a rule forces (set_pre_result), kept with rspamd's words. */
struct lua_forced {
	enum lua_force verdict;
	struct str action;		/* "reject", "no action", ... */
	struct str message, module;
};

/* Facts of the connection that a protocol told; STR_NONE where none did. What
 * is not told is inferred from the headers, as SpamAssassin does. */
struct lua_envelope {
	struct str user, from, ip, helo, hostname, queue_id;
	const struct strs *rcpts;	/* or NULL */
	const struct strs *request_headers;	/* "Name: value", or NULL */
};

/* What a run may ask of the scan that it serves. */
struct lua_host {
	void *ctx;
	struct message *msg;
	struct arena *arena;
	const struct settings *settings;
	const struct ruleset *rules;
	const struct lua_envelope *envelope;	/* or NULL */
	const struct memory_facts *memory;	/* or NULL */
	/* Commands of rules may change what the store holds. */
	bool may_write;
	/* The rule hit: its score counts `weight` times. options may be
	 * NULL. */
	void (*hit)(void *ctx, const struct rule *r, double weight,
		    const struct strs *options);
	/* What is known of a rule by now. False: it did not run yet. */
	bool (*result)(void *ctx, const struct rule *r,
		       struct lua_result *out_r);
	/* Calls fn for every rule that has hit so far, subrules too. */
	void (*each_hit)(void *ctx, void (*fn)(void *fn_ctx,
					       const struct rule *r),
			 void *fn_ctx);
	double (*score)(void *ctx);	/* so far */
	double (*required)(void *ctx);
	void (*force)(void *ctx, const struct lua_forced *forced);
	/* Sends a question; false: nobody is there to answer (err says who is
	 * missing). NULL: as if it always said so. */
	bool (*ask)(void *ctx, const struct ask *ask, struct err *err);
	/* A template tag (_NAME_) is set, or read (STR_NONE if unknown). */
	void (*set_tag)(void *ctx, struct str name, struct str value);
	struct str (*get_tag)(void *ctx, struct str name);
};

/* A rule is charged with the message's id in the log. */
struct lua_run *lua_run_begin(struct lua_vm *vm, const struct lua_host *host);

enum lua_outcome {
	LUA_DONE,		/* ran to its end, or was skipped */
	LUA_WAITING,		/* asked the world; answers will end it */
	LUA_FAILED,		/* error or budget: logged; did not hit */
};

/* Calls the callback of r. */
enum lua_outcome lua_run_rule(struct lua_run *run, const struct rule *r);

/* How many questions are open, of all rules; whether r has some. */
size_t lua_run_open(const struct lua_run *run);
bool lua_run_is_waiting(const struct lua_run *run, const struct rule *r);

/* An answer came (or ASK_TIMEOUT, ASK_GONE): goes on with whoever waits for
 * it. */
void lua_run_answer(struct lua_run *run, const struct ask_answer *answer);

/* The id of the rule whose open question `id` is, or (uint32_t)-1. */
uint32_t lua_run_asker(const struct lua_run *run, uint32_t id);

/* The verdict is told: results of later callbacks count nothing. */
void lua_run_final(struct lua_run *run);

/* Whoever waits still is told ASK_TIMEOUT or ASK_GONE, and can ask nothing
 * more. */
void lua_run_give_up(struct lua_run *run, enum ask_status status);

/* Whoever waits still is never resumed: nothing that it would say matters. */
void lua_run_drop(struct lua_run *run);

/* What is open is dropped. Handles of the message raise an error from now on,
 * globals are as they were. */
void lua_run_end(struct lua_run **run);

/* True if the machine has grown too large to be used on: a worker then makes
 * place for a fresh one. */
bool lua_vm_tired(const struct lua_vm *vm);

/* ---- maps whose files change ---- */

/* Has the file of a map changed since it was read? Asks at most once a second,
 * with stat(); a file that is gone or cannot be looked at has not: what was
 * read stays. A worker then makes place for a fresh one. */
bool lua_maps_changed(struct lua_vm *vm);

/* Reads the maps again whose files have changed; returns how many. For the
 * process that forks workers, before it does; never during a scan. */
size_t lua_maps_refresh(struct lua_vm *vm);

/* ---- faults counted over all workers ---- */

/* What the workers share about one rule; plain atomic counters in memory that
 * is shared from before the fork (or plain memory in a single process). */
struct lua_tally {
	uint32_t calls, hits, errors;
	uint32_t strikes;	/* budgets spent, and workers lost */
	uint32_t disabled;	/* LUA_STRIKES: not called until reload */
	uint32_t waits;
	uint64_t cpu_us;
};

/* Tallies by rule id, as many as there are rules; the caller's memory. Before
 * it is given, the machine uses its own. */
void lua_vm_set_tallies(struct lua_vm *vm, struct lua_tally *tallies);

#define LUA_STRIKES 3

/* One strike more against a rule; true if that disabled it. */
bool lua_tally_strike(struct lua_tally *t);

/* ---- watching (mekiki check --lua) ---- */

/* One call of a callback, or a piece of one that waited in between. */
struct lua_called {
	const struct rule *rule;
	enum lua_outcome outcome;
	struct str returned;	/* as Lua text; STR_NONE if it did not come to
				 * its end; lives as long as the message */
	int64_t cpu_us;
	uint64_t steps;		/* instructions */
	size_t memory;		/* octets at most beyond what was there */
};

struct lua_watch {
	void *ctx;
	void (*called)(void *ctx, const struct lua_called *call);
	/* The callback of `by` inserted a result of r. */
	void (*inserted)(void *ctx, const struct rule *by,
			 const struct rule *r, double weight,
			 const struct strs *options);
};

/* Tells w of every call from now on; w stays the caller's. Calls become
 * slower, since every single instruction is counted. */
void lua_vm_watch(struct lua_vm *vm, const struct lua_watch *w);

/* Ids of all rules that have a callback. */
const unsigned *lua_vm_rules(const struct lua_vm *vm, size_t *n_r);

/* CPU seconds that one call may use (lua_time_limit). */
double lua_vm_time_limit(const struct lua_vm *vm);

#endif
