/*
 * Addresses in running text, as FreeMail's regular expressions find them: a
 * local part of at most 64 bytes without dots at its ends or in a row, one to
 * four labels, a known TLD, and nothing behind that would belong to the name.
 *
 * An address is anchored at its '@', so we go from '@' to '@' and look to both
 * sides, at most 64 bytes to the left and five labels to the right: linear.
 */
#include "eval/freemail.h"

#include "base/arena.h"
#include "base/buf.h"
#include "mail/domain.h"

#define LOCAL_MAX 64
#define LABEL_MAX 61
#define LABELS_MAX 4
#define LINK_MAX 255

static int at(struct str s, size_t i)
{
	return (unsigned char)s.p[i];
}

/* A byte that may stand in a local part, but for the dot. */
static bool is_atext(int c)
{
	return is_alnum(c) || (c && strchr("!#$%&'*+/=?^_`{|}~-", c));
}

static bool is_label_byte(int c)
{
	return is_alnum(c) || c == '-';
}

/* Where the host that starts at i ends; 0 if it is none. */
static size_t host_end(const struct domains *d, struct str s, size_t i)
{
	for (int labels = 0; labels <= LABELS_MAX; labels++) {
		size_t end = i;

		while (end < s.n && is_label_byte(at(s, end)))
			end++;
		/* A dot with a letter or digit behind it goes on. */
		if (end + 1 < s.n && s.p[end] == '.' &&
		    is_alnum(at(s, end + 1))) {
			if (end - i < 1 || end - i > LABEL_MAX ||
			    s.p[i] == '-' || s.p[end - 1] == '-')
				return 0;
			i = end + 1;
			continue;
		}
		return labels > 0 && domain_is_tld(d, str_make(s.p + i,
							       end - i)) ?
			end : 0;
	}
	return 0;
}

/* The leftmost place from `from` on where the local part of the '@' at `sign`
 * may begin; sign if there is none. */
static size_t local_start(struct str s, size_t from, size_t sign)
{
	size_t best = sign, i = sign;

	while (i > from && sign - i < LOCAL_MAX) {
		i--;
		if (is_atext(at(s, i))) {
			if (i == 0 || !is_atext(at(s, i - 1)))
				best = i;
		} else if (s.p[i] != '.' || i + 1 == sign ||
			   s.p[i + 1] == '.') {
			break;
		}
	}
	return best;
}

/* The next '@' at or behind pos that has a host behind it. */
static bool next_sign(const struct domains *d, struct str s, size_t pos,
		      size_t *sign_r, size_t *end_r)
{
	ssize_t i;

	while ((i = str_chr(str_from(s, pos), '@')) >= 0) {
		*sign_r = pos + (size_t)i;
		*end_r = host_end(d, s, *sign_r + 1);
		if (*end_r)
			return true;
		pos = *sign_r + 1;
	}
	return false;
}

bool freemail_next_address(const struct domains *d, struct str s, size_t *pos,
			   struct str *addr_r)
{
	size_t from = *pos, look = *pos, sign, end, start;

	while (next_sign(d, s, look, &sign, &end)) {
		start = local_start(s, from, sign);
		if (start < sign) {
			*addr_r = str_make(s.p + start, end - start);
			*pos = end;
			return true;
		}
		look = sign + 1;
	}
	*pos = s.n;
	return false;
}

size_t freemail_address_at(const struct domains *d, struct str s, size_t begin)
{
	ssize_t n = str_chr(str_head(str_from(s, begin), LOCAL_MAX + 1), '@');
	size_t sign, end, i;

	if (n < 1 || (begin > 0 && is_atext(at(s, begin - 1))))
		return 0;
	sign = begin + (size_t)n;
	for (i = begin; i < sign; i++)
		if (!is_atext(at(s, i)) &&
		    (s.p[i] != '.' || i == begin || i + 1 == sign ||
		     s.p[i + 1] == '.'))
			return 0;
	end = host_end(d, s, sign + 1);
	return end ? end - begin : 0;
}

/* Length of the link at i (maybe with a '<' before it) that holds an '@' or
 * "%40" within 255 bytes and before any space; 0 if there is none. */
