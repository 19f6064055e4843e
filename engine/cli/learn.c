/*
 * mekiki learn: what a person says of messages, with sa-learn's options. Bayes
 * learns or forgets them, and the reputation of their senders and links is
 * corrected, by the same code as a TELL of spamc's (scan_learn). What looks at
 * a Bayes database as a whole is in learn_store.c, where messages come from in
 * learn_find.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "cli/commands.h"
#include "cli/learn_input.h"
#include "cli/learn_progress.h"
#include "cli/learn_store.h"
#include "cli/memory.h"
#include "cli/options.h"
#include "learn/tokens.h"
#include "mail/message.h"
#include "match/regex.h"
#include "scan/engine.h"

#define MAX_SIZE (500 * 1024)	/* sa-learn's --max-size */

struct learn_options {
	struct common_options common;
	const char *class;	/* "spam", "ham" or NULL, so far */
	const char *format;	/* so far */
	bool forget, sync, expire, import, clear, backup, single;
	const char *dump, *restore, *regexp, *folders, *user, *dbpath;
	bool quiet, no_sync, dots, bar, use_ignores, version;
	const char *learnprob;
	int randseed, stopafter, max_size;
	bool ignored;		/* options that mean nothing any more */
	/* Places, each with the class and format that were said before it. */
	struct place {
		const char *where;
		bool spam;
		enum learn_format format;
	} *places;
	size_t nplaces, places_cap;
	struct arena *arena;
};

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

/* ---- places ---- */

static int add_place(void *ctx, const char *where, struct err *err)
{
	struct learn_options *o = ctx;
	struct place p = { .where = where };

	if (!o->class && !o->forget)
		return err_set(err, "say --spam, --ham or --forget before "
			       "'%s'", where);
	p.spam = o->class && strcmp(o->class, "spam") == 0;
	learn_format_named(str_cstr(o->format), &p.format);
	o->places = arena_grow(o->arena, o->places, o->nplaces,
			       &o->places_cap, sizeof(*o->places));
	o->places[o->nplaces++] = p;
	return 0;
}

/* All messages, those of spam first, as sa-learn takes them. */
static int find_all(struct learn_options *o, const struct settings *s,
		    struct learn_items *items, struct err *err)
{
	enum learn_format format;
	int spam = !o->class ? (o->forget ? 0 : -1) :
		   strcmp(o->class, "spam") == 0, rc = 0;

	learn_format_named(str_cstr(o->format), &format);
	if (learn_items_begin(o->arena, s, items, err) < 0)
		return -1;
	if (o->folders)
		rc = learn_find_list(items, spam, format, o->folders, err);
	if (rc == -2)
		return err_set(err, "%s: say --spam, --ham or --forget for "
			       "lines without a class", o->folders);
	for (size_t i = 0; i < o->nplaces; i++)
		learn_find(items, o->places[i].spam, o->places[i].format,
			   str_cstr(o->places[i].where));
	if (o->single || (!o->nplaces && !o->folders))
		learn_find(items, spam > 0, format, STR("-"));
	return rc;
}

/* ---- learning ---- */

struct learn {
	const struct learn_options *opt;
	const struct engine *engine;
	struct arena *arena;		/* of one message */
	struct scan_options scan;
	struct progress progress;
	double probability;		/* --learnprob; 1: each message */
	size_t examined, learned, journaled;
	size_t taken;			/* read, learned or not */
	struct err err;
};

static bool is_ignored(const struct learn *l, struct str raw)
{
	const struct settings *s = engine_rules(l->engine)->site;

	return l->opt->use_ignores &&
	       bayes_is_ignored(message_parse(l->arena, &s->mail, raw), s);
}

static int learn_message(struct learn *l, const struct learn_item *item,
			 struct str raw)
{
	enum scan_told told = l->opt->forget ? SCAN_TOLD_FORGET :
			      item->spam ? SCAN_TOLD_SPAM : SCAN_TOLD_HAM;
	struct scan_learned learned;

