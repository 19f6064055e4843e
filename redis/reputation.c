/*
 * Batches of reputation, and what their replies say; see reputation.h. Each
 * key of evidence is a hash whose fields a person can read. The two scripts
 * do the arithmetic, here is only the carrying.
 *
 * Besides there are two kinds of markers: "mekiki:message:KEY" says for a day
 * that a message was counted and what the machine said of it, and
 * "mekiki:told:{KEY OF EVIDENCE}:KEY" what a person said of it (the braces put
 * it into the slot of the evidence).
 */
#include "redis/reputation.h"

#include <math.h>
#include <stdio.h>
#include <time.h>

#include "base/arena.h"
#include "base/clock.h"

#define PREFIX STR("mekiki:")
#define MARKER_SECONDS 86400	/* that a message counts once */
#define LEAST_SECONDS 259200.0	/* that a key is kept after one message */
#define WHY_MAX 63		/* octets of rules; Redis keeps a hash small as
				 * long as no value is longer than 64 */
#define RING 8			/* last verdicts; the scripts know it, too */

static bool parse_iso(struct str s, int64_t *seconds_r)
{
	char text[32];
	struct tm tm = { 0 };
	const char *end;

	if (s.n >= sizeof(text))
		return false;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm);
	if (!end || *end)
		return false;
	*seconds_r = timegm(&tm);
	return true;
}

/* ---- names ---- */

struct str reputation_store_key(struct arena *a,
				const struct evidence_key *key)
{
	return str_printf(a, "mekiki:%s:%.*s", evidence_word(key->kind),
			  STR_ARG(key->name));
}

bool reputation_key_named(struct str name, struct evidence_key *out_r)
{
	struct str word;
	int kind;

	if (!str_starts(name, PREFIX))
		return false;
	name = str_from(name, PREFIX.n);
	if (!str_next(&name, ':', &word) || !name.n)
		return false;
	kind = evidence_kind_named(word);
	if (kind < 0)
		return false;
	*out_r = (struct evidence_key){ (enum evidence_kind)kind, name };
	return true;
}

static struct str message_marker(struct arena *a, struct str message)
{
	return str_cat(a, STR("mekiki:message:"), message);
}

/* ---- reading ---- */

/* The fields that a scan needs, and where they go. */
enum field_kind { COUNT, AMOUNT };

static const struct {
	const char *name;
	enum field_kind kind;
	size_t at;
} fields[] = {
#define FIELD(name, kind, member) { name, kind, \
	offsetof(struct evidence, member) }
	FIELD("first", COUNT, first),
	FIELD("last", COUNT, last),
	FIELD("seen", COUNT, seen),
	FIELD("spam", COUNT, spam),
	FIELD("ham", COUNT, ham),
	FIELD("people_spam", COUNT, people_spam),
	FIELD("people_ham", COUNT, people_ham),
	FIELD("authenticated", COUNT, authenticated),
	FIELD("recent_spam", AMOUNT, recent_spam),
	FIELD("recent_ham", AMOUNT, recent_ham),
#undef FIELD
};
#define FIELDS (sizeof(fields) / sizeof(*fields))

/* What a person wrote into the store by hand is no reason to stumble. */
static double sane_number(const struct store_reply *r)
{
	double v = store_reply_number(r, 0);

	return v > 0 && v < 1e15 ? v : 0;
}

static void read_field(struct evidence *e, size_t i,
		       const struct store_reply *r)
{
	char *at = (char *)e + fields[i].at;

	if (fields[i].kind == COUNT)
		*(int64_t *)(void *)at = (int64_t)sane_number(r);
	else
		*(double *)(void *)at = sane_number(r);
	if (fields[i].at == offsetof(struct evidence, first))
		e->known = r && r->kind != REPLY_NIL;
}

void reputation_compose_recall(struct arena *a,
			       const struct evidence_key *keys, size_t n,
			       struct str message, struct store_batch *batch)
{
	store_add(a, batch, "GET", message_marker(a, message));
	for (size_t k = 0; k < n; k++) {
		store_add(a, batch, "HMGET", reputation_store_key(a, &keys[k]));
		for (size_t i = 0; i < FIELDS; i++)
			store_add_arg(a, batch, str_cstr(fields[i].name));
	}
}

