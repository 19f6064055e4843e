/*
 * tflags and priorities, when every rule is known. A meta pulls what it
 * depends on forward to its own priority (network rules no further than
 * -100), and is a network rule itself if it depends on one. Network rules
 * without a priority of their own run at -100.
 */
#include <stdlib.h>

#include "conf/finish.h"
#include "conf/loader.h"
#include "conf/meta.h"

#define NET_PRIORITY (-100)

static const struct {
	const char *name;
	unsigned flag;
} flags[] = {
	{ "net", TF_NET }, { "nice", TF_NICE }, { "learn", TF_LEARN },
	{ "userconf", TF_USERCONF }, { "noautolearn", TF_NOAUTOLEARN },
	{ "noawl", TF_NOAWL }, { "multiple", TF_MULTIPLE },
	{ "nosubject", TF_NOSUBJECT }, { "publish", TF_PUBLISH },
	{ "autolearn_force", TF_AUTOLEARN_FORCE },
	{ "autolearn_header", TF_AUTOLEARN_HEADER },
	{ "autolearn_body", TF_AUTOLEARN_BODY },
	{ "nolog", TF_NOLOG }, { "concat", TF_CONCAT },
};

/* SpamAssassin looks for its flags as whole words, wherever they stand: a
 * comma or a dash parts words too. */
static bool has_word(struct str text, struct str word)
{
	size_t at = 0;
	ssize_t i;

	while ((i = str_find(str_from(text, at), word)) >= 0) {
		size_t from = at + (size_t)i, to = from + word.n;

		if ((from == 0 || !is_word((unsigned char)text.p[from - 1])) &&
		    (to == text.n || !is_word((unsigned char)text.p[to])))
			return true;
		at = from + 1;
	}
	return false;
}

/* The number right behind key in text; -1 if there is none. */
static long number_after(struct str text, struct str key)
{
	ssize_t at = str_find(text, key);
	struct str digits;
	size_t n = 0;
	long v;

	if (at < 0 || (at > 0 && is_word((unsigned char)text.p[at - 1])))
		return -1;
	digits = str_from(text, (size_t)at + key.n);
	while (n < digits.n && n < 9 && is_digit((unsigned char)digits.p[n]))
		n++;
	return n && str_to_long(str_head(digits, n), &v) ? v : -1;
}

/* range=N, range=N-, range=-M, range=N-M of mimeheader. */
static void parse_range(struct rule *r)
{
	struct str text = r->tflags_text, word;

	while (str_next_word(&text, &word)) {
		ssize_t dash;
		long lo = 0, hi = 1000;
		struct str from, to;

		if (!str_starts(word, STR("range=")))
			continue;
		word = str_from(word, 6);
		dash = str_chr(word, '-');
		from = dash < 0 ? word : str_head(word, (size_t)dash);
		to = dash < 0 ? word : str_from(word, (size_t)dash + 1);
		if ((from.n && !str_to_long(from, &lo)) ||
		    (to.n && !str_to_long(to, &hi)) || lo < 0 || hi < 0)
			continue;
		r->range_lo = (int)(lo > 100000 ? 100000 : lo);
		r->range_hi = (int)(hi > 100000 ? 100000 : hi);
		return;
	}
}

static void apply_tflags(struct rule *r, struct str text)
{
	long max;

	r->tflags_text = text;
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (has_word(text, str_cstr(flags[i].name)))
			r->tflags |= flags[i].flag;
	max = number_after(text, STR("maxhits="));
	r->maxhits = max > 0 ? (int)max : 0;
	parse_range(r);
}

/* Razor and Pyzor, when they are asked in processes of their own, are asked
 * early. */
static bool asks_early(struct loader *ld, const struct rule *r)
{
	struct str f = r->eval.function;

	if (str_eq(f, STR("check_pyzor")))
		return settings_bool(ld->set, STR("pyzor_fork"));
	if (str_eq(f, STR("check_razor2")) ||
	    str_eq(f, STR("check_razor2_range")))
		return settings_bool(ld->set, STR("razor_fork"));
	return false;
}

