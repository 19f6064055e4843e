/*
 * Tests on headers (SpamAssassin's HeaderEval): the table of the family and
 * the tests that need nothing but a header's text. Those on forged web mail
 * are in header_forged.c, on dates in header_date.c, on recipients and
 * subjects in header_people.c.
 */
#include "eval/header_int.h"

#include "base/arena.h"
#include "conf/settings.h"
#include "eval/locales.h"
#include "mail/form.h"
#include "mail/message.h"
#include "match/selector.h"

struct str header_get(struct eval_ctx *c, const char *selector)
{
	struct str s = selector_get_text(c->msg, str_cstr(selector));

	return s.p ? s : STR("");
}

struct str header_first(struct eval_ctx *c, const char *selector)
{
	struct str rest = header_get(c, selector), first;

	return str_next(&rest, '\n', &first) ? first : STR("");
}

struct str header_one_line(struct arena *a, struct str s)
{
	char *out = arena_text(a, s.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (!is_space((unsigned char)s.p[i]))
			out[n++] = s.p[i];
		else if (n == 0 || out[n - 1] != ' ')
			out[n++] = ' ';
	}
	return str_make(out, n);
}

struct str header_received_line(struct eval_ctx *c)
{
	return header_one_line(c->arena, header_get(c, "Received"));
}

/* A form that one of the lines of text begins with. */
static bool some_line(struct form_lazy *f, struct str text)
{
	struct str line;

	while (str_next(&text, '\n', &line))
		if (form_matches(f, line, NULL))
			return true;
	return false;
}

bool received_were_removed(struct eval_ctx *c)
{
	static struct form_lazy ezmlm =
		FORM_LAZY("contact {}@{}; run by ezmlm$");
	static struct form_lazy list = FORM_LAZY("mailing list {}@{}");
	static struct form_lazy qmail[] = {
		FORM_LAZY("~qmail # invoked from network); # {!\n/3-3} #"),
		FORM_LAZY("~qmail # invoked by {!\n/3-20}); # {!\n/3-3} #"),
	};
	static struct form_lazy msn =
		FORM_LAZY("~from groups.msn.com ({}.msn.com ");
	struct str rcvd = header_get(c, "Received");

	if (rcvd.n == 0 || form_matches(&msn, rcvd, NULL))
		return true;
	return some_line(&ezmlm, header_get(c, "Mailing-List")) &&
	       some_line(&list, header_get(c, "Delivered-To")) &&
	       (form_matches(&qmail[0], rcvd, NULL) ||
		form_matches(&qmail[1], rcvd, NULL));
}

static int gated_through_received_hdr_remover(struct eval_ctx *c,
					      const struct strs *args)
{
	(void)args;
	return received_were_removed(c);
}

/* SpamAssassin has retired it. */
static int check_for_unique_subject_id(struct eval_ctx *c,
				       const struct strs *args)
{
	(void)c;
	(void)args;
	return 0;
}

/* Does one header hold an encoded word in a charset that nobody here
 * expects? */
static bool has_faraway_word(struct eval_ctx *c, struct str raw)
{
	/* =?charset?x?...?=, the charset at least one byte. */
	static struct form_lazy word =
		FORM_LAZY("~=?{sub!\n/1-?}?{!\n/1-1}?{!\n/0-?}{id<}?={>}");
	struct form_match m = { 0 };

	while (form_matches(&word, raw, &m)) {
		if (!locales_charset_ok(c->arena, c->settings,
					m.field[FIELD_SUB]))
			return true;
		raw = str_from(raw, m.field[FIELD_ID].p + 2 - raw.p);
	}
	return false;
}

static int check_for_faraway_charset_in_headers(struct eval_ctx *c,
						const struct strs *args)
{
	static const char *const names[] = { "From", "Subject" };
	struct headers *hs = &c->msg->headers;

	(void)args;
	if (locales_all(c->arena, c->settings))
		return 0;
	for (size_t k = 0; k < 2; k++) {
		struct str name = str_cstr(names[k]);

		for (size_t i = headers_find(hs, name, 0); i < hs->n;
		     i = headers_find(hs, name, i + 1))
			if (has_faraway_word(c, hs->v[i].raw))
				return 1;
	}
	return 0;
}

/* Length of the well-formed UTF-8 sequence at the front of s; 0 if it is
 * none. */
static size_t utf8_sequence(struct str s)
{
	const unsigned char *p = (const unsigned char *)s.p;
	size_t n = p[0] < 0x80 ? 1 : p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2
		 : p[0] < 0xf0 ? 3 : p[0] < 0xf5 ? 4 : 0;

	if (n > s.n)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	/* Neither overlong, nor a surrogate, nor too large. */
	if (n > 2 && ((p[0] == 0xe0 && p[1] < 0xa0) ||
		      (p[0] == 0xed && p[1] > 0x9f) ||
		      (p[0] == 0xf0 && p[1] < 0x90) ||
		      (p[0] == 0xf4 && p[1] > 0x8f)))
		return 0;
	return n;
}

static bool is_utf8(struct str s)
{
	while (s.n > 0) {
		size_t n = utf8_sequence(s);

		if (n == 0)
			return false;
		s = str_from(s, n);
	}
	return true;
}