	l->examined++;
	if (is_ignored(l, raw))
		return 0;
	if (scan_learn(l->engine, l->arena, raw, told, &l->scan, &learned,
		       &l->err) < 0)
		return -1;
	l->learned += learned.changed;
	l->journaled += learned.journaled;
	return 0;
}

static bool is_enough(const struct learn *l)
{
	return l->opt->stopafter >= 0 &&
	       l->learned > (size_t)l->opt->stopafter;
}

/* The messages of one kind. */
static int learn_kind(struct learn *l, const struct learn_items *items,
		      bool spam, struct buf *raw)
{
	size_t max = (size_t)(l->opt->max_size < 0 ? MAX_SIZE :
			      l->opt->max_size);
	int rc = 0;

	for (size_t i = 0; i < items->n && rc == 0 && !is_enough(l); i++) {
		const struct learn_item *item = &items->v[i];
		bool skip;

		if (item->spam != spam)
			continue;
		skip = l->probability < 1 &&
		       (double)rand() >= l->probability * (double)RAND_MAX;
		if (learn_read(item, max, raw)) {
			l->taken++;
			if (!skip)
				rc = learn_message(l, item, buf_str(raw));
			arena_reset(l->arena);
		}
		progress_step(&l->progress, skip);
	}
	return rc;
}

static int learn_all(struct learn *l, const struct learn_items *items)
{
	struct buf raw;
	int rc;

	buf_init(&raw, 0);
	progress_begin(&l->progress, l->opt->bar ? PROGRESS_BAR :
		       l->opt->dots ? PROGRESS_DOTS : PROGRESS_NONE, items->n);
	rc = learn_kind(l, items, true, &raw);
	if (rc == 0)
		rc = learn_kind(l, items, false, &raw);
	progress_end(&l->progress);
	buf_free(&raw);
	return rc;
}

static int report(const struct learn *l, int rc)
{
	if (!l->opt->quiet)
		printf("%s tokens from %zu message(s) (%zu message(s) "
		       "examined)\n", l->opt->forget ? "Forgot" : "Learned",
		       l->learned, l->examined);
	fflush(stdout);
	if (l->journaled)
		log_warn("%zu of them wait in the journal: the store cannot "
			 "be reached now", l->journaled);
	if (rc < 0)
		log_error("%s", l->err.text);
	return rc < 0 ? EXIT_TEMPFAIL : l->taken ? 0 : 1;
}

static int run_learn(struct learn_options *o, const struct engine *e,
		     struct cli_memory *m)
{
	const struct settings *s = engine_rules(e)->site;
	struct learn l = {
		.opt = o,
		.engine = e,
		.probability = 1,
		.scan = { .memory = m->client, .memory_settings = &m->settings,
			  .user = o->user },
	};
	struct learn_items items;
	int rc;

	if (!settings_bool(s, STR("use_bayes"))) {
		log_error("the settings say 'use_bayes 0': nothing is learned");
		return 1;
	}
	if (o->learnprob)
		l.probability = strtod(o->learnprob, NULL);
	srand(o->randseed >= 0 ? (unsigned)o->randseed :
	      (unsigned)clock_now());
	if (find_all(o, s, &items, &l.err) < 0) {
		log_error("%s", l.err.text);
		return EXIT_NOINPUT;
	}
	l.arena = arena_new();
	rc = learn_all(&l, &items);
	rc = report(&l, rc);
	arena_free(&l.arena);
	return rc;
}

/* ---- the database as a whole ---- */

static int run_dump(const struct learn_options *o, const struct learn_store *ls,
		    struct err *err)
{
	bool all = !*o->dump || strcmp(o->dump, "all") == 0;
	bool magic = all || strcmp(o->dump, "magic") == 0;
	bool data = all || strcmp(o->dump, "data") == 0;
	struct regex *re = NULL;