void tflags_finish(struct loader *ld)
{
	struct ruleset *rs = ld->rs;

	for (size_t i = 0; i < rs->nrules; i++) {
		const struct str *text = map_get(&ld->tflags,
						 rs->rules[i].name);
		const int *priority = map_get(&ld->priority,
					      rs->rules[i].name);

		if (text)
			apply_tflags(&rs->rules[i], *text);
		rs->rules[i].priority = priority ? *priority : 0;
		if (asks_early(ld, &rs->rules[i]))
			rs->rules[i].priority = NET_PRIORITY;
	}
}

void user_tflags_finish(struct loader *ld)
{
	struct map_entry *e;
	size_t i = 0;

	while ((e = map_next(&ld->tflags, &i))) {
		const struct str *text = e->value;
		struct rule *r = rule_of(ld, e->key);

		if (!r)
			continue;
		r->tflags = 0;
		r->range_lo = r->range_hi = 0;
		/* It is asked differently from now on. */
		r->users = true;
		apply_tflags(r, *text);
	}
	i = 0;
	while ((e = map_next(&ld->priority, &i))) {
		struct rule *r = rule_of(ld, e->key);

		if (r)
			r->priority = *(const int *)e->value;
	}
}

struct ranked {
	int priority;		/* the one it was given */
	size_t place;		/* in the order of dependencies */
	size_t id;
};

/* By priority; of equals, metas before the metas that they use. SpamAssassin
 * leaves equals in the order of a Perl hash, so that far ends of a chain are
 * pulled in some of its processes and not in others. Here the chain is always
 * pulled to its end. */
static int by_priority(const void *x, const void *y)
{
	const struct ranked *a = x, *b = y;

	if (a->priority != b->priority)
		return a->priority < b->priority ? -1 : 1;
	return a->place > b->place ? -1 : a->place < b->place;
}

/* Pulls the dependencies of one meta forward. */
static void pull(struct ruleset *rs, const struct rule *meta)
{
	for (size_t i = 0; i < meta->meta->ndeps; i++) {
		struct rule *dep = &rs->rules[meta->meta->deps[i]];
		int to = meta->priority;

		if (dep->priority <= to)
			continue;
		if (to < NET_PRIORITY && (dep->tflags & TF_NET))
			to = NET_PRIORITY;
		dep->priority = to;
	}
}

static void pull_all(struct loader *ld)
{
	struct ruleset *rs = ld->rs;
	struct ranked *order = arena_alloc(ld->a, (ld->nmetas + 1) *
					   sizeof(*order));

	for (size_t i = 0; i < ld->nmetas; i++)
		order[i] = (struct ranked){
			.priority = rs->rules[ld->metas[i]].priority,
			.place = i, .id = ld->metas[i],
		};
	qsort(order, ld->nmetas, sizeof(*order), by_priority);
	for (size_t i = 0; i < ld->nmetas; i++)
		pull(rs, &rs->rules[order[i].id]);
}

/* True if a dependency is a network rule. */
static bool uses_net(const struct ruleset *rs, const struct meta *m)
{
	for (size_t i = 0; i < m->ndeps; i++)
		if (rs->rules[m->deps[i]].tflags & TF_NET)
			return true;
	return false;
}

/* A meta that uses a network rule, or a meta that does, is one too. (Again
 * SpamAssassin's hash decides about the second case.) */
static void inherit_net(struct loader *ld)
{
	struct ruleset *rs = ld->rs;

	for (size_t i = 0; i < ld->nmetas; i++) {
		struct rule *r = &rs->rules[ld->metas[i]];

		if ((r->tflags & TF_NET) || !uses_net(rs, r->meta))
			continue;
		r->tflags |= TF_NET;
		r->tflags_text = r->tflags_text.n
			? str_cat(ld->a, r->tflags_text, STR(" net"))
			: STR("net");
	}
}

void priorities_finish(struct loader *ld)
{
	struct ruleset *rs = ld->rs;

	pull_all(ld);
	inherit_net(ld);
	for (size_t i = 0; i < rs->nrules; i++) {
		struct rule *r = &rs->rules[i];

		if (r->priority == 0 && (r->tflags & TF_NET))
			r->priority = NET_PRIORITY;
	}
}
