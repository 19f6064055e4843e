/*
 * spamassassin, by that name: its options, its exit codes, and what it says. A
 * message is scored and printed with its markup, as the daemon would give it
 * back; the other things it can do are in spamassassin_run.c.
 */
#include "cli/spamassassin.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/log.h"
#include "cli/commands.h"
#include "cli/sa_log.h"
#include "cli/sa_options.h"
#include "cli/user_prefs.h"
#include "scan/engine.h"

/* What die says when there is no errno. */
#define EXIT_DIED 255

static const char pipe_text[] =
	"The -P option is deprecated as 'pipe mode' is now the default "
	"behavior, ignoring.";

#define REMOVED(option) "The " option " option has been removed from " \
	"spamassassin, please remove from your commandline and re-run."
#define DEPRECATED(option) "The " option " option has been deprecated and " \
	"is no longer supported, ignoring."

#define AT(field) offsetof(struct spamassassin, field)

#define FLAG(names, where, help) \
	{ { names }, PERL_NONE, SA_SET, where, NULL, NULL, help }
#define TEXT(names, where, arg, help) \
	{ { names }, PERL_STRING, SA_TEXT, where, NULL, arg, help }
#define OLD(names, value, action, text) \
	{ { names }, value, action, NO_FIELD, text, NULL, NULL }

static const struct sa_option rows[] = {
	FLAG("local-only local L", AT(common.load.local_only),
	     "Local tests only, no network."),
	FLAG("test-mode test t", AT(test),
	     "Append the report, and learn nothing."),
	FLAG("remove-markup despamassassinify d", AT(remove_markup),
	     "Remove what was added to a message."),
	{ { "error-code exit-code e" }, PERL_MAYBE_INT, SA_TEXT,
	  AT(exit_code), NULL, "CODE",
	  "Exit with CODE (5) if a message is spam." },
	FLAG("report r", AT(report), "Learn messages as spam."),
	FLAG("revoke k", AT(revoke), "Learn messages as ham."),
	FLAG("lint", AT(lint), "Check the configuration only."),
	FLAG("net", AT(net), "With --lint: use the network."),
	{ { "mbox" }, PERL_NONE, SA_WORD, AT(format), "mbox", NULL,
	  "Messages are in mbox files." },
	{ { "mbx" }, PERL_NONE, SA_WORD, AT(format), "mbx", NULL,
	  "Messages are in mbx files." },
	FLAG("progress", AT(bar), "Show how far it is in a bar."),
	TEXT("configpath config-file config-dir c C",
	     AT(common.load.rules_dir), "DIR",
	     "Read the stock rules from DIR."),
	TEXT("siteconfigpath", AT(common.load.site_dir), "DIR",
	     "Read the site's files from DIR."),
	TEXT("prefspath prefs-file p", AT(common.load.prefs_file),
	     "FILE", "Read a user's preferences from FILE."),
	FLAG("x", AT(no_prefs_file),
	     "Create no file of preferences."),
	{ { "create-prefs" }, PERL_NEGATABLE, SA_CLEAR,
	  AT(no_prefs_file), NULL, NULL,
	  "Create it if it is missing (the default)." },
	{ { "pre" }, PERL_STRING, SA_LIST, AT(common.pre), NULL,
	  "LINE", "Read LINE before the .pre files." },
	{ { "cf" }, PERL_STRING, SA_LIST, AT(common.cf), NULL, "LINE",
	  "Read LINE after the site's files." },
	TEXT("username u", AT(user), "NAME",
	     "Whose Bayes database, where each user has one."),
	{ { "debug D" }, PERL_MAYBE_STRING, SA_TEXT, AT(common.debug),
	  NULL, "AREAS",
	  "Log what happens in these areas (or all)." },
	FLAG("add-to-welcomelist W add-to-whitelist",
	     AT(list_welcome),
	     "List all addresses of messages as welcome."),
	FLAG("add-to-blocklist add-to-blacklist", AT(list_block),
	     "Block the senders of messages."),
	FLAG("remove-from-welcomelist R remove-from-whitelist",
	     AT(list_remove),
	     "Forget all addresses of messages."),
	TEXT("add-addr-to-welcomelist add-addr-to-whitelist",
	     AT(add_welcome), "ADDRESS",
	     "List an address as welcome."),
	TEXT("add-addr-to-blocklist add-addr-to-blacklist",
	     AT(add_block), "ADDRESS", "Block an address."),
	TEXT("remove-addr-from-welcomelist "
	     "remove-addr-from-whitelist", AT(remove_welcome),
	     "ADDRESS", "Forget an address."),
	OLD("4 ipv4only ipv4-only ipv4", PERL_NONE, SA_IGNORE, NULL),
	OLD("6", PERL_NONE, SA_IGNORE, NULL),
	FLAG("help h ?", AT(help), "Show the options."),
	FLAG("version V", AT(version), "Show the version."),
	TEXT("state-dir", AT(common.state_dir), "DIR",
	     "mekiki's own: without a `store` line, the store is in "
	     "DIR."),
	TEXT("own-rules", AT(common.own_dir), "DIR",
	     "mekiki's own: read its own rules from DIR."),
	FLAG("no-own-rules", AT(common.no_own_rules),
	     "mekiki's own: leave its own rules out."),
	OLD("pipe P", PERL_NONE, SA_WARN, pipe_text),
	OLD("F", PERL_MAYBE_INT, SA_REFUSE, REMOVED("-F")),
	OLD("add-from", PERL_NEGATABLE, SA_REFUSE,
	    REMOVED("--add-from")),
	OLD("stop-at-threshold S", PERL_NONE, SA_WARN,
	    DEPRECATED("-S")),
	OLD("log-to-mbox l", PERL_MAYBE_STRING, SA_WARN,
	    DEPRECATED("-l")),
	OLD("warning-from w", PERL_MAYBE_STRING, SA_REFUSE,
	    REMOVED("-w")),
	OLD("whitelist-factory M", PERL_MAYBE_STRING, SA_REFUSE,
	    REMOVED("-M")),
	{ { NULL }, PERL_NONE, SA_IGNORE, NO_FIELD, NULL, NULL, NULL },
};

