/*
 * mekiki reputation: what is remembered of an address, a domain, a text or a
 * message; the worst and the best of a day; and an administrator's word, to
 * forget something or to make it something else. It asks the store that the
 * configuration names, whichever home that is.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "cli/commands.h"
#include "cli/input.h"
#include "cli/options.h"
#include "cli/reputation_int.h"
#include "learn/reputation.h"
#include "learn/same_text.h"
#include "mail/message.h"
#include "redis/same_text.h"
#include "scan/bayes_ask.h"

struct reputation_options {
	struct common_options common;
	bool json, top, best, worst, forget, set;
	const char *message, *day;
	int most;
};

/* ---- what is meant ---- */

/* All keys of one message. */
static void message_targets(struct reputation_cli *c, struct str raw,
			    struct targets *out)
{
	struct arena *a = c->arena;
	struct message *m = message_parse(a, &c->settings->mail,
					  message_unmarked(a, raw));
	struct target t = { .type = TARGET_MESSAGE };
	struct evidence_key *keys;
	size_t n = reputation_keys(a, m, c->settings, &keys);
	struct str digest = same_text_digest(a, m, c->settings);

	t.key = str_cat(a, STR("mekiki:message:"),
			reputation_message_key(a, m));
	reputation_target_add(a, out, &t);
	for (size_t i = 0; i < n; i++) {
		t = (struct target){ .who = keys[i] };
		t.key = reputation_store_key(a, &keys[i]);
		reputation_target_add(a, out, &t);
	}
	if (!digest.n)
		return;
	t = (struct target){ .type = TARGET_TEXT };
	t.key = same_text_store_key(a, digest);
	reputation_target_add(a, out, &t);
}

/* ---- what is done ---- */

static int show_all(struct reputation_cli *c, const struct targets *all,
		    struct err *err)
{
	for (size_t i = 0; i < all->n; i++)
		if (reputation_show(c, &all->v[i], err) < 0)
			return -1;
	return 0;
}

static int forget_all(struct reputation_cli *c, const struct targets *all,
		      struct err *err)
{
	for (size_t i = 0; i < all->n; i++) {
		struct store_batch b = { 0 };
		struct memory_answer answer;
		bool was;

		reputation_compose_forget(c->arena, all->v[i].key, &b);
		if (reputation_ask(c, &b, &answer, err) < 0)
			return -1;
		was = store_reply_number(&answer.replies[0], 0) > 0;
		c->shown += was;
		if (c->json) {
			json_open(c->json, '{');
			json_name(c->json, "key");
			json_text(c->json, all->v[i].key);
			json_name(c->json, "forgotten");
			json_bool(c->json, was);
			json_close(c->json, '}');
		} else if (was) {
			printf("forgotten: %.*s\n", STR_ARG(all->v[i].key));
		}
	}
	return 0;
}

/* "spam=3", "ham=10", "score=-0.5". */
static int read_word(const char *word, struct reputation_word *w,
		     struct err *err)
{
	struct str rest = str_cstr(word), name;
	double v;

	if (!str_next(&rest, '=', &name) || !rest.p ||
	    !str_to_double(rest, &v) || !isfinite(v))
		return err_set(err, "'%s': expected spam=N, ham=N or score=X",
			       word);
	if (str_eq(name, STR("score")) && v >= -1 && v <= 1) {
		w->spam = v > 0 ? v * w->numbers.prior : 0;
		w->ham = v < 0 ? -v * w->numbers.prior : 0;
		return 0;
	}
	if (v < 0 || v > 1e9 || v != floor(v))
		return err_set(err, "'%s': expected a score from -1 to 1, or "
			       "a number of messages", word);
	w->counts = true;
	if (str_eq(name, STR("spam")))
		w->spam = v;
	else if (str_eq(name, STR("ham")))
		w->ham = v;
	else
		return err_set(err, "'%s': expected spam=N, ham=N or score=X",
			       word);
	return 0;
}

