/*
 * Tests on who a mail is for and what its subject makes of that: lists of
 * recipients that a program put together, addresses in the subject, capitals.
 */
#include "eval/header_int.h"

#include <stdlib.h>

#include "base/arena.h"
#include "conf/settings.h"
#include "mail/domain.h"
#include "mail/form.h"

/* SpamAssassin's numbers, found by experiment. */
#define SORTED_COUNT 7
#define SIMILAR_COUNT 5
#define SIMILAR_LENGTH 2
#define RECIPIENTS_MAX 256

/* Adds the values of selector to list. */
static void gather(struct eval_ctx *c, const char *selector,
		   struct strs *list)
{
	struct str rest = header_get(c, selector), one;

	if (rest.n == 0)
		return;
	while (str_next(&rest, '\n', &one))
		strs_add(c->arena, list, one);
}

/* The recipients, without neighbours that are the same. */
static struct strs get_recipients(struct eval_ctx *c)
{
	struct strs all = { 0 }, list = { 0 };
	struct str previous = STR("");

	gather(c, "ToCc:addr", &all);
	if (all.n < SIMILAR_COUNT)
		gather(c, "Bcc:addr", &all);
	for (size_t i = 0; i < all.n && list.n < RECIPIENTS_MAX; i++) {
		struct str one = all.v[i];

		/* Perl's loop ends at a value that is false. */
		if (one.n == 0 || str_eq(one, STR("0")))
			break;
		if (!str_ieq(one, previous))
			strs_add(c->arena, &list, one);
		previous = one;
	}
	return list;
}

int sorted_recipients(struct eval_ctx *c, const struct strs *args)
{
	struct strs list = get_recipients(c);

	(void)args;
	if (list.n < SORTED_COUNT)
		return 0;
	for (size_t i = 1; i < list.n; i++)
		if (str_cmp(list.v[i - 1], list.v[i]) > 0)
			return 0;
	return 1;
}

/* Of all pairs of recipients, how many begin alike, plus how many have hosts
 * that begin alike and are not the same. */
static double similarity(struct arena *a, const struct strs *list)
{
	struct strs hosts = { 0 };
	size_t hits = 0, pairs = 0;

	if (list->n < SIMILAR_COUNT)
		return 0;
	for (size_t i = 0; i < list->n; i++) {
		ssize_t at = str_chr(list->v[i], '@');

		if (at >= 0)
			strs_add(a, &hosts, str_from(list->v[i], at + 1));
	}
	/* Recipients without a host shift the others' and leave gaps. */
	while (hosts.n < list->n)
		strs_add(a, &hosts, STR(""));
	for (size_t i = 0; i < list->n; i++) {
		for (size_t j = i + 1; j < list->n; j++, pairs++) {
			hits += str_eq(str_head(list->v[i], SIMILAR_LENGTH),
				       str_head(list->v[j], SIMILAR_LENGTH));
			hits += !str_eq(hosts.v[i], hosts.v[j]) &&
				str_eq(str_head(hosts.v[i], SIMILAR_LENGTH),
				       str_head(hosts.v[j], SIMILAR_LENGTH));
		}
	}
	return (double)hits / (double)pairs;
}

int similar_recipients(struct eval_ctx *c, const struct strs *args)
{
	struct strs list = get_recipients(c);
	double value = similarity(c->arena, &list);
	struct str min = eval_arg(args, 0), max = eval_arg(args, 1);

	return (str_eq(min, STR("undef")) ||
		value >= eval_arg_num(args, 0, 0)) &&
	       (str_eq(max, STR("undef")) ||
		value < eval_arg_num(args, 1, 0));
}

int check_for_missing_to_header(struct eval_ctx *c, const struct strs *args)
{
	(void)args;
	return header_get(c, "To").n == 0 &&
	       header_get(c, "Apparently-To").n == 0;
}

static bool word_byte(struct str s, ssize_t i)
{
	return i >= 0 && (size_t)i < s.n && is_word((unsigned char)s.p[i]);
}

/* Does needle stand in s with word boundaries at both ends? Any case. */
static bool has_bounded(struct str s, struct str needle)
{
	ssize_t at;

	for (size_t from = 0; (at = str_ifind(str_from(s, from), needle)) >= 0;
	     from++) {
		from += at;
		at = from;
		if (word_byte(s, at - 1) != word_byte(s, at) &&
		    word_byte(s, at + needle.n - 1) !=
			    word_byte(s, at + needle.n))
			return true;
	}
	return false;
}

static bool is_pause(int c)
{
	return c != 0 && strchr(",:;!?-", c);
}

/* "user, ..." at the start: punctuation, then the end or a space. Here
 * letter case counts. */
static bool addressed_first(struct str s, struct str user)
{
	if (!str_starts(s, user))
		return false;
	s = str_ltrim(str_from(s, user.n));
	if (s.n == 0 || !is_pause((unsigned char)s.p[0]))
		return false;
	s = str_from(s, 1);
	return s.n == 0 || is_space((unsigned char)s.p[0]);
}