static void print_version(void)
{
	printf("SpamAssassin version " SA_VERSION "\n"
	       "  running on mekiki version " MEKIKI_VERSION "\n");
}

static void usage(FILE *f)
{
	fprintf(f, "Usage:\n"
		"    spamassassin [options] [place...]\n"
		"    spamassassin -d|-r|-k|-W|-R [options] [place...]\n"
		"    spamassassin --lint [options]\n"
		"A place is a file, a folder, an mbox file with --mbox; without "
		"one a message\nis read from standard input.\n\nOptions:\n");
	sa_options_help(f, rows);
}

static int take_place(void *ctx, const char *word)
{
	struct spamassassin *s = ctx;

	strs_add(s->arena, &s->places, str_cstr(word));
	return 0;
}

/* ---- the configuration ---- */

/* Faults matter to whoever asked for --lint; else they are information. */
static void tell(const struct spamassassin *s, const struct diag *d)
{
	struct str where = d->file[0] ?
		str_printf(s->arena, " in %s (line %d)", d->file, d->line) :
		STR("");

	if (s->lint)
		log_warn("config: %.*s%.*s", STR_ARG(d->text), STR_ARG(where));
	else
		log_info("config: %.*s%.*s", STR_ARG(d->text), STR_ARG(where));
}

/* Was anything read from the folder of stock rules? Those of the site are not
 * enough. */
