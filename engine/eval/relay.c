/*
 * Tests on the relays (SpamAssassin's RelayEval): is everything trusted, do
 * names and addresses in untrusted Received lines contradict one another.
 * Names are compared by a rough idea of their registered domain, the same as
 * SpamAssassin's, not by the registry tables.
 */
#include "eval/eval.h"

#include "base/arena.h"
#include "base/log.h"
#include "mail/form.h"
#include "mail/ipscan.h"
#include "mail/message.h"
#include "mail/network.h"
#include "mail/relay.h"
#include "match/selector.h"

static int check_all_trusted(struct eval_ctx *c, const struct strs *args)
{
	const struct relays *rs = message_relays(c->msg);

	(void)args;
	return rs->trusted.n > 0 && rs->untrusted.n == 0 &&
	       rs->unparseable == 0;
}

static int check_no_relays(struct eval_ctx *c, const struct strs *args)
{
	const struct relays *rs = message_relays(c->msg);

	(void)args;
	return rs->trusted.n == 0 && rs->untrusted.n == 0 &&
	       rs->unparseable == 0;
}

static int check_relays_unparseable(struct eval_ctx *c,
				    const struct strs *args)
{
	(void)args;
	return message_relays(c->msg)->unparseable > 0;
}

/* What may follow an address that is a HELO. */
static bool ends_helo(struct str s, size_t at)
{
	return at >= s.n || (unsigned char)s.p[at] <= ' ' ||
	       strchr(",;[()<>", s.p[at]);
}

/* SpamAssassin means to spare private addresses, but the condition that it
 * writes for that never holds in Perl: any address hits. */
static int check_for_numeric_helo(struct eval_ctx *c, const struct strs *args)
{
	struct str s = message_relays(c->msg)->untrusted_text;
	ssize_t at;

	(void)args;
	for (size_t from = 0; (at = str_ifind(str_from(s, from),
					      STR("helo="))) >= 0;) {
		size_t start = from + at, ip = start + 5;
		size_t n = ipv4_scan(s, ip);

		from = ip;
		if (n == 0 || !ends_helo(s, ip + n) ||
		    (start > 0 && is_word((unsigned char)s.p[start - 1])))
			continue;
		return 1;
	}
	return 0;
}

/* SpamAssassin has retired it. */
static int check_for_illegal_ip(struct eval_ctx *c, const struct strs *args)
{
	(void)c;
	(void)args;
	return 0;
}

/* "198.18.7." of "198.18.7.9". */
static struct str class_c(struct str ip)
{
	return str_head(ip, str_rchr(ip, '.') + 1);
}

static int helo_ip_mismatch(struct eval_ctx *c, const struct strs *args)
{
	const struct relay_list *list = &message_relays(c->msg)->untrusted;

	(void)args;
	for (size_t i = 0; i < list->n; i++) {
		const struct relay *r = list->v[i];

		if (ipv4_is(r->helo) && !ip_is_private(r->helo) &&
		    ipv4_is(r->ip) && !ip_is_private(r->ip) &&
		    !str_starts(r->ip, class_c(r->helo)))
			return 1;
	}
	return 0;
}

static int check_for_sender_no_reverse(struct eval_ctx *c,
				       const struct strs *args)
{
	const struct relay_list *list = &message_relays(c->msg)->untrusted;
	const struct relay *r = list->n ? list->v[list->n - 1] : NULL;

	(void)args;
	return r && str_chr(r->rdns, '.') >= 0 && !r->ip_private;
}

/* Does s end in `domain`, in which a dot stands for any byte, with a word
 * boundary before it? `before` is the byte before s. */
static bool ends_in_domain(struct str s, int before, struct str domain)
{
	size_t at = s.n - domain.n;

	if (s.n < domain.n || domain.n == 0)
		return false;
	for (size_t i = 0; i < domain.n; i++)
		if (domain.p[i] != '.' && domain.p[i] != s.p[at + i])
			return false;
	if (at > 0)
		before = (unsigned char)s.p[at - 1];
	return is_word(before) != is_word((unsigned char)s.p[at]);
}

/* The value of " key=" or "key=" at the start of rest up to a space. */
static struct str value_at(struct str s)
{
	ssize_t end = str_chr(s, ' ');

	return end < 0 ? STR_NONE : str_head(s, end);
}

