/*
 * What a call may use, and how it is stopped.
 *
 * Three things are looked at. A count hook fires every few instructions on
 * each thread; the allocator sees every octet; bindings and our string
 * functions tell what else they do (lua_spend). All three end in look(),
 * which reads the monotonic clock (cheap) and only when the wall clock says
 * that the budget could be spent the CPU clock, which decides: a machine that
 * is busy elsewhere strikes no honest rule.
 *
 * Once a budget is spent, vm->meter.spent is what counts, not the error value
 * that travels: the hook is set to fire at each instruction of whatever runs,
 * and everything through which an error could be caught (pcall, xpcall,
 * coroutines: globals_call.c) raises it again. So it does not matter whether
 * a script gets hold of the error value.
 *
 * No signals and no timers: the worker has its watchdog elsewhere. What no
 * hook can interrupt (one instruction on a huge string) is bounded by looking
 * more often when there are huge strings: see stride_for().
 */
#include "lua/sandbox.h"

#include "base/clock.h"
#include "base/mem.h"
#include "conf/settings.h"
#include "lua/symbols.h"
#include "mail/message.h"

/* Instructions between two looks, and the octets that may be passed over
 * between them, which at a gigabyte a second is some 16 ms. */
#define STRIDE 256
#define STRIDE_OCTETS ((size_t)16 << 20)
/* The CPU clock was read so long ago at most when a call begins. */
#define CPU_SEEN_US 1000
/* Work between two looks. */
#define WORK_STRIDE ((uint64_t)64 << 10)
/* A load-time call may use so much more than one for a message. */
#define LOAD_TIMES 100
#define LOAD_MEMORY_TIMES 16
/* What a call may add to the message's arena: so many times the budget of
 * memory, and the message. */
#define ARENA_TIMES 2
#define ARENA_TIMES_MESSAGE 32

/* What a line of the log has besides its text. */
#define LINE_OVERHEAD 100

static const char spent_marker;

const char *lua_spent_name(enum lua_spent s)
{
	static const char *const names[] = {
		[SPENT_NOTHING] = "nothing", [SPENT_TIME] = "CPU time",
		[SPENT_STEPS] = "instructions", [SPENT_MEMORY] = "memory",
		[SPENT_LOOKUPS] = "look-ups", [SPENT_OUTPUT] = "output",
		[SPENT_KEPT] = "memory that is kept between messages",
	};

	return names[s];
}

/* ---- stopping ---- */

static void on_count(lua_State *L, lua_Debug *ar);

static void set_stride(lua_State *L, int stride)
{
	lua_sethook(L, on_count, LUA_MASKCOUNT, stride);
}

/* From now on every instruction of the running thread meets the hook. */
static void stop(struct lua_vm *vm, enum lua_spent why)
{
	struct lua_meter *m = &vm->meter;

	if (m->spent == SPENT_NOTHING)
		m->spent = why;
	m->stride = 1;
	if (m->running)
		set_stride(m->running, 1);
}

void lua_raise_spent(lua_State *L)
{
	set_stride(L, 1);
	lua_pushlightuserdata(L, (void *)&spent_marker);
	lua_error(L);
	__builtin_unreachable();
}

void lua_check_spent(lua_State *L)
{
	const struct lua_meter *m = &lua_vm_of(L)->meter;

	if (m->on && m->refused)
		stop(lua_vm_of(L), SPENT_MEMORY);
	if (m->on && m->spent != SPENT_NOTHING)
		lua_raise_spent(L);
}

/* The CPU time of the call so far. Its clock is a system call, dearer than many
 * a rule: the call first reads it when a quarter of the budget has gone by on
 * the wall. What went by before is at most what the wall says, and at most what
 * was used since the clock was last read (see lua_meter_begin): a call that had
 * to wait for a processor has not used that time. */
int64_t lua_meter_used(struct lua_meter *m)
{
	int64_t wall = clock_mono_us() - m->wall_start_us;

	if (!m->cpu_known && wall < m->cpu_max_us / 4)
		return wall;
	if (!m->cpu_known) {
		int64_t now = clock_cpu_us();

		m->cpu_known = true;
		m->cpu_start_us = now - wall > m->cpu_seen_us ?
			now - wall : m->cpu_seen_us;
	}
	return clock_cpu_us() - m->cpu_start_us;
}

