/*
 * Fuzzes a user's preferences over a small site that allows users' rules: the
 * input, up to a NUL, is the user's file, and what follows the NUL is what a
 * database says. A message is scanned under them, and once more under the
 * site's settings alone, where nothing of the user may be left: same score, same
 * hits, same text as before.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/log.h"
#include "scan/engine.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PLUGIN(name) "loadplugin Mail::SpamAssassin::Plugin::" name

static const char *const pre[] = {
	PLUGIN("Check"), PLUGIN("MIMEHeader"), PLUGIN("ReplaceTags"),
	PLUGIN("URIDetail"), PLUGIN("HeaderEval"), PLUGIN("BodyEval"),
	PLUGIN("FreeMail"), PLUGIN("WLBLEval"), PLUGIN("AskDNS"),
	PLUGIN("WelcomeListSubject"), PLUGIN("Shortcircuit"), NULL
};

static const char *const cf[] = {
	"allow_user_rules 1", "use_bayes 0", "store none",
	"body PILLS /cheap pills/", "score PILLS 2", "describe PILLS Pills",
	"header SUBJ Subject =~ /hello/", "body MANY /word/",
	"tflags MANY multiple", "meta SUM PILLS + MANY > 1",
	"meta WAITS LATER && SUBJ", "uri URI /example/",
	"header BLOCK eval:check_from_in_blocklist()",
	"replace_tag A [a@]", "redirector_pattern /to=(.*)/",
	"time_limit 1", "report Report _SUMMARY_ _TESTS_",
	"add_header all Status _YESNO_ _SCORE_", NULL
};

static const char mail[] = "Received: from a (a [198.18.0.1]) by b; Tue, 1 Jan "
	"2002 00:00:00 +0000\nFrom: a@example.com\nTo: b@example.org\n"
	"Subject: hello\nContent-Type: text/plain\n\n"
	"cheap pills, word for word, at http://www.example.net/?to=x.example\n";

static void quiet(void *ctx, enum log_level level, const char *line)
{
	(void)ctx, (void)level, (void)line;
}

/* Everything that a user would see. */
static struct str look(const struct engine *e, const struct settings *s,
		       struct arena *a)
{
	const struct scan_options opt = { .settings = s };
	struct scan *scan = scan_message(e, a, STR(mail), &opt);

	return str_printf(a, "%.*s %.*s %.*s\n%.*s",
			  STR_ARG(scan_score_text(scan)),
			  STR_ARG(strs_join(a, scan_tests(scan), STR(","))),
			  STR_ARG(strs_join(a, scan_subtests(scan), STR(","))),
			  STR_ARG(scan_report(scan)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct engine *site;
	static struct arena *keep;
	static struct str before;
	const struct load_options opt = {
		.rules_dir = "/nonexistent", .site_dir = "/nonexistent",
		.pre_lines = pre, .cf_lines = cf, .local_only = true,
		.lang = "en_US",
	};
	struct str all = str_make((const char *)data, size);
	ssize_t nul = str_chr(all, '\0');
	struct overlay_text texts[2] = {
		{ nul < 0 ? all : str_head(all, (size_t)nul), "user_prefs",
		  true },
		{ nul < 0 ? STR("") : str_from(all, (size_t)nul + 1),
		  "(sql config)", false },
	};
	struct arena *a = arena_new(), *b = arena_new();
	struct diags diags = { .arena = a };
	struct user_engine u;

	if (!site) {
		log_set_sink(quiet, NULL);
		site = engine_load(&opt);
		keep = arena_new();
		before = look(site, NULL, keep);
	}
	u = engine_for_user(site, a, texts, 2, &diags);
	look(u.engine, u.settings, b);
	arena_reset(b);
	/* What is kept of a user must serve the next message, too. */
	look(u.engine, u.settings, b);
	arena_free(&b);
	arena_free(&a);
	b = arena_new();
	if (!str_eq(look(site, NULL, b), before))
		abort();
	arena_free(&b);
	return 0;
}
