/*
 * SpamAssassin's TxRep: a sender has five identities (the address, the address
 * in a network, its domain there, the network address, the HELO name), each
 * with the sum of its scores; together, weighted, they pull a message's score
 * towards their means. See senders.h; docs/txrep.md has the formulas.
 *
 * The plug-in walks through the identities one by one, reads a record, reckons
 * and writes it at once. So does this file, on copies of the recalled records:
 * where two identities have the same name the second one sees what the first
 * one wrote. What was written leaves as a list of changes.
 *
 * A message is remembered by its own record, too. One that was scanned before
 * takes its score from there and changes nothing; one that was learned before
 * is taken back when it is learned anew.
 */
#include "learn/senders_int.h"

#include <math.h>

#include "base/arena.h"
#include "base/err.h"
#include "conf/settings.h"
#include "learn/tokens.h"
#include "mail/address.h"
#include "mail/message.h"
#include "mail/relay.h"
#include "match/selector.h"

#define RECIPIENTS_MAX 100	/* of one message from inside */

enum identity { EMAIL_IP, DOMAIN, HELO, EMAIL, IP, MSG_ID, IDENTITIES };

static const struct {
	const char *tag, *weight;
} identities[IDENTITIES] = {
	[EMAIL_IP] = { "EMAILIP", "txrep_weight_email_ip" },
	[DOMAIN] = { "DOMAIN", "txrep_weight_domain" },
	[HELO] = { "HELO", "txrep_weight_helo" },
	[EMAIL] = { "EMAIL", "txrep_weight_email" },
	[IP] = { "IP", "txrep_weight_ip" },
	[MSG_ID] = { "MSGID", NULL },
};

/* One walk. */
struct walk {
	struct arena *arena;
	struct message *msg;
	const struct settings *settings;
	const struct senders_proof *proof;
	struct sender who;
	struct str network;	/* that identities are bound to, or STR_NONE */
	struct str bound_ip;	/* the address that it is of, or STR_NONE */
	struct str message;	/* its own name */
	bool proved;		/* a signature or SPF stands for the sender */
	bool outgoing;		/* from inside: recipients are welcome */
	bool learning, forgetting;
	double lesson;		/* what is learned */
	struct score_record seen[SENDERS_KEYS * 2];	/* as they are now */
	size_t nseen;
	const struct score_record *records;	/* as they were recalled */
	size_t nrecords;
	double weights;		/* of the identities asked so far */
	double score_so_far;
	struct senders_answer *out;
};

static double number(const struct walk *w, const char *name)
{
	return settings_number(w->settings, str_cstr(name));
}

static bool is_on(const struct walk *w, const char *name)
{
	return settings_bool(w->settings, str_cstr(name));
}

/* ---- who ---- */

/* Is it the text in lower or upper case? */
static bool is_same(struct str helo, struct str other)
{
	return str_ieq(helo, other);
}

static bool is_own_address(struct str helo, struct str ip)
{
	if (helo.n && helo.p[0] == '[')
		helo = str_from(helo, 1);
	if (helo.n > ip.n && helo.p[helo.n - 1] == ']')
		helo.n--;
	return str_eq(helo, ip);
}

/* The relays from the nearest to the farthest. Of addresses counts the one
 * that handed the message over to hosts that are trusted, or, if the message
 * looks harmless, the farthest that anybody claims. */
static void find_origin(struct sender *who, const struct relays *rs,
			bool harmless)
{
	const struct relay_list *sides[] = { &rs->trusted, &rs->untrusted };
	ssize_t left = (ssize_t)rs->trusted.n;

	for (int side = 0; side < 2; side++)
		for (size_t i = 0; i < sides[side]->n; i++) {
			const struct relay *r = sides[side]->v[i];

			if (!is_own_address(r->helo, r->ip) &&
			    !is_same(r->helo, who->domain) &&
			    !is_same(r->helo, who->from))
				who->helo = r->helo;
			left--;
			if ((left >= -1 || harmless) && !r->ip_private &&
			    r->ip.n)
				who->ip = r->ip;
			if (left >= 0 && !who->ip.n && r->ip_private &&
			    r->ip.n)
				who->ip = STR("127.0.0.1");
		}
}

static bool find_sender(struct walk *w, bool with_relays, bool harmless)
{
	struct sender *who = &w->who;
	ssize_t at;

	*who = (struct sender){ .from = selector_get_text(w->msg,
							  STR("From:addr")) };
	if (!who->from.n || str_eq(who->from, STR("0")))
		who->from = selector_get_text(w->msg, STR("EnvelopeFrom:addr"));
	if (!str_trim(who->from).n)
		return false;
	who->from = str_lower(w->arena, who->from);
	at = str_rchr(who->from, '@');
	who->domain = at > 0 ? str_from(who->from, (size_t)at + 1) : who->from;
	if (with_relays)
		find_origin(who, message_relays(w->msg), harmless);
	return true;
}