static size_t link_length(struct str s, size_t i)
{
	struct str rest = str_from(s, i);
	size_t n = rest.n && rest.p[0] == '<', last = 0, tail;

	if (str_istarts(str_from(rest, n), STR("http://")))
		n += 7;
	else if (str_istarts(str_from(rest, n), STR("https://")))
		n += 8;
	else
		return 0;
	for (size_t k = n; k <= n + LINK_MAX && k < rest.n; k++) {
		if (rest.p[k] == '@')
			last = k + 1;
		else if (str_starts(str_from(rest, k), STR("%40")))
			last = k + 3;
		if (is_space(at(rest, k)))
			break;
	}
	if (!last)
		return 0;
	for (tail = last; tail < rest.n && tail < last + LINK_MAX; tail++)
		if (is_space(at(rest, tail)))
			break;
	return tail;
}

static struct str blank_links(struct arena *a, struct str s)
{
	size_t done = 0, look = 0;
	struct buf b;
	ssize_t found;

	buf_in(&b, a, s.n + 1);
	while ((found = str_chr(str_from(s, look), ':')) >= 0) {
		size_t colon = look + (size_t)found, n = 0, start = 0;

		look = colon + 1;
		if (!str_starts(str_from(s, look), STR("//")))
			continue;

		/* "<https", "https" or "<http", "http" */
		for (size_t back = 6; back >= 4 && !n; back--) {
			if (colon < done + back)
				continue;
			start = colon - back;
			n = link_length(s, start);
		}
		if (!n)
			continue;
		buf_add(&b, s.p + done, start - done);
		buf_addc(&b, ' ');
		done = look = start + n;
	}
	if (!done)
		return s;
	buf_add(&b, s.p + done, s.n - done);
	return buf_str(&b);
}

/* What must follow an address that is blanked: '>', or a word of 2 to 11
 * letters and ':' (a quotation's "wrote:", but no "fax:" or "tel:"). Returns
 * where it ends, or 0. */
static size_t quote_end(struct str s, size_t i)
{
	static const char *const contact[] = { "fax", "facsi", "tel", "phone",
					       "mail", "email" };
	size_t space = i, end;

	if (i < s.n && s.p[i] == '>')
		return i + 1;
	while (space < s.n && is_space(at(s, space)) && space - i <= 10)
		space++;
	if (space == i || space - i > 10)
		return 0;
	for (size_t k = 0; k < sizeof(contact) / sizeof(*contact); k++)
		if (str_istarts(str_from(s, space), str_cstr(contact[k])))
			return 0;
	for (end = space; end < s.n && is_alpha(at(s, end)) &&
	     end - space <= 11;)
		end++;
	if (end - space < 2 || end - space > 11 || end >= s.n ||
	    s.p[end] != ':')
		return 0;
	return end + 1;
}

/* The place where an address for the '@' at `sign` begins that no "mailto:"
 * stands before; sign if there is none. */
static size_t unlinked_start(struct str s, size_t from, size_t sign)
{
	size_t start;

	for (;;) {
		start = local_start(s, from, sign);
		if (start == sign || start < 7 ||
		    !str_ieq(str_make(s.p + start - 7, 7), STR("mailto:")))
			return start;
		from = start + 1;
	}
}

static struct str blank_addresses(struct arena *a, const struct domains *d,
				  struct str s)
{
	size_t done = 0, look = 0, sign, end;
	struct buf b;

	buf_in(&b, a, s.n + 1);
	while (next_sign(d, s, look, &sign, &end)) {
		size_t stop = quote_end(s, end);
		size_t start = stop ? unlinked_start(s, done, sign) : sign;

		look = sign + 1;
		if (start == sign)
			continue;
		if (start > done && s.p[start - 1] == '<')
			start--;
		buf_add(&b, s.p + done, start - done);
		buf_addc(&b, ' ');
		done = look = stop;
	}
	if (!done)
		return s;
	buf_add(&b, s.p + done, s.n - done);
	return buf_str(&b);
}

struct str freemail_blank(struct arena *a, const struct domains *d,
			  struct str s)
{
	return blank_addresses(a, d, blank_links(a, s));
}