/* Only what was named stands for a word of such weight. */
static const struct target *the_one(const struct targets *all)
{
	const struct target *found = NULL;

	for (size_t i = 0; i < all->n; i++) {
		if (all->v[i].guessed)
			continue;
		if (found || all->v[i].type != TARGET_EVIDENCE)
			return NULL;
		found = &all->v[i];
	}
	return found;
}

static int set_one(struct reputation_cli *c, const struct targets *all,
		   char **words, int n, struct err *err)
{
	struct reputation_word w = { .now = c->now };
	const struct target *t = the_one(all);
	struct store_batch b = { 0 };
	struct memory_answer answer;

	if (!t)
		return err_set(err, "--set wants one key, such as "
			       "ip:198.18.0.7 or url:example.com");
	reputation_numbers_read(c->settings, &w.numbers);
	for (int i = 0; i < n; i++)
		if (read_word(words[i], &w, err) < 0)
			return -1;
	reputation_compose_set(c->arena, &t->who, &w, &b);
	if (reputation_ask(c, &b, &answer, err) < 0)
		return -1;
	return reputation_show(c, t, err);
}

static int show_tops(struct reputation_cli *c,
		     const struct reputation_options *o, char **words, int n,
		     struct err *err)
{
	time_t now = (time_t)c->now;
	char today[16];
	struct tm tm;

	strftime(today, sizeof(today), "%Y-%m-%d", gmtime_r(&now, &tm));
	for (int k = 0; k < EVIDENCE_KINDS; k++) {
		bool wanted = n == 0;

		for (int i = 0; i < n; i++)
			wanted |= evidence_kind_named(str_cstr(words[i])) == k;
		if (wanted &&
		    reputation_show_top(c, (enum evidence_kind)k,
					str_cstr(o->day ? o->day : today),
					o->most, o->best, err) < 0)
			return -1;
	}
	return 0;
}

/* ---- the command ---- */

/* Words before "spam=", ... are keys. */
static int read_keys(struct reputation_cli *c, char **words, int n,
		     struct targets *out, struct err *err)
{
	int i = 0;

	for (; i < n && !strchr(words[i], '='); i++)
		if (!reputation_targets(c->arena, str_cstr(words[i]), out)) {
			err_set(err, "'%s' is no address, network or domain, "
				"and no key such as url:example.com or "
				"text:DIGEST", words[i]);
			return -1;
		}
	return i;
}

static int read_message(struct reputation_cli *c, const char *path,
			struct targets *out)
{
	struct buf raw;
	struct err err;
	int rc;

	buf_in(&raw, c->arena, LIMIT_MESSAGE);
	rc = input_read(path, &raw, &err);
	if (rc < 0)
		log_error("%s", err.text);
	else
		message_targets(c, buf_str(&raw), out);
	return rc;
}

static int work(struct reputation_cli *c, const struct reputation_options *o,
		char **words, int n, const struct targets *all, int nkeys)
{
	struct err err;
	int rc;

	if (o->top)
		rc = show_tops(c, o, words, n, &err);
	else if (o->forget)
		rc = forget_all(c, all, &err);
	else if (o->set)
		rc = set_one(c, all, words + nkeys, n - nkeys, &err);
	else
		rc = show_all(c, all, &err);
	if (rc < 0) {
		log_error("%s", err.text);
		return EXIT_TEMPFAIL;
	}
	if (!c->shown && !c->json)
		fprintf(stderr, "mekiki: nothing is known\n");
	return c->shown ? 0 : 1;
}

static int run(struct reputation_cli *c, const struct reputation_options *o,
	       const struct engine *e, char **words, int n)
{
	struct targets all = { 0 };
	struct cli_memory memory;
	struct err err;
	int nkeys = 0;

	c->settings = engine_rules(e)->site;
	if (!o->top)
		nkeys = read_keys(c, words, n, &all, &err);
	if (nkeys < 0 || (nkeys < n && !o->top && !o->set)) {
		log_error("%s", nkeys < 0 ? err.text :
			  "spam=, ham= and score= belong to --set");
		return EXIT_USE;
	}
	if (o->message && read_message(c, o->message, &all) < 0)
		return EXIT_NOINPUT;
	if (cli_memory_open(e, c->arena, o->common.state_dir, &memory,
			    &err) < 0) {
		log_error("%s", err.text);
		return EXIT_TEMPFAIL;
	}
	c->client = memory.client;
	return work(c, o, words, n, &all, nkeys);
}

