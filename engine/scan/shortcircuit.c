/*
 * SpamAssassin's plug-in Shortcircuit: a rule that is so sure of itself that
 * nothing else needs to be asked. `shortcircuit RULE ham|spam` ends the scan
 * when the rule hits and adds SHORTCIRCUIT with +-100 beside what the rule
 * itself scores (surprise 42); `on` ends it with what the rule scores; and two
 * options end it when the sum so far is beyond them.
 *
 * The end is not abrupt: what runs in the same stage (the same priority and
 * kind) is still asked, and metas that are being told are told; no later stage
 * is, and no metas. The message teaches nothing. Each hit counts before its own
 * score does, so the sum that the two options look at is that of the hits
 * before, and SHORTCIRCUIT is listed before the rule that caused it.
 *
 * Rules in Lua are a stage of their own behind the others of their tier.
 * Whatever asked the world is not waited for; postfilters are not asked,
 * idempotent callbacks (which only look at the verdict) are.
 */
#include "scan/scan_int.h"

#include "base/arena.h"

#define OWN_RULE STR("SHORTCIRCUIT")

enum way { WAY_OFF, WAY_ON, WAY_HAM, WAY_SPAM };

static const struct {
	const char *word;
	enum way way;
} ways[] = {
	{ "off", WAY_OFF },
	{ "on", WAY_ON },
	{ "ham", WAY_HAM },
	{ "spam", WAY_SPAM },
};

/* What the settings say: which rules, and between which sums a scan goes on. */
struct shortcircuit {
	struct map rules;	/* name -> a row of ways */
	struct str min, max;	/* STR_NONE: no limit */
};

static void set_tag(struct scan *s, const char *name, struct str value)
{
	struct str *copy = arena_alloc(s->arena, sizeof(*copy));

	*copy = value;
	map_set(&s->tags, str_cstr(name), copy);
}

/* "RULE way"; the last line about a rule counts. */
static void add_line(struct scan *s, struct shortcircuit *sc, struct str line)
{
	struct str rule, word;

	if (!str_next_word(&line, &rule) || !str_next_word(&line, &word))
		return;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		if (str_eq(word, str_cstr(ways[i].word)))
			map_set(&sc->rules, str_dup(s->arena, rule),
				(void *)(uintptr_t)&ways[i]);
}

void shortcircuit_begin(struct scan *s)
{
	const struct strs *lines;
	struct shortcircuit *sc;

	if (!s->engine->shortcircuits)
		return;
	set_tag(s, "SC", STR("no"));
	set_tag(s, "SCRULE", STR("none"));
	set_tag(s, "SCTYPE", STR("no"));
	sc = arena_alloc(s->arena, sizeof(*sc));
	sc->rules = MAP_IN(s->arena);
	lines = settings_list(s->settings, STR("shortcircuit"));
	for (size_t i = 0; lines && i < lines->n; i++)
		add_line(s, sc, lines->v[i]);
	sc->min = settings_option(s->settings,
				  STR("shortcircuit_min_ham_score"));
	sc->max = settings_option(s->settings,
				  STR("shortcircuit_max_spam_score"));
	s->shortcircuit = sc;
}

static bool sum_is_beyond(const struct scan *s, const struct shortcircuit *sc)
{
	const struct settings *set = s->settings;

	return (sc->min.p && s->score < settings_number(set,
			STR("shortcircuit_min_ham_score"))) ||
	       (sc->max.p && s->score > settings_number(set,
			STR("shortcircuit_max_spam_score")));
}

static void end_scan(struct scan *s, struct str rule, bool spam, double score)
{
	struct str type = spam ? STR("spam") : STR("ham");

	s->shortcircuited = true;
	set_tag(s, "SCTYPE", type);
	if (rule.p) {
		set_tag(s, "SCRULE", rule);
		set_tag(s, "SC", str_printf(s->arena, "%.*s (%.*s)",
					    STR_ARG(rule), STR_ARG(type)));
	}
	if (score != 0)
		scan_hit_scored(s, OWN_RULE, score, NULL);
}

void shortcircuit_hit(struct scan *s, struct str name, double score)
{
	const struct shortcircuit *sc = s->shortcircuit;
	const struct settings *set = s->settings;
	enum way way = WAY_OFF;
	bool spam;

	if (!sc || s->shortcircuited)
		return;
	if (sum_is_beyond(s, sc))
		end_scan(s, STR_NONE, s->score >= 0,
			 s->score < 0 ? -0.001 : 0.001);
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		if (map_get(&sc->rules, name) == &ways[i])
			way = ways[i].way;
	if (way == WAY_OFF)
		return;
	spam = way == WAY_SPAM || (way == WAY_ON && score >= 0);
	end_scan(s, name, spam,
		 way == WAY_ON ? (spam ? 0.0001 : -0.0001) :
		 settings_number(set, spam ? STR("shortcircuit_spam_score") :
					     STR("shortcircuit_ham_score")));
}

struct str scan_shortcircuit(const struct scan *s)
{
	const struct str *type = map_get(&s->tags, STR("SCTYPE"));

	return s->shortcircuit && type ? *type : STR_NONE;
}
