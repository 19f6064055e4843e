/*
 * Address headers: any octets are read, in bounded time, and what comes out
 * lies within bounds.
 */
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "mail/address.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct addresses as = { 0 };

	addresses_parse(a, str_make((const char *)data, size), &as);
	for (size_t i = 0; i < as.n; i++) {
		must(as.v[i].addr.n <= 2 * size + 3);
		must(as.v[i].name.n <= size);
	}
	arena_free(&a);
	return 0;
}