static int run_printing(const struct reputation_options *o, char **words,
			int n)
{
	struct reputation_cli c = { .arena = arena_new(), .now = clock_now() };
	struct engine *e = engine_load(&o->common.load);
	struct buf out;
	struct json json = { .out = &out };
	int code;

	buf_in(&out, c.arena, LIMIT_MESSAGE);
	if (o->json)
		c.json = &json;
	if (c.json)
		json_open(c.json, '[');
	code = run(&c, o, e, words, n);
	if (c.json && code <= 1) {
		json_close(c.json, ']');
		printf("%.*s\n", STR_ARG(buf_str(&out)));
	}
	arena_free(&c.arena);
	engine_free(&e);
	return code;
}

static const char *wrong_use(const struct reputation_options *o, char **words,
			     int n)
{
	if (o->top + o->forget + o->set > 1)
		return "--top, --forget and --set exclude each other";
	if (o->set && n < 2)
		return "--set wants a KEY and spam=N, ham=N or score=X";
	if (!o->top && !o->message && n < 1)
		return "which KEY? see --help";
	for (int i = 0; o->top && i < n; i++)
		if (evidence_kind_named(str_cstr(words[i])) < 0)
			return "--top knows ip, net, envelope, from and url";
	if (o->most < 1 || o->most > 100000)
		return "-n wants a number from 1 to 100000";
	if (o->day && (strlen(o->day) != 10 ||
		       strspn(o->day, "0123456789-") != 10))
		return "--day wants a date such as 2026-11-24";
	return o->best && o->worst ? "--best or --worst, not both" : NULL;
}

int cmd_reputation(int argc, char **argv)
{
	struct reputation_options o = { .most = 10 };
	const struct option_row rows[] = {
		{ "message", 0, OPT_TEXT, &o.message, "FILE",
		  "Show all keys of this message (-: standard input)." },
		{ "json", 0, OPT_FLAG, &o.json, NULL, "Write JSON." },
		{ "top", 0, OPT_FLAG, &o.top, NULL,
		  "Show the worst of a day: ip, net, envelope, from, url." },
		{ "worst", 0, OPT_FLAG, &o.worst, NULL,
		  "... which is what --top does." },
		{ "best", 0, OPT_FLAG, &o.best, NULL, "... the best instead." },
		{ "day", 0, OPT_TEXT, &o.day, "DATE",
		  "... of that day (UTC), not of today." },
		{ "number", 'n', OPT_INT, &o.most, "N",
		  "... N of each kind, not 10." },
		{ "forget", 0, OPT_FLAG, &o.forget, NULL, "Forget the keys." },
		{ "set", 0, OPT_FLAG, &o.set, NULL,
		  "KEY spam=N ham=N, or KEY score=X: make it that." },
		{ NULL, 0, OPT_FLAG, NULL, NULL, NULL },
	};
	const struct option_row *common = common_option_rows(&o.common);
	struct err err;
	int n = options_parse(argc, argv, common, rows, &err);
	const char *wrong;

	if (n >= 0 && o.common.help) {
		printf("Usage: mekiki reputation [OPTIONS] KEY...\n");
		options_help(stdout, rows);
		options_help(stdout, common);
		return 0;
	}
	o.top |= o.best || o.worst;
	wrong = n < 0 ? err.text : wrong_use(&o, argv, n);
	if (wrong) {
		log_error("%s", wrong);
		return EXIT_USE;
	}
	common_options_apply(&o.common);
	return run_printing(&o, argv, n);
}
