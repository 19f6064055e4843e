/*
 * libFuzzer target: any bytes as a user's preferences with templates (reports,
 * added headers, rewritten ones, widths, charsets) over a fixed site, for a few
 * fixed messages; the first byte says which. To be run from the top of the tree.
 * Beside crashes it looks for broken promises: there is always something to give
 * back, it is the same the second time, and what was wrapped comes out again.
 */
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/log.h"
#include "scan/engine.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct str messages[] = {
	STR("From: Ann <ann@example.com>\nTo: bob@example.net\n"
	    "Subject: spamword\n\nText with a spamword and a hugeword.\n"),
	STR("Return-Path: <a@example.com>\r\nReceived: from x.example.com "
	    "(x.example.com [198.18.0.1])\r\n\tby mx.example.net; "
	    "Tue, 24 Nov 2026 10:00:00 +0000\r\nFrom: \"A, B\" "
	    "<a@example.com>\r\nSubject: =?UTF-8?Q?Caf=C3=A9?=\r\n\tspamword"
	    "\r\nMIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n"
	    "<p>spamword times times <b>caught fish</b> prefixword"),
	STR("From x Tue Nov 24 10:00:00 2026\nTo: a@b.example\n"
	    "Subject: a\nSubject: \xe4\xf6\xfc\n\nhamword hugeham\n"),
	STR("\nno header at all, spamword forceword hugeword"),
};

#define NMESSAGES (sizeof(messages) / sizeof(messages[0]))

static struct engine *engine;
static struct arena *arena;

static void drop_line(void *ctx, enum log_level level, const char *line)
{
	(void)ctx, (void)level, (void)line;
}

static void start(void)
{
	static const struct load_options options = {
		.rules_dir = "tests/cases/rewrite",
		.site_dir = "tests/cases/site",
		.local_only = true,
	};

	log_set_sink(drop_line, NULL);
	arena = arena_new();
	engine = engine_load(&options);
	must(engine_rules(engine)->nrules > 20);
}

static void check(struct str raw, const struct settings *settings)
{
	const struct scan_options options = { .settings = settings };
	struct scan *s = scan_message(engine, arena, raw, &options);
	struct str out = scan_rewritten(s), report = scan_report(s);

	must(out.n > 0 && report.n > 0);
	must(str_eq(scan_report(s), report));
	if (scan_is_spam(s) && settings->report_safe > 0)
		must(str_eq(message_unmarked(arena, out), raw));
	else
		message_unmarked(arena, out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct diags diags;

	if (!arena)
		start();
	if (!size)
		return 0;
	memset(&diags, 0, sizeof(diags));
	diags.arena = arena;
	check(messages[data[0] % NMESSAGES],
	      settings_overlay_text(arena, engine_rules(engine),
				    str_make((const char *)data + 1, size - 1),
				    "prefs", &diags));
	arena_reset(arena);
	return 0;
}
