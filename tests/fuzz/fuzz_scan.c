/*
 * libFuzzer target: any bytes as a message, all the way to a verdict and back to
 * a message. The rules are those of tests/cases/evals (every test that is written
 * in code), so it is to be run from the top of the tree. Beside crashes it looks
 * for broken promises: there is a score and something to give back, and a second
 * look gives the first one's answer.
 */
#include <math.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/log.h"
#include "scan/engine.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct engine *engine;
static struct arena *arena;

static void drop_line(void *ctx, enum log_level level, const char *line)
{
	(void)ctx, (void)level, (void)line;
}

static void start(void)
{
	static const char *const more[] = {
		"body __FUZZ_BODY /\\b(\\w+) \\1\\b/",
		"rawbody __FUZZ_RAW /<a [^>]*>/",
		"full __FUZZ_FULL /^Subject:/m",
		"uri __FUZZ_URI m{^https?://[^/]+}",
		"header __FUZZ_TO ToCc:addr =~ /@/",
		"header __FUZZ_ALL ALL =~ /^\\S+: /m",
		"mimeheader __FUZZ_MIME Content-Type =~ m{/}",
		"body FUZZ_SPAM /e/",
		"score FUZZ_SPAM 6",
		"report_safe 1",
		"rewrite_header Subject [SPAM]",
		"report _PREVIEW_ _SUMMARY_",
		"add_header all Relays _RELAYSEXTERNAL_ _HEADER(From:name)_",
		NULL
	};
	const struct load_options options = {
		.rules_dir = "tests/cases/evals",
		.site_dir = "tests/cases/site",
		.local_only = true,
		.cf_lines = more,
	};

	arena = arena_new();
	engine = engine_load(&options);
	must(engine_rules(engine)->nrules > 100);
	log_set_sink(drop_line, NULL);
}

static void check_scan(struct str raw)
{
	const struct scan_options options = { 0 };
	struct scan *s = scan_message(engine, arena, raw, &options);
	struct str out = scan_rewritten(s), hits;

	must(isfinite(scan_score(s)));
	must(out.n > 0);
	scan_report(s);
	scan_autolearn(s);
	message_unmarked(arena, raw);
	message_unmarked(arena, out);
	hits = strs_join(arena, scan_subtests(s), STR(","));
	s = scan_message(engine, arena, raw, &options);
	must(str_eq(strs_join(arena, scan_subtests(s), STR(",")), hits));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str raw = str_make((const char *)data, size);

	if (!arena)
		start();
	check_scan(raw);
	arena_reset(arena);
	return 0;
}