int64_t lua_meter_pause(void)
{
	return clock_mono_us();
}

void lua_meter_resume(struct lua_vm *vm, int64_t paused)
{
	struct lua_meter *m = &vm->meter;
	int64_t gone = clock_mono_us() - paused;

	m->wall_start_us += gone;
	m->wall_check_us += gone;
	m->cpu_seen_us += gone;
	if (m->cpu_known)
		m->cpu_start_us += gone;
}

/* Bindings allocate in the message's arena as well. Its views are everybody's
 * and may be large where the message is, so the bound is a wide one. */
static bool hoards_arena(const struct lua_vm *vm)
{
	const struct lua_run *run = vm->run;

	return run && arena_used(run->arena) - vm->meter.arena_start >
		vm->budget.memory * ARENA_TIMES +
		run->msg->pristine.n * ARENA_TIMES_MESSAGE;
}

/* Looks at the clocks, and at what else grows. */
static void look(struct lua_vm *vm)
{
	struct lua_meter *m = &vm->meter;
	int64_t now = clock_mono_us(), used;

	m->looked_at = m->work;
	if (hoards_arena(vm))
		stop(vm, SPENT_MEMORY);
	if (now < m->wall_check_us)
		return;
	used = lua_meter_used(m);
	if (used >= m->cpu_max_us)
		stop(vm, SPENT_TIME);
	else
		m->wall_check_us = now + (m->cpu_max_us - used);
}

static void on_count(lua_State *L, lua_Debug *ar)
{
	struct lua_vm *vm = lua_vm_of(L);
	struct lua_meter *m = &vm->meter;
	int count = lua_gethookcount(L);

	(void)ar;
	if (!m->on)
		return;
	if (m->spent == SPENT_NOTHING) {
		m->steps += (uint64_t)count;
		if (m->payer && m->steps > vm->budget.steps)
			stop(vm, SPENT_STEPS);
		else
			look(vm);
	}
	if (m->spent != SPENT_NOTHING)
		lua_raise_spent(L);
	if (count != m->stride)
		set_stride(L, m->stride);
}

static int stride_for(size_t biggest)
{
	size_t n = biggest ? STRIDE_OCTETS / biggest : STRIDE;

	return n < 1 ? 1 : n > STRIDE ? STRIDE : (int)n;
}

/* co is about to run: under the hook of now, not that of its birth. */
lua_State *lua_thread_enter(lua_State *co)
{
	struct lua_meter *m = &lua_vm_of(co)->meter;
	lua_State *before = m->running;

	m->running = co;
	if (lua_gethookcount(co) != m->stride)
		set_stride(co, m->stride);
	return before;
}

void lua_thread_leave(lua_State *L, lua_State *before)
{
	struct lua_meter *m = &lua_vm_of(L)->meter;

	m->running = before;
	if (before && lua_gethookcount(before) != m->stride)
		set_stride(before, m->stride);
}

/* ---- memory ---- */

static void note_block(struct lua_vm *vm, bool is_string, size_t n)
{
	struct lua_meter *m = &vm->meter;

	if (is_string && !vm->sealed && n > vm->biggest_string)
		vm->biggest_string = n;
	if (n <= m->biggest || (!is_string && n < (STRIDE_OCTETS >> 4)))
		return;
	m->biggest = n;
	if (stride_for(n) < m->stride) {
		m->stride = stride_for(n);
		if (m->running)
			set_stride(m->running, m->stride);
	}
}

/* May the machine grow by n? Lua asks again for the same n, after it has
 * collected its garbage, and luaL_Buffer does not: a refusal that is not made
 * good at once is final. */
static bool may_grow(struct lua_vm *vm, size_t n)
{
	struct lua_meter *m = &vm->meter;
	bool fits = vm->memory + n <= m->memory_max && vm->memory + n > n;

	if (m->refused && (!fits || n != m->refused))
		stop(vm, SPENT_MEMORY);
	m->refused = 0;
	if (!fits) {
		m->refused = n;
		/* The collection has its price, too. */
		m->work += vm->memory;
		return false;
	}
	m->work += n;
	if (m->work - m->looked_at >= WORK_STRIDE)
		look(vm);
	return true;
}

