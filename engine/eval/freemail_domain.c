/*
 * Which addresses are free mail: those of the domains that freemail_domains
 * names, but for the ones that the configuration or the plugin itself exempts
 * (role addresses, machine-made local parts); and which senders look like a
 * mailing list or a robot.
 */
#include "eval/freemail.h"

#include "conf/settings.h"
#include "eval/eval.h"

bool freemail_available(const struct eval_ctx *c)
{
	const struct addr_list *l = settings_addrs(c->settings,
						   STR("freemail_domains"));

	return l && l->n;
}

double freemail_option(const struct eval_ctx *c, const char *name,
		       double otherwise)
{
	double v;

	return str_to_double(settings_option(c->settings, str_cstr(name)),
			     &v) ? v : otherwise;
}

/* Is the entry exactly text? (freemail_welcomelist has no wildcards.) */
static bool has_entry(const struct addr_list *l, struct str text)
{
	for (size_t i = 0; l && i < l->n; i++)
		if (str_eq(l->v[i].glob, text))
			return true;
	return false;
}

static bool all_hex(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_xdigit((unsigned char)s.p[i]))
			return false;
	return true;
}

/* Does s consist of hexadecimal groups of these sizes (0-ended), with `sep`
 * between them? */
static bool hex_groups(struct str s, int sep, const size_t *sizes)
{
	for (; *sizes; sizes++) {
		if (s.n < *sizes || !all_hex(str_head(s, *sizes)))
			return false;
		s = str_from(s, *sizes);
		if (sizes[1]) {
			if (!s.n || s.p[0] != sep)
				return false;
			s = str_from(s, 1);
		}
	}
	return s.n == 0;
}

static bool is_one_of(struct str s, const char *const *words)
{
	for (; *words; words++)
		if (str_ieq(s, str_cstr(*words)))
			return true;
	return false;
}

/* "x=y=z" with something at each place: mail forwarded by Gmail. */
static bool is_forwarded(struct str addr)
{
	ssize_t one, two, sign = str_rchr(addr, '@');

	one = str_chr(str_from(addr, 1), '=');
	if (one < 0)
		return false;
	two = str_chr(str_from(addr, (size_t)one + 3), '=');
	return two >= 0 && sign >= one + 3 + two + 2;
}

/* Local parts that never count. */
static bool is_exempt(struct str addr)
{
	static const char *const roles[] = {
		"abuse", "support", "sales", "info", "helpdesk", "contact",
		"kontakt", "postmaster", "hostmaster", "domainmaster",
		"bounce-", "bounced-", NULL,
	};
	static const size_t dotted[] = { 8, 8, 0 };
	static const size_t uuid[] = { 8, 4, 4, 4, 12, 0 };
	ssize_t sign = str_chr(addr, '@');
	struct str local;

	if (sign < 0)
		return false;
	local = str_head(addr, (size_t)sign);
	return is_one_of(local, roles) ||
	       str_istarts(local, STR("undisclosed")) ||
	       (local.n == 24 && str_istarts(local, STR("request-")) &&
		all_hex(str_from(local, 8))) ||
	       hex_groups(local, '.', dotted) || hex_groups(local, '-', uuid) ||
	       is_forwarded(addr);
}

/* Does a domain stand on the list? */
static bool domain_listed(const struct addr_list *l, struct str domain)
{
	for (size_t i = 0; domain.n && i < l->n; i++) {
		struct str glob = l->v[i].glob;

		/* Entries without wildcards are most: look at one byte. */
		if (glob.n && glob.p[0] != domain.p[0] && glob.p[0] != '*' &&
		    glob.p[0] != '?')
			continue;
		if (glob_match_within(glob, domain, '.'))
			return true;
	}
	return false;
}

/* Is the address on welcomelist_auth or def_welcomelist_auth, where these were
 * declared to count for free mail? */
static bool imported(const struct eval_ctx *c, struct str addr)
{
	static const char *const lists[][2] = {
		{ "freemail_import_welcomelist_auth", "welcomelist_auth" },
		{ "freemail_import_def_welcomelist_auth",
		  "def_welcomelist_auth" },
	};

	for (size_t i = 0; i < 2; i++)
		if (freemail_option(c, lists[i][0], 0) != 0 &&
		    settings_addr_listed(c->settings, str_cstr(lists[i][1]),
					 addr, NULL))
			return true;
	return false;
}

bool freemail_is(const struct eval_ctx *c, struct str addr)
{
	const struct addr_list *welcome =
		settings_addrs(c->settings, STR("freemail_welcomelist"));
	const struct addr_list *l = settings_addrs(c->settings,
						   STR("freemail_domains"));
	struct str domain = str_from(addr, (size_t)(str_rchr(addr, '@') + 1));

	if (!addr.n || !l || !domain_listed(l, domain))
		return false;
	return !has_entry(welcome, addr) && !has_entry(welcome, domain) &&
	       !is_exempt(addr) && !imported(c, addr);
}

/* --- Senders that look like a mailing list --------------------------- */

/* Is c one of what the plugin takes for a separator ('.', and what lies
 * between '_' and 't', which is a slip of the pen in it)? */
static bool is_separator(int c)
{
	c = to_lower(c);
	return c == '.' || (c >= '_' && c <= 't');
}

/* Takes a word off the end of *s, maybe with one separator behind it. */
static bool strip_word(struct str *s, struct str word)
{
	struct str t = *s;

	if (str_iends(t, word)) {
		s->n -= word.n;
		return true;
	}
	if (t.n && is_separator((unsigned char)t.p[t.n - 1])) {
		t.n--;
		if (str_iends(t, word)) {
			s->n = t.n - word.n;
			return true;
		}
	}
	return false;
}

static bool at_word_start(struct str s)
{
	return !s.n || !is_word((unsigned char)s.p[s.n - 1]);
}

/* "...noreply", "...do-not-reply" and kin, at the start of a word. */
static bool ends_noreply(struct str s)
{
	if (str_iends(s, STR("reply")))
		s.n -= 5;
	else if (str_iends(s, STR("replies")))
		s.n -= 7;
	else
		return false;
	if (!strip_word(&s, STR("no")))
		return false;
	if (at_word_start(s))
		return true;
	return strip_word(&s, STR("do")) && at_word_start(s);
}

/* Is what stands before an '@' that of a list, a bouncer, a robot? */
static bool is_bulk_local(struct str s)
{
	static const char *const whole[] = { "postmaster", "hostmaster",
					     "domainmaster", "double-bounce",
					     NULL };
	static const char *const starts[] = {
		"sentto-", "owner-", "return-", "bounce-", "bounced-",
		"grbounce-", "grbounced-", NULL,
	};
	static const char *const ends[] = { "-request", "-bounce", "-bounces",
					    "-admin", "-owner", NULL };

	if (is_one_of(s, whole) || ends_noreply(s))
		return true;
	for (int i = 0; starts[i]; i++)
		if (str_istarts(s, str_cstr(starts[i])) &&
		    s.n > strlen(starts[i]))
			return true;
	for (int i = 0; ends[i]; i++)
		if (str_iends(s, str_cstr(ends[i])))
			return true;
	/* x=y */
	return s.n >= 3 && str_chr(str_make(s.p + 1, s.n - 2), '=') >= 0;
}

bool freemail_is_bulk(struct str from)
{
	for (size_t i = 0; i < from.n; i++)
		if (from.p[i] == '@' && is_bulk_local(str_head(from, i)))
			return true;
	return false;
}
