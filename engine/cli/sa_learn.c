/*
 * sa-learn, by that name: its command line, read as it reads it, and its exit
 * codes. The work is that of `mekiki learn` (learn_run.c), on the same store;
 * what it says on standard output is the same anyway.
 */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "cli/commands.h"
#include "cli/learn.h"
#include "cli/sa_log.h"
#include "cli/sa_options.h"

struct sa_learn {
	struct learn_options learn;
	bool help;
	const char *old_format;
};

#define USAGE_LEARN							\
	"Usage:\n"							\
	"    sa-learn --spam|--ham|--forget [options] [place]...\n"	\
	"    sa-learn --dump [all|data|magic] | --backup | --restore FILE | " \
	"--clear\n"							\
	"A place is a file, a folder, an mbox file with --mbox, or '-'.\n\n" \
	"Options:\n"

static const char deprecated_rebuild[] =
	"The --rebuild option has been deprecated.  Please use --sync instead.";
static const char deprecated_no_rebuild[] =
	"The --no-rebuild option has been deprecated.  "
	"Please use --no-sync instead.";

#define TEXT(names, where, arg, help) \
	{ { names }, PERL_STRING, SA_TEXT, where, NULL, arg, help }
#define FLAG(names, where, help) \
	{ { names }, PERL_NONE, SA_SET, where, NULL, NULL, help }
#define WORD(names, where, word, help) \
	{ { names }, PERL_NONE, SA_WORD, where, word, NULL, help }
#define NUMBER(names, where, help) \
	{ { names }, PERL_INT, SA_NUMBER, where, NULL, "N", help }

#define AT(field) offsetof(struct sa_learn, field)

static const struct sa_option rows[] = {
	WORD("spam", AT(learn.class), "spam",
	     "Learn the following messages as spam."),
	WORD("ham nonspam", AT(learn.class), "ham",
	     "Learn the following messages as ham."),
	FLAG("forget", AT(learn.forget), "Forget the following messages."),
	FLAG("sync", AT(learn.sync),
	     "Nothing: there is nothing to bring in line."),
	{ { "rebuild" }, PERL_NONE, SA_WARN, AT(learn.sync),
	  deprecated_rebuild, NULL, NULL },
	FLAG("quiet q", AT(learn.quiet),
	     "Do not say how much was learned."),
	TEXT("username u", AT(learn.user), "NAME",
	     "Whose database, where each user has one."),
	TEXT("configpath config-file config-dir c C",
	     AT(learn.common.load.rules_dir), "DIR",
	     "Read the stock rules from DIR."),
	TEXT("prefspath prefs-file p", AT(learn.common.load.prefs_file),
	     "FILE", "Read a user's preferences from FILE."),
	TEXT("siteconfigpath", AT(learn.common.load.site_dir), "DIR",
	     "Read the site's files from DIR."),
	{ { "cf" }, PERL_STRING, SA_LIST, AT(learn.common.cf), NULL, "LINE",
	  "Read LINE after the site's files." },
	TEXT("folders f", AT(learn.folders), "FILE",
	     "Read CLASS:FORMAT:PLACE or places from FILE."),
	FLAG("force-expire expire", AT(learn.expire),
	     "Nothing: tokens expire by themselves."),
	FLAG("local L", AT(learn.common.load.local_only),
	     "Ask nothing of the network."),
	FLAG("no-sync nosync", AT(learn.no_sync),
	     "Nothing: what is learned is learned at once."),
	{ { "no-rebuild norebuild" }, PERL_NONE, SA_WARN, AT(learn.no_sync),
	  deprecated_no_rebuild, NULL, NULL },
	FLAG("showdots", AT(learn.dots), "Show a dot for each message."),
	FLAG("progress", AT(learn.bar), "Show how far it is in a bar."),
	FLAG("use-ignores", AT(learn.use_ignores),
	     "Obey bayes_ignore_from and bayes_ignore_to."),
	{ { "learnprob" }, PERL_REAL, SA_TEXT, AT(learn.learnprob), NULL,
	  "P", "Learn from a share P of the messages only." },
	NUMBER("randseed", AT(learn.randseed),
	       "What --learnprob's choice begins with."),
	NUMBER("stopafter", AT(learn.stopafter),
	       "Stop after more than N messages."),
	NUMBER("max-size", AT(learn.max_size),
	       "Pass over messages of more octets (512000; 0: none)."),
	{ { "debug debug-level D" }, PERL_MAYBE_STRING, SA_TEXT,
	  AT(learn.common.debug), NULL, "AREAS",
	  "Log what happens in these areas (or all)." },
	FLAG("help h ?", AT(help), "Show the options."),
	FLAG("version V", AT(learn.version), "Show the version."),
	{ { "dump" }, PERL_MAYBE_STRING, SA_TEXT, AT(learn.dump), NULL,
	  "all|data|magic", "Show what Bayes has learned." },
	TEXT("re regexp", AT(learn.regexp), "RE",
	     "... of tokens whose hexadecimal name matches."),
	FLAG("import", AT(learn.import),
	     "Nothing: use sa-learn --backup and --restore."),
	FLAG("backup", AT(learn.backup),
	     "Write the Bayes database to standard output."),
	FLAG("clear", AT(learn.clear), "Empty the Bayes database."),
	TEXT("restore", AT(learn.restore), "FILE",
	     "Make the Bayes database what FILE says."),
	WORD("dir", AT(old_format), "dir", NULL),
	WORD("file", AT(old_format), "file", NULL),
	WORD("single", AT(old_format), "single",
	     "Read standard input, too."),
	WORD("mbox", AT(learn.format), "mbox",
	     "The following files are mbox files."),
	WORD("mbx", AT(learn.format), "mbx",
	     "The following files are mbx files."),
	TEXT("db dbpath", AT(learn.dbpath), "PATH",
	     "As a bayes_path line."),
	TEXT("state-dir", AT(learn.common.state_dir), "DIR",
	     "mekiki's own: without a `store` line, the store is in "
	     "DIR."),
	TEXT("own-rules", AT(learn.common.own_dir), "DIR", NULL),
	FLAG("no-own-rules", AT(learn.common.no_own_rules), NULL),
	{ { NULL }, PERL_NONE, SA_IGNORE, NO_FIELD, NULL, NULL, NULL },
};

