/*
 * The same text to many houses, as a part of what is remembered: who got the
 * text of a message within the last hours. A copy counts even if the message
 * was scanned before: it may have come for somebody else.
 */
#include "base/arena.h"
#include "conf/settings.h"
#include "learn/same_text.h"
#include "scan/recall.h"

static void compose(struct scan *s, struct store_batch *b)
{
	struct text_arrival *t = &s->recall->text;
	struct strs *who = arena_alloc(s->arena, 2 * sizeof(*who));

	*t = (struct text_arrival){
		.digest = same_text_digest(s->arena, s->msg, s->settings),
		.message = s->memory.message,
		.recipients = &who[0],
		.domains = &who[1],
		.now = memory_now(s),
		.window = settings_number(s->settings,
					  STR("same_text_window")),
	};
	s->memory.text = (struct same_text){ .window = t->window };
	if (!t->digest.n)
		return;
	same_text_recipients(s->arena, s->msg, s->settings, &who[0], &who[1]);
	same_text_compose_recall(s->arena, t, b);
}

static bool take(struct scan *s, const struct store_reply *replies, size_t n,
		 struct str *why_r)
{
	(void)n;
	return same_text_parse_recall(s->arena, &s->recall->text, replies,
				      &s->memory.text, why_r);
}

static void teach(struct scan *s, struct store_batch *b)
{
	if (s->recall->text.digest.n)
		same_text_compose_count(s->arena, &s->recall->text, b);
}

const struct recall_part recall_same_text = { compose, take, teach };
