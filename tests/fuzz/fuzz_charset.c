/*
 * libFuzzer target: any bytes as a header's value, as a Content-Type, and as
 * text in a charset (its label is what stands before the first newline).
 * Beside crashes it looks for broken promises: a decoded header is UTF-8,
 * ASCII without encoded words stays itself, UTF-8 stays UTF-8 whatever is
 * declared, decoders never give more than they got.
 */
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/limits.h"
#include "mail/charset.h"
#include "mail/content_type.h"
#include "mail/decode.h"
#include "mail/header.h"
#include "mail/settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_header(struct arena *a, struct str raw)
{
	struct mail_settings ms;
	struct header h = { .name = STR("Subject"), .raw = raw };
	struct str text, plain = header_unfold(a, raw);

	mail_settings_init(&ms);
	text = header_text(a, &ms, &h);
	must(str_eq(header_text(a, &ms, &h), text));
	if (count_8bit(plain) == 0 && str_find(plain, STR("=?")) < 0 &&
	    str_chr(plain, '\n') < 0)
		must(str_eq(text, plain));
	h = (struct header){ .name = STR("Received"), .raw = raw };
	text = header_text(a, &ms, &h);
	must(utf8_is_strict(text));
}

static void check_type(struct arena *a, struct str value)
{
	struct content_type ct = content_type_parse(a, value);

	for (size_t i = 0; i < ct.type.n; i++)
		must(ct.type.p[i] > 32 && ct.type.p[i] < 127 &&
		     !is_upper((unsigned char)ct.type.p[i]));
	must(str_chr(ct.boundary, '"') < 0);
	must(ct.boundary.n <= value.n);
	must(ct.charset.n <= value.n || ct.missing);
	must(disposition_name(value).n <= value.n);
}

static void check_charset(struct arena *a, struct str text)
{
	struct str label = STR("utf-8"), body = text, out;
	ssize_t nl = str_chr(text, '\n');
	bool decoded;

	if (nl >= 0) {
		label = str_head(text, (size_t)nl);
		body = str_from(text, (size_t)nl + 1);
	}
	out = charset_decode(a, body, label, CHARSET_BODY, &decoded);
	must(decoded || str_eq(out, body));
	if (utf8_is_strict(body) && count_8bit(body))
		must(decoded && str_eq(out, body));
	charset_decode(a, body, label, CHARSET_WORD, NULL);
	must(decode_base64(a, body).n <= body.n);
	must(decode_qp(a, body).n <= body.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct str s = str_make((const char *)data, size);

	check_header(a, s);
	check_type(a, s);
	check_charset(a, s);
	arena_free(&a);
	return 0;
}