/* A control byte that no header may hold (TAB, LF and CR may be there). */
static bool is_control(int c)
{
	return c < 0x20 && c != '\t' && c != '\n' && c != '\r';
}

/* What check_illegal_chars counts in a text. */
struct octets {
	size_t high, controls, dels;
	size_t exempt;		/* cent, pound and registered signs */
};

static struct octets count_octets(struct str s)
{
	struct octets o = { 0 };

	for (size_t i = 0; i < s.n; i++) {
		int c = (unsigned char)s.p[i];

		o.high += c >= 0x80;
		o.dels += c == 0x7f;
		o.controls += is_control(c);
		o.exempt += c == 0xa2 || c == 0xa3 || c == 0xae;
	}
	return o;
}

static int check_illegal_chars(struct eval_ctx *c, const struct strs *args)
{
	struct str name = eval_arg(args, 0), s;
	struct octets o;
	size_t illegal;

	if (!str_ends(name, STR(":raw")))
		name = str_cat(c->arena, name, STR(":raw"));
	s = selector_get_text(c->msg, name);
	if (str_trim(s).n == 0)
		return 0;
	o = count_octets(s);
	/* Decent UTF-8 is how people write today. */
	if (o.high > 0 && o.controls == 0 && is_utf8(s))
		return 0;
	illegal = o.high + o.controls + o.dels;
	if (illegal > 0 && str_ieq(name, STR("Subject:raw")) && o.exempt == 1)
		illegal--;
	return (double)illegal / (double)s.n >= eval_arg_num(args, 1, 0) &&
	       (double)illegal >= eval_arg_num(args, 2, 0);
}

static int check_for_matching_env_and_hdr_from(struct eval_ctx *c,
					       const struct strs *args)
{
	(void)args;
	return str_ieq(header_first(c, "EnvelopeFrom:addr"),
		       header_first(c, "From:addr"));
}

static int check_messageid_not_usable(struct eval_ctx *c,
				      const struct strs *args)
{
	static struct form_lazy unsubscribe[] = {
		FORM_LAZY_FOLD("~<mailto:leave-{}@{}>$"),
		FORM_LAZY_FOLD("~<mailto:{}-unsubscribe@{}>$"),
	};
	struct str list = header_get(c, "List-Unsubscribe");
	struct str rcvd = header_get(c, "Received");

	(void)args;
	if (str_ends(list, STR("\n")))
		list.n--;
	return form_matches(&unsubscribe[0], list, NULL) ||
	       form_matches(&unsubscribe[1], list, NULL) ||
	       received_were_removed(c) ||
	       str_find(rcvd, STR("/CWT/DCE)")) >= 0 ||
	       str_find(rcvd, STR("iPlanet Messaging Server")) >= 0;
}

/* Counts the distinct values, not the headers. */
static int check_header_count_range(struct eval_ctx *c,
				    const struct strs *args)
{
	struct headers *hs = &c->msg->headers;
	struct str name = eval_arg(args, 0);
	struct strs values = { 0 };

	for (size_t i = headers_find(hs, name, 0); i < hs->n;
	     i = headers_find(hs, name, i + 1))
		strs_add(c->arena, &values,
			 header_text(c->arena, c->msg->settings, &hs->v[i]));
	strs_sort(&values);
	strs_uniq(&values);
	return (double)values.n >= eval_arg_num(args, 1, 0) &&
	       (double)values.n <= eval_arg_num(args, 2, 0);
}

/* Headers in which people and programs write such things themselves. */
static bool may_hold_template(struct str line)
{
	static const char *const names[] = {
		"X-VMS-To", "X-UIDL", "X-Face", "To", "Cc", "From", "Subject",
		"References", "In-Reply-To", "Message-Id", "X-Message-Id",
		"Resent-Message-Id", "X-Original-Message-Id",
	};
	ssize_t colon = str_chr(line, ':');

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (colon >= 0 &&
		    str_ieq(str_head(line, colon), str_cstr(names[i])))
			return true;
	return false;
}

static bool has_placeholder(struct str s)
{
	for (size_t i = 0; i + 2 < s.n; i++)
		if (s.p[i] == '%' && is_upper(s.p[i + 1]) &&
		    (is_upper(s.p[i + 2]) || s.p[i + 2] == '_' ||
		     s.p[i + 2] == '-'))
			return true;
	return false;
}

static int check_unresolved_template(struct eval_ctx *c,
				     const struct strs *args)
{
	struct str rest = header_get(c, "ALL"), line;

	(void)args;
	while (str_next(&rest, '\n', &line))
		if (has_placeholder(line) && !may_hold_template(line))
			return 1;
	return 0;
}

