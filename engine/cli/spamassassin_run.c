/*
 * What spamassassin does with messages: checks them, removes their markup,
 * learns them, lists their addresses. See spamassassin.h.
 */
#include "cli/spamassassin.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"
#include "cli/asker.h"
#include "cli/commands.h"
#include "cli/messages.h"
#include "cli/progress.h"
#include "cli/runner.h"
#include "scan/engine.h"

#define EXIT_SPAM 5		/* -e without a code */
#define EXIT_KILLED 15

/* ---- memory ---- */

/* The store, for what is of no use without it. False, told in the log. */
static bool open_memory(struct spamassassin *s)
{
	struct err err;

	if (cli_memory_open(s->engine, s->arena, s->common.state_dir,
			    &s->memory, &err) < 0) {
		log_warn("%s", err.text);
		return false;
	}
	s->scan.memory = s->memory.client;
	s->scan.memory_settings = &s->memory.settings;
	return true;
}

/* ---- listing senders ---- */

/* How AWL and TxRep tell of it, and what they call it. */
static const struct listing {
	const char *awl, *awl_failed, *txrep;
} listings[] = {
	[SCAN_LIST_WELCOME] = { "adding address to welcomelist",
				"adding address to welcomelist",
				"welcomelisting address" },
	[SCAN_LIST_BLOCK] = { "adding address to blocklist",
			      "adding address to blocklist",
			      "blocklisting address" },
	[SCAN_LIST_REMOVE] = { "removing address", "removing address",
			       "removing address" },
};

static void list_one(struct spamassassin *s, struct arena *a, struct str addr,
		     enum scan_listing how)
{
	const struct listing *l = &listings[how];
	const char *word = scan_lister(s->engine);
	bool awl = strcmp(word, "awl") == 0;
	struct err err;
	int rc;

	/* Nobody lists anything if neither plug-in is loaded. */
	if (!*word)
		return;
	rc = scan_list_sender(s->engine, a, addr, how, &s->scan, &err);
	if (rc < 0)
		log_warn("%s: %s", awl ? "auto-welcomelist" : "TxRep",
			 err.text);
	if (awl && rc < 0)
		printf("SpamAssassin auto-welcomelist: error %s\n",
		       l->awl_failed);
	else if (awl)
		printf("SpamAssassin auto-welcomelist: %s: %.*s\n", l->awl,
		       STR_ARG(addr));
	else
		printf("SpamAssassin TxRep: %s%s: %.*s\n",
		       rc < 0 ? "error " : "", l->txrep, STR_ARG(addr));
}

static enum scan_listing address_listing(const struct spamassassin *s)
{
	return s->add_welcome ? SCAN_LIST_WELCOME :
	       s->remove_welcome ? SCAN_LIST_REMOVE : SCAN_LIST_BLOCK;
}

int spamassassin_list_address(struct spamassassin *s)
{
	const char *addr = s->add_welcome ? s->add_welcome :
			   s->remove_welcome ? s->remove_welcome :
			   s->add_block;

	if (*scan_lister(s->engine))
		open_memory(s);
	list_one(s, s->arena, str_cstr(addr), address_listing(s));
	return 0;
}

static bool lists(const struct spamassassin *s)
{
	return s->list_welcome || s->list_remove || s->list_block;
}

static void list_message(struct spamassassin *s, struct arena *a,
			 struct str raw)
{
	enum scan_listing how = s->list_welcome ? SCAN_LIST_WELCOME :
				s->list_remove ? SCAN_LIST_REMOVE :
						 SCAN_LIST_BLOCK;
	struct strs addrs = { 0 };

	scan_listable(s->engine, a, raw, how != SCAN_LIST_BLOCK, &addrs);
	for (size_t i = 0; i < addrs.n; i++)
		list_one(s, a, addrs.v[i], how);
}

/* ---- reporting ---- */

/* Bayes and reputation learn what is said; nobody else is told, and this is
 * said just as where no reporting plug-in is loaded. */
static void teach(struct spamassassin *s, struct arena *a, struct str raw,
		  enum scan_told told)
{
	struct scan_learned learned;
	struct err err;

	if (!s->scan.memory)
		log_debug("learn", "nothing is remembered");
	else if (scan_learn(s->engine, a, raw, told, &s->scan, &learned,
			    &err) < 0)
		log_warn("learn: %s", err.text);
}

