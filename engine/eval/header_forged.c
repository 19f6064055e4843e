/*
 * Tests for mail that claims to come from one of the big mail services, but
 * lacks the Received lines that the service writes (or carries lines that it
 * does not write). What the services write is kept as forms (mail/form.h) of
 * the whole Received text in one line.
 */
#include "eval/header_int.h"

#include "base/arena.h"
#include "mail/form.h"
#include "mail/ipscan.h"
#include "mail/message.h"
#include "mail/relay.h"

/* One of several forms that may stand anywhere in the text. */
static bool any_matches(struct form_lazy *forms, size_t n, struct str text)
{
	for (size_t i = 0; i < n; i++)
		if (form_matches(&forms[i], text, NULL))
			return true;
	return false;
}

#define ANY_OF(forms, text) \
	any_matches(forms, sizeof(forms) / sizeof((forms)[0]), text)

static bool has_ip(struct str s)
{
	struct str ip;

	return ip_find(s, 0, &ip);
}

bool ends_in_domain(struct str text, struct str domain)
{
	size_t at;

	if (str_ends(text, STR("\n")))
		text.n--;
	if (!str_iends(text, domain))
		return false;
	at = text.n - domain.n;
	return at == 0 || !is_word((unsigned char)text.p[at - 1]);
}

int check_for_fake_aol_relay_in_rcvd(struct eval_ctx *c,
				     const struct strs *args)
{
	static struct form_lazy relay =
		FORM_LAZY_FOLD("~ rly-{:a-zA-Z/2-2}{:0-9/2-2}.");
	static struct form_lazy genuine[] = {
		FORM_LAZY("~/AOL-#.#.#)"),
		FORM_LAZY("~ESMTP id {RELAY|MAILRELAY|MAILIN}"),
	};
	struct str rcvd = header_received_line(c);

	(void)args;
	return form_matches(&relay, rcvd, NULL) && !ANY_OF(genuine, rcvd);
}

/* The list in "To: ... <list@groups.msn.com>". */
static bool msn_group(struct eval_ctx *c, struct str *list_r)
{
	static struct form_lazy to =
		FORM_LAZY_FOLD("~<{sub}@groups.msn.com>");
	struct form_match m = { 0 };

	if (!form_matches(&to, header_get(c, "To"), &m))
		return false;
	*list_r = m.field[FIELD_SUB];
	return true;
}

/* Is id "<" front, more of a word, back ">"? */
static bool is_msn_id(struct str id, struct str front, struct str back)
{
	size_t n = 1;

	if (!str_starts(id, STR("<")) || !str_starts(str_from(id, 1), front))
		return false;
	while (n < id.n && !is_space((unsigned char)id.p[n]))
		n++;
	id = str_make(id.p + 1 + front.n, n - 1 - front.n);
	return str_find(str_from(id, 1), back) >= 0;
}

int check_for_msn_groups_headers(struct eval_ctx *c, const struct strs *args)
{
	static struct form_lazy pickup =
		FORM_LAZY("~from mail pickup service by {by<}p{:0-9/2-2}."
			  "groups.msn.com{>}{b}");
	struct str list, id = header_get(c, "Message-Id"), server;
	struct form_match m = { 0 };
	struct arena *a = c->arena;

	(void)args;
	if (!msn_group(c, &list) ||
	    !form_matches(&pickup, header_get(c, "Received"), &m))
		return 0;
	if (str_eq(list, STR("notifications"))) {
		server = str_cat(a, STR("@"), m.field[FIELD_BY]);
		return is_msn_id(id, STR(""), str_cat(a, server, STR(">")));
	}
	return is_msn_id(id, str_cat(a, list, STR("-")),
			 STR("@groups.msn.com>")) &&
	       str_find(header_first(c, "EnvelopeFrom:addr"),
			str_cat(a, list, STR("-bounce@groups.msn.com"))) >= 0;
}

/* What is wrong with mail from Hotmail. */
enum hotmail { HOTMAIL_FINE, HOTMAIL_FORGED, HOTMAIL_MISSING };