void *lua_alloc_metered(void *ud, void *p, size_t osize, size_t nsize)
{
	struct lua_vm *vm = ud;
	size_t had = p ? osize : 0;

	if (nsize == 0) {
		vm->memory -= had;
		xfree(p);
		return NULL;
	}
	if (vm->meter.on && nsize > had) {
		if (!may_grow(vm, nsize - had))
			return NULL;
		note_block(vm, !p && osize == LUA_TSTRING, nsize);
	} else if (!vm->sealed && !p && osize == LUA_TSTRING) {
		note_block(vm, true, nsize);
	}
	vm->memory += nsize - had;
	if (vm->memory > vm->meter.memory_peak)
		vm->meter.memory_peak = vm->memory;
	return xreallocarray(p, nsize, 1);
}

/* Memory that stays is nobody's call's: it is seen after a message, when the
 * garbage is gone. Then whoever made the machine grow most is suspected, and
 * his next call is weighed. */
bool lua_memory_look(struct lua_vm *vm)
{
	size_t budget = vm->budget.memory;
	size_t limit = vm->memory_base + budget / 4;

	if (vm->memory > limit + budget / 4) {
		lua_gc(vm->L, LUA_GCCOLLECT);
		if (vm->memory > limit)
			vm->suspect = vm->grower;
	}
	vm->grower = NULL;
	return vm->memory <= vm->memory_base + 2 * budget;
}

static void note_growth(struct lua_vm *vm, struct lua_account *account)
{
	struct lua_meter *m = &vm->meter;

	if (vm->memory > m->memory_start)
		account->grown += vm->memory - m->memory_start;
	if (account->grown > vm->budget.memory / 16 &&
	    (!vm->grower || account->grown >
	     lua_account_of(vm->run, vm->grower)->grown))
		vm->grower = m->payer;
}

/* ---- a call ---- */

/* The account that a call of payer is booked to, or NULL. */
static struct lua_account *account_for(struct lua_vm *vm,
				       const struct lua_symbol *payer)
{
	return payer && vm->run && vm->run->accounts ?
		lua_account_of(vm->run, payer) : NULL;
}

void lua_meter_begin(struct lua_vm *vm, lua_State *co,
		     struct lua_symbol *payer)
{
	struct lua_meter *m = &vm->meter;
	struct lua_account *account = account_for(vm, payer);
	double seconds = vm->budget.seconds * (payer ? 1 : LOAD_TIMES);
	size_t memory = vm->budget.memory * (payer ? 1 : LOAD_MEMORY_TIMES);

	memset(m, 0, sizeof(*m));
	m->payer = payer;
	m->root = co;
	m->running = co;
	m->weighed = payer && payer == vm->suspect;
	if (m->weighed)
		lua_gc(vm->L, LUA_GCCOLLECT);
	m->memory_start = vm->memory;
	m->arena_start = vm->run ? arena_used(vm->run->arena) : 0;
	/* A call may use its budget beyond what others left behind: whoever
	 * hoards memory takes it from himself only. */
	m->memory_max = vm->memory + memory;
	m->biggest = vm->biggest_string;
	m->stride = vm->watch ? 1 : stride_for(m->biggest);
	m->cpu_max_us = (int64_t)(seconds * 1e6);
	if (account) {
		/* A rule that waited goes on with the rest of its time. */
		m->cpu_max_us -= account->used_us;
		m->steps = account->steps;
	}
	m->wall_start_us = clock_mono_us();
	if (m->wall_start_us - vm->cpu_seen_at_us > CPU_SEEN_US) {
		vm->cpu_seen_at_us = m->wall_start_us;
		vm->cpu_seen_us = clock_cpu_us();
	}
	m->cpu_seen_us = vm->cpu_seen_us;
	m->wall_check_us = m->wall_start_us + m->cpu_max_us / 4;
	set_stride(co, m->stride);
	lua_globals_switch(vm, payer);
	m->on = true;
}

enum lua_spent lua_meter_end(struct lua_vm *vm)
{
	struct lua_meter *m = &vm->meter;
	struct lua_account *account = account_for(vm, m->payer);
	int64_t used = lua_meter_used(m);

