/*
 * Eval tests about bounces (SpamAssassin's VBounce plugin): does a bounce
 * quote a Received line of one of the relays that we send our mail through?
 * Then it answers mail that was really ours.
 */
#include "base/arena.h"
#include "base/buf.h"
#include "conf/settings.h"
#include "eval/eval.h"
#include "mail/message.h"

#define LIST STR("welcomelist_bounce_relays")
/* A quoted Received header with its continuations; the rest of a longer one
 * is not looked at. */
#define RECEIVED_MAX 65536

static int have_any_bounce_relays(struct eval_ctx *c, const struct strs *args)
{
	const struct addr_list *l = settings_addrs(c->settings, LIST);

	(void)args;
	return l && l->n > 0;
}

/* "Received:" behind quote signs and blanks. */
static bool is_received(struct str line)
{
	while (line.n && (line.p[0] == ' ' || line.p[0] == '>'))
		line = str_from(line, 1);
	return str_istarts(line, STR("Received:"));
}

/* A dot with something on both sides. */
static bool has_inner_dot(struct str word)
{
	return word.n > 2 &&
	       str_chr(str_head(str_from(word, 1), word.n - 2), '.') >= 0;
}

static bool is_gap(int c, bool only_blank)
{
	return only_blank ? c == ' ' : is_space(c);
}

/* Is one of the words of s a relay of ours? A word has a gap on either side,
 * and two words do not share one. */
static bool names_our_relay(struct eval_ctx *c, struct str s, bool only_blank)
{
	for (size_t i = 0; i < s.n; i++) {
		size_t from = i + 1, to = from;
		struct str word;

		if (!is_gap((unsigned char)s.p[i], only_blank))
			continue;
		while (to < s.n && !is_space((unsigned char)s.p[to]))
			to++;
		word = str_make(s.p + from, to - from);
		if (to == s.n || !is_gap((unsigned char)s.p[to], only_blank) ||
		    !has_inner_dot(word))
			continue;
		if (settings_addr_listed(c->settings, LIST,
					 str_lower(c->arena, word), NULL))
			return true;
		i = to;
	}
	return false;
}

static bool in_body(struct eval_ctx *c)
{
	const struct strs *body = message_body(c->msg);

	for (size_t i = 0; i < body->n; i++)
		if (is_received(body->v[i]) &&
		    names_our_relay(c, body->v[i], true))
			return true;
	return false;
}

/* Everywhere in the body as received, whatever MIME says. */
static bool in_pristine(struct eval_ctx *c)
{
	struct str rest = c->msg->pristine_body, line;
	bool hit = false;
	struct buf b;

	if (str_ifind(rest, STR("Received:")) < 0)
		return false;
	buf_init(&b, RECEIVED_MAX);
	while (!hit && str_next_line(&rest, &line)) {
		if (str_ends(line, STR("\n")))
			line.n--;
		if (b.n && line.n && is_space((unsigned char)line.p[0])) {
			buf_adds(&b, line);
			continue;
		}
		hit = names_our_relay(c, buf_str(&b), false);
		b.n = 0;
		if (is_received(line))
			buf_adds(&b, line);
	}
	hit = hit || names_our_relay(c, buf_str(&b), false);
	buf_free(&b);
	return hit;
}

static int check_welcomelist_bounce_relays(struct eval_ctx *c,
					   const struct strs *args)
{
	return have_any_bounce_relays(c, args) && (in_body(c) || in_pristine(c));
}

const struct eval_test eval_bounce_tests[] = {
	{ "have_any_bounce_relays", EVAL_BODY, have_any_bounce_relays, NULL,
	  "welcomelist_bounce_relays is set" },
	{ "check_welcomelist_bounce_relays", EVAL_BODY,
	  check_welcomelist_bounce_relays, NULL,
	  "a bounce quotes a Received line of one of our relays" },
	{ "check_whitelist_bounce_relays", EVAL_BODY,
	  check_welcomelist_bounce_relays, NULL,
	  "the same by its old name" },
	{ NULL, 0, NULL, NULL, NULL }
};
