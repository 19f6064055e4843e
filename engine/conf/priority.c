/*
 * tflags and priorities, when every rule is known. A meta pulls what it
 * depends on forward to its own priority (network rules no further than
 * -100), and is a network rule itself if it depends on one. Network rules
 * without a priority of their own run at -100.
 */
#include <stdlib.h>

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
	}
}

struct ranked {
	int priority;
	unsigned id;
};

static int by_priority(const void *x, const void *y)
{
	const struct ranked *a = x, *b = y;

	if (a->priority != b->priority)
		return a->priority < b->priority ? -1 : 1;
	return a->id < b->id ? -1 : a->id > b->id;
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

/* The rules as SpamAssassin orders them before it pulls: by the priority
 * they were given. */
static void pull_all(struct loader *ld)
{
	struct ruleset *rs = ld->rs;
	struct ranked *order = arena_alloc(ld->a, (rs->nrules + 1) *
					   sizeof(*order));

	for (size_t i = 0; i < rs->nrules; i++)
		order[i] = (struct ranked){ rs->rules[i].priority,
					    (unsigned)i };
	qsort(order, rs->nrules, sizeof(*order), by_priority);
	for (size_t i = 0; i < rs->nrules; i++) {
		const struct rule *r = &rs->rules[order[i].id];

		if (r->meta && !r->meta->cyclic)
			pull(rs, r);
	}
}

static void inherit_net(struct loader *ld)
{
	struct ruleset *rs = ld->rs;

	for (size_t i = 0; i < rs->nrules; i++) {
		struct rule *r = &rs->rules[i];

		if (!r->meta || r->meta->cyclic || (r->tflags & TF_NET))
			continue;
		for (size_t j = 0; j < r->meta->ndeps; j++)
			if (rs->rules[r->meta->deps[j]].tflags & TF_NET) {
				r->tflags |= TF_NET;
				r->tflags_text = r->tflags_text.n
					? str_cat(ld->a, r->tflags_text,
						  STR(" net"))
					: STR("net");
				break;
			}
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
