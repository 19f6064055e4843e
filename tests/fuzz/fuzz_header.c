/*
 * libFuzzer target: any bytes as the value of a header, decoded (RFC 2047),
 * and as a Content-Type with its parameters (RFC 2231). Beside crashes it
 * looks for broken promises: a decoded value has no folding left, decoding
 * what needs none changes nothing but white space, and a message with this
 * header gives it back undecoded, octet for octet.
 */
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/limits.h"
#include "mail/header.h"
#include "mail/message.h"
#include "mail/part.h"
#include "mail/settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_plain(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < 0x21 || s.p[i] == 0x7f || s.p[i] == '=')
			return false;
	return true;
}

static void check_decoding(struct arena *a, const struct mail_settings *ms,
			   struct str value)
{
	struct str text = header_decode(a, ms, value);

	/* A byte becomes four at most (a charset's widest), and never more
	 * than U+FFFD or a Latin letter where it stands alone. */
	must(text.n <= 8 * value.n + 16);
	if (is_plain(value))
		must(str_eq(text, value));
}

/* The same value inside a message. */
static void check_in_message(struct arena *a, const struct mail_settings *ms,
			     struct str value)
{
	struct str raw = str_printf(a, "Content-Type: %.*s\nX: %.*s\n\nbody\n",
				    STR_ARG(value), STR_ARG(value));
	struct message *m = message_parse(a, ms, raw);
	struct str got = message_header(m, STR("X"), true);

	if (is_plain(value) && value.n && value.n < LIMIT_HEADER_VALUE - 2)
		must(str_eq(str_trim(got), value));
	part_header(m->root, STR("content-type"));
	message_body(m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct str value = str_make((const char *)data, size);
	struct mail_settings settings;

	mail_settings_init(&settings);
	settings.normalize_charset = size == 0 || data[0] % 8 != 0;
	check_decoding(a, &settings, value);
	check_in_message(a, &settings, value);
	arena_free(&a);
	return 0;
}
