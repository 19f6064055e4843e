/*
 * Rules that read what is remembered, against facts made by hand: the edges of
 * ranges, which of several keys speaks, and that nothing hits where nothing
 * was asked.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/memory.h"
#include "eval/eval.h"

#define NAME(text) { text, sizeof(text) - 1 }

/* What is known, as "kind score" pairs. */
struct fact {
	enum evidence_kind kind;
	struct str name;
	double score;
	bool unknown;
};

static const struct {
	const char *what;
	const char *args[4];
	struct fact facts[3];
	enum memory_state state;
	int hits;
} cases[] = {
	{ "inside", { "ip", "0.06", "0.3" },
	  { { EVIDENCE_IP, NAME("a"), 0.1, 0 } }, MEMORY_KNOWN, 1 },
	{ "its lower edge", { "ip", "0.06", "0.3" },
	  { { EVIDENCE_IP, NAME("a"), 0.06, 0 } }, MEMORY_KNOWN, 1 },
	{ "its upper edge", { "ip", "0.06", "0.3" },
	  { { EVIDENCE_IP, NAME("a"), 0.3, 0 } }, MEMORY_KNOWN, 0 },
	{ "below", { "ip", "0.06", "0.3" },
	  { { EVIDENCE_IP, NAME("a"), 0.05, 0 } }, MEMORY_KNOWN, 0 },
	{ "1 is no edge", { "ip", "0.3", "1" },
	  { { EVIDENCE_IP, NAME("a"), 1, 0 } }, MEMORY_KNOWN, 1 },
	{ "the best", { "ip", "-1", "-0.6" },
	  { { EVIDENCE_IP, NAME("a"), -1, 0 } }, MEMORY_KNOWN, 1 },
	{ "another kind", { "ip", "-1", "1" },
	  { { EVIDENCE_NET, NAME("a"), 0.1, 0 } }, MEMORY_KNOWN, 0 },
	{ "not known", { "ip", "-1", "1" },
	  { { EVIDENCE_IP, NAME("a"), 0, 1 } }, MEMORY_KNOWN, 0 },
	{ "no answer", { "ip", "-1", "1" },
	  { { EVIDENCE_IP, NAME("a"), 0.1, 0 } }, MEMORY_MISSING, 0 },
	{ "nobody asked", { "ip", "-1", "1" },
	  { { EVIDENCE_IP, NAME("a"), 0.1, 0 } }, MEMORY_OFF, 0 },
	{ "the worst link speaks", { "url", "0.3", "1" },
	  { { EVIDENCE_URL, NAME("b"), -1, 0 },
	    { EVIDENCE_URL, NAME("a"), 0.9, 0 },
	    { EVIDENCE_URL, NAME("c"), 0.2, 0 } }, MEMORY_KNOWN, 1 },
	{ "all links must be good", { "url", "-1", "-0.2" },
	  { { EVIDENCE_URL, NAME("b"), -1, 0 },
	    { EVIDENCE_URL, NAME("a"), 0, 1 } }, MEMORY_KNOWN, 0 },
	{ "all links are good", { "url", "-1", "-0.2" },
	  { { EVIDENCE_URL, NAME("b"), -1, 0 },
	    { EVIDENCE_URL, NAME("a"), -0.5, 0 } }, MEMORY_KNOWN, 1 },
	{ "the network, as nothing is known of the address",
	  { "net", "0.3", "1", "ip" },
	  { { EVIDENCE_IP, NAME("b"), 0, 1 },
	    { EVIDENCE_NET, NAME("a"), 0.5, 0 } }, MEMORY_KNOWN, 1 },
	{ "the network, as the address says less",
	  { "net", "0.3", "1", "ip" },
	  { { EVIDENCE_IP, NAME("b"), 0.29, 0 },
	    { EVIDENCE_NET, NAME("a"), 0.5, 0 } }, MEMORY_KNOWN, 1 },
	{ "not if it says as much", { "net", "0.3", "1", "ip" },
	  { { EVIDENCE_IP, NAME("b"), 0.3, 0 },
	    { EVIDENCE_NET, NAME("a"), 0.5, 0 } }, MEMORY_KNOWN, 0 },
	{ "nor the contrary", { "net", "0.3", "1", "ip" },
	  { { EVIDENCE_IP, NAME("b"), -0.3, 0 },
	    { EVIDENCE_NET, NAME("a"), 0.5, 0 } }, MEMORY_KNOWN, 0 },
};

static struct eval_ctx context(struct arena *a, const struct fact *facts,
			       size_t n, enum memory_state state)
{
	struct memory_facts *m = arena_alloc(a, sizeof(*m));

	m->state = state;
	m->why = STR("it is closed");
	m->evidence = arena_alloc(a, (n + 1) * sizeof(*m->evidence));
	for (size_t i = 0; i < n && facts[i].name.p; i++)
		m->evidence[m->nevidence++] = (struct evidence){
			.key = { facts[i].kind, facts[i].name },
			.known = !facts[i].unknown, .score = facts[i].score,
			.seen = 210, .spam = 200, .ham = 3,
		};
	return (struct eval_ctx){ .arena = a, .memory = m,
				  .log = arena_alloc(a, sizeof(struct strs)) };
}

