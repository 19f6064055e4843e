/*
 * libFuzzer target: any bytes as a message that is rewritten in every way, headers
 * only and wrapped, and unmarked again; to be run from the top of the tree. What
 * was wrapped must come out as it was read, byte for byte; what only had headers
 * added must too, unless it had marks of earlier runs, or line ends that
 * SpamAssassin makes equal, or no line end behind its header.
 */
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/log.h"
#include "mail/message.h"
#include "scan/scan_int.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ALL_SPAM "required_score -10000\n"
#define ALL_HAM "required_score 10000\n"
#define HEADERS "add_header all Tests _TESTS_ _HEADER(Subject)_\n" \
	"add_header all Preview _PREVIEW_\n" \
	"add_header all All _HEADER(ALL)_\n"

static const struct {
	const char *prefs;
	bool wrapped;
} ways[] = {
	{ ALL_SPAM HEADERS "report_safe 0\nrewrite_header Subject [SPAM _SCORE_]\n",
	  false },
	{ ALL_HAM HEADERS "fold_headers 0\n", false },
	{ ALL_SPAM HEADERS "report_safe 1\nrewrite_header Subject SPAM\n"
	  "rewrite_header From F\nrewrite_header To T\n"
	  "report_safe_copy_headers Received Content-Type X-A\n", true },
	{ ALL_SPAM HEADERS "report_safe 2\nfold_headers 0\n", true },
};

#define NWAYS (sizeof(ways) / sizeof(ways[0]))

static struct engine *engine;
static struct arena *arena, *kept;
static const struct settings *settings[NWAYS];

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
	kept = arena_new();
	engine = engine_load(&options);
	must(engine_rules(engine)->nrules > 20);
	for (size_t i = 0; i < NWAYS; i++) {
		struct diags diags;

		memset(&diags, 0, sizeof(diags));
		diags.arena = kept;
		settings[i] = settings_overlay_text(kept, engine_rules(engine),
						    str_cstr(ways[i].prefs),
						    "prefs", &diags);
		must(diags.n == 0);
	}
}

/* Can what only had headers added be had back? */
static bool is_simple(const struct message *m)
{
	struct str rest = m->pristine_header, line;

	if (!str_ends(rest, STR("\n")) || str_chr(m->pristine, '\r') >= 0)
		return false;
	/* A first line that continues nothing would continue what is added. */
	if (rest.p[0] == ' ' || rest.p[0] == '\t')
		return false;
	while (str_next_line(&rest, &line))
		if (str_istarts(line, STR("X-Spam-")))
			return false;
	return true;
}

static void check(struct str raw, size_t way)
{
	const struct scan_options options = { .settings = settings[way] };
	struct scan *s = scan_message(engine, arena, raw, &options);
	struct str back = message_unmarked(arena, scan_rewritten(s));

	if (ways[way].wrapped || is_simple(s->msg))
		must(str_eq(back, str_cat(arena, s->msg->mbox_line,
					  s->msg->pristine)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str raw = str_make((const char *)data, size);

	if (!arena)
		start();
	for (size_t i = 0; i < NWAYS; i++)
		check(raw, i);
	arena_reset(arena);
	return 0;
}