/* What the sender proved takes the place of the network. */
static void find_proof(struct walk *w)
{
	const struct senders_proof *p = w->proof;

	w->bound_ip = w->who.ip;
	w->proved = true;
	if (p->signed_by.n &&
	    is_on(w, "auto_welcomelist_distinguish_signed"))
		w->who.domain = p->signed_by;
	else if (!p->spf_pass || !is_on(w, "txrep_spf"))
		w->proved = false;
	if (w->proved)
		w->bound_ip = STR_NONE;
	w->network = sender_network(w->arena, w->bound_ip,
				    (int)number(w, "txrep_ipv4_mask_len"),
				    (int)number(w, "txrep_ipv6_mask_len"));
}

static void find_message_name(struct walk *w)
{
	struct strs ids = { 0 };

	bayes_message_ids(w->arena, w->msg, &ids);
	w->message = ids.n ? ids.v[0] : STR("");
}

static bool is_outgoing(struct walk *w)
{
	const struct relays *rs = message_relays(w->msg);

	return number(w, "txrep_welcomelist_out") != 0 &&
	       rs->internal.n > 0 && rs->external.n == 0;
}

/* Something, "@", something. */
static bool is_address(struct str id)
{
	for (size_t i = 1; i + 1 < id.n; i++)
		if (id.p[i] == '@' && id.p[i - 1] != '@' &&
		    !is_space((unsigned char)id.p[i - 1]) &&
		    id.p[i + 1] != '@' &&
		    !is_space((unsigned char)id.p[i + 1]))
			return true;
	return false;
}

/* Addresses of mail from inside have records of their own. */
static struct str name_of(struct walk *w, struct str id, struct str network)
{
	if (w->outgoing && is_address(id))
		network = STR("WELCOMELIST_OUT");
	return sender_key(w->arena, id, network);
}

/* ---- records ---- */

static struct score_record *look(struct walk *w, struct str key)
{
	for (size_t i = 0; i < w->nseen; i++)
		if (str_eq(w->seen[i].key, key))
			return &w->seen[i];
	must(w->nseen < sizeof(w->seen) / sizeof(*w->seen));
	w->seen[w->nseen] = sender_record(w->records, w->nrecords, key);
	return &w->seen[w->nseen++];
}

static void add_score(struct score_record *r, double score)
{
	r->count++;
	r->total += score;
}

static void remove_score(struct score_record *r, double score)
{
	r->count = r->count > 2 ? r->count - 2 : 0;
	add_score(r, -score);
}

static void change(struct walk *w, const struct score_record *r,
		   enum score_step step, double value)
{
	sender_change(w->arena, &w->out->changes, r->key, step, value);
}

/* ---- one identity ---- */

static double mean_of(const struct score_record *r)
{
	return r->count > 0 ? r->total / r->count : 0;
}

/* How far this identity pulls the score. A record must not turn the sign of
 * what all its messages and this one agree on. */
static double pull(const struct score_record *r, double score, bool has_score)
{
	double mean = r->total / (1 + r->count);
	double moved = (r->total + score) / (1 + r->count) - score;

	if (!has_score || (r->total > 0 && score > 0 && moved < 0) ||
	    (r->total < 0 && score < 0 && moved > 0))
		return mean;
	return moved;
}

static void tag(struct walk *w, enum identity id, const char *end,
		double value)
{
	sender_tag(w->arena, w->out, str_printf(w->arena, "TXREP%s%s",
						identities[id].tag, end),
		   value);
}

static void tag_all(struct walk *w, enum identity id,
		    const struct score_record *r, double delta)
{
	tag(w, id, "", delta);
	if (r->count > 0)
		tag(w, id, "MEAN", mean_of(r));
	tag(w, id, "COUNT", r->count);
	tag(w, id, "PRESCORE", w->score_so_far);
}

static void report(struct walk *w, enum identity id, struct str name,
		   const struct score_record *r)
{
	double details = number(w, "txrep_report_details");
	struct str line;

	if (details == 0 || r->count <= 0 || id == MSG_ID)
		return;
	line = str_printf(w->arena, "%s: %.*s", identities[id].tag,
			  STR_ARG(name));
	if ((id == EMAIL_IP || id == DOMAIN) && w->bound_ip.n)
		line = str_printf(w->arena, "%.*s|%.*s", STR_ARG(line),
				  STR_ARG(w->network));
	if (details == 2)
		line = str_printf(w->arena, "%.*s, rep: %.2f, count: %.0f",
				  STR_ARG(line), mean_of(r), r->count);
	strs_add(w->arena, &w->out->log, line);
}

static double weight_of(const struct walk *w, enum identity id)
{
	return identities[id].weight ? number(w, identities[id].weight) : 1;
}