/* Is there a relay whose rdns and by both are in the domain? */
static bool relayed_within(struct str text, struct str domain)
{
	ssize_t at;

	while ((at = str_find(text, STR(" rdns="))) >= 0) {
		struct str rest, value;
		ssize_t end, by;

		text = str_from(text, at + 6);
		value = value_at(text);
		if (!ends_in_domain(value, '=', domain))
			continue;
		rest = str_from(text, value.n + 1);
		end = str_chr(rest, ']');
		while ((by = str_find(rest, STR("by="))) >= 0 &&
		       (end < 0 || by < end)) {
			rest = str_from(rest, by + 3);
			end -= by + 3;
			if (ends_in_domain(value_at(rest), '=', domain))
				return true;
		}
	}
	return false;
}

/* Does text mention domain, beginning at a word boundary? */
static bool mentions(struct str text, struct str domain)
{
	ssize_t at;
	size_t from = 0;

	while ((at = str_ifind(str_from(text, from), domain)) >= 0) {
		size_t i = from + at;
		int before = i > 0 ? (unsigned char)text.p[i - 1] : ' ';

		if (domain.n == 0 ||
		    is_word(before) != is_word((unsigned char)text.p[i]))
			return true;
		from = i + 1;
	}
	return false;
}

static int check_for_from_domain_in_received_headers(struct eval_ctx *c,
						     const struct strs *args)
{
	struct str domain = eval_arg(args, 0);
	bool desired = str_eq(eval_arg(args, 1), STR("true"));
	struct str from = selector_get_text(c->msg, STR("From:addr"));
	const struct relays *rs = message_relays(c->msg);
	struct str first;
	bool found;

	if (!str_next(&from, '\n', &first) || !mentions(first, domain))
		return 0;
	found = relayed_within(str_cat(c->arena,
				       str_cat(c->arena, rs->trusted_text,
					       STR("\n")),
				       rs->untrusted_text), domain);
	return found == desired;
}

/* The big dotcoms, whose own servers all have names. */
static bool is_big_dotcom(struct str helo)
{
	static const char *const names[] = {
		"lycos.com", "lycos.co.uk", "hotmail.com", "localhost.com",
		"excite.com", "caramail.com", "cs.com", "aol.com", "msn.com",
		"yahoo.com", "drizzle.com",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct str name = str_cstr(names[i]);

		if (str_iends(helo, name) &&
		    (helo.n == name.n || helo.p[helo.n - name.n - 1] == '.'))
			return true;
	}
	return false;
}

/* Each relay with a public address has its say, the last one decides: so it
 * is in SpamAssassin, and the rule was scored on that. */
static int check_for_no_rdns_dotcom_helo(struct eval_ctx *c,
					 const struct strs *args)
{
	const struct relay_list *list = &message_relays(c->msg)->untrusted;
	bool found = false;

	(void)args;
	for (size_t i = 0; i < list->n; i++) {
		const struct relay *r = list->v[i];

		if (!r->ip_private)
			found = is_big_dotcom(r->helo) && r->no_reverse_dns;
	}
	return found;
}

static bool contains_letter(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (is_alpha((unsigned char)s.p[i]))
			return true;
	return false;
}

/* Index of the n-th dot from the end, -1 if there are fewer. */
static ssize_t dot_from_end(struct str s, int n)
{
	for (size_t i = s.n; i-- > 0;)
		if (s.p[i] == '.' && --n == 0)
			return i;
	return -1;
}

/* Two labels of a host name, or three where the last is a country's. */
static struct str rough_domain(struct str host)
{
	struct str s = host, last;
	int labels = 2;

	if (!contains_letter(host))
		return host;
	while (str_ends(s, STR(".")))
		s.n--;
	if (dot_from_end(s, 1) < 0)
		return host;
	last = str_from(s, dot_from_end(s, 1) + 1);
	if (last.n < 3 && str_find(last, STR("ie")) < 0 &&
	    str_find(last, STR("fr")) < 0 && str_find(last, STR("de")) < 0)
		labels = 3;
	if (labels == 3 && dot_from_end(s, 2) < 0)
		return host;
	return str_from(s, dot_from_end(s, labels) + 1);
}

/* Looks like the name of a host with a domain; the first label must have two
 * characters. */
