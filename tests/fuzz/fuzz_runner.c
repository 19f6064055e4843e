/*
 * The runner's packets on any bytes: parameters of a question and texts of an
 * answer. What is taken lies within the packet, and comes out again as it was.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/arena.h"
#include "net/runner_wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool good)
{
	if (!good)
		abort();
}

static void params(struct arena *a, struct str texts)
{
	struct strs list, again;

	if (!runner_wire_unpack(a, texts, &list))
		return;
	require(list.n <= RUNNER_PARAMS);
	for (size_t i = 0; i < list.n; i++)
		if (runner_param_ok(list.v[i]))
			require(list.v[i].n <= RUNNER_PARAM_MAX &&
				!memchr(list.v[i].p, '\0', list.v[i].n) &&
				!str_starts(list.v[i], STR("-")));
	require(runner_wire_unpack(a, runner_wire_pack(a, &list), &again));
	require(again.n == list.n);
	for (size_t i = 0; i < list.n; i++)
		require(str_eq(again.v[i], list.v[i]));
}

static void answer(struct arena *a, uint32_t word, struct str texts)
{
	struct runner_head h = { .word = word, .id = 7, .code = 3, .size = 9 };
	struct runner_answer ans, again;

	if (!runner_wire_unpack_answer(&h, texts, &ans))
		return;
	require(ans.status <= RUNNER_REFUSED);
	require(ans.out.n + ans.errors.n <= texts.n);
	require(runner_wire_unpack_answer(&h, runner_wire_pack_answer(a, &ans),
					  &again));
	require(str_eq(again.out, ans.out) && str_eq(again.errors, ans.errors));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a;

	if (size < 1)
		return 0;
	a = arena_new();
	params(a, str_make((const char *)data + 1, size - 1));
	answer(a, data[0] % 8, str_make((const char *)data + 1, size - 1));
	arena_free(&a);
	return 0;
}
