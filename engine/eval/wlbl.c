/*
 * Welcome lists and block lists (SpamAssassin's WLBLEval and
 * WelcomeListSubject): does an address the message comes from or goes to, its
 * Subject, or a host of its links stand on a list of the configuration? All
 * names that 4.0 keeps for rules of before 4.0 ("whitelist", "blacklist") are
 * rows of the same functions.
 *
 * welcomelist_from_rcvd entries must also agree with the relay that delivered
 * the message: the first untrusted one, or, where all are trusted, any of
 * them. An address that agrees while no relay does is called forged.
 */
#include "eval/eval.h"

#include "base/arena.h"
#include "base/log.h"
#include "conf/rule.h"
#include "conf/settings.h"
#include "mail/address.h"
#include "mail/domain.h"
#include "mail/message.h"
#include "mail/network.h"
#include "mail/relay.h"
#include "mail/uri.h"
#include "match/selector.h"

/* --- Plain lists of addresses --------------------------------------- */

static bool any_listed(struct eval_ctx *c, struct str list,
		       const struct strs *addrs)
{
	for (size_t i = 0; i < addrs->n; i++)
		if (settings_addr_listed(c->settings, list, addrs->v[i], NULL))
			return true;
	return false;
}

/* The key of the list that a rule names: one of enlist_addrlist, or an option
 * such as welcomelist_from. STR_NONE if there is no such list. */
static struct str named_list(struct eval_ctx *c, const struct strs *args)
{
	struct str name = eval_arg(args, 0);
	struct str key = str_cat(c->arena, STR("addrlist:"), name);

	if (settings_addrs(c->settings, key))
		return key;
	if (settings_addrs(c->settings, name))
		return name;
	if (log_debugs("eval"))
		log_debug("eval", "rule %.*s: there is no list %.*s",
			  STR_ARG(c->rule->name), STR_ARG(name));
	return STR_NONE;
}

static int check_from_in_list(struct eval_ctx *c, const struct strs *args)
{
	struct str list = named_list(c, args);

	return list.p && any_listed(c, list, message_from_addrs(c->msg));
}

static int check_to_in_list(struct eval_ctx *c, const struct strs *args)
{
	struct str list = named_list(c, args);

	return list.p && any_listed(c, list, message_to_addrs(c->msg));
}

/* The first address of a selector, lower case; "" if there is none. */
static struct str first_address(struct eval_ctx *c, struct str selector)
{
	struct str all = selector_get_text(c->msg, selector), line;

	if (!str_next_line(&all, &line))
		return STR("");
	return str_lower(c->arena, str_rtrim(line));
}

static int check_replyto_in_list(struct eval_ctx *c, const struct strs *args)
{
	struct str list = named_list(c, args);
	struct str addr = first_address(c, STR("Reply-To:addr"));

	return list.p && addr.n &&
	       settings_addr_listed(c->settings, list, addr, NULL);
}

static int check_from_in_blocklist(struct eval_ctx *c,
				   const struct strs *args)
{
	(void)args;
	return any_listed(c, STR("blocklist_from"),
			  message_from_addrs(c->msg));
}

static int check_to_in_blocklist(struct eval_ctx *c, const struct strs *args)
{
	(void)args;
	return any_listed(c, STR("blocklist_to"), message_to_addrs(c->msg));
}

static int check_to_in_welcomelist(struct eval_ctx *c,
				   const struct strs *args)
{
	(void)args;
	return any_listed(c, STR("welcomelist_to"), message_to_addrs(c->msg));
}

static int check_to_in_more_spam(struct eval_ctx *c, const struct strs *args)
{
	(void)args;
	return any_listed(c, STR("more_spam_to"), message_to_addrs(c->msg));
}

static int check_to_in_all_spam(struct eval_ctx *c, const struct strs *args)
{
	(void)args;
	return any_listed(c, STR("all_spam_to"), message_to_addrs(c->msg));
}

/* --- Lists with a relay --------------------------------------------- */

/* The relays that may vouch for a sender. */
static struct relay_list vouching(struct eval_ctx *c)
{
	const struct relays *r = message_relays(c->msg);
	struct relay_list list = r->trusted;

	if (r->untrusted.n) {
		/* Behind the first untrusted one everything may be forged. */
		list = r->untrusted;
		list.n = 1;
	}
	return list;
}