static struct strs arguments(struct arena *a, const char *const *v, size_t n)
{
	struct strs args = { 0 };

	for (size_t i = 0; i < n && v[i]; i++)
		strs_add(a, &args, str_cstr(v[i]));
	return args;
}

static void ranges(void **state)
{
	const struct eval_test *t = eval_find(STR("check_reputation"));

	(void)state;
	assert_non_null(t);
	assert_true(t->kinds & EVAL_REMEMBERS);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct arena *a = arena_new();
		struct strs args = arguments(a, cases[i].args, 4);
		struct eval_ctx c = context(a, cases[i].facts, 3,
					    cases[i].state);
		struct err err;

		c.prepared = t->prepare(a, &args, &err);
		assert_non_null(c.prepared);
		if (t->fn(&c, &args) != cases[i].hits)
			fail_msg("%s", cases[i].what);
		assert_int_equal(c.log->n, cases[i].hits ? 2 : 0);
		if (cases[i].hits) {
			assert_true(str_eq(c.log->v[0], STR("a")));
			assert_true(str_eq(c.log->v[1],
					   STR("200 spam, 3 ham of 210")));
		}
		c.log = NULL;
		assert_int_equal(t->fn(&c, &args), cases[i].hits);
		arena_free(&a);
	}
}

static void people_are_shown(void **state)
{
	static const struct fact fact[] = { { EVIDENCE_IP, NAME("a"), 1, 0 } };
	static const char *const v[] = { "ip", "-1", "1" };
	const struct eval_test *t = eval_find(STR("check_reputation"));
	struct arena *a = arena_new();
	struct strs args = arguments(a, v, 3);
	struct eval_ctx c = context(a, fact, 1, MEMORY_KNOWN);
	struct err err;

	(void)state;
	c.memory->evidence[0].people_ham = 2;
	c.prepared = t->prepare(a, &args, &err);
	assert_int_equal(t->fn(&c, &args), 1);
	assert_int_equal(c.log->n, 3);
	assert_true(str_eq(c.log->v[2], STR("people: 0 spam, 2 ham")));
	arena_free(&a);
}

static void wrong_arguments(void **state)
{
	static const char *const wrong[][4] = {
		{ NULL }, { "ip" }, { "ip", "0.1" }, { "up", "0", "1" },
		{ "ip", "a", "b" }, { "ip", "0.3", "0.1" },
		{ "ip", "0.3", "0.3" }, { "ip", "0", "1", "up" },
	};
	const struct eval_test *t = eval_find(STR("check_reputation"));

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct arena *a = arena_new();
		struct strs args = arguments(a, wrong[i], 4);
		struct err err = { "" };

		assert_null(t->prepare(a, &args, &err));
		assert_true(err.text[0]);
		arena_free(&a);
	}
}

static void known_at_all(void **state)
{
	static const struct fact facts[] = {
		{ EVIDENCE_IP, NAME("a"), 0, 1 },
		{ EVIDENCE_URL, NAME("b"), 0, 0 },
	};
	static const char *const other[] = { "ip", "from" };
	static const char *const it[] = { "ip", "url" };
	const struct eval_test *t = eval_find(STR("check_remembered"));
	struct arena *a = arena_new();
	struct strs none = { 0 }, others = arguments(a, other, 2);
	struct strs its = arguments(a, it, 2);
	struct eval_ctx c = context(a, facts, 2, MEMORY_KNOWN);

	(void)state;
	assert_int_equal(t->fn(&c, &none), 1);
	assert_int_equal(t->fn(&c, &others), 0);
	assert_int_equal(t->fn(&c, &its), 1);
	c = context(a, facts, 1, MEMORY_KNOWN);
	assert_int_equal(t->fn(&c, &none), 0);
	arena_free(&a);
}

static void without_memory(void **state)
{
	const struct eval_test *t = eval_find(STR("check_memory_missing"));
	struct arena *a = arena_new();
	struct strs none = { 0 };
	struct eval_ctx c = context(a, NULL, 0, MEMORY_MISSING);

	(void)state;
	assert_int_equal(t->fn(&c, &none), 1);
	assert_true(c.log->n == 1 &&
		    str_eq(c.log->v[0], STR("it is closed")));
	c = context(a, NULL, 0, MEMORY_OFF);
	assert_int_equal(t->fn(&c, &none), 0);
	c = context(a, NULL, 0, MEMORY_KNOWN);
	assert_int_equal(t->fn(&c, &none), 0);
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranges),
		cmocka_unit_test(people_are_shown),
		cmocka_unit_test(wrong_arguments),
		cmocka_unit_test(known_at_all),
		cmocka_unit_test(without_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
