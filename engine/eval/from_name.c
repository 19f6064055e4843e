/*
 * Tests of senders whose displayed name holds another mail address than the
 * one that the mail comes from (SpamAssassin's FromNameSpoof). Addresses of
 * one owner may differ: an owner is the list of fns_add_addrlist that an
 * address is on, else the first label of its registered domain.
 *
 * fns_ignore_dkim needs results of DKIM, which local tests do not have: the
 * setting is known and has no effect, as in SpamAssassin without the network.
 */
#include "eval/eval.h"

#include "base/arena.h"
#include "conf/settings.h"
#include "mail/address.h"
#include "mail/message.h"
#include "mail/uri.h"
#include "match/selector.h"

/* One of the two addresses, with what it belongs to. */
struct sender {
	struct str addr, domain, owner;
};

struct from_name {
	bool contains_email;
	bool other_address, other_domain, other_owner;
	bool is_reply_to, is_to;
};

/* --- Finding the address in the name --- */

static bool is_local_byte(int c)
{
	return is_word(c) || (c && strchr(".!#$%&'*+/=?^_`{|}~-", c));
}

static bool is_host_byte(int c)
{
	return is_word(c) || c == '.' || c == '-';
}

static bool word_at(struct str s, size_t i)
{
	return i < s.n && is_word((unsigned char)s.p[i]);
}

/* Perl's \b at offset i. */
static bool is_border(struct str s, size_t i)
{
	return (i > 0 && word_at(s, i - 1)) != word_at(s, i);
}

/* The host that begins behind the '@' at offset at: two labels at least, and
 * what may stand in a host to its end, which must be a word's. 0: there is
 * none, else the offset behind it. */
static size_t host_end(struct str s, size_t at)
{
	size_t first = at + 1, i = first, last;
	size_t dot;

	while (i < s.n && is_host_byte((unsigned char)s.p[i]))
		i++;
	last = i;
	if (!word_at(s, first) || !is_border(s, last))
		return 0;
	/* A dot behind a label of word bytes and '-'; a word byte and one byte
	 * more behind it. */
	for (dot = first + 1; dot < last && s.p[dot] != '.'; )
		dot++;
	return dot + 2 < last && word_at(s, dot + 1) ? last : 0;
}

/* The first address in a name (lower case); STR_NONE. */
static struct str address_in(struct str s)
{
	size_t from = 0;

	for (size_t at = 0; at < s.n; at++) {
		size_t start = at, end;

		if (s.p[at] != '@')
			continue;
		while (start > from && is_local_byte((unsigned char)
						     s.p[start - 1]))
			start--;
		from = at + 1;
		while (start < at && !is_border(s, start))
			start++;
		end = start < at ? host_end(s, at) : 0;
		if (end)
			return str_make(s.p + start, end - start);
	}
	return STR_NONE;
}

/* How many bytes are no letters and no digits. */
static size_t odd_bytes(struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += !is_lower((unsigned char)s.p[i]) &&
		     !is_digit((unsigned char)s.p[i]);
	return n;
}

/* Is there little else in the name? Odd bytes beside the address count
 * twice. */
static bool is_close(struct eval_ctx *c, struct str name, struct str addr)
{
	double odd = (double)odd_bytes(name) - (double)odd_bytes(addr);

	return (double)name.n + odd - (double)addr.n <=
	       settings_number(c->settings, STR("fns_extrachars"));
}

/* --- Owners --- */

/* The list that the address is on: its name, lower case; STR_NONE. */
static struct str listed_owner(struct eval_ctx *c, struct str addr)
{
	for (const struct settings *s = c->settings; s; s = s->base) {
		const struct map_entry *e;
		size_t i = 0;

		while ((e = map_next(&s->addr_lists, &i)))
			if (str_starts(e->key, STR("FNS_")) &&
			    settings_addr_listed(c->settings, e->key, addr,
						 NULL))
				return str_from(e->key, 4);
	}
	return STR_NONE;
}

static struct str owner_of(struct eval_ctx *c, struct str addr,
			   struct str domain)
{
	ssize_t sign = str_chr(addr, '@'), dot = str_chr(domain, '.');
	struct str owner = listed_owner(c, addr);

	if (!owner.p && sign > 0)
		owner = listed_owner(c, str_printf(c->arena, "%.*s@%.*s",
					STR_ARG(str_head(addr, (size_t)sign)),
					STR_ARG(domain)));
	if (owner.p)
		return owner;
	return dot > 0 ? str_head(domain, (size_t)dot) : domain;
}

/* Fills in the domain; false if the address has no valid one. */
static bool find_domain(struct eval_ctx *c, struct sender *s)
{
	return uri_host_domain(c->arena, c->msg->settings,
			       str_cat(c->arena, STR("mailto:"), s->addr),
			       NULL, &s->domain);
}

/* --- The comparison, once a message --- */

/* The first of what a selector yields, lower case. */
static struct str first_of(struct eval_ctx *c, struct str selector)
{
	struct str all = selector_get_text(c->msg, selector), line;

	if (!str_next(&all, '\n', &line))
		return STR("");
	return str_lower(c->arena, line);
}