/* "[1.2.3.4]", "[10.1]", "[10.1.0.0/16]", "[2001:db8::]/32" against an IP. */
static bool ip_agrees(struct eval_ctx *c, struct str spec, struct str ip)
{
	ssize_t close = str_rchr(spec, ']');
	struct str inner = str_make(spec.p + 1, (size_t)close - 1);
	struct str prefix = str_from(spec, (size_t)close + 1);
	size_t n = 0, dots = 0;
	struct netset *set;

	if (!ip.n)
		return false;
	inner = str_cat(c->arena, inner, prefix);
	while (n < inner.n && (is_digit((unsigned char)inner.p[n]) ||
			       inner.p[n] == '.'))
		dots += inner.p[n++] == '.';
	if (n == inner.n && n) {
		if (dots == 3 && inner.p[n - 1] != '.')
			return str_eq(inner, ip);
		/* A network on an old class boundary. */
		while (inner.n && inner.p[inner.n - 1] == '.')
			inner.n--;
		return str_starts(ip, str_cat(c->arena, inner, STR(".")));
	}
	set = netset_new(c->arena);
	return netset_add(set, inner, NULL) == 0 && netset_has(set, ip);
}

/* Does "[...]" or "[...]/24" hold? Anything else is a name. */
static bool is_bracketed(struct str s)
{
	ssize_t close = str_rchr(s, ']');
	struct str tail;

	if (!s.n || s.p[0] != '[' || close < 1)
		return false;
	tail = str_from(s, (size_t)close + 1);
	if (!tail.n)
		return true;
	if (tail.n < 2 || tail.n > 4 || tail.p[0] != '/')
		return false;
	for (size_t i = 1; i < tail.n; i++)
		if (!is_digit((unsigned char)tail.p[i]))
			return false;
	return true;
}

/* Is rdns the name `domain` or below it? */
static bool name_agrees(struct str rdns, struct str domain)
{
	return str_iends(rdns, domain) &&
	       (rdns.n == domain.n || rdns.p[rdns.n - domain.n - 1] == '.');
}

static bool any_relay_agrees(struct eval_ctx *c, struct str spec,
			     const struct relay_list *relays)
{
	bool ip = is_bracketed(spec);

	for (size_t i = 0; i < relays->n; i++)
		if (ip ? ip_agrees(c, spec, relays->v[i]->ip) :
		    name_agrees(relays->v[i]->lc_rdns, spec))
			return true;
	return false;
}

/* 1: address and relay agree with an entry, -1: only the address does (and
 * welcomelist_allows_relays does not excuse it), 0: neither. */
static int rcvd_listed(struct eval_ctx *c, struct str list, struct str addr,
		       const struct relay_list *relays)
{
	const struct addr_list *l = settings_addrs(c->settings, list);
	int answer = 0;

	for (size_t i = 0; l && relays->n && i < l->n; i++) {
		if (!glob_match(l->v[i].glob, addr))
			continue;
		if (any_relay_agrees(c, l->v[i].rcvd, relays))
			return 1;
		answer = -1;
	}
	if (answer < 0 &&
	    settings_addr_listed(c->settings, STR("welcomelist_allows_relays"),
				 addr, NULL))
		answer = 0;
	return answer;
}

/* The answer over all senders; `plain` is a list that needs no relay, or
 * STR_NONE. As in SpamAssassin, a forged address stays remembered. */
static int sender_listed(struct eval_ctx *c, struct str plain, struct str list)
{
	const struct strs *from = message_from_addrs(c->msg);
	struct relay_list relays = vouching(c);
	int answer = 0;

	for (size_t i = 0; i < from->n; i++) {
		int one;

		if (plain.p && settings_addr_listed(c->settings, plain,
						    from->v[i], NULL))
			return 1;
		one = rcvd_listed(c, list, from->v[i], &relays);
		if (one > 0)
			return 1;
		if (one < 0)
			answer = -1;
	}
	return answer;
}

static int in_welcomelist(struct eval_ctx *c)
{
	return sender_listed(c, STR("welcomelist_from"),
			     STR("welcomelist_from_rcvd"));
}

static int in_default(struct eval_ctx *c)
{
	return sender_listed(c, STR_NONE, STR("def_welcomelist_from_rcvd"));
}

