/*
 * Tests on dates: Date against the times in Received, and the age of a mail.
 *
 * The times of all Received lines are gathered but for those of a local
 * fetchmail, and the one nearest to Date is what Date is measured by, since
 * that gives the sender's clock the benefit of the doubt.
 */
#include "eval/header_int.h"
#include "eval/header_dates.h"

#include <math.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/clock.h"
#include "mail/date.h"
#include "mail/form.h"
#include "mail/message.h"

/* A month's seconds times twelve: a mean Gregorian year. */
#define SECONDS_PER_YEAR 31556952.0

static bool first_date(struct message *m, const char *name, time_t *time_r)
{
	struct headers *hs = &m->headers;
	struct str key = str_cstr(name);

	for (size_t i = headers_find(hs, key, 0); i < hs->n;
	     i = headers_find(hs, key, i + 1))
		if (date_parse(header_text(m->arena, m->settings, &hs->v[i]),
			       time_r))
			return true;
	return false;
}

/* The date somewhere in a Received line. */
static bool line_date(struct str line, time_t *time_r)
{
	/* White space, at most one byte, day, month, year, time, zone. */
	static struct form_lazy date = FORM_LAZY(
		"~{sub<}{: \t\r\v\f/1-1}{!/0-1}# {/3-3} # #:#:# {}{>}");
	struct form_match m = { 0 };

	return form_matches(&date, line, &m) &&
	       date_parse(m.field[FIELD_SUB], time_r);
}

static void times_add(struct arena *a, struct header_times *t,
		      time_t value)
{
	t->v = arena_grow(a, t->v, t->n, &t->cap, sizeof(*t->v));
	t->v[t->n++] = value;
}

/* How many lines at the top a local fetchmail wrote. If there is only one
 * that came from this host, without fetchmail's own, it counts as a hop. */
static size_t local_lines(const struct strs *lines)
{
	static struct form_lazy local[] = {
		FORM_LAZY("~{b}from localhost{: \t}"),
		FORM_LAZY("~{b}from {} {/0-}{b}127.0.0.1{b}"),
		FORM_LAZY("~{b}from {} {} {/0-}{b}127.0.0.1{b}"),
		FORM_LAZY("~qmail # invoked by uid #"),
	};
	static struct form_lazy fetchmail = FORM_LAZY(
		"~{b}by localhost with {:a-zA-Z0-9_} (fetchmail-{:0-9.}");
	size_t n = 0;

	if (lines->n == 0)
		return 0;
	for (size_t i = 0; n == 0 && i < sizeof(local) / sizeof(local[0]); i++)
		n = form_matches(&local[i], lines->v[0], NULL);
	if (n < lines->n && form_matches(&fetchmail, lines->v[n], NULL))
		return n + 1;
	return 0;
}

static void find_received(struct eval_ctx *c, struct header_dates *d)
{
	struct str rest = header_get(c, "Received"), line;
	struct strs lines = { 0 };
	size_t local;
	time_t t;

	while (str_next(&rest, '\n', &line))
		if (str_trim(line).n > 0)
			strs_add(c->arena, &lines, line);
	local = local_lines(&lines);
	for (size_t i = 0; i < lines.n; i++) {
		if (!line_date(lines.v[i], &t))
			continue;
		if (i >= local) {
			times_add(c->arena, &d->received, t);
		} else if (t <= clock_now() &&
			   (!d->has_fetchmail || t > d->fetchmail)) {
			d->fetchmail = t;
			d->has_fetchmail = true;
		}
	}
}

static void find_diff(struct header_dates *d)
{
	size_t n = d->received.n;

	if (!d->has_date || n == 0)
		return;
	/* A first hop within the same second is the sender itself. */
	if (n > 1 && d->received.v[n - 1] == d->date)
		n--;
	d->diff = difftime(d->date, d->received.v[0]);
	for (size_t i = 1; i < n; i++) {
		double diff = difftime(d->date, d->received.v[i]);

		if (fabs(diff) < fabs(d->diff))
			d->diff = diff;
	}
}

const struct header_dates *header_dates(struct eval_ctx *c)
{
	struct header_dates *d = c->msg->memo[MEMO_HEADER];

	if (d)
		return d;
	d = arena_alloc(c->arena, sizeof(*d));
	d->has_date = first_date(c->msg, "Resent-Date", &d->date) ||
		      first_date(c->msg, "Date", &d->date);
	find_received(c, d);
	find_diff(d);
	c->msg->memo[MEMO_HEADER] = d;
	return d;
}

/* Is value in [args[0], args[1]) when those are in `unit`s? "undef" and no
 * argument are no bound. */
static bool in_range(const struct strs *args, double value, double unit)
{
	for (size_t i = 0; i < 2; i++) {
		struct str bound = eval_arg(args, i);
		double limit = eval_arg_num(args, i, 0) * unit;

		if (bound.n == 0 || str_eq(bound, STR("undef")))
			continue;
		if (i == 0 ? value < limit : value >= limit)
			return false;
	}
	return true;
}

int check_for_shifted_date(struct eval_ctx *c, const struct strs *args)
{
	return in_range(args, header_dates(c)->diff, 3600);
}

static int newest_first(const void *a, const void *b)
{
	time_t x = *(const time_t *)a, y = *(const time_t *)b;

	return (x < y) - (x > y);
}

time_t header_time_of_receipt(const struct header_dates *d)
{
	time_t v[4];
	size_t n = 0;

	if (d->has_date)
		v[n++] = d->date;
	if (d->received.n > 0)
		v[n++] = d->received.v[0];
	if (d->has_fetchmail)
		v[n++] = d->fetchmail;
	if (d->has_date && d->received.n > 0)
		v[n++] = d->date - (time_t)d->diff;
	if (n == 0)
		return 0;
	qsort(v, n, sizeof(*v), newest_first);
	return v[(n - 1) / 2];
}

int received_within_months(struct eval_ctx *c, const struct strs *args)
{
	return in_range(args,
			difftime(clock_now(), header_time_of_receipt(header_dates(c))),
			SECONDS_PER_YEAR / 12);
}

/* Is the time in an Outlook message id far from that in the text? */
static bool far_from(double token, struct str text)
{
	time_t t;
	double expected;

	if (!date_parse(text, &t))
		t = 0;
	/* Windows counts in 1/429.5 of a second from 1601 on. */
	expected = trunc((double)t * 0.0023283064365387 + 27111902.8329849);
	return fabs(token - expected) >= 250;
}

/* <0001............$........$........@>: four digits, then the time. */
int check_outlook_message_id(struct eval_ctx *c, const struct strs *args)
{
	static struct form_lazy outlook = FORM_LAZY(
		"<{:0-9a-f/4-4}{id:0-9a-f/8-8}{:$/1-1}{:0-9a-f/8-8}{:$/1-1}"
		"{:0-9a-f/8-8}@");
	struct form_match m = { 0 };
	double token = 0;

	(void)args;
	if (!form_matches(&outlook, header_get(c, "MESSAGEID"), &m))
		return 0;
	for (size_t i = 0; i < m.field[FIELD_ID].n; i++)
		token = token * 16 + hex_value(m.field[FIELD_ID].p[i]);
	return far_from(token, header_get(c, "Date")) &&
	       far_from(token, header_get(c, "Received"));
}
