/*
 * The tags of Bayes: _BAYES_, the four counts, _TOKENSUMMARY_, and the lists
 * _SPAMMYTOKENS(n,format)_ and _HAMMYTOKENS(n,format)_, whose formats have
 * SpamAssassin's names.
 */
#include "scan/scan_int.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "learn/bayes.h"
#include "scan/tags_bayes.h"

#define LIST_MAX ((size_t)1 << 20)

/* What a letter stands for: p probability, d distance, h and s messages that
 * were ham and spam, a days since it was seen, t the token; in capitals one
 * digit, "+" for more; N is all messages. */
static const struct {
	const char *name, *form;
} formats[] = {
	{ "short", "$t" },
	{ "Short", "Token: \"$t\"" },
	{ "compact", "$p-$D--$t" },
	{ "Compact", "Probability $p -declassification distance $D (\"+\" "
		     "means > 9) --token: \"$t\"" },
	{ "medium", "$p-$D-$N--$t" },
	{ "long", "$p-$d--$hh-$ss--$ad--$t" },
	{ "Long", "Probability $p -declassification distance $d --in $h ham "
		  "messages -and $s spam messages --$a days old--token:\"$t\"" },
};

static const char *format_named(struct str name)
{
	if (name.n == 0 || str_eq(name, STR("0")))
		return "$p-$D--$t";
	for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++)
		if (str_eq(name, str_cstr(formats[i].name)))
			return formats[i].form;
	return NULL;
}

static struct str no_such_format(struct arena *a)
{
	struct strs names = { 0 };

	for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++)
		strs_add(a, &names, str_cstr(formats[i].name));
	return str_cat(a, STR("Invalid format, must be one of: "),
		       strs_join(a, &names, STR(",")));
}

static void add_digit(struct buf *out, double n)
{
	if (n > 9)
		buf_addc(out, '+');
	else
		buf_addf(out, "%.0f", n);
}

static void add_clue(struct scan *s, struct buf *out, const char *form,
		     const struct bayes_clue *c)
{
	const struct bayes_verdict *v = &s->memory.bayes;
	double distance = bayes_distance(s->settings, c, v->nspam, v->nham);
	double spam = c->count.spam, ham = c->count.ham;

	for (; *form; form++) {
		if (*form != '$') {
			buf_addc(out, *form);
			continue;
		}
		switch (*++form) {
		case 'p':
			buf_addf(out, "%.3f", c->probability);
			break;
		case 'd':
			buf_addf(out, "%.0f", distance);
			break;
		case 'h':
			buf_addf(out, "%.0f", ham);
			break;
		case 's':
			buf_addf(out, "%.0f", spam);
			break;
		case 'a':
			/* Redis keeps no times of tokens: since 1970. */
			buf_addf(out, "%lld",
				 (long long)clock_now() / 86400);
			break;
		case 't':
			buf_adds(out, c->text);
			break;
		case 'D':
			add_digit(out, distance);
			break;
		case 'N':
			add_digit(out, spam + ham);
		}
	}
}

static struct str list(struct scan *s, const struct bayes_clue *v, size_t n,
		       struct str arg)
{
	struct str limit, name = STR(""), rest = arg.n ? arg : STR("5");
	const char *form;
	double count;
	struct buf out;

	if (!s->memory.bayes.asked)
		return STR("");
	if (!s->memory.bayes.counted)
		return STR("Tokens not available.");
	str_next(&rest, ',', &limit);
	str_next(&rest, ',', &name);
	form = format_named(name);
	if (!form)
		return no_such_format(s->arena);
	/* As a number in Perl: what is none is 0. */
	count = strtod(str_printf(s->arena, "%.*s", STR_ARG(limit)).p, NULL);
	buf_in(&out, s->arena, LIST_MAX);
	for (size_t i = 0; i < n && (double)i + 1 <= count; i++) {
		if (i)
			buf_adds(&out, STR(", "));
		add_clue(s, &out, form, &v[i]);
	}
	return buf_str(&out);
}

struct str tag_spammytokens(struct scan *s, struct str arg)
{
	const struct bayes_verdict *v = &s->memory.bayes;

	return list(s, v->spammy_clues, v->spammy, arg);
}

struct str tag_hammytokens(struct scan *s, struct str arg)
{
	const struct bayes_verdict *v = &s->memory.bayes;

	return list(s, v->hammy_clues, v->hammy, arg);
}

struct str tag_bayes(struct scan *s, struct str arg)
{
	(void)arg;
	if (!s->memory.bayes.has)
		return STR("0.5");
	return str_printf(s->arena, "%3.4f", s->memory.bayes.probability);
}

/* "" where it is not known. */
static struct str count(struct scan *s, bool known, size_t n)
{
	return known ? str_printf(s->arena, "%zu", n) : STR("");
}

struct str tag_bayestc(struct scan *s, struct str arg)
{
	(void)arg;
	return count(s, s->memory.bayes.counted, s->memory.bayes.tokens);
}

struct str tag_bayestclearned(struct scan *s, struct str arg)
{
	(void)arg;
	return count(s, s->memory.bayes.counted, s->memory.bayes.learned);
}

struct str tag_bayestcspammy(struct scan *s, struct str arg)
{
	(void)arg;
	return count(s, s->memory.bayes.asked, s->memory.bayes.spammy);
}

struct str tag_bayestchammy(struct scan *s, struct str arg)
{
	(void)arg;
	return count(s, s->memory.bayes.asked, s->memory.bayes.hammy);
}

struct str tag_tokensummary(struct scan *s, struct str arg)
{
	const struct bayes_verdict *v = &s->memory.bayes;

	(void)arg;
	if (!v->counted)
		return v->asked ? STR("Bayes not run.") : STR("");
	return str_printf(s->arena, "Tokens: new, %zu; hammy, %zu; "
			  "neutral, %zu; spammy, %zu.",
			  v->tokens - v->learned, v->hammy,
			  v->learned - v->spammy - v->hammy, v->spammy);
}