static int check_from_in_welcomelist(struct eval_ctx *c,
				     const struct strs *args)
{
	(void)args;
	return in_welcomelist(c) > 0;
}

static int check_from_in_default_welcomelist(struct eval_ctx *c,
					     const struct strs *args)
{
	(void)args;
	return in_default(c) > 0;
}

static int check_forged_in_welcomelist(struct eval_ctx *c,
				       const struct strs *args)
{
	(void)args;
	return in_welcomelist(c) < 0 && in_default(c) == 0;
}

static int check_forged_in_default_welcomelist(struct eval_ctx *c,
					       const struct strs *args)
{
	(void)args;
	return in_default(c) < 0 && in_welcomelist(c) == 0;
}

/* --- The envelope sender and its relay ------------------------------ */

static struct str registered(struct eval_ctx *c, struct str host)
{
	return domain_of_host(c->msg->settings->domains,
			      str_squeeze_dots(c->arena, host));
}

static int check_mailfrom_matches_rcvd(struct eval_ctx *c,
				       const struct strs *args)
{
	struct str addr = first_address(c, STR("EnvelopeFrom:addr")), domain;
	struct relay_list relays = vouching(c);
	ssize_t sign = str_rchr(addr, '@'), dot;

	(void)args;
	domain = str_from(addr, (size_t)(sign + 1));
	dot = str_chr(str_from(domain, 1), '.');
	/* The domain must have a dot with something on both sides. */
	if (sign < 0 || dot < 0 || (size_t)dot + 2 >= domain.n)
		return 0;
	domain = registered(c, domain);
	for (size_t i = 0; i < relays.n; i++) {
		struct str rdns = relays.v[i]->lc_rdns;

		if (rdns.n && str_eq(domain, registered(c, rdns)))
			return 1;
	}
	return 0;
}

/* --- Subject --------------------------------------------------------- */

/* Subject globs are searched anywhere (surprise 40), within one line. */
static int subject_listed(struct eval_ctx *c, struct str list)
{
	const struct addr_list *l = settings_addrs(c->settings, list);
	struct str all = message_header(c->msg, STR("Subject"), false), line;

	if (!l || !all.n)
		return 0;
	all = str_lower(c->arena, all);
	for (size_t i = 0; i < l->n; i++) {
		struct str rest = all, glob;

		glob = str_printf(c->arena, "*%.*s*", STR_ARG(l->v[i].glob));
		while (str_next(&rest, '\n', &line))
			if (glob_match(glob, line))
				return 1;
	}
	return 0;
}

static int check_subject_in_welcomelist(struct eval_ctx *c,
					const struct strs *args)
{
	(void)args;
	return subject_listed(c, STR("welcomelist_subject"));
}

static int check_subject_in_blocklist(struct eval_ctx *c,
				      const struct strs *args)
{
	(void)args;
	return subject_listed(c, STR("blocklist_subject"));
}

/* --- Hosts of links -------------------------------------------------- */

/* Notes for the report which host stands on the list, and as what. */
static void note_host(struct eval_ctx *c, struct str host, struct str entry)
{
	struct str text = str_cat(c->arena, STR("URI: "), host);

	if (!c->log)
		return;
	if (!str_eq(entry, host))
		text = str_printf(c->arena, "%.*s (%.*s)", STR_ARG(text),
				  STR_ARG(entry));
	strs_add(c->arena, c->log, text);
}

static int host_listed(struct eval_ctx *c, struct str list)
{
	const struct map *uris = &message_uris(c->msg)->by_raw;
	const struct map_entry *e;
	size_t i = 0;

	while ((e = map_next(uris, &i))) {
		const struct uri_info *info = e->value;

		if (str_istarts(info->raw, STR("mailto:")))
			continue;
		for (size_t k = 0; k < info->hosts.n; k++) {
			struct str host = info->hosts.v[k], entry;

			if (settings_uri_host_listed(c->settings, list, host,
						     &entry) != 1)
				continue;
			note_host(c, host, entry);
			return 1;
		}
	}
	return 0;
}

static int check_uri_host_listed(struct eval_ctx *c, const struct strs *args)
{
	return host_listed(c, eval_arg(args, 0));
}