static void report(struct spamassassin *s, struct arena *a, struct str raw)
{
	const char *what = s->revoke ? "revoke" : "report";

	if (s->report) {
		teach(s, a, raw, SCAN_TOLD_SPAM);
		log_warn("reporter: no reporting methods available, so "
			 "couldn't report");
	}
	if (s->revoke) {
		teach(s, a, raw, SCAN_TOLD_HAM);
		log_warn("reporter: no revoke methods available, so couldn't "
			 "revoke");
	}
	log_warn("spamassassin: warning, unable to %s message", what);
	log_warn("spamassassin: for more information, re-run with -D option "
		 "to see debug output");
}

/* ---- checking ---- */

static int put(struct str text)
{
	if (fwrite(text.p, 1, text.n, stdout) == text.n)
		return 0;
	log_warn("error writing: %s", strerror(errno));
	return -1;
}

static int check(struct spamassassin *s, struct arena *a, struct str raw)
{
	struct scan *scan = scan_message(s->engine, a, raw, &s->scan);
	long code = 0;

	if (put(scan_rewritten(scan)) < 0 ||
	    (s->test && put(scan_report(scan)) < 0))
		return -1;
	if (s->exit_code && !s->code && scan_is_spam(scan)) {
		str_to_long(str_cstr(s->exit_code), &code);
		s->code = code ? (int)(code & 0xff) : EXIT_SPAM;
	}
	return 0;
}

static int process(struct spamassassin *s, struct arena *a, struct str raw)
{
	s->count++;
	if (lists(s)) {
		list_message(s, a, raw);
		return 0;
	}
	if (s->remove_markup) {
		log_debug("markup", "removing markup");
		raw = message_unmarked(a, raw);
		if (!s->test)
			return put(raw);
	}
	if (!s->report && !s->revoke)
		return check(s, a, raw);
	report(s, a, message_unmarked(a, raw));
	return 0;
}

/* ---- all of them ---- */

static void find(struct spamassassin *s, struct message_items *items)
{
	enum message_format format = FORMAT_DETECT, own;
	struct str place;
	bool spam;

	message_format_named(str_cstr(s->format), &format);
	for (size_t i = 0; i < s->places.n; i++)
		if (messages_target(s->places.v[i], true, &spam, &own, &place))
			messages_find(items, spam, own, place);
		else
			messages_find(items, false, format, s->places.v[i]);
	if (!s->places.n)
		messages_find(items, false, format, STR("-"));
}

/* The messages of one class; those of spam come first, if anybody tells. */
static int run_class(struct spamassassin *s, const struct message_items *items,
		     bool spam, struct buf *raw, struct progress *p)
{
	struct arena *a = arena_new();
	int rc = 0;

	for (size_t i = 0; i < items->n && rc == 0; i++) {
		if (items->v[i].spam != spam)
			continue;
		if (messages_read(&items->v[i], 0, raw)) {
			rc = process(s, a, buf_str(raw));
			progress_step(p, false);
		}
		arena_reset(a);
	}
	arena_free(&a);
	return rc;
}

static void killed(int sig)
{
	static const char text[] = "spamassassin: killed by a signal\n";
	ssize_t n = write(STDERR_FILENO, text, sizeof(text) - 1);

	(void)sig;
	(void)n;
	_exit(EXIT_KILLED);
}

static void prepare(struct spamassassin *s)
{
	signal(SIGHUP, killed);
	signal(SIGINT, killed);
	signal(SIGTERM, killed);
	signal(SIGPIPE, SIG_IGN);
	s->scan.user = s->user;
	if (lists(s)) {
		if (*scan_lister(s->engine))
			open_memory(s);
		return;
	}
	if (s->remove_markup && !s->test)
		return;
	s->scan.asker = cli_asker(s->engine, s->arena);
	s->scan.runner = cli_runner(s->engine, s->arena);
	s->scan.teach = !s->test;
	cli_memory_for_scan(s->engine, s->arena, s->common.state_dir,
			    &s->memory, &s->scan);
}

int spamassassin_run(struct spamassassin *s)
{
	struct message_items items;
	struct progress progress;
	struct err err;
	struct buf raw;
	int rc;

	prepare(s);
	if (messages_begin(s->arena, engine_rules(s->engine)->site, &items,
			   &err) < 0) {
		log_error("%s", err.text);
		return EXIT_USE;
	}
	find(s, &items);
	buf_init(&raw, 0);
	progress_begin(&progress, s->bar && items.n ? PROGRESS_BAR :
		       PROGRESS_NONE, items.n);
	rc = run_class(s, &items, true, &raw, &progress);
	if (rc == 0)
		rc = run_class(s, &items, false, &raw, &progress);
	progress_end(&progress);
	buf_free(&raw);
	if (s->report || s->revoke || lists(s))
		printf("%zu message(s) examined.\n", s->count);
	if (rc < 0)
		return EPIPE;
	return s->code ? s->code : s->count ? 0 : 1;
}