/* Every way into it but a fault of the store's ends here. */
static int usage(const char *text)
{
	printf("SpamAssassin version " SA_VERSION "\n");
	fflush(stdout);
	fprintf(stderr, "%s\n" USAGE_LEARN, text);
	sa_options_help(stderr, rows);
	return EXIT_USE;
}

static int take_place(void *ctx, const char *where)
{
	struct sa_learn *s = ctx;

	return learn_add_place(&s->learn, where) ? 0 : -1;
}

static const char no_task[] =
	"Please select either --spam, --ham, --folders, --forget, --sync, "
	"--import,\n--dump, --clear, --backup or --restore";
static const char no_class[] =
	"Please select either --spam or --ham or --forget before the first "
	"target";

/* What it refuses to do; -1: nothing. */
static int misuse(struct sa_learn *s)
{
	struct learn_options *o = &s->learn;

	if (s->help)
		return usage("For more information read the manual page");
	if (o->version) {
		printf("SpamAssassin version " SA_VERSION "\n");
		return 0;
	}
	if (o->dots && o->bar) {
		printf("--showdots and --progress may not be used together, "
		       "please select just one\n");
		return 0;
	}
	if (!learn_has_task(o))
		return usage(no_task);
	if (o->restore && !*o->restore) {
		log_error("You must specify a filename to restore.");
		return 2;
	}
	return -1;
}

static void settle(struct sa_learn *s)
{
	struct learn_options *o = &s->learn;

	if (o->forget && o->no_sync)
		log_warn("sa-learn warning: --forget requires read/write "
			 "access to the database, and is incompatible with "
			 "--no-sync");
	o->single = s->old_format && strcmp(s->old_format, "single") == 0;
	/* The whole database is there whether it is used in scans or not. */
	if (learn_is_whole(o) && o->common.cf.n < OPTION_LIST_MAX)
		o->common.cf.v[o->common.cf.n++] = "use_bayes 1";
	o->no_input = 2;
	o->store_failed = 2;
}

static int run(struct sa_learn *s, int argc, char **argv)
{
	struct sa_parse p = {
		.rows = rows,
		.into = s,
		.arena = s->learn.arena,
		.ctx = s,
		.operand = take_place,
	};
	int faults = sa_options_parse(argc, argv, &p), code;

	if (faults < 0)
		return usage(no_class);
	if (faults)
		return usage("Unknown option!");
	sa_log_begin(s->learn.common.debug, SA_LOG_PLAIN);
	code = misuse(s);
	if (code >= 0)
		return code;
	settle(s);
	return learn_run(&s->learn);
}

int sa_learn_main(int argc, char **argv)
{
	struct sa_learn s = { 0 };
	int code;

	learn_options_init(&s.learn);
	sa_log_begin(NULL, SA_LOG_PLAIN);
	code = run(&s, argc, argv);
	arena_free(&s.learn.arena);
	return code;
}
