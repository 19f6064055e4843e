/*
 * mekiki check [PLACE...]: scores messages (standard input without PLACE) and
 * prints of each a line with the verdict and the report; with --rewrite the
 * message as PROCESS would give it back. With --lua FILE the rules of one more Lua file
 * are tried, and the report says what each of them did.
 */
#include <stdio.h>

#include "base/arena.h"
#include "base/log.h"
#include "cli/asker.h"
#include "cli/check_lua.h"
#include "cli/commands.h"
#include "cli/memory.h"
#include "cli/messages.h"
#include "cli/options.h"
#include "cli/runner.h"
#include "scan/engine.h"

struct check_options {
	struct common_options common;
	bool rewrite;
	bool exit_code;
	bool remember;
	const char *format;	/* "detect", "mbox", "mbx" */
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
			  const struct scan_options *so, struct arena *a,
			  struct str raw, bool *is_spam_r)
{
	struct lua_report *r = o->lua.n ? lua_report_begin(e, a) : NULL;
	struct scan *s = scan_message(e, a, raw, so);
	bool fine = true;

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

/* All of them; the exit code. */
static int check_items(const struct check_options *o, struct engine *e,
		       const struct message_items *items)
{
	struct arena *own = arena_new(), *a = arena_new();
	struct scan_options so = {
		.asker = cli_asker(e, own),
		.runner = cli_runner(e, own),
		.teach = o->remember,
	};
	struct cli_memory memory;
	size_t read = 0;
	struct buf raw;
	int code = 0;

	cli_memory_for_scan(e, own, o->common.state_dir, &memory, &so);
	buf_init(&raw, 0);
	for (size_t i = 0; i < items->n; i++) {
		bool is_spam;

		if (!messages_read(&items->v[i], 0, &raw))
			continue;
		read++;
		if (items->n > 1 && !o->rewrite) {
			put(message_item_name(a, &items->v[i]));
			printf(":\n");
		}
		if (!check_message(o, e, &so, a, buf_str(&raw), &is_spam))
			code = 1;
		if (o->exit_code && is_spam)
			code = 5;	/* as spamassassin -e */
		arena_reset(a);
	}
	buf_free(&raw);
	arena_free(&a);
	arena_free(&own);
	return read ? code : EXIT_NOINPUT;
}

static int check_places(const struct check_options *o, char **places, int n)
{
	struct arena *a = arena_new();
	struct engine *e = engine_load(&o->common.load);
	enum message_format format = FORMAT_DETECT;
	struct message_items items;
	struct err err;
	int code = EXIT_USE;

	message_format_named(str_cstr(o->format), &format);
	if (messages_begin(a, engine_rules(e)->site, &items, &err) < 0) {
		log_error("%s", err.text);
	} else {
		for (int i = 0; i < n; i++)
			messages_find(&items, false, format,
				      str_cstr(places[i]));
		if (!n)
			messages_find(&items, false, format, STR("-"));
		code = check_items(o, e, &items);
	}
	engine_free(&e);
	arena_free(&a);
	return code;
}

int cmd_check(int argc, char **argv)
{
	struct check_options o = { .format = "detect" };
	const struct option_row rows[] = {
		{ "rewrite", 0, OPT_FLAG, &o.rewrite, NULL,
		  "Print the message with its markup instead." },
		{ "exit-code", 'e', OPT_FLAG, &o.exit_code, NULL,
		  "Exit with 5 if it is spam." },
		{ "mbox", 0, OPT_WORD, &o.format, "mbox",
		  "The places are mbox files." },
		{ "mbx", 0, OPT_WORD, &o.format, "mbx",
		  "The places are mbx files." },
		{ "remember", 0, OPT_FLAG, &o.remember, NULL,
		  "Let what is remembered learn from the verdict." },
		{ "lua", 0, OPT_LIST, &o.lua, "FILE",
		  "Read a Lua file more and show what its rules do." },
		{ NULL, 0, OPT_FLAG, NULL, NULL, NULL },
	};
	const struct option_row *common = common_option_rows(&o.common);
	struct err err;
	int n = options_parse(argc, argv, common, rows, &err);

	if (n < 0) {
		log_error("%s", err.text);
		return EXIT_USE;
	}
	if (o.common.help) {
		printf("Usage: mekiki check [OPTIONS] [PLACE...]\n"
		       "A PLACE is a file, a folder, or an mbox file.\n");
		options_help(stdout, rows);
		options_help(stdout, common);
		return 0;
	}
	common_options_apply(&o.common);
	if (o.lua.n)
		o.common.load.more_files = o.lua.v;
	return check_places(&o, argv, n);
}