static bool is_host_name(struct str s)
{
	ssize_t dot = str_rchr(s, '.');

	if (dot < 2 || (size_t)dot + 1 == s.n || !is_word((uint8_t)s.p[0]))
		return false;
	for (size_t i = 0; i < s.n; i++) {
		int c = (unsigned char)s.p[i];

		if (!is_word(c) &&
		    ((ssize_t)i > dot || (c != '.' && c != '-')))
			return false;
	}
	return true;
}

/* "198.18" of "198.18.7.9". */
static struct str class_b(struct str ip)
{
	return str_head(ip, dot_from_end(ip, 2));
}

/* What contradictions there are between untrusted Received lines. */
struct forgery {
	int from, ip_helo;
};

static bool ip_helo_is_forged(const struct relay *r)
{
	struct str helo = rough_domain(r->lc_helo);

	return ip_is_dotted(helo) && ip_is_dotted(r->ip) &&
	       !str_eq(class_b(helo), class_b(r->ip)) &&
	       !ip_is_private(helo);
}

/* A line's "by" should be where the line above says the mail came from. */
static bool from_is_forged(struct str by, struct str previous)
{
	if (!is_host_name(previous) || str_eq(by, previous))
		return false;
	return !str_eq(by, STR("msn.com")) ||
	       !str_eq(previous, STR("hotmail.com"));
}

static struct forgery find_forgery(struct message *m)
{
	const struct relay_list *list = &message_relays(m)->untrusted;
	struct forgery found = { 0, 0 };
	struct str previous = STR_NONE;	/* whence the line above came */

	for (size_t i = 0; i < list->n; i++) {
		const struct relay *r = list->v[i];
		struct str by = rough_domain(r->lc_by);
		struct str from = rough_domain(r->lc_rdns);

		if (is_host_name(by)) {
			/* Going round within one machine is no lie. */
			if (str_eq(r->ip, STR("127.0.0.1")) &&
			    (str_eq(from, STR("localhost")) ||
			     str_eq(from, STR("localhost.localdomain"))))
				from = STR_NONE;
			found.ip_helo += ip_helo_is_forged(r);
			found.from += from_is_forged(by, previous);
		}
		previous = from;
	}
	return found;
}

static int check_for_forged_received_trail(struct eval_ctx *c,
					   const struct strs *args)
{
	(void)args;
	return find_forgery(c->msg).from > 1;
}

static int check_for_forged_received_ip_helo(struct eval_ctx *c,
					     const struct strs *args)
{
	(void)args;
	return find_forgery(c->msg).ip_helo > 0;
}

#define ANY_KIND (EVAL_HEADER | EVAL_BODY | EVAL_RAWBODY | EVAL_FULL)

const struct eval_test eval_relay_tests[] = {
	{ "check_all_trusted", ANY_KIND, check_all_trusted, NULL,
	  "all relays are trusted and every Received line was understood" },
	{ "check_no_relays", ANY_KIND, check_no_relays, NULL,
	  "the message has passed no relay at all" },
	{ "check_relays_unparseable", ANY_KIND, check_relays_unparseable,
	  NULL, "a Received line was not understood" },
	{ "check_for_numeric_helo", ANY_KIND, check_for_numeric_helo, NULL,
	  "an untrusted relay gave an IP address for its name" },
	{ "check_for_illegal_ip", ANY_KIND, check_for_illegal_ip, NULL,
	  "retired: never hits" },
	{ "helo_ip_mismatch", ANY_KIND, helo_ip_mismatch, NULL,
	  "an untrusted relay gave an IP address for its name that is far "
	  "from its own" },
	{ "check_for_sender_no_reverse", ANY_KIND,
	  check_for_sender_no_reverse, NULL,
	  "the oldest untrusted relay has a public address and a full name" },
	{ "check_for_from_domain_in_received_headers", EVAL_HEADER,
	  check_for_from_domain_in_received_headers, NULL,
	  "From is in the domain, and so is (or is not) a hand-over" },
	{ "check_for_no_rdns_dotcom_helo", ANY_KIND,
	  check_for_no_rdns_dotcom_helo, NULL,
	  "a relay without a name in the DNS called itself a big dotcom" },
	{ "check_for_forged_received_trail", ANY_KIND,
	  check_for_forged_received_trail, NULL,
	  "several Received lines do not continue the ones above them" },
	{ "check_for_forged_received_ip_helo", ANY_KIND,
	  check_for_forged_received_ip_helo, NULL,
	  "a relay gave an IP address for its name from another network" },
	{ NULL, 0, NULL, NULL, NULL },
};
