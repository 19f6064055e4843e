/*
 * Free mail addresses of the body (FreeMail's _parse_body): first those that
 * are only behind an HTML link, then those written in the text.
 *
 * Making the list changes the body view, as it does in SpamAssassin, whose
 * regular expressions work on the very array that `body` rules are asked
 * about: links that hold an '@', "<user@host>" and "user@host wrote:" become a
 * space each, for every body rule that is asked later. Verdicts depend on it,
 * so we do the same. (`uri` rules do not notice: their list is made before.)
 */
#include "eval/eval.h"
#include "eval/freemail.h"

#include "base/arena.h"
#include "mail/html.h"
#include "mail/message.h"
#include "mail/settings.h"
#include "mail/uri.h"

/* When to stop collecting. */
#define LINKED_MAX 20
#define WRITTEN_MAX 40

struct body_mails {
	bool too_many;
	struct strs freemails;
};

struct collect {
	struct eval_ctx *c;
	const struct domains *domains;
	struct strs all;	/* distinct, in order */
};

static void add(struct collect *k, struct str addr)
{
	addr = str_lower(k->c->arena, addr);
	if (!strs_has(&k->all, addr))
		strs_add(k->c->arena, &k->all, addr);
}

/* Addresses of <a href="mailto:..."> that the text does not show. */
static void from_links(struct collect *k)
{
	const struct map *uris = &message_uris(k->c->msg)->by_raw;
	const struct map_entry *e;
	size_t i = 0;

	while ((e = map_next(uris, &i)) && k->all.n < LINKED_MAX) {
		const struct uri_info *info = e->value;
		size_t n;

		if (!(info->types & HTML_URI_A) || info->types & URI_PARSED ||
		    !str_istarts(info->raw, STR("mailto:")))
			continue;
		n = freemail_address_at(k->domains, info->raw, 7);
		if (n)
			add(k, str_make(info->raw.p + 7, n));
	}
}

static void from_text(struct collect *k)
{
	struct message *m = k->c->msg;
	struct strs *lines;

	message_body(m);
	lines = m->body_lines;
	for (size_t i = 0; i < lines->n && k->all.n < WRITTEN_MAX; i++) {
		struct str line = lines->v[i], addr;
		size_t pos = 0;

		/* Without an '@' or "%40" nothing is found or blanked. */
		if (str_chr(line, '@') < 0 && str_find(line, STR("%40")) < 0)
			continue;
		line = lines->v[i] = freemail_blank(k->c->arena, k->domains,
						    line);
		while (k->all.n < WRITTEN_MAX &&
		       freemail_next_address(k->domains, line, &pos, &addr))
			add(k, addr);
	}
}

static struct body_mails *read_body(struct eval_ctx *c)
{
	struct body_mails *b = arena_alloc(c->arena, sizeof(*b));
	struct collect k = { .c = c, .domains = c->msg->settings->domains };
	double most = freemail_option(c, "freemail_max_body_emails", 5);
	double most_free = freemail_option(c, "freemail_max_body_freemails",
					   3);
	bool skip = freemail_option(c, "freemail_skip_when_over_max", 1) != 0;

	from_links(&k);
	from_text(&k);
	for (size_t i = 0; i < k.all.n; i++) {
		if (skip && (double)(i + 1) == most)
			b->too_many = true;
		if (b->too_many)
			break;
		if (!freemail_is(c, k.all.v[i]))
			continue;
		if (skip && (double)(b->freemails.n + 1) == most_free) {
			b->too_many = true;
			break;
		}
		strs_add(c->arena, &b->freemails, k.all.v[i]);
	}
	return b;
}

const struct strs *freemail_of_body(struct eval_ctx *c)
{
	void **slot = &c->msg->memo[MEMO_FREEMAIL];
	struct body_mails *b;

	if (!*slot)
		*slot = read_body(c);
	b = *slot;
	return b->too_many ? NULL : &b->freemails;
}
