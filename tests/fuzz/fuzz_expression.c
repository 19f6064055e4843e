/*
 * libFuzzer target: any text as an expression of config['regexp']. Either
 * there is a tree, whose atoms are pieces of the text and whose value is the
 * same each time, or a fault with words.
 */
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "lua/expression.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct asked {
	unsigned n;
	unsigned seed;
};

/* Values that depend on the atom only, so that both evaluations see the same:
 * many of them 0, as in life. */
static double value_of(void *ctx, const struct expr_atom *at)
{
	struct asked *asked = ctx;
	unsigned h = asked->seed;

	asked->n++;
	for (size_t i = 0; i < at->text.n; i++)
		h = h * 31 + (unsigned char)at->text.p[i];
	return h % 3 ? 0 : h % 5;
}

static void check_atom(const struct expr_atom *at, size_t size)
{
	must(at->text.n <= size);
	must(at->name.n <= size && at->pattern.n <= size);
	for (size_t i = 0; i < at->nargs; i++)
		must(at->args[i].text.n <= size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct err err = { "" };
	struct expr *e = expr_parse(a, str_make((const char *)data, size),
				    &err);
	struct expr_atom *const *atoms;
	size_t n;

	if (!e) {
		must(err.text[0] != '\0');
		arena_free(&a);
		return 0;
	}
	atoms = expr_atoms(e, &n);
	must(n <= size);
	for (size_t i = 0; i < n; i++)
		check_atom(atoms[i], size);
	for (unsigned seed = 0; seed < 4; seed++) {
		struct asked once = { .seed = seed }, twice = once;
		double v = expr_value(e, value_of, &once);

		must(!isnan(v) && once.n <= n);
		must(v == expr_value(e, value_of, &twice));
		must(once.n == twice.n);
	}
	arena_free(&a);
	return 0;
}