static bool has_rules(const struct spamassassin *s)
{
	const struct ruleset *rs = engine_rules(s->engine);
	const char *dir = s->common.load.rules_dir;

	for (size_t i = 0; dir && i < rs->files.n; i++)
		if (str_starts(rs->files.v[i], str_cstr(dir)))
			return rs->nrules > 0;
	return !dir && rs->nrules > 0;
}

/* 0, or the exit code: without any rule SpamAssassin's programs die. */
static int load(struct spamassassin *s)
{
	const char *dir = s->common.load.rules_dir;
	const struct diags *diags;
	struct stat st;

	s->engine = engine_load(&s->common.load);
	diags = engine_diags(s->engine);
	for (size_t i = 0; i < diags->n; i++)
		tell(s, &diags->v[i]);
	if (has_rules(s))
		return 0;
	fprintf(stderr, "config: no rules were found!  Do you need to run "
		"'sa-update'?\n");
	return dir && stat(dir, &st) < 0 ? errno : EXIT_DIED;
}

static int lint(const struct spamassassin *s)
{
	size_t n = engine_diags(s->engine)->nerrors;

	if (n && !s->common.debug)
		log_warn("lint: %zu issues detected, please rerun with debug "
			 "enabled for more information", n);
	return n ? 1 : 0;
}

static void add_line(struct option_list *cf, const char *line)
{
	if (cf->n < OPTION_LIST_MAX)
		cf->v[cf->n++] = line;
}

/* What the other options mean for the configuration. */
static void settle(struct spamassassin *s)
{
	struct load_options *l = &s->common.load;

	l->lint = s->lint;
	if (s->lint && !s->net)
		l->local_only = true;
	if (s->test) {
		add_line(&s->common.cf,
			 "ifplugin Mail::SpamAssassin::Plugin::AWL");
		add_line(&s->common.cf, "use_auto_welcomelist 0");
		add_line(&s->common.cf, "endif");
		add_line(&s->common.cf, "bayes_auto_learn 0");
	}
	/* What is revoked is learned whatever reports do. */
	if (s->revoke && !s->report)
		add_line(&s->common.cf, "bayes_learn_during_report 1");
	l->prefs_file = user_prefs_path(s->arena, l->prefs_file,
					!s->no_prefs_file && !s->lint);
	common_options_apply(&s->common);
	sa_log_begin(s->common.debug, SA_LOG_STAMPED);
}

/* ---- the program ---- */

static int work(struct spamassassin *s)
{
	int code;

	log_debug("generic", "SpamAssassin version " SA_VERSION ", mekiki "
		  MEKIKI_VERSION);
	settle(s);
	code = load(s);
	if (code == 0 && s->lint)
		code = lint(s);
	else if (code == 0 &&
		 (s->add_welcome || s->add_block || s->remove_welcome))
		code = spamassassin_list_address(s);
	else if (code == 0)
		code = spamassassin_run(s);
	return code;
}

static int run(struct spamassassin *s, int argc, char **argv)
{
	struct sa_parse p = {
		.rows = rows,
		.into = s,
		.arena = s->arena,
		.ctx = s,
		.operand = take_place,
	};
	int faults = sa_options_parse(argc, argv, &p);

	if (faults < 0)
		return p.code;
	if (faults) {
		usage(stderr);
		return EXIT_USE;
	}
	if (s->help) {
		print_version();
		printf("\nFor more information read the mekiki man page.\n\n");
		usage(stdout);
		return 0;
	}
	if (s->version) {
		print_version();
		return 0;
	}
	sa_log_begin(s->common.debug, SA_LOG_STAMPED);
	return work(s);
}

int spamassassin_main(int argc, char **argv)
{
	struct spamassassin s = {
		.arena = arena_new(),
		.format = "detect",
	};
	int code;

	sa_log_begin(NULL, SA_LOG_STAMPED);
	code = run(&s, argc, argv);
	arena_free(&s.arena);
	engine_free(&s.engine);
	if (fflush(stdout) != 0 && code == 0)
		code = errno;
	return code;
}
