/*
 * mekiki check [FILE]: scores one message (standard input without FILE) and
 * prints a line with the verdict and the report; with --rewrite the message
 * as PROCESS would give it back. With --lua FILE the rules of one more Lua file
 * are tried, and the report says what each of them did.
 */
#include <stdio.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/log.h"
#include "cli/asker.h"
#include "cli/check_lua.h"
#include "cli/commands.h"
#include "cli/input.h"
#include "cli/memory.h"
#include "cli/options.h"
#include "cli/runner.h"
#include "scan/engine.h"

struct check_options {
	struct common_options common;
	bool rewrite;
	bool exit_code;
	bool remember;
	struct option_list lua;
};

static void put(struct str s)
{
	fwrite(s.p, 1, s.n, stdout);
}

static void print_verdict(struct scan *s)
{
	printf("Spam: %s ; ", scan_is_spam(s) ? "True" : "False");
	put(scan_score_text(s));
	printf(" / ");
	put(scan_required_text(s));
	printf("\nTests: ");
	put(scan_tag(s, STR("_TESTS(,)_")));
	printf("\n\n");
	put(scan_report(s));
}

/* Scans, and prints the report. False if a rule of the files that are tried
 * failed. */
static bool check_message(const struct check_options *o, struct engine *e,
			  struct arena *a, struct str raw, bool *is_spam_r)
{
	struct scan_options so = {
		.asker = cli_asker(e, a),
		.runner = cli_runner(e, a),
		.teach = o->remember,
	};
	struct lua_report *r = o->lua.n ? lua_report_begin(e, a) : NULL;
	struct cli_memory memory;
	struct scan *s;
	bool fine = true;

	cli_memory_for_scan(e, a, o->common.state_dir, &memory, &so);
	s = scan_message(e, a, raw, &so);
	if (o->rewrite)
		put(scan_rewritten(s));
	else
		print_verdict(s);
	if (r)
		lua_report_end(r);
	for (size_t i = 0; i < o->lua.n; i++)
		fine = lua_report_print(r, o->lua.v[i]) && fine;
	*is_spam_r = scan_is_spam(s);
	return fine;
}

static int check_file(const struct check_options *o, const char *path)
{
	struct engine *e;
	struct arena *a = arena_new();
	struct err err;
	struct buf raw;
	bool is_spam;
	int code = 0;

	buf_init(&raw, LIMIT_MESSAGE);
	if (input_read(path, &raw, &err) < 0) {
		log_error("%s", err.text);
		buf_free(&raw);
		arena_free(&a);
		return EXIT_NOINPUT;
	}
	e = engine_load(&o->common.load);
	if (!check_message(o, e, a, buf_str(&raw), &is_spam))
		code = 1;
	if (o->exit_code && is_spam)
		code = 5;	/* as spamassassin -e */
	arena_free(&a);
	engine_free(&e);
	buf_free(&raw);
	return code;
}

int cmd_check(int argc, char **argv)
{
	struct check_options o = { 0 };
	const struct option_row rows[] = {
		{ "rewrite", 0, OPT_FLAG, &o.rewrite, NULL,
		  "Print the message with its markup instead." },
		{ "exit-code", 'e', OPT_FLAG, &o.exit_code, NULL,
		  "Exit with 5 if it is spam." },
		{ "remember", 0, OPT_FLAG, &o.remember, NULL,
		  "Let what is remembered learn from the verdict." },
		{ "lua", 0, OPT_LIST, &o.lua, "FILE",
		  "Read a Lua file more and show what its rules do." },
		{ NULL, 0, OPT_FLAG, NULL, NULL, NULL },
	};
	const struct option_row *common = common_option_rows(&o.common);
	struct err err;
	int n = options_parse(argc, argv, common, rows, &err);

	if (n < 0 || n > 1) {
		log_error("%s", n < 0 ? err.text : "one FILE at most");
		return EXIT_USE;
	}
	if (o.common.help) {
		printf("Usage: mekiki check [OPTIONS] [FILE]\n");
		options_help(stdout, rows);
		options_help(stdout, common);
		return 0;
	}
	common_options_apply(&o.common);
	if (o.lua.n)
		o.common.load.more_files = o.lua.v;
	return check_file(&o, n ? argv[0] : "-");
}
