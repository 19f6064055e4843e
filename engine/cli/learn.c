/*
 * mekiki learn: what a person says of messages, with sa-learn's options. The
 * work is in learn_run.c; sa-learn under its own name is sa_learn.c.
 */
#include "cli/learn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "cli/commands.h"

static const struct option_row *learn_rows(struct learn_options *o)
{
	static struct option_row rows[40];
	const struct option_row init[] = {
		{ "spam", 0, OPT_WORD, &o->class, "spam",
		  "Learn the following messages as spam." },
		{ "ham", 0, OPT_WORD, &o->class, "ham",
		  "Learn the following messages as ham." },
		{ "nonspam", 0, OPT_WORD, &o->class, "ham", NULL },
		{ "forget", 0, OPT_FLAG, &o->forget, NULL,
		  "Forget the following messages." },
		{ "folders", 'f', OPT_TEXT, &o->folders, "FILE",
		  "Read CLASS:FORMAT:PLACE or places from FILE." },
		{ "mbox", 0, OPT_WORD, &o->format, "mbox",
		  "The following files are mbox files." },
		{ "mbx", 0, OPT_WORD, &o->format, "mbx",
		  "The following files are mbx files." },
		{ "max-size", 0, OPT_INT, &o->max_size, "BYTES",
		  "Pass over larger messages (512000; 0: none)." },
		{ "use-ignores", 0, OPT_FLAG, &o->use_ignores, NULL,
		  "Obey bayes_ignore_from and bayes_ignore_to." },
		{ "learnprob", 0, OPT_TEXT, &o->learnprob, "P",
		  "Learn from a share P of the messages only." },
		{ "randseed", 0, OPT_INT, &o->randseed, "N",
		  "What --learnprob's choice begins with." },
		{ "stopafter", 0, OPT_INT, &o->stopafter, "N",
		  "Stop after more than N messages." },
		{ "progress", 0, OPT_FLAG, &o->bar, NULL,
		  "Show how far it is in a bar." },
		{ "showdots", 0, OPT_FLAG, &o->dots, NULL,
		  "Show a dot for each message." },
		{ "quiet", 'q', OPT_FLAG, &o->quiet, NULL,
		  "Do not say how much was learned." },
		{ "dump", 0, OPT_MAYBE, &o->dump, "all|magic|data",
		  "Show what Bayes has learned." },
		{ "regexp", 0, OPT_TEXT, &o->regexp, "RE",
		  "... of tokens whose hexadecimal name matches." },
		{ "re", 0, OPT_TEXT, &o->regexp, "RE", NULL },
		{ "backup", 0, OPT_FLAG, &o->backup, NULL,
		  "Write the Bayes database to standard output." },
		{ "restore", 0, OPT_TEXT, &o->restore, "FILE",
		  "Make the Bayes database what FILE says." },
		{ "clear", 0, OPT_FLAG, &o->clear, NULL,
		  "Empty the Bayes database." },
		{ "username", 'u', OPT_TEXT, &o->user, "NAME",
		  "Whose database, where each user has one." },
		{ "dbpath", 0, OPT_TEXT, &o->dbpath, "PATH",
		  "As a bayes_path line." },
		{ "db", 0, OPT_TEXT, &o->dbpath, "PATH", NULL },
		{ "sync", 0, OPT_FLAG, &o->sync, NULL,
		  "Nothing: there is nothing to bring in line." },
		{ "force-expire", 0, OPT_FLAG, &o->expire, NULL,
		  "Nothing: tokens expire by themselves." },
		{ "expire", 0, OPT_FLAG, &o->expire, NULL, NULL },
		{ "no-sync", 0, OPT_FLAG, &o->no_sync, NULL,
		  "Nothing: what is learned is learned at once." },
		{ "nosync", 0, OPT_FLAG, &o->no_sync, NULL, NULL },
		{ "import", 0, OPT_FLAG, &o->import, NULL,
		  "Nothing: use sa-learn --backup and --restore." },
		{ "dir", 0, OPT_FLAG, &o->ignored, NULL, NULL },
		{ "file", 0, OPT_FLAG, &o->ignored, NULL, NULL },
		{ "single", 0, OPT_FLAG, &o->single, NULL, NULL },
		{ "prefspath", 0, OPT_TEXT, &o->common.load.prefs_file, "FILE",
		  NULL },
		{ "config-file", 0, OPT_TEXT, &o->common.load.rules_dir, "DIR",
		  NULL },
		{ "version", 'V', OPT_FLAG, &o->version, NULL, NULL },
		{ NULL, 0, OPT_FLAG, NULL, NULL, NULL },
	};

	memcpy(rows, init, sizeof(init));
	return rows;
}

static int usage(const struct option_row *rows, const struct option_row *common)
{
	printf("Usage: mekiki learn --spam|--ham|--forget [OPTIONS] "
	       "[PLACE...]\n"
	       "       mekiki learn --dump|--backup|--restore FILE|--clear\n"
	       "A PLACE is a file, a folder, an mbox file, or '-'.\n");
	options_help(stdout, rows);
	options_help(stdout, common);
	return 0;
}

static const char *misuse(const struct learn_options *o)
{
	double p = o->learnprob ? strtod(o->learnprob, NULL) : 1;

	if (o->dots && o->bar)
		return "--showdots or --progress, not both";
	if (!learn_has_task(o))
		return "say --spam, --ham, --forget, --folders, --dump, "
		       "--backup, --restore or --clear";
	if (!(p > 0 && p <= 1))
		return "--learnprob: expected a number above 0, at most 1";
	return NULL;
}

static int take_place(void *ctx, const char *where, struct err *err)
{
	if (learn_add_place(ctx, where))
		return 0;
	return err_set(err, "say --spam, --ham or --forget before '%s'",
		       where);
}

int cmd_learn(int argc, char **argv)
{
	struct learn_options o;
	const struct option_row *rows = learn_rows(&o);
	const struct option_row *common = common_option_rows(&o.common);
	const char *wrong;
	struct err err;
	int code;

	learn_options_init(&o);
	o.no_input = EXIT_NOINPUT;
	if (options_parse_each(argc, argv, common, rows, take_place, &o,
			       &err) < 0) {
		log_error("%s", err.text);
		code = EXIT_USE;
	} else if (o.common.help) {
		code = usage(rows, common);
	} else if (o.version) {
		printf("mekiki " MEKIKI_VERSION "\n");
		code = 0;
	} else if ((wrong = misuse(&o))) {
		log_error("%s", wrong);
		code = EXIT_USE;
	} else {
		code = learn_run(&o);
	}
	arena_free(&o.arena);
	return code;
}