static bool hotmail_wrote(struct eval_ctx *c, struct str rcvd)
{
	static struct form_lazy pickup =
		FORM_LAZY("~from mail pickup service by hotmail.com with "
			  "Microsoft SMTPSVC;");
	static struct form_lazy with_ip[] = {
		FORM_LAZY("~from {?{/0-}.?}hotmail{!/1-1}com ({}.hotmail"
			  "{.msn|}.com{ |)}"),
		FORM_LAZY("~from {/0-}.hotmail{!/1-1}com ([{addr}]{ |)|:}"),
		FORM_LAZY("~from {} by {}.hotmail{.msn|}.com with HTTP;"),
		FORM_LAZY("~from [66.218{!/1-1}{}] by {}.yahoo.com"),
	};
	static struct form_lazy with_org[] = {
		FORM_LAZY("~from {/0-}.outbound.protection.outlook.com "
			  "({}.outbound.protection.outlook.com{ |)}"),
		FORM_LAZY("~from {/0-}.{eur|nam}prd#.prod.outlook.com "
			  "({addr})"),
	};
	static struct form_lazy org =
		FORM_LAZY("~{hotmail.com|msonline-outlook}");

	if (form_matches(&pickup, rcvd, NULL) ||
	    check_for_msn_groups_headers(c, NULL) || received_were_removed(c))
		return true;
	if (has_ip(header_get(c, "X-Originating-Ip")) && ANY_OF(with_ip, rcvd))
		return true;
	return form_matches(&org, header_get(c, "X-OriginatorOrg"), NULL) &&
	       ANY_OF(with_org, rcvd);
}

static enum hotmail look_at_hotmail(struct eval_ctx *c)
{
	static struct form_lazy claim =
		FORM_LAZY("~{from |HELO |helo=}{/0-}hotmail.com{b}");
	struct str rcvd = header_received_line(c);

	if (hotmail_wrote(c, rcvd))
		return HOTMAIL_FINE;
	if (form_matches(&claim, rcvd, NULL))
		return HOTMAIL_FORGED;
	return ends_in_domain(header_first(c, "From:addr"),
			      STR("hotmail.com")) ? HOTMAIL_MISSING
						  : HOTMAIL_FINE;
}

int check_for_forged_hotmail_received_headers(struct eval_ctx *c,
					      const struct strs *args)
{
	(void)args;
	return look_at_hotmail(c) == HOTMAIL_FORGED;
}

int check_for_no_hotmail_received_headers(struct eval_ctx *c,
					  const struct strs *args)
{
	(void)args;
	return look_at_hotmail(c) == HOTMAIL_MISSING;
}

int check_for_forged_eudoramail_received_headers(struct eval_ctx *c,
						 const struct strs *args)
{
	static struct form_lazy own = FORM_LAZY("~by {/0-}whowhere{!/1-1}com;");

	(void)args;
	if (!ends_in_domain(header_first(c, "From:addr"),
			    STR("eudoramail.com")) || received_were_removed(c))
		return 0;
	return !has_ip(header_get(c, "X-Sender-Ip")) ||
	       !form_matches(&own, header_received_line(c), NULL);
}

/* Received, or for mail that somebody sent on, X-Received. */
static struct str yahoo_received(struct eval_ctx *c)
{
	struct str rcvd = header_get(c, "Received");

	if (header_get(c, "Resent-From").n > 0 &&
	    header_get(c, "Resent-To").n > 0 &&
	    header_get(c, "X-Received").n > 0)
		rcvd = header_get(c, "X-Received");
	return header_one_line(c->arena, rcvd);
}

/* Handed over by a host of Yahoo's, as far as we can know that. */
static bool yahoo_relayed(struct message *m)
{
	static struct form_lazy any = FORM_LAZY("~ rdns={}.yahoo.com ");
	static struct form_lazy first =
		FORM_LAZY("{!]} rdns={}.yahoo.com ");
	const struct relays *rs = message_relays(m);

	return form_matches(&any, rs->trusted_text, NULL) ||
	       form_matches(&first, rs->untrusted_text, NULL);
}

