/*
 * libFuzzer target: any text as a script that runs in the sandbox with a
 * message (whose body it is), under small budgets. Beside crashes it looks for
 * what the sandbox promises: the honest rule hits, whatever the script does,
 * and the scan ends. To be run from the top of the tree.
 */
#include <math.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/log.h"
#include "lua/scripts.h"
#include "scan/engine.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__asan_default_options(void);

/* The machine keeps its garbage for a while, which libFuzzer takes for a leak
 * and looks for all over the heap, after each run. */
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}

#define RULES_MAX 64

static struct engine *engine;
static struct arena *arena;
static struct lua_tally tallies[RULES_MAX];

static void drop_line(void *ctx, enum log_level level, const char *line)
{
	(void)ctx, (void)level, (void)line;
}

static void start(void)
{
	static const char *const more[] = {
		"lua_time_limit 0.05", "lua_instruction_limit 200000",
		"lua_memory_limit 4m", NULL
	};
	const struct load_options options = {
		.rules_dir = "tests/fuzz/lua",
		.site_dir = "tests/cases/site",
		.local_only = true,
		.cf_lines = more,
	};

	engine = engine_load(&options);
	must(engine_has_scripts(engine));
	must(engine_rules(engine)->nrules < RULES_MAX);
	engine_set_tallies(engine, tallies);
	log_set_sink(drop_line, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct str head = {
		"From: a@example.com\nTo: b@example.net\nSubject: hello\n"
		"Content-Type: text/plain; charset=utf-8\n\n", 94 };
	const struct scan_options options = { 0 };
	struct scan *s;

	if (!arena)
		arena = arena_new();
	if (!engine || engine_is_tired(engine)) {
		engine_free(&engine);
		start();
	}
	/* Three strikes would be the end of the fuzzing. */
	memset(tallies, 0, sizeof(tallies));
	s = scan_message(engine, arena, str_cat(arena, head,
			 str_make((const char *)data, size)), &options);
	must(isfinite(scan_score(s)));
	must(strs_has(scan_tests(s), STR("HONEST")));
	arena_reset(arena);
	return 0;
}