	m->on = false;
	m->running = NULL;
	if (m->refused && m->spent == SPENT_NOTHING)
		m->spent = SPENT_MEMORY;
	if (account) {
		account->used_us += used;
		account->steps = m->steps;
		note_growth(vm, account);
	}
	if (m->payer && vm->tallies && used > 0)
		__atomic_fetch_add(&vm->tallies[m->payer->id].cpu_us,
				   (uint64_t)used, __ATOMIC_RELAXED);
	if (m->weighed) {
		lua_gc(vm->L, LUA_GCCOLLECT);
		if (vm->memory <= m->memory_start + vm->budget.memory / 16)
			vm->suspect = NULL;
		else if (m->spent == SPENT_NOTHING)
			m->spent = SPENT_KEPT;
	}
	if (account && m->spent != SPENT_NOTHING)
		account->over = true;
	return m->spent;
}

/* ---- spending ---- */

void lua_spend(lua_State *L, size_t n)
{
	struct lua_vm *vm = lua_vm_of(L);
	struct lua_meter *m = &vm->meter;

	if (!m->on)
		return;
	m->work += n;
	if (m->spent == SPENT_NOTHING &&
	    m->work - m->looked_at >= WORK_STRIDE)
		look(vm);
	if (m->spent != SPENT_NOTHING)
		lua_raise_spent(L);
}

struct lua_account *lua_account_of(struct lua_run *run,
				   const struct lua_symbol *s)
{
	return &run->accounts[s->index];
}

static void spend_all(lua_State *L, enum lua_spent why)
{
	stop(lua_vm_of(L), why);
	lua_raise_spent(L);
}

void lua_spend_lookup(lua_State *L)
{
	struct lua_vm *vm = lua_vm_of(L);
	struct lua_meter *m = &vm->meter;

	if (!m->on || !m->payer || !vm->run)
		return;
	if (++lua_account_of(vm->run, m->payer)->lookups > vm->budget.lookups)
		spend_all(L, SPENT_LOOKUPS);
}

void lua_spend_output(lua_State *L, size_t n)
{
	struct lua_vm *vm = lua_vm_of(L);
	struct lua_meter *m = &vm->meter;
	size_t max = vm->budget.output, *count = &m->output;

	if (!m->on)
		return;
	if (m->payer && vm->run)
		count = &lua_account_of(vm->run, m->payer)->output;
	else
		max *= LOAD_TIMES;
	*count += n;
	if (*count > max || *count < n)
		spend_all(L, SPENT_OUTPUT);
}

bool lua_may_log(struct lua_vm *vm, size_t n)
{
	struct lua_meter *m = &vm->meter;
	struct lua_account *account = account_for(vm, m->payer);

	if (!m->on || !account)
		return true;
	account->output += n + LINE_OVERHEAD;
	return account->output <= vm->budget.output;
}

void lua_spend_result(lua_State *L)
{
	struct lua_vm *vm = lua_vm_of(L);
	struct lua_meter *m = &vm->meter;

	if (!m->on || !m->payer || !vm->run)
		return;
	if (++lua_account_of(vm->run, m->payer)->results > vm->budget.results)
		spend_all(L, SPENT_OUTPUT);
}

/* ---- the settings ---- */

static double clamped(double v, double def, double min, double max)
{
	if (!(v > 0))
		v = def;
	return v < min ? min : v > max ? max : v;
}

static double number_of(const struct settings *s, const char *name,
			double def, double min, double max)
{
	return clamped(settings_number(s, str_cstr(name)), def, min, max);
}

void lua_budget_read(struct lua_budget *b, const struct settings *s)
{
	struct str memory = settings_option(s, STR("lua_memory_limit"));

	b->seconds = number_of(s, "lua_time_limit", 0.1, 0.001, 3600);
	b->steps = (uint64_t)number_of(s, "lua_instruction_limit", 2e7, 1000,
				       1e15);
	b->memory = (size_t)clamped(str_to_octets(memory), 16 << 20, 64 << 10,
				    1e12);
	b->lookups = (unsigned)number_of(s, "lua_lookup_limit", 10, 1, 1e6);
	b->output = (size_t)number_of(s, "lua_output_limit", 65536, 256, 1e9);
	b->results = (size_t)number_of(s, "lua_results_limit", 1000, 1, 1e6);
}
