/*
 * SpamAssassin's plug-in PhishTag: mail that lures is let through, with its
 * links made to point where people are told what phishing is. If all rules of a
 * target hit (eval/phish_tag.h), of a hundred messages so many as trigger_ratio
 * says get PHISHTAG_TOSS with -100 points, and one of the fulfilled targets is
 * put where links stood in the body.
 *
 * This comes behind the verdict and what it teaches, as there: what is learned,
 * the rows of the report and the word for _AUTOLEARN_ are those without the
 * plug-in; score, verdict, list of tests and the body below the headers are
 * those with it. Rules in Lua that look at the verdict have seen the former. A
 * message that is wrapped into a report keeps the original.
 *
 * As there a link is a regex to look for, not a text: links whose parameters
 * begin with '?' are not found by it, nor are those that the body has in
 * another writing (quoted-printable, base64, entities). SpamAssassin goes
 * through the links in the order of a Perl hash, which is any; here longer ones
 * come first, so that a link which begins with another one is not torn. A link
 * that is no regex is passed over (there: ends it at any place).
 */
#include "scan/scan_int.h"

#include <stdlib.h>
#include <sys/random.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "eval/eval.h"
#include "eval/phish_tag.h"
#include "eval/plugin.h"
#include "mail/html.h"
#include "mail/message.h"
#include "mail/uri.h"
#include "match/regex.h"

/* From 0 to less than 1. */
static double chance(void)
{
	uint32_t r;

	if (getrandom(&r, sizeof(r), 0) != sizeof(r))
		r = UINT32_MAX;
	return r / 4294967296.0;
}

static bool is_fulfilled(const struct scan *s, const struct phish_target *t)
{
	for (size_t i = 0; i < t->triggers.n; i++)
		if (!strs_has(&s->tests, t->triggers.v[i]) &&
		    !strs_has(&s->subtests, t->triggers.v[i]))
			return false;
	return true;
}

/* One of the fulfilled targets; NULL: there is none. */
static const struct phish_target *choose(const struct scan *s,
					 const struct phish_targets *all)
{
	const struct phish_target *chosen = NULL;
	size_t n = 0;

	for (size_t i = 0; i < all->n; i++)
		if (is_fulfilled(s, &all->v[i]) && chance() * (double)++n < 1)
			chosen = &all->v[i];
	return chosen;
}

static int longer_first(const void *a, const void *b)
{
	const struct str *x = a, *y = b;

	return x->n == y->n ? str_cmp(*x, *y) : x->n < y->n ? 1 : -1;
}

/* What a match costs beside its octets. */
#define MATCH_WORK 64

/* The body with all matches replaced; false: it is as it was. What is done is
 * added to *work; a link with which that is too much is left alone. */
static bool replaced(struct arena *a, struct str body, const struct regex *re,
		     struct str by, size_t *work, struct str *out_r)
{
	struct regex_match m;
	size_t pos = 0, done = 0;
	bool empty = false;
	struct buf out;

	buf_in(&out, a, LIMIT_MESSAGE);
	while (*work <= LIMIT_PHISHTAG_WORK &&
	       regex_next(re, body, &pos, &empty, &m) > 0) {
		size_t at = (size_t)(m.group[0].p - body.p);

		*work += MATCH_WORK + by.n;
		buf_add(&out, body.p + done, at - done);
		buf_adds(&out, by);
		done = at + m.group[0].n;
	}
	if (out.n == 0)
		return false;
	buf_adds(&out, str_from(body, done));
	if (*work > LIMIT_PHISHTAG_WORK || out.full)
		return false;
	*out_r = buf_str(&out);
	return true;
}

struct str phishtag_replace(struct arena *a, struct str body,
			    const struct strs *links, struct str by,
			    int64_t deadline_us)
{
	struct arena *holder = NULL;	/* where a changed body lives */
	struct strs sorted = { 0 };
	size_t work = 0;

	for (size_t i = 0; i < links->n; i++)
		strs_add(a, &sorted, links->v[i]);
	if (sorted.n)
		qsort(sorted.v, sorted.n, sizeof(*sorted.v), longer_first);
	for (size_t i = 0; i < sorted.n && i < LIMIT_PHISHTAG_LINKS; i++) {
		struct arena *own = arena_new();
		struct regex *re;
		struct err err;

		work += body.n;
		if (work > LIMIT_PHISHTAG_WORK ||
		    (deadline_us && clock_mono_us() > deadline_us))
			i = sorted.n;
		re = i < sorted.n ? regex_compile_brief(own, sorted.v[i],
							STR("m"), &err) : NULL;
		if (re && replaced(own, body, re, by, &work, &body)) {
			struct arena *old = holder;

			holder = own;
			own = old;
		}
		arena_free(&own);
	}
	body = str_dup(a, body);
	arena_free(&holder);
	return body;
}

/* Characters that Latin-1 has not are none that octets of a body can be. */
static bool is_replaced(const struct uri_info *info)
{
	return (info->types & HTML_URI_A) && info->raw.n &&
	       !strs_has(&info->cleaned_utf8, info->raw);
}

static void redirect(struct scan *s, struct str address)
{
	const struct uris *all = message_uris(s->msg);
	struct strs links = { 0 };
	struct map_entry *e;
	size_t i = 0;

	while ((e = map_next(&all->by_raw, &i))) {
		const struct uri_info *info = e->value;

		if (is_replaced(info))
			strs_add(s->arena, &links, info->raw);
	}
	s->new_body = phishtag_replace(s->arena, s->msg->pristine_body, &links,
				       address, s->deadline_us);
}

void phishtag_run(struct scan *s)
{
	struct eval_ctx c = { .plugins = s->engine->plugins };
	const struct phish_targets *all = eval_plugin_data(&c, "PhishTag");
	const struct phish_target *target;

	if (!all || s->timed_out)
		return;
	target = choose(s, all);
	if (!target || all->ratio <= chance() * 100)
		return;
	/* What is told of the message stands before this hit comes. */
	report_summarise(s);
	s->autolearn_said = scan_autolearn(s);
	scan_hit_scored(s, STR("PHISHTAG_TOSS"), -100, NULL);
	scan_settle_verdict(s);
	redirect(s, target->address);
}