/* Has the message a header whose mails are left out? */
static bool is_ignored(struct eval_ctx *c)
{
	const struct strs *names = settings_list(c->settings,
						 STR("fns_ignore_headers"));

	for (size_t i = 0; names && i < names->n; i++) {
		struct str v = selector_get_text(c->msg, names->v[i]);

		if (v.n && !str_eq(v, STR("0")))
			return true;
	}
	return false;
}

static void set_tag(struct eval_ctx *c, const char *name, struct str value)
{
	struct str *copy;

	if (!c->tags)
		return;
	copy = arena_alloc(c->arena, sizeof(*copy));
	*copy = value;
	map_set(c->tags, str_cstr(name), copy);
}

static void set_tags(struct eval_ctx *c, const struct sender *name,
		     const struct sender *from)
{
	set_tag(c, "FNSFNAMEADDR", name->addr);
	set_tag(c, "FNSFNAMEDOMAIN", name->domain);
	set_tag(c, "FNSFNAMEOWNER", name->owner);
	set_tag(c, "FNSFADDRADDR", from->addr);
	set_tag(c, "FNSFADDRDOMAIN", from->domain);
	set_tag(c, "FNSFADDROWNER", from->owner);
}

static void compare(struct eval_ctx *c, struct from_name *f)
{
	struct sender from = { .addr = first_of(c, STR("From:addr")) }, name;
	struct str text = first_of(c, STR("From:name"));

	if (is_ignored(c) || !find_domain(c, &from))
		return;
	name = (struct sender){ .addr = address_in(text) };
	if (!name.addr.p || !find_domain(c, &name))
		return;
	f->contains_email = true;
	if (!is_close(c, text, name.addr))
		return;
	name.owner = owner_of(c, name.addr, name.domain);
	from.owner = owner_of(c, from.addr, from.domain);
	f->other_address = !str_eq(name.addr, from.addr);
	f->other_domain = !str_eq(name.domain, from.domain);
	f->other_owner = !str_eq(name.owner, from.owner);
	f->is_reply_to = str_eq(name.addr, first_of(c, STR("Reply-To:addr")));
	/* The other addresses were folded, the recipients' are not. */
	f->is_to = strs_has(message_to_addrs_written(c->msg), name.addr);
	if (f->other_address || f->other_owner)
		set_tags(c, &name, &from);
}

static const struct from_name *from_name(struct eval_ctx *c)
{
	struct message *m = c->msg;

	if (!m->memo[MEMO_FROM_NAME]) {
		m->memo[MEMO_FROM_NAME] =
			arena_alloc(m->arena, sizeof(struct from_name));
		compare(c, m->memo[MEMO_FROM_NAME]);
	}
	return m->memo[MEMO_FROM_NAME];
}

/* --- The tests --- */

/* check_fromname_spoof([level]); fns_check without one. */
static int check_fromname_spoof(struct eval_ctx *c, const struct strs *args)
{
	const struct from_name *f = from_name(c);
	struct str level = eval_arg(args, 0);

	if (!str_eq(level, STR("0")) && !str_eq(level, STR("1")) &&
	    !str_eq(level, STR("2")))
		level = settings_option(c->settings, STR("fns_check"));
	if (str_eq(level, STR("1")))
		return f->other_address && f->other_owner;
	if (str_eq(level, STR("2")))
		return f->other_address && f->other_domain;
	return f->other_address;
}

static int check_fromname_different(struct eval_ctx *c, const struct strs *args)
{
	(void)args;
	return from_name(c)->other_address;
}

static int check_fromname_domain_differ(struct eval_ctx *c,
					const struct strs *args)
{
	(void)args;
	return from_name(c)->other_domain;
}

static int check_fromname_contains_email(struct eval_ctx *c,
					 const struct strs *args)
{
	(void)args;
	return from_name(c)->contains_email;
}

static int check_fromname_equals_to(struct eval_ctx *c, const struct strs *args)
{
	(void)args;
	return from_name(c)->is_to;
}

static int check_fromname_owners_differ(struct eval_ctx *c,
					const struct strs *args)
{
	(void)args;
	return from_name(c)->other_owner;
}

static int check_fromname_equals_replyto(struct eval_ctx *c,
					 const struct strs *args)
{
	(void)args;
	return from_name(c)->is_reply_to;
}

#define TEST(name, what) { #name, EVAL_HEADER, name, NULL, what }

const struct eval_test eval_from_name_tests[] = {
	TEST(check_fromname_spoof,
	     "the sender's name holds an address of somebody else"),
	TEST(check_fromname_different,
	     "the sender's name holds another address"),
	TEST(check_fromname_domain_differ,
	     "the sender's name holds an address of another domain"),
	TEST(check_fromname_contains_email,
	     "the sender's name holds an address"),
	TEST(check_fromname_equals_to,
	     "the sender's name holds the address of a recipient"),
	TEST(check_fromname_owners_differ,
	     "the sender's name holds an address of another owner"),
	TEST(check_fromname_equals_replyto,
	     "the sender's name holds the address that answers go to"),
	{ NULL, 0, NULL, NULL, NULL },
};
