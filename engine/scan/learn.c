/*
 * What a person says of a message (TELL, `mekiki learn`): Bayes learns or
 * forgets it, and the reputation of its sender and links is corrected. Nothing
 * is said to be learned that is not in the store or in the journal.
 */
#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "eval/eval.h"
#include "eval/plugin.h"
#include "learn/reputation.h"
#include "mail/message.h"
#include "redis/memory.h"
#include "redis/senders.h"
#include "scan/bayes_ask.h"
#include "scan/extract.h"
#include "scan/scan_int.h"

/* One act of learning, on its way. */
struct lesson {
	struct arena *arena;
	const struct settings *settings;
	const struct scan_options *opt;
	struct message *msg;
	enum scan_told told;
	struct str message;	/* the message's key */
};

static const enum told told_of[] = {
	[SCAN_TOLD_SPAM] = TOLD_SPAM,
	[SCAN_TOLD_HAM] = TOLD_HAM,
	[SCAN_TOLD_FORGET] = TOLD_NOTHING,
};

/* What the machine said of this message, if the store can be asked now. If
 * not, the correction is safe all the same: each key's own record of its last
 * verdicts says it, too. */
static void recall_machine(struct lesson *l, const struct evidence_key *keys,
			   size_t n, struct correction *c)
{
	struct memory_ask q = { .home = HOME_MAIN };
	struct memory_answer a;
	struct evidence *e = arena_alloc(l->arena, n * sizeof(*e));
	bool counted;

	reputation_compose_recall(l->arena, keys, n, c->message, &q.batch);
	if (memory_ask(l->opt->memory, &q, l->arena, &a, NULL))
		reputation_parse_recall(l->arena, keys, n, a.replies, a.n, e,
					&counted, &c->machine, NULL);
}

static int correct(struct lesson *l, struct scan_learned *out_r,
		   struct err *err)
{
	struct memory_ask q = { .word = MEMORY_LEARN, .home = HOME_MAIN };
	struct correction c = {
		.message = l->message,
		.now = clock_now(),
		.told = told_of[l->told],
	};
	struct memory_answer a;
	struct evidence_key *keys;
	size_t n = reputation_keys(l->arena, l->msg, l->settings, &keys);

	if (!n)
		return 0;
	reputation_numbers_read(l->settings, &c.numbers);
	recall_machine(l, keys, n, &c);
	reputation_compose_correct(l->arena, keys, n, &c, &q.batch);
	if (!memory_ask(l->opt->memory, &q, l->arena, &a, err))
		return -1;
	out_r->journaled |= a.journaled;
	return 0;
}

/* TxRep counts it whatever else it is; what the records hold is asked first,
 * and if that cannot be known the lesson counts as the first one. */
static int teach_senders(struct lesson *l, struct scan_learned *out_r,
			 struct err *err)
{
	struct memory_ask ask = { .home = HOME_MAIN };
	struct memory_ask q = { .word = MEMORY_LEARN, .home = HOME_MAIN };
	struct score_record *records;
	struct memory_answer a;
	size_t n = senders_lesson_recall(l->arena, l->msg, l->settings,
					 &records, &ask.batch);

	if (!n)
		return 0;
	if (memory_ask(l->opt->memory, &ask, l->arena, &a, NULL))
		senders_parse_recall(records, n, a.replies, a.n, NULL);
	senders_lesson(l->arena, l->msg, l->settings, l->told, records, n,
		       l->message, &q.batch);
	if (!q.batch.n)
		return 0;
	if (!memory_ask(l->opt->memory, &q, l->arena, &a, err))
		return -1;
	out_r->journaled |= a.journaled;
	return 0;
}

static int teach_bayes(struct lesson *l, struct scan_learned *out_r,
		       struct err *err)
{
	struct memory_ask q = { .word = MEMORY_LEARN, .home = HOME_BAYES };
	struct bayes_ask b;
	struct memory_answer a;
	enum bayes_learned rc;
	struct str why = STR("");

	bayes_ask_begin(l->arena, l->msg, l->settings, l->opt, &b);
	bayes_ask_tokens(l->arena, l->msg, l->settings, BAYES_LEARN, &b);
	q.prefix = b.home.prefix;
	q.tokens = b.token_ids;
	if (l->told == SCAN_TOLD_FORGET)
		bayes_compose_forget(l->arena, &b.home,
				     (const uint8_t *)q.tokens.p,
				     b.tokens->n, &b.ids, &q.batch);
	else
		bayes_compose_learn(l->arena, &b.home,
				    l->told == SCAN_TOLD_SPAM, true,
				    (const uint8_t *)q.tokens.p, b.tokens->n,
				    &b.ids, &q.batch);
	if (!memory_ask(l->opt->memory, &q, l->arena, &a, err))
		return -1;
	if (a.journaled) {
		/* What it will change is known when it is replayed. */
		out_r->journaled = out_r->changed = true;
		return 0;
	}
	rc = bayes_parse_learn(l->arena, a.replies, a.n, &why);
	if (rc == BAYES_REFUSED)
		return err_set(err, "bayes: %.*s", STR_ARG(why));
	out_r->changed = rc == BAYES_LEARNED || rc == BAYES_FORGOTTEN;
	return 0;
}

/* What ExtractText and other plug-ins find is learned, too. */
static void look_at(const struct engine *e, struct lesson *l)
{
	struct map tags = MAP_IN(l->arena);
	struct memory_facts nothing = { 0 };
	struct eval_ctx c = {
		.msg = l->msg,
		.arena = l->arena,
		.settings = l->settings,
		.rules = e->rules,
		.plugins = e->plugins,
		.memory = &nothing,
		.tags = &tags,
	};

	extract_text(e, l->msg, l->opt->runner, 0, NULL);
	eval_plugins_look(e->plugins, &c);
}

int scan_learn(const struct engine *e, struct arena *a, struct str raw,
	       enum scan_told told, const struct scan_options *opt,
	       struct scan_learned *out_r, struct err *err)
{
	struct lesson l = {
		.arena = a,
		.settings = opt->settings ? opt->settings : e->rules->site,
		.opt = opt,
		.told = told,
	};

	*out_r = (struct scan_learned){ 0 };
	l.msg = message_parse(a, &l.settings->mail, raw);
	if (headers_last(&l.msg->marks, STR("X-Spam-Checker-Version")))
		l.msg = message_parse(a, &l.settings->mail,
				      message_unmarked(a, raw));
	look_at(e, &l);
	if (!opt->memory)
		return err_set(err, "nothing is remembered: store none");
	memory_begin(opt->memory);
	if (memory_has(opt->memory_settings, HOME_BAYES) &&
	    settings_bool(l.settings, STR("use_bayes")) &&
	    settings_bool(l.settings, STR("bayes_learn_during_report")) &&
	    teach_bayes(&l, out_r, err) < 0)
		return -1;
	if (!memory_has(opt->memory_settings, HOME_MAIN))
		return 0;
	l.message = reputation_message_key(a, l.msg);
	if (teach_senders(&l, out_r, err) < 0)
		return -1;
	return correct(&l, out_r, err);
}
