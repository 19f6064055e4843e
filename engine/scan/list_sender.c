/*
 * Senders whom a person lists (spamassassin --add-addr-to-welcomelist and kin):
 * what AWL or TxRep knows of an address is dropped, and a record takes its
 * place that outweighs everything. Which addresses of a message are meant is
 * as in SpamAssassin.
 */
#include <math.h>

#include "base/arena.h"
#include "learn/senders.h"
#include "mail/address.h"
#include "mail/domain.h"
#include "mail/message.h"
#include "mail/settings.h"
#include "redis/memory.h"
#include "redis/senders.h"
#include "scan/scan_int.h"

/* Seconds that one question may take: somebody waits for it. */
#define TIMEOUT 30.0

/* Records that are deleted with one question. */
#define AT_ONCE 1000

const char *scan_lister(const struct engine *e)
{
	return senders_word(senders_plugin(e->rules->site));
}

static int ask(const struct scan_options *opt, enum memory_word word,
	       const struct store_batch *batch, struct arena *a,
	       struct err *err)
{
	struct memory_ask q = { .word = word, .home = HOME_MAIN,
				.batch = *batch, .timeout = TIMEOUT };
	struct memory_answer answer;

	if (!memory_ask(opt->memory, &q, a, &answer, err))
		return -1;
	for (size_t i = 0; i < answer.n; i++)
		if (answer.replies[i].kind == REPLY_ERROR) {
			struct str why = store_explain(a,
						answer.replies[i].text);

			return err_set(err, "%.*s", STR_ARG(why));
		}
	return 0;
}

/* Drops all records whose identities begin so. */
static int drop(const struct scan_options *opt, struct arena *a,
		const char *word, struct str beginning, struct err *err)
{
	struct str prefix = senders_store_key(a, word, beginning);
	struct strs keys = { 0 };

	if (!memory_find_keys(opt->memory, a, HOME_MAIN, TIMEOUT, prefix,
			      &keys, err))
		return -1;
	for (size_t i = 0; i < keys.n;) {
		struct store_batch b = { 0 };

		for (; i < keys.n && b.n < AT_ONCE; i++)
			store_add(a, &b, "DEL", keys.v[i]);
		if (ask(opt, MEMORY_READ, &b, a, err) < 0)
			return -1;
	}
	return 0;
}

int scan_list_sender(const struct engine *e, struct arena *a, struct str id,
		     enum scan_listing how, const struct scan_options *opt,
		     struct err *err)
{
	static const double scores[] = {
		[SCAN_LIST_WELCOME] = -100,
		[SCAN_LIST_BLOCK] = 100,
		[SCAN_LIST_REMOVE] = NAN,
	};
	const struct settings *s = e->rules->site;
	enum senders_plugin plugin = senders_plugin(s);
	struct score_changes changes = { 0 };
	struct store_batch batch = { 0 };
	struct str beginning;

	if (!opt->memory)
		return err_set(err, "nothing is remembered: store none");
	memory_begin(opt->memory);
	beginning = senders_list(a, s, plugin, str_dup(a, id), scores[how],
				 &changes);
	if (drop(opt, a, senders_word(plugin), beginning, err) < 0)
		return -1;
	if (!changes.n)
		return 0;
	senders_compose_list(a, s, &changes, &batch);
	return ask(opt, MEMORY_LEARN, &batch, a, err);
}

/* ---- the addresses of a message ---- */

static bool is_id(int c)
{
	return is_alnum(c) || (c && strchr("-_+:=!#$%&*^?{}|~/.", c));
}

static bool is_host(int c)
{
	return is_alnum(c) || (c && strchr("-_+:/.", c));
}

/* The address around the '@' at `at`; STR_NONE if there is none. */
static struct str address_at(const struct domains *d, struct str text,
			     size_t at)
{
	size_t from = at, to = at + 1;
	struct str host, addr;

	while (from > 0 && is_id((unsigned char)text.p[from - 1]))
		from--;
	while (to < text.n && is_host((unsigned char)text.p[to]))
		to++;
	while (to > at + 1 && text.p[to - 1] == '.')
		to--;
	host = str_make(text.p + at + 1, to - at - 1);
	if (from == at || str_chr(host, '.') <= 0 || !host_is_valid(host) ||
	    !domain_is_valid(d, host))
		return STR_NONE;
	addr = str_make(text.p + from, to - from);
	return str_istarts(addr, STR("mailto:")) ? str_from(addr, 7) : addr;
}

static void add_once(struct arena *a, struct map *seen, struct str addr,
		     struct strs *out)
{
	if (str_starts(addr, STR("mailto:")))
		addr = str_from(addr, 7);
	if (!addr.n || map_has(seen, addr))
		return;
	map_set(seen, addr, seen);
	strs_add(a, out, addr);
}

static void add_header(struct arena *a, const struct message *m,
		       struct str name, struct map *seen, struct strs *out)
{
	for (size_t i = headers_find(&m->headers, name, 0); i < m->headers.n;
	     i = headers_find(&m->headers, name, i + 1)) {
		struct addresses found = { 0 };

		addresses_parse(a, m->headers.v[i].raw, &found);
		for (size_t k = 0; k < found.n; k++)
			add_once(a, seen, found.v[k].addr, out);
	}
}

void scan_listable(const struct engine *e, struct arena *a, struct str raw,
		   bool all, struct strs *out)
{
	static const char *const names[] = {
		"To", "From", "Cc", "Reply-To", "Sender", "Errors-To",
		"Mail-Followup-To",
	};
	const struct mail_settings *ms = &e->rules->site->mail;
	struct message *m = message_parse(a, ms, raw);
	struct map seen = MAP_IN(a);
	struct str text = m->pristine_body;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (all || strcmp(names[i], "From") == 0)
			add_header(a, m, str_cstr(names[i]), &seen, out);
	for (size_t i = 0; all && i < text.n; i++) {
		struct str addr = text.p[i] == '@' ?
			address_at(ms->domains, text, i) : STR_NONE;

		if (addr.n)
			add_once(a, &seen, addr, out);
	}
}