static double reckon(struct walk *w, enum identity id, struct str name,
		     const struct score_record *r, double score,
		     bool has_score)
{
	double delta;

	w->weights += weight_of(w, id);
	if (id == MSG_ID && r->count > 0) {
		delta = mean_of(r);
		tag(w, id, "", delta);
	} else {
		delta = pull(r, score, has_score);
		tag_all(w, id, r, delta);
	}
	report(w, id, name, r);
	return delta;
}

/* What is learned counts more, the more is known already. */
static double deepened(const struct score_record *r, double score)
{
	double mean = fabs(mean_of(r));

	return score > 0 ? score + mean : score < 0 ? score - mean : score;
}

static void write_lesson(struct walk *w, enum identity id,
			 struct score_record *r, double score)
{
	add_score(r, deepened(r, score));
	if (id == MSG_ID && r->count == 1)
		add_score(r, score);
	change(w, r, id == MSG_ID ? SCORE_LEARN_MESSAGE : SCORE_LEARN, score);
}

static void take_back(struct walk *w, enum identity id,
		      struct score_record *r, double score)
{
	if (id == MSG_ID) {
		*r = (struct score_record){ .key = r->key };
		change(w, r, SCORE_DELETE, 0);
		return;
	}
	remove_score(r, w->learning ? deepened(r, score) : score);
	change(w, r, w->learning ? SCORE_UNLEARN : SCORE_REMOVE, score);
}

/* Reads, reckons and writes the record of one identity; its weighted pull. */
static double visit(struct walk *w, enum identity id, struct str name,
		    double score)
{
	bool bound = id == EMAIL_IP || id == DOMAIN;
	struct score_record *r;
	double delta = 0;

	if (weight_of(w, id) == 0)
		return 0;
	r = look(w, name_of(w, name, bound ? w->network : STR_NONE));
	if (!w->learning || w->lesson == 0)
		delta = reckon(w, id, name, r, score, true);
	if (w->forgetting)
		take_back(w, id, r, score);
	else if (w->learning)
		write_lesson(w, id, r, score);
	else {
		add_score(r, score);
		change(w, r, SCORE_ADD, score);
	}
	return weight_of(w, id) * delta;
}

static double visit_all(struct walk *w, double score)
{
	const struct sender *who = &w->who;
	double delta = 0;

	w->weights = 0;
	delta += visit(w, EMAIL_IP, who->from, score);
	if (who->domain.n && !str_eq(who->domain, STR("0")))
		delta += visit(w, DOMAIN, who->domain, score);
	if (who->helo.n && !str_eq(who->helo, STR("0")))
		delta += visit(w, HELO, who->helo, score);
	if (!who->ip.n)
		return delta;
	if (!w->proved)
		delta += visit(w, EMAIL, who->from, score);
	return delta + visit(w, IP, who->ip, score);
}

/* ---- the walk ---- */

static void begin(struct walk *w, struct arena *a, struct message *m,
		  const struct settings *s, const struct senders_ask *ask,
		  struct senders_answer *out)
{
	*w = (struct walk){
		.arena = a,
		.msg = m,
		.settings = s,
		.proof = &ask->proof,
		.records = ask->records,
		.nrecords = ask->n,
		.score_so_far = ask->score_so_far,
		.out = out,
	};
	w->outgoing = is_outgoing(w);
	if (is_on(w, "txrep_track_messages"))
		find_message_name(w);
}

static struct score_record *message_record(struct walk *w)
{
	return look(w, name_of(w, w->message, STR_NONE));
}

/* People whom someone inside writes to may write back. SpamAssassin reaches
 * its database here only after it has asked for the message's own record. */
static void welcome_recipients(struct walk *w)
{
	double score = -number(w, "txrep_welcomelist_out");
	const struct strs *to;

	if (!w->outgoing || !w->message.n)
		return;
	to = message_to_addrs(w->msg);
	for (size_t i = 0; i < to->n && i < RECIPIENTS_MAX; i++) {
		struct str key = name_of(w, to->v[i], STR_NONE);

		if (!to->v[i].n || str_eq(to->v[i], STR("0")))
			continue;
		sender_change(w->arena, &w->out->changes, key, SCORE_SET,
			      score);
		/* Somebody may write to himself. */
		if (str_eq(key, name_of(w, w->who.from, STR_NONE)))
			*look(w, key) = (struct score_record){
				.key = key, .count = 1, .total = score };
	}
}

static void hit(struct walk *w, double delta)
{
	if (delta == 0)
		return;
	w->out->hits = true;
	w->out->delta = sender_rounded(delta);
	w->score_so_far += w->out->delta;
}

/* A message that was scanned or learned before. */
static void judge_again(struct walk *w, double points, double mean)
{
	double factor = number(w, "txrep_factor");

	hit(w, (points + factor * mean) / (1 + factor) - points);
}