int check_for_forged_yahoo_received_headers(struct eval_ctx *c,
					    const struct strs *args)
{
	static struct form_lazy own[] = {
		FORM_LAZY("~by web{}.mail{/0-}.yahoo.com via HTTP"),
		FORM_LAZY("~by sonic{}.consmr.mail{/0-}.yahoo.com with HTTP"),
		FORM_LAZY("~by smtp{}.yahoo.com with SMTP"),
		FORM_LAZY("~from [{addr}] by {}.{groups|scd|dcn}.yahoo.com "
			  "with NNFMP"),
		FORM_LAZY("~by {:a-zA-Z0-9_}.{:a-zA-Z0-9_}.yahoo.com "
			  "(#.#.#/#.#.#){? with ESMTP?} id {:a-zA-Z0-9_}"),
	};
	static struct form_lazy mailer =
		FORM_LAZY("~{b}mailer#.bulk.scd.yahoo.com{b}");
	struct str from = header_first(c, "From:addr");
	struct str rcvd;

	(void)args;
	if (!ends_in_domain(from, STR("yahoo.com")) ||
	    received_were_removed(c) || yahoo_relayed(c->msg))
		return 0;
	rcvd = yahoo_received(c);
	if (ANY_OF(own, rcvd))
		return 0;
	/* Readers that sent a news item to a friend. */
	return !str_iends(from, STR("@reply.yahoo.com")) ||
	       !form_matches(&mailer, rcvd, NULL);
}

int check_for_forged_juno_received_headers(struct eval_ctx *c,
					   const struct strs *args)
{
	static struct form_lazy own[] = {
		FORM_LAZY("~from{!\n/0-}{b}{juno|untd}.com{!\n/0-}{[|(}{addr}"
			  "{]|)}{!\n/0-}by"),
		FORM_LAZY("~ cookie.{juno|untd}.com "),
	};

	(void)args;
	if (!ends_in_domain(header_first(c, "From:addr"), STR("juno.com")) ||
	    received_were_removed(c))
		return 0;
	/* Without this header SpamAssassin has more questions, but answers
	 * all of them alike in the end. */
	if (header_get(c, "X-Originating-IP").n == 0)
		return 1;
	return !ANY_OF(own, header_get(c, "Received")) ||
	       str_find(header_get(c, "X-Mailer"), STR("Juno ")) < 0;
}

int check_for_forged_gmail_received_headers(struct eval_ctx *c,
					    const struct strs *args)
{
	static struct form_lazy own[] = {
		FORM_LAZY("~by 10.{} with SMTP id {}"),
		FORM_LAZY("~by 2002:a{:0-9/2-2}:{:a-zA-Z0-9_}:{} with SMTP id "
			  "{}"),
	};
	static struct form_lazy login =
		FORM_LAZY("~by smtp.googlemail.com with ESMTPSA id {}");

	(void)args;
	if (!ends_in_domain(header_first(c, "From:addr"), STR("gmail.com")))
		return 0;
	if (ANY_OF(own, header_get(c, "X-Received")) ||
	    form_matches(&login, header_get(c, "Received"), NULL))
		return 0;
	return header_get(c, "X-Gm-Message-State").n < 60 ||
	       header_get(c, "X-Google-Smtp-Source").n < 60;
}

/* The oldest of several lines comes from a host without a domain, in a form
 * that one spam program used. */
int check_for_forged_gw05_received_headers(struct eval_ctx *c,
					   const struct strs *args)
{
	static struct form_lazy last = FORM_LAZY(
		"from{: \t/1-1}{helo}{: \t/1-1}by{: \t/1-1}{by}{: \t/1-1}with"
		"{: \t/1-1}ESMTP;{: \t}{/3-3},{: \t}#{: \t}{/3-3}{: \t}"
		"{:0-9/4-4}{: \t}{:0-9/2-2}:{:0-9/2-2}:{:0-9/2-2}{: \t}"
		"{:-+/0-}{:0-9/4-4}$");
	struct str rcvd = header_get(c, "Received");
	struct form_match m = { 0 };
	ssize_t at;

	(void)args;
	if (str_ends(rcvd, STR("\n")))
		rcvd.n--;
	at = str_rchr(rcvd, '\n');
	return at >= 0 && form_matches(&last, str_from(rcvd, at + 1), &m) &&
	       str_chr(m.field[FIELD_BY], '.') < 0;
}