	if (!magic && !data)
		return err_set(err, "--dump: expected all, magic or data, got "
			       "'%s'", o->dump);
	if (o->regexp && !(re = regex_compile_brief(o->arena,
					str_cstr(o->regexp), STR(""), err)))
		return -1;
	return learn_dump(ls, magic, data, re, err);
}

static int run_store(const struct learn_options *o, const struct engine *e,
		     struct cli_memory *m)
{
	struct learn_store ls = {
		.arena = o->arena,
		.client = m->client,
		.settings = engine_rules(e)->site,
	};
	struct err err;
	int rc;

	bayes_home_read(o->arena, ls.settings, m->settings.bayes_layout,
			str_cstr(o->user), m->settings.bayes_per_user,
			&ls.home);
	srand(o->randseed >= 0 ? (unsigned)o->randseed :
	      (unsigned)clock_now());
	if (o->dump)
		rc = run_dump(o, &ls, &err);
	else if (o->clear)
		rc = learn_clear(&ls, &err);
	else if (o->backup)
		rc = learn_backup(&ls, &err);
	else
		rc = learn_restore(&ls, o->restore, o->dots, &err);
	if (rc < 0)
		log_error("%s", err.text);
	return rc < 0;
}

/* ---- the command ---- */

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

static bool is_whole(const struct learn_options *o)
{
	return o->dump || o->clear || o->backup || o->restore;
}

static const char *misuse(const struct learn_options *o)
{
	double p = o->learnprob ? strtod(o->learnprob, NULL) : 1;

	if (o->dots && o->bar)
		return "--showdots or --progress, not both";
	if (!o->class && !o->forget && !o->sync && !o->expire && !o->import &&
	    !o->folders && !is_whole(o))
		return "say --spam, --ham, --forget, --folders, --dump, "
		       "--backup, --restore or --clear";
	if (!(p > 0 && p <= 1))
		return "--learnprob: expected a number above 0, at most 1";
	return NULL;
}

/* Lines of configuration that options stand for. */
static void add_lines(struct learn_options *o)
{
	struct option_list *cf = &o->common.cf;
	struct stat st;

	/* What a person says is learned whatever reports do. */
	if (cf->n < OPTION_LIST_MAX)
		cf->v[cf->n++] = "bayes_learn_during_report 1";
	if (o->dbpath && cf->n < OPTION_LIST_MAX) {
		bool dir = stat(o->dbpath, &st) == 0 && S_ISDIR(st.st_mode);

		cf->v[cf->n++] = str_printf(o->arena, "bayes_path %s%s",
					    o->dbpath, dir ? "/bayes" : "").p;
	}
}

static int run(struct learn_options *o)
{
	struct cli_memory memory;
	struct engine *e;
	struct err err;
	int code = 1;

	/* Tokens and markers expire by themselves, and are where they belong as
	 * soon as they are learned. */
	if (o->sync || o->expire)
		return 0;
	if (o->import) {
		log_info("there is nothing to import: take a database over "
			 "with sa-learn --backup and mekiki learn --restore");
		return 0;
	}
	add_lines(o);
	common_options_apply(&o->common);
	e = engine_load(&o->common.load);
	if (cli_memory_open(e, o->arena, o->common.state_dir, &memory,
			    &err) < 0)
		log_error("%s", err.text);
	else if (is_whole(o))
		code = run_store(o, e, &memory);
	else
		code = run_learn(o, e, &memory);
	engine_free(&e);
	return code;
}

int cmd_learn(int argc, char **argv)
{
	struct learn_options o = {
		.format = "detect",
		.randseed = -1,
		.stopafter = -1,
		.max_size = -1,
	};
	const struct option_row *rows = learn_rows(&o);
	const struct option_row *common = common_option_rows(&o.common);
	const char *wrong;
	struct err err;
	int code;

	o.arena = arena_new();
	if (options_parse_each(argc, argv, common, rows, add_place, &o,
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
		code = run(&o);
	}
	arena_free(&o.arena);
	return code;
}