void txrep_judge(struct arena *a, struct message *m, const struct settings *s,
		 const struct senders_ask *ask, struct senders_answer *out)
{
	struct walk w;
	double points = ask->points, delta;

	begin(&w, a, m, s, ask, out);
	if (!find_sender(&w, true, points < 2))
		return;
	if (w.message.n) {
		struct score_record *r = message_record(&w);

		delta = reckon(&w, MSG_ID, w.message, r, 0, false);
		if (r->count > 0) {
			judge_again(&w, points, delta);
			return;
		}
	}
	welcome_recipients(&w);
	find_proof(&w);
	delta = visit_all(&w, points);
	delta = w.weights > 0 ? number(&w, "txrep_factor") * delta / w.weights :
				0;
	hit(&w, delta);
	if (w.message.n)
		visit(&w, MSG_ID, w.message, points + delta);
}

/* ---- learning ---- */

/* Takes back what the message added, or what learning it did. */
static void forget(struct walk *w, double score)
{
	w->forgetting = true;
	find_proof(w);
	visit_all(w, score);
	if (w->message.n)
		visit(w, MSG_ID, w->message, score);
	w->forgetting = false;
}

static void learn(struct walk *w)
{
	struct score_record *r = w->message.n ? message_record(w) : NULL;

	w->learning = true;
	welcome_recipients(w);
	if (r && r->count > 1)
		forget(w, mean_of(r));
	find_proof(w);
	visit_all(w, w->lesson);
	if (w->message.n)
		visit(w, MSG_ID, w->message, w->lesson);
}

/* The lesson in points; false if there is none. */
static bool points_of(struct walk *w, enum senders_lesson lesson)
{
	bool spam = lesson == SENDERS_SPAM || lesson == SENDERS_AUTO_SPAM;
	bool automatic = lesson == SENDERS_AUTO_SPAM ||
			 lesson == SENDERS_AUTO_HAM;

	if (automatic && number(w, "txrep_autolearn") == 0)
		return false;
	w->lesson = spam ? number(w, "txrep_learn_penalty") :
			   -number(w, "txrep_learn_bonus");
	return w->lesson != 0;
}

/* SpamAssassin knows no relays when it is told to forget, and so it meets only
 * what is bound to no network; but a message's own record goes, wherever it
 * was sent from. */
static void forget_alone(struct walk *w)
{
	struct score_record *r = NULL;
	struct str sent = w->outgoing && w->message.n ?
		name_of(w, w->message, STR_NONE) : STR_NONE;

	w->outgoing = false;
	if (!find_sender(w, false, true))
		return;
	if (w->message.n)
		r = message_record(w);
	forget(w, r ? mean_of(r) : 0);
	if (sent.n)
		sender_change(w->arena, &w->out->changes, sent, SCORE_DELETE,
			      0);
}

void txrep_learn(struct arena *a, struct message *m, const struct settings *s,
		 const struct senders_ask *ask, enum senders_lesson lesson,
		 struct score_changes *out)
{
	struct senders_answer unused = { 0 };
	struct walk w;

	begin(&w, a, m, s, ask, &unused);
	if (lesson == SENDERS_FORGET) {
		forget_alone(&w);
	} else if (points_of(&w, lesson) &&
		   find_sender(&w, true, w.lesson < 2)) {
		learn(&w);
	}
	*out = unused.changes;
}

/* ---- what to recall ---- */

static size_t add_keys(struct walk *w, struct score_record *out, size_t n)
{
	struct str names[] = {
		name_of(w, w->who.from, w->network),
		name_of(w, w->who.domain, w->network),
		w->who.helo.n ? name_of(w, w->who.helo, STR_NONE) : STR_NONE,
		name_of(w, w->who.from, STR_NONE),
		w->who.ip.n ? name_of(w, w->who.ip, STR_NONE) : STR_NONE,
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (names[i].n)
			out[n++] = (struct score_record){ .key = names[i] };
	return n;
}

size_t txrep_keys(struct arena *a, struct message *m,
		  const struct settings *s, const struct senders_proof *proof,
		  struct score_record *out)
{
	struct senders_ask ask = { .proof = *proof };
	struct senders_answer unused = { 0 };
	struct walk w;
	size_t n = 0;

	begin(&w, a, m, s, &ask, &unused);
	for (int harmless = 0; harmless < 2; harmless++) {
		if (!find_sender(&w, true, harmless))
			return 0;
		find_proof(&w);
		n = add_keys(&w, out, n);
	}
	/* In case that the sender proves to be who he says. */
	out[n++] = (struct score_record){
		.key = name_of(&w, w.who.domain, STR_NONE) };
	if (w.message.n)
		out[n++] = (struct score_record){
			.key = name_of(&w, w.message, STR_NONE) };
	return n;
}