/* "TIME spam SCORE weight W"; anything else is no verdict. */
static void parse_marker(struct str text, struct machine_verdict *v)
{
	struct str time, word, score, label, weight;

	*v = (struct machine_verdict){ 0 };
	if (!str_next_word(&text, &time) || !str_next_word(&text, &word) ||
	    !str_next_word(&text, &score) || !str_next_word(&text, &label) ||
	    !str_next_word(&text, &weight))
		return;
	v->spam = str_eq(word, STR("spam"));
	v->known = (v->spam || str_eq(word, STR("ham"))) &&
		   parse_iso(time, &v->time) &&
		   str_to_double(score, &v->score) &&
		   str_to_double(weight, &v->weight);
}

static bool first_error(const struct store_reply *replies, size_t n,
			struct str *error_r)
{
	for (size_t i = 0; i < n; i++)
		if (replies[i].kind == REPLY_ERROR) {
			*error_r = replies[i].text;
			return true;
		}
	return false;
}

bool reputation_parse_recall(struct arena *a, const struct evidence_key *keys,
			     size_t n, const struct store_reply *replies,
			     size_t nreplies, struct evidence *out,
			     bool *counted_r, struct machine_verdict *verdict_r,
			     struct str *error_r)
{
	struct machine_verdict verdict = { 0 };
	struct str error = STR("too few replies");

	(void)a;
	*counted_r = false;
	for (size_t k = 0; k < n; k++)
		out[k] = (struct evidence){ .key = keys[k] };
	if (nreplies < n + 1 || first_error(replies, n + 1, &error)) {
		if (error_r)
			*error_r = error;
		return false;
	}
	*counted_r = replies[0].kind == REPLY_TEXT;
	if (*counted_r)
		parse_marker(replies[0].text, &verdict);
	if (verdict_r)
		*verdict_r = verdict;
	for (size_t k = 0; k < n; k++) {
		const struct store_reply *r = &replies[k + 1];

		for (size_t i = 0; r->kind == REPLY_LIST && i < FIELDS &&
		     i < r->n; i++)
			read_field(&out[k], i, &r->items[i]);
	}
	return true;
}

/* ---- reading for people ---- */

static struct str field_text(struct arena *a, const struct store_reply *pairs,
			     const char *name, int slot)
{
	const struct store_reply *r = store_reply_field(
		pairs, str_printf(a, "%s_%d", name, slot));

	return r && r->kind == REPLY_TEXT ? r->text : STR_NONE;
}

void reputation_parse_key(struct arena *a, const struct evidence_key *key,
			  const struct store_reply *pairs,
			  struct evidence *out)
{
	*out = (struct evidence){ .key = *key };
	for (size_t i = 0; i < FIELDS; i++) {
		const struct store_reply *r = store_reply_field(
			pairs, str_cstr(fields[i].name));

		if (r)
			read_field(out, i, r);
	}
	/* The slot behind the newest one is the oldest. */
	for (int i = 0; i < RING; i++) {
		int64_t newest = (out->seen + RING - 1 - i) % RING;
		int slot = (int)newest + 1;
		struct str v = field_text(a, pairs, "verdict", slot);
		struct str m = field_text(a, pairs, "message", slot);
		struct str r = field_text(a, pairs, "rules", slot);

		if (v.n)
			strs_add(a, &out->verdicts,
				 str_printf(a, "%.*s: %.*s (message %.*s)",
					    STR_ARG(v), STR_ARG(r),
					    STR_ARG(m)));
	}
}

/* ---- writing ---- */

static struct str short_number(struct arena *a, double v)
{
	return str_printf(a, "%.4g", v);
}

/* The next name of a list with blanks or commas between. */
static bool next_name(struct str *rest, struct str *name_r)
{
	size_t n = 0;

	while (rest->n && (rest->p[0] == ',' || is_space(rest->p[0])))
		*rest = str_from(*rest, 1);
	while (n < rest->n && rest->p[n] != ',' && !is_space(rest->p[n]))
		n++;
	*name_r = str_head(*rest, n);
	*rest = str_from(*rest, n);
	return n > 0;
}