static int check_uri_host_in_blocklist(struct eval_ctx *c,
				       const struct strs *args)
{
	(void)args;
	return host_listed(c, STR("BLOCK"));
}

static int check_uri_host_in_welcomelist(struct eval_ctx *c,
					 const struct strs *args)
{
	(void)args;
	return host_listed(c, STR("WELCOME"));
}

#define ANY_KIND (EVAL_HEADER | EVAL_BODY | EVAL_RAWBODY | EVAL_FULL)
#define ROW(name, kinds, fn, what) { name, kinds, fn, NULL, what }

/* One test under its name and under its name before 4.0. */
#define BOTH(name, old, kinds, fn, what) \
	ROW(name, kinds, fn, what), ROW(old, kinds, fn, what)

const struct eval_test eval_wlbl_tests[] = {
	BOTH("check_from_in_blocklist", "check_from_in_blacklist",
	     EVAL_HEADER, check_from_in_blocklist,
	     "a sender's address is on blocklist_from"),
	BOTH("check_to_in_blocklist", "check_to_in_blacklist",
	     EVAL_HEADER, check_to_in_blocklist,
	     "a recipient's address is on blocklist_to"),
	BOTH("check_to_in_welcomelist", "check_to_in_whitelist",
	     EVAL_HEADER, check_to_in_welcomelist,
	     "a recipient's address is on welcomelist_to"),
	ROW("check_to_in_more_spam", EVAL_HEADER, check_to_in_more_spam,
	    "a recipient's address is on more_spam_to"),
	ROW("check_to_in_all_spam", EVAL_HEADER, check_to_in_all_spam,
	    "a recipient's address is on all_spam_to"),
	ROW("check_from_in_list", EVAL_HEADER, check_from_in_list,
	    "a sender's address is on the named enlist_addrlist list"),
	ROW("check_replyto_in_list", EVAL_HEADER, check_replyto_in_list,
	    "the first Reply-To address is on the named list"),
	ROW("check_to_in_list", EVAL_HEADER, check_to_in_list,
	    "a recipient's address is on the named list"),
	BOTH("check_from_in_welcomelist", "check_from_in_whitelist",
	     EVAL_HEADER, check_from_in_welcomelist,
	     "a sender is on welcomelist_from, or on welcomelist_from_rcvd "
	     "and came through the relay named there"),
	BOTH("check_forged_in_welcomelist", "check_forged_in_whitelist",
	     EVAL_HEADER, check_forged_in_welcomelist,
	     "a sender is on welcomelist_from_rcvd but came through another "
	     "relay"),
	BOTH("check_from_in_default_welcomelist",
	     "check_from_in_default_whitelist",
	     EVAL_HEADER, check_from_in_default_welcomelist,
	     "a sender is on def_welcomelist_from_rcvd and came through the "
	     "relay named there"),
	BOTH("check_forged_in_default_welcomelist",
	     "check_forged_in_default_whitelist",
	     EVAL_HEADER, check_forged_in_default_welcomelist,
	     "a sender is on def_welcomelist_from_rcvd but came through "
	     "another relay"),
	ROW("check_mailfrom_matches_rcvd", EVAL_HEADER,
	    check_mailfrom_matches_rcvd,
	    "the envelope sender and the relay that delivered are of one "
	    "registered domain"),
	BOTH("check_subject_in_welcomelist", "check_subject_in_whitelist",
	     EVAL_HEADER, check_subject_in_welcomelist,
	     "the Subject holds an entry of welcomelist_subject"),
	BOTH("check_subject_in_blocklist", "check_subject_in_blacklist",
	     EVAL_HEADER, check_subject_in_blocklist,
	     "the Subject holds an entry of blocklist_subject"),
	ROW("check_uri_host_listed", EVAL_HEADER, check_uri_host_listed,
	    "a link's host, or a domain above it, is on the named "
	    "enlist_uri_host list"),
	BOTH("check_uri_host_in_blocklist", "check_uri_host_in_blacklist",
	     ANY_KIND, check_uri_host_in_blocklist,
	     "a link's host is on blocklist_uri_host"),
	BOTH("check_uri_host_in_welcomelist", "check_uri_host_in_whitelist",
	     ANY_KIND, check_uri_host_in_welcomelist,
	     "a link's host is on welcomelist_uri_host"),
	{ NULL, 0, NULL, NULL, NULL },
};
