/*
 * BLAKE2b against the vector of RFC 7693 and lengths around a block's end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/blake2b.h"

static void assert_hash(struct str s, size_t n, const char *hex)
{
	uint8_t out[64];
	char got[3];

	blake2b(out, n, s);
	for (size_t i = 0; i < n && hex[2 * i]; i++) {
		got[0] = "0123456789abcdef"[out[i] >> 4];
		got[1] = "0123456789abcdef"[out[i] & 15];
		got[2] = 0;
		if (memcmp(got, hex + 2 * i, 2) != 0)
			fail_msg("octet %zu is %s in the hash of %zu", i, got,
				 s.n);
	}
}

static void known_hashes(void **state)
{
	static char x[300];

	(void)state;
	memset(x, 'x', sizeof(x));
	assert_hash(STR("abc"), 64,
		    "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6f"
		    "dbffa2d17d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925a"
		    "b92386edd4009923");
	assert_hash(STR(""), 64, "786a02f742015903c6c6fd852552d272");
	assert_hash(STR(""), 32, "0e5751c026e543b2e8ab2eb06099daa1");
	assert_hash(str_make(x, 127), 64, "acc1cd9ebcd76c8f0e9afcfe2e2479a1");
	assert_hash(str_make(x, 128), 64, "082b91ea2e15d1556d2ceefdd5af5d64");
	assert_hash(str_make(x, 129), 64, "362a53bbe2ec08097b2f358a41d0e153");
	assert_hash(str_make(x, 300), 64, "fe42f4108dd98f9b4f19fb21f386dfbe");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_hashes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