/* <28 capitals.sender@example.com>, and From is "name" <sender@...>. */
static int check_ratware_name_id(struct eval_ctx *c, const struct strs *args)
{
	static struct form_lazy id = FORM_LAZY("~<{:A-Z/28-28}.{sub!>/1-?}>");
	static struct form_lazy quoted = FORM_LAZY("~\"{!\"}\"{: \t\n/0-}"
					   "{sub<}<{>}");
	struct str from = header_get(c, "From");
	struct form_match m = { 0 }, q = { 0 };
	struct str wanted;

	(void)args;
	if (!form_matches(&id, header_get(c, "MESSAGEID"), &m))
		return 0;
	wanted = str_cat(c->arena, STR("<"),
			 str_cat(c->arena, m.field[FIELD_SUB], STR(">")));
	while (form_matches(&quoted, from, &q)) {
		struct str here = str_from(from, q.field[FIELD_SUB].p - from.p);

		if (str_starts(here, wanted))
			return 1;
		from = str_from(here, 1);
	}
	return 0;
}

/* The last two labels of the domain of an address; "" if there is none. */
static struct str rough_domain(struct str addr)
{
	ssize_t at = str_rchr(addr, '@');
	struct str domain = at < 0 ? STR("") : str_from(addr, at + 1);
	ssize_t last = str_rchr(domain, '.'), before;

	if (last < 0 || (size_t)last + 1 == domain.n)
		return domain;
	before = str_rchr(str_head(domain, last), '.');
	/* Something must stand before and between those dots. */
	if (before <= 0 || before + 1 == last)
		return domain;
	return str_from(domain, before + 1);
}

static int check_equal_from_domains(struct eval_ctx *c,
				    const struct strs *args)
{
	struct str from = rough_domain(header_first(c, "From:addr"));
	struct str env = rough_domain(header_first(c, "EnvelopeFrom:addr"));

	(void)args;
	return from.n > 0 && env.n > 0 && !str_ieq(from, env);
}

#define HEADER_TEST(f, says) { #f, EVAL_HEADER, f, NULL, says }

/* The rule that scan/shortcircuit.c makes hit needs a function. */
static int check_shortcircuit(struct eval_ctx *c, const struct strs *args)
{
	(void)c, (void)args;
	return 0;
}

const struct eval_test eval_header_tests[] = {
	HEADER_TEST(check_for_fake_aol_relay_in_rcvd,
		    "Received names an AOL relay that AOL did not name"),
	HEADER_TEST(check_for_faraway_charset_in_headers,
		    "From or Subject are in a charset not in ok_locales"),
	HEADER_TEST(check_for_unique_subject_id, "retired: never hits"),
	HEADER_TEST(check_illegal_chars,
		    "a header has a share of 8-bit and control bytes"),
	HEADER_TEST(check_for_forged_hotmail_received_headers,
		    "a relay calls itself Hotmail but is not"),
	HEADER_TEST(check_for_no_hotmail_received_headers,
		    "from Hotmail without Hotmail's Received lines"),
	HEADER_TEST(check_for_msn_groups_headers, "mail of an MSN group"),
	HEADER_TEST(check_for_forged_eudoramail_received_headers,
		    "from eudoramail.com without its Received lines"),
	HEADER_TEST(check_for_forged_yahoo_received_headers,
		    "from yahoo.com without Yahoo's Received lines"),
	HEADER_TEST(check_for_forged_juno_received_headers,
		    "from juno.com without Juno's headers"),
	HEADER_TEST(check_for_forged_gmail_received_headers,
		    "from gmail.com without Google's headers"),
	HEADER_TEST(check_for_matching_env_and_hdr_from,
		    "From and the envelope sender are the same"),
	HEADER_TEST(sorted_recipients, "many recipients in sorted order"),
	HEADER_TEST(similar_recipients,
		    "recipients resemble one another so much"),
	HEADER_TEST(check_for_missing_to_header, "there is no To"),
	HEADER_TEST(check_for_forged_gw05_received_headers,
		    "the oldest Received line is one spam program's"),
	HEADER_TEST(check_for_shifted_date,
		    "Date is so many hours off the time of receipt"),
	HEADER_TEST(subject_is_all_caps, "Subject is all capitals"),
	HEADER_TEST(check_for_to_in_subject,
		    "Subject addresses the recipient by mail address"),
	HEADER_TEST(check_outlook_message_id,
		    "the time in an Outlook Message-ID is not that of Date "
		    "and Received"),
	HEADER_TEST(check_messageid_not_usable,
		    "a list or server rewrites message ids"),
	HEADER_TEST(check_header_count_range,
		    "a header has so many distinct values"),
	HEADER_TEST(check_unresolved_template,
		    "a header holds a placeholder of a mail program"),
	HEADER_TEST(check_ratware_name_id,
		    "Message-ID is 28 capitals and the sender"),
	HEADER_TEST(check_ratware_envelope_from,
		    "the envelope sender embeds the recipient"),
	HEADER_TEST(gated_through_received_hdr_remover,
		    "a list on the way removes Received lines"),
	HEADER_TEST(received_within_months,
		    "the mail was received so many months ago"),
	HEADER_TEST(check_equal_from_domains,
		    "From and the envelope sender are in different domains"),
	{ "check_shortcircuit",
	  EVAL_HEADER | EVAL_BODY | EVAL_RAWBODY | EVAL_FULL,
	  check_shortcircuit, NULL,
	  "hits by itself when another rule ended the scan" },
	{ NULL, 0, NULL, NULL, NULL },
};