/* The rules as they fit, without a piece of a name at the end. */
static struct str short_why(struct arena *a, struct str why)
{
	struct strs kept = { 0 };
	struct str name;
	size_t n = 0;

	while (next_name(&why, &name) && n + name.n <= WHY_MAX) {
		strs_add(a, &kept, name);
		n += name.n + 1;
	}
	return kept.n ? strs_join(a, &kept, STR(",")) : STR("none");
}

static void add_numbers(struct arena *a, struct store_batch *batch,
			const struct reputation_numbers *n)
{
	store_add_number(a, batch, n->half_life);
	store_add_number(a, batch, n->prior);
	store_add_int(a, batch, (int64_t)n->lifetime);
}

static void mark_message(struct arena *a, struct str message, struct str text,
			 struct store_batch *batch)
{
	store_add(a, batch, "SET", message_marker(a, message));
	store_add_arg(a, batch, text);
	store_add_arg(a, batch, STR("EX"));
	store_add_int(a, batch, MARKER_SECONDS);
	store_add_arg(a, batch, STR("NX"));
}

void reputation_compose_observe(struct arena *a,
				const struct evidence_key *keys, size_t n,
				const struct observation *o,
				struct store_batch *batch)
{
	struct str time = clock_text(a, o->now), why = short_why(a, o->why);
	struct str verdict = o->spam ? STR("spam") : STR("ham");
	struct str score = str_printf(a, "%.1f", o->score);
	double lifetime = o->numbers.lifetime;

	mark_message(a, o->message,
		     str_printf(a, "%.*s %.*s %.*s weight %.4g", STR_ARG(time),
				STR_ARG(verdict), STR_ARG(score), o->weight),
		     batch);
	for (size_t k = 0; k < n; k++) {
		store_add_script(a, batch, "reputation_observe");
		store_add_key(a, batch, reputation_store_key(a, &keys[k]));
		store_add_int(a, batch, o->now);
		store_add_arg(a, batch, time);
		store_add_arg(a, batch, verdict);
		store_add_arg(a, batch, short_number(a, o->weight));
		store_add_arg(a, batch, o->message);
		store_add_arg(a, batch, score);
		store_add_arg(a, batch, why);
		store_add_int(a, batch, o->authenticated);
		add_numbers(a, batch, &o->numbers);
		store_add_int(a, batch, (int64_t)fmin(LEAST_SECONDS,
						      lifetime));
	}
}

void reputation_compose_correct(struct arena *a,
				const struct evidence_key *keys, size_t n,
				const struct correction *c,
				struct store_batch *batch)
{
	static const char *const words[] = {
		[TOLD_NOTHING] = "nothing", [TOLD_SPAM] = "spam",
		[TOLD_HAM] = "ham",
	};
	struct str time = clock_text(a, c->now);
	const char *machine = !c->machine.known ? "unknown" :
			      c->machine.spam ? "spam" : "ham";

	for (size_t k = 0; k < n; k++) {
		struct str key = reputation_store_key(a, &keys[k]);

		store_add_script(a, batch, "reputation_correct");
		store_add_key(a, batch, key);
		store_add_key(a, batch, str_printf(a, "mekiki:told:{%.*s}:%.*s",
						   STR_ARG(key),
						   STR_ARG(c->message)));
		store_add_int(a, batch, c->now);
		store_add_arg(a, batch, time);
		store_add_arg(a, batch, str_cstr(words[c->told]));
		store_add_number(a, batch, c->numbers.people_weight);
		store_add_arg(a, batch, c->message);
		add_numbers(a, batch, &c->numbers);
		store_add_arg(a, batch, str_cstr(machine));
		store_add_number(a, batch, c->machine.weight);
		store_add_int(a, batch, c->machine.time);
	}
	mark_message(a, c->message,
		     str_printf(a, "%.*s told", STR_ARG(time)), batch);
}
