/*
 * The request parser on any bytes, cut into lines as the front cuts them. It
 * must end in a defined state, name a word only if it is in the text, and
 * keep its texts within bounds; and what one line at a time gives must not
 * depend on what follows.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/limits.h"
#include "serve/spamd_request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool good)
{
	if (!good)
		abort();
}

static void run(struct spamd_request *r, struct str text, bool tell)
{
	struct str line;

	spamd_request_init(r, tell);
	while (r->need == NEED_LINE || r->need == NEED_HEADER) {
		if (!str_next_line(&text, &line))
			spamd_request_eof(r);
		else if (line.n > LIMIT_REQUEST_LINE)
			spamd_request_too_long(r);
		else
			spamd_request_line(r, line);
	}
	if (r->need == NEED_BODY && !r->zlib)
		spamd_request_length_ok(r, text.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = str_make((const char *)data, size);
	struct spamd_request r, again;

	run(&r, text, size & 1);
	require(r.need == NEED_BODY || r.need == NEED_NOTHING ||
		r.need == NEED_ERROR);
	require(r.ntext <= sizeof(r.text));
	require(strlen(r.user) < sizeof(r.user));
	require(strlen(r.length_text) < sizeof(r.length_text));
	require(r.nheaders <= 256);
	if (r.word != WORD_NONE)
		require(str_find(text, str_cstr(spamd_word_name(r.word))) >= 0);
	if (r.need == NEED_ERROR)
		require(r.code == 76 || r.code == 69);
	else
		require(r.word != WORD_NONE);
	run(&again, text, size & 1);
	require(again.need == r.need && again.ntext == r.ntext &&
		memcmp(again.text, r.text, r.ntext) == 0);
	return 0;
}
