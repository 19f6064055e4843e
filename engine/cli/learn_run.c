/*
 * Learning; see learn.h. Bayes learns or forgets messages, and the reputation
 * of their senders and links is corrected, by the same code as a TELL of
 * spamc's (scan_learn). What looks at a Bayes database as a whole is in
 * learn_store.c, where messages come from in messages_find.c.
 */
#include "cli/learn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "cli/commands.h"
#include "cli/learn_store.h"
#include "cli/memory.h"
#include "cli/progress.h"
#include "cli/runner.h"
#include "learn/tokens.h"
#include "mail/message.h"
#include "match/regex.h"
#include "scan/engine.h"

#define MAX_SIZE (500 * 1024)	/* sa-learn's --max-size */

/* ---- places ---- */

void learn_options_init(struct learn_options *o)
{
	*o = (struct learn_options){
		.format = "detect",
		.store_failed = 1,
		.randseed = -1,
		.stopafter = -1,
		.max_size = -1,
		.arena = arena_new(),
	};
}

bool learn_add_place(struct learn_options *o, const char *where)
{
	struct place p = { .where = where };

	if (!o->class && !o->forget)
		return false;
	p.spam = o->class && strcmp(o->class, "spam") == 0;
	message_format_named(str_cstr(o->format), &p.format);
	o->places = arena_grow(o->arena, o->places, o->nplaces,
			       &o->places_cap, sizeof(*o->places));
	o->places[o->nplaces++] = p;
	return true;
}

/* All messages, those of spam first, as sa-learn takes them. */
static int find_all(struct learn_options *o, const struct settings *s,
		    struct message_items *items, struct err *err)
{
	enum message_format format;
	int spam = !o->class ? (o->forget ? 0 : -1) :
		   strcmp(o->class, "spam") == 0, rc = 0;

	message_format_named(str_cstr(o->format), &format);
	if (messages_begin(o->arena, s, items, err) < 0)
		return -1;
	if (o->folders)
		rc = messages_find_list(items, spam, format, o->folders, err);
	if (rc == -2)
		return err_set(err, "%s: say --spam, --ham or --forget for "
			       "lines without a class", o->folders);
	for (size_t i = 0; i < o->nplaces; i++)
		messages_find(items, o->places[i].spam, o->places[i].format,
			      str_cstr(o->places[i].where));
	if (o->single || (!o->nplaces && !o->folders))
		messages_find(items, spam > 0, format, STR("-"));
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

static int learn_message(struct learn *l, const struct message_item *item,
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
static int learn_kind(struct learn *l, const struct message_items *items,
		      bool spam, struct buf *raw)
{
	size_t max = (size_t)(l->opt->max_size < 0 ? MAX_SIZE :
			      l->opt->max_size);
	int rc = 0;

	for (size_t i = 0; i < items->n && rc == 0 && !is_enough(l); i++) {
		const struct message_item *item = &items->v[i];
		bool skip;

		if (item->spam != spam)
			continue;
		skip = l->probability < 1 &&
		       (double)rand() >= l->probability * (double)RAND_MAX;
		if (messages_read(item, max, raw)) {
			l->taken++;
			if (!skip)
				rc = learn_message(l, item, buf_str(raw));
			arena_reset(l->arena);
		}
		progress_step(&l->progress, skip);
	}
	return rc;
}

static int learn_all(struct learn *l, const struct message_items *items)
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
	struct message_items items;
	struct arena *own;
	int rc;

	if (o->learnprob)
		l.probability = strtod(o->learnprob, NULL);
	srand(o->randseed >= 0 ? (unsigned)o->randseed :
	      (unsigned)clock_now());
	if (find_all(o, s, &items, &l.err) < 0) {
		log_error("%s", l.err.text);
		return o->no_input;
	}
	l.arena = arena_new();
	own = arena_new();
	l.scan.runner = cli_runner(e, own);
	rc = learn_all(&l, &items);
	rc = report(&l, rc);
	arena_free(&l.arena);
	arena_free(&own);
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

	if (o->regexp && !(re = regex_compile_brief(o->arena,
					str_cstr(o->regexp), STR(""), err)))
		return -1;
	return learn_dump(ls, magic, data, re, err);
}

static bool dump_is_known(const struct learn_options *o)
{
	static const char *const words[] = { "", "all", "magic", "data" };

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strcmp(o->dump, words[i]) == 0)
			return true;
	return false;
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
	if (o->dump && !dump_is_known(o)) {
		log_warn("Unknown dump option '%s'", o->dump);
		return 1;
	}
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
	return rc < 0 ? o->store_failed : 0;
}

bool learn_is_whole(const struct learn_options *o)
{
	return o->dump || o->clear || o->backup || o->restore;
}

bool learn_has_task(const struct learn_options *o)
{
	return o->class || o->forget || o->sync || o->expire || o->import ||
	       o->folders || learn_is_whole(o);
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

/* With the configuration loaded. */
static int run(struct learn_options *o, const struct engine *e)
{
	struct cli_memory memory;
	struct err err;

	if (!learn_is_whole(o) &&
	    !settings_bool(engine_rules(e)->site, STR("use_bayes"))) {
		log_error("configuration specifies 'use_bayes 0', sa-learn "
			  "disabled");
		return 1;
	}
	/* Tokens and markers expire by themselves, and are where they belong as
	 * soon as they are learned. */
	if ((o->sync || o->expire) && !learn_is_whole(o))
		return 0;
	if (cli_memory_open(e, o->arena, o->common.state_dir, &memory,
			    &err) < 0) {
		log_error("%s", err.text);
		return 1;
	}
	return learn_is_whole(o) ? run_store(o, e, &memory) :
				   run_learn(o, e, &memory);
}

int learn_run(struct learn_options *o)
{
	struct engine *e;
	int code;

	if (o->import) {
		log_info("there is nothing to import: take a database over "
			 "with sa-learn --backup and mekiki learn --restore");
		return 0;
	}
	add_lines(o);
	common_options_apply(&o->common);
	e = engine_load(&o->common.load);
	code = run(o, e);
	engine_free(&e);
	return code;
}