/* "Re: word user": the word may be missing. */
static bool answered(struct str s, struct str user)
{
	size_t word = 0;
	struct str rest;

	if (!str_istarts(s, STR("re:")) && !str_istarts(s, STR("fw:")))
		return false;
	s = str_ltrim(str_from(s, 3));
	if (str_ieq(s, user))
		return true;
	while (word_byte(s, word))
		word++;
	rest = str_ltrim(str_from(s, word));
	return word > 0 && rest.p > s.p + word && str_ieq(rest, user);
}

/* ", user!" and nothing else. */
static bool named_last(struct str s, struct str user)
{
	if (!str_starts(s, STR(",")))
		return false;
	s = str_ltrim(str_from(s, 1));
	return s.n == user.n + 1 && str_istarts(s, user) &&
	       is_pause((unsigned char)s.p[s.n - 1]);
}

int check_for_to_in_subject(struct eval_ctx *c, const struct strs *args)
{
	struct str to = header_first(c, "To:addr");
	struct str subject = header_get(c, "Subject");
	ssize_t at = str_chr(to, '@');

	if (to.n == 0)
		return 0;
	if (str_eq(eval_arg(args, 0), STR("address")))
		return has_bounded(subject, to);
	if (!str_eq(eval_arg(args, 0), STR("user")))
		return 0;
	/* The newline at the end of the header does not count. */
	if (str_ends(subject, STR("\n")))
		subject.n--;
	if (at >= 0)
		to = str_head(to, at);
	return answered(subject, to) || addressed_first(subject, to) ||
	       str_ieq(subject, to) || named_last(subject, to);
}

/* "Re: Fwd: ..." in some languages. */
static struct str without_prefixes(struct str s)
{
	static const char *const prefixes[] = {
		"Re:", "Fwd:", "Fw:", "Aw:", "Antwort:", "WG:", "SV:", "VB:",
		"VS:", "VL:",
	};
	bool cut = true;

	while (cut) {
		cut = false;
		for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]);
		     i++) {
			struct str p = str_cstr(prefixes[i]);

			if (!str_istarts(s, p))
				continue;
			s = str_ltrim(str_from(s, p.n));
			cut = true;
		}
	}
	return s;
}

/* Encoded words in charsets whose octets look like capitals. */
static bool looks_like_caps(struct str raw)
{
	static const char *const parts[] = {
		"koi", "jp", "jis", "euc", "gb", "big5", "isoir", "cp1251",
		"windows-1251", "georgianps", "pt154", "tis",
	};
	ssize_t at;

	while ((at = str_find(raw, STR("=?"))) >= 0) {
		size_t n = 0;

		raw = str_from(raw, at + 2);
		while (n < raw.n && (is_word((unsigned char)raw.p[n]) ||
				     raw.p[n] == '-'))
			n++;
		if (n == raw.n || raw.p[n] != '?')
			continue;
		for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
			if (str_ifind(str_head(raw, n), str_cstr(parts[i])) >= 0)
				return true;
	}
	return false;
}

int subject_is_all_caps(struct eval_ctx *c, const struct strs *args)
{
	struct str s = str_trim(header_get(c, "Subject"));
	bool spaced = false, capital = false;

	(void)args;
	s = without_prefixes(s);
	if (s.n < 10)
		return 0;
	for (size_t i = 0; i < s.n; i++) {
		int ch = (unsigned char)s.p[i];

		if (is_lower(ch))
			return 0;
		spaced |= is_space(ch);
		capital |= is_upper(ch);
	}
	return spaced && capital && !looks_like_caps(header_get(c,
							"Subject:raw"));
}

/* Is the envelope sender "...dom.example.user@..." for user@dom.example? */
int check_ratware_envelope_from(struct eval_ctx *c, const struct strs *args)
{
	const struct domains *domains = c->settings->mail.domains;
	struct str to = header_first(c, "To:addr"), domain, user;
	struct str from = header_first(c, "EnvelopeFrom:addr");
	struct form_match m = { 0 };
	static struct form_lazy srs = FORM_LAZY_FOLD("SRS{:0-9/1-1}{:-=+}");
	ssize_t at = str_chr(to, '@');

	(void)args;
	if (from.n == 0 || at <= 0 || (size_t)at + 1 == to.n ||
	    form_matches(&srs, from, &m))
		return 0;
	user = str_head(to, at);
	domain = domain_of_host(domains, str_from(to, at + 1));
	if (!domain_is_valid(domains, domain))
		return EVAL_PENDING;
	user = str_cat(c->arena, user, STR("@"));
	for (size_t from_at = 0;;) {
		ssize_t hit = str_ifind(str_from(from, from_at), domain);
		size_t end;

		if (hit < 0)
			return 0;
		hit += from_at;
		end = hit + domain.n + 1;
		if (word_byte(from, hit - 1) != word_byte(from, hit) &&
		    end <= from.n && str_istarts(str_from(from, end), user))
			return 1;
		from_at = hit + 1;
	}
}
