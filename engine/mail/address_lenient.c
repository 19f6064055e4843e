/*
 * SpamAssassin's own reading of an address header. It takes entries off the
 * front until none fits:
 *
 *   phrase <address> (comment) ,      user@host (comment) ,      phrase ,
 *
 * A phrase is quoted strings and any other text without `" , ; <`. What stands
 * between < and > may be anything and is judged afterwards, so an entry can
 * exist without an address. If an @ is left over, every <user@host> in the
 * rest counts.
 *
 * The original is one backtracking pattern, and what it accepts for `<...>`
 * depends on what follows: the end of the brackets is the last `>` of the run
 * of non-blanks from which an entry can be completed. Here that is a search
 * with a budget, so that hostile headers cost no more than long ones.
 */
#include "mail/address_int.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "mail/domain.h"

/* Steps of searching for one header; real ones need a few hundred. */
#define BUDGET 100000
/* Brackets behind brackets that are followed. */
#define MAX_AGAIN 100

#define NOWHERE ((size_t)-1)

struct scan {
	struct arena *a;
	struct str s;
	size_t budget;
	int again;
};

/* One entry as it was cut out. */
struct entry {
	struct str phrase;	/* p NULL: none */
	struct str address;
	struct str comment;
	bool bracketed;
	size_t end;		/* where the next entry starts */
};

static int at(const struct scan *c, size_t i)
{
	return i < c->s.n ? (unsigned char)c->s.p[i] : -1;
}

static bool spend(struct scan *c)
{
	if (c->budget == 0)
		return false;
	c->budget--;
	return true;
}

static size_t skip_spaces(struct str s, size_t i)
{
	while (i < s.n && is_space((unsigned char)s.p[i]))
		i++;
	return i;
}

static size_t skip_nonspaces(struct str s, size_t i)
{
	while (i < s.n && !is_space((unsigned char)s.p[i]))
		i++;
	return i;
}

/* The end of what `open` encloses from s.p[i] on: content without `open` and
 * `close`, but with backslash pairs. NOWHERE if it is not closed. */
static size_t enclosed(struct str s, size_t i, char open, char close,
		       bool newlines)
{
	if (i >= s.n || s.p[i] != open)
		return NOWHERE;
	for (i++; i < s.n && s.p[i] != close; i++) {
		if (s.p[i] == open)
			return NOWHERE;
		if (s.p[i] != '\\')
			continue;
		i++;
		if (i >= s.n || (s.p[i] == '\n' && !newlines))
			return NOWHERE;
	}
	return i < s.n ? i + 1 : NOWHERE;
}

static size_t quoted(struct str s, size_t i)
{
	return enclosed(s, i, '"', '"', false);
}

static bool local_octet(int c)
{
	return !is_space(c) && !strchr("@<>()[],:;", c);
}

static bool domain_octet(int c)
{
	return !is_space(c) && !strchr("\"<>()[],:;", c);
}

/* strchr finds the NUL that ends its set, but a NUL may be in an address. */
static bool in_run(bool (*ok)(int c), int c)
{
	return c == 0 || ok(c);
}

static size_t domain_part(struct str s, size_t i)
{
	size_t n = i;

	if (i < s.n && s.p[i] == '[') {
		for (n++; n < s.n && (is_digit((unsigned char)s.p[n]) ||
				      s.p[n] == ':' || s.p[n] == '.'); n++)
			;
		return n > i + 1 && n < s.n && s.p[n] == ']' ? n + 1 :
			NOWHERE;
	}
	while (n < s.n && in_run(domain_octet, (unsigned char)s.p[n]))
		n++;
	return n > i ? n : NOWHERE;
}

/* How the user part of user@host is read: as a quoted string, or as a run in
 * which a quote is nothing special. */
enum user { USER_QUOTED, USER_RUN, USER_READINGS };

/* The end of user@host at s.p[i] in that reading. */
static size_t mail_address(struct str s, size_t i, enum user reading)
{
	size_t user = i;

	if (reading == USER_QUOTED)
		user = quoted(s, i);
	else
		while (user < s.n &&
		       in_run(local_octet, (unsigned char)s.p[user]))
			user++;
	if (user == i || user >= s.n || s.p[user] != '@')
		return NOWHERE;
	return domain_part(s, user + 1);
}

/* All of s is user@host (a final newline apart). */
static bool is_mail_address(struct str s)
{
	for (enum user k = 0; s.n && k < USER_READINGS; k++) {
		size_t end = mail_address(s, 0, k);

		if (end == s.n ||
		    (end != NOWHERE && end + 1 == s.n && s.p[end] == '\n'))
			return true;
	}
	return false;
}

/* Behind an entry's text: a comment or none, then a separator or the end. */
static bool finish_plain(const struct scan *c, size_t i, struct entry *e)
{
	size_t open = skip_spaces(c->s, i);
	size_t close = enclosed(c->s, open, '(', ')', false);
	size_t end;

	e->comment = STR_NONE;
	for (int with = close != NOWHERE; with >= 0; with--) {
		end = skip_spaces(c->s, with ? close : i);
		if (end != c->s.n && at(c, end) != ',' && at(c, end) != ';')
			continue;
		if (with)
			e->comment = str_make(c->s.p + open + 1,
					      close - open - 2);
		e->end = end < c->s.n ? end + 1 : end;
		return true;
	}
	return false;
}

static bool finish_bracketed(struct scan *c, size_t i, struct entry *e);

/* Further <...> behind the first: some mailers write the address twice. The
 * last `>` of the run of non-blanks from `from` that completes the entry. */
static bool finish_again_from(struct scan *c, size_t from, struct entry *e)
{
	size_t run = skip_nonspaces(c->s, from);
	size_t behind = skip_spaces(c->s, run);

	for (size_t end = run; end > from; end--) {
		size_t close = end == run ? behind : end;

		if (!spend(c))
			return false;
		if (at(c, close) == '>' && finish_bracketed(c, close + 1, e))
			return true;
	}
	return false;
}

static bool finish_bracketed(struct scan *c, size_t i, struct entry *e)
{
	size_t open = skip_spaces(c->s, i);
	size_t inner, q;
	bool done;

	if (at(c, open) != '<')
		return finish_plain(c, i, e);
	if (c->again == MAX_AGAIN)
		return false;
	c->again++;
	inner = skip_spaces(c->s, open + 1);
	q = quoted(c->s, inner);
	done = (q != NOWHERE && finish_again_from(c, q, e)) ||
		finish_again_from(c, inner, e) ||
		(at(c, inner) == '>' && finish_bracketed(c, inner + 1, e));
	c->again--;
	return done;
}

/* "<...>" at i. Tries its possible ends, the farthest first. */
static bool bracketed(struct scan *c, size_t i, struct entry *e)
{
	size_t from, mid, run;

	if (at(c, i) != '<')
		return false;
	from = mid = skip_spaces(c->s, i + 1);
	while (at(c, mid) >= 0 && at(c, mid) != '>' && at(c, mid) != '@')
		mid++;
	run = skip_nonspaces(c->s, mid);
	for (size_t end = run; end > from; end--) {
		size_t close;

		if (!spend(c))
			return false;
		if (is_space(at(c, end - 1)))
			continue;
		close = skip_spaces(c->s, end);
		if (at(c, close) != '>' ||
		    !finish_bracketed(c, close + 1, e))
			continue;
		e->address = str_make(c->s.p + from, end - from);
		return true;
	}
	e->address = str_make(c->s.p + from, 0);
	return at(c, from) == '>' && finish_bracketed(c, from + 1, e);
}

/* Where the pieces of a phrase end, from i on; the last PIECES of them. */
#define PIECES 64

static size_t phrase_pieces(const struct scan *c, size_t i, size_t *ends)
{
	size_t n = 0;

	for (;;) {
		size_t end = quoted(c->s, i);

		if (end == NOWHERE) {
			end = i;
			while (at(c, end) >= 0 && at(c, end) != '"' &&
			       at(c, end) != ',' && at(c, end) != ';' &&
			       at(c, end) != '<')
				end++;
		}
		if (end == i)
			return n;
		if (n == PIECES)
			memmove(ends, ends + 1, --n * sizeof(*ends));
		ends[n++] = i = end;
	}
}

/* An entry that starts at i, behind its leading blanks. */
static bool entry_at(struct scan *c, size_t i, struct entry *e)
{
	size_t ends[PIECES], n, end, last;

	*e = (struct entry){ .phrase = STR_NONE };
	n = phrase_pieces(c, i, ends);
	last = n ? ends[n - 1] : i;
	if (bracketed(c, last, e)) {
		e->bracketed = true;
		if (n)
			e->phrase = str_make(c->s.p + i, last - i);
		return true;
	}
	e->address = STR_NONE;
	for (enum user k = 0; k < USER_READINGS; k++) {
		end = mail_address(c->s, i, k);
		if (end == NOWHERE || !finish_plain(c, end, e))
			continue;
		e->address = str_make(c->s.p + i, end - i);
		return true;
	}
	/* Pieces of a phrase may turn out to be a comment. */
	while (n > 0 && spend(c)) {
		end = ends[--n];
		if (!finish_plain(c, end, e))
			continue;
		e->phrase = str_make(c->s.p + i, end - i);
		return true;
	}
	return false;
}

/* Appends s without its comments. */
static void put_uncommented(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.n; ) {
		size_t end = enclosed(s, i, '(', ')', true);

		if (end != NOWHERE)
			i = end;
		else
			buf_addc(out, s.p[i++]);
	}
}

/* The phrase as a name: quotes off, comments out. p is NULL if there was
 * nothing in it but quotes that do not close. */
static struct str read_phrase(struct arena *a, struct str s)
{
	struct buf out;
	bool any = false;

	buf_in(&out, a, LIMIT_HEADER_VALUE);
	for (size_t i = 0; i < s.n; ) {
		size_t end = enclosed(s, i, '"', '"', true);

		if (end != NOWHERE) {
			for (size_t k = i + 1; k < end - 1; k++) {
				if (s.p[k] != '\\')
					buf_addc(&out, s.p[k]);
			}
		} else if (s.p[i] == '"') {
			i++;
			continue;
		} else {
			for (end = i; end < s.n && s.p[end] != '"'; end++)
				;
			put_uncommented(&out, str_make(s.p + i, end - i));
		}
		any = true;
		i = end;
	}
	return any ? buf_str(&out) : STR_NONE;
}

/* An address that was said twice, "a@b@c", ends before its second @. */
static struct str cut_at_second(struct str addr)
{
	ssize_t first = str_chr(addr, '@');
	ssize_t second = str_chr(str_from(addr, (size_t)first + 1), '@');

	return second < 0 ? addr :
		str_head(addr, (size_t)first + 1 + (size_t)second);
}

/* A phrase that is an address with a sound host is one. */
static bool phrase_is_address(struct str phrase)
{
	struct str host;

	if (!is_mail_address(phrase) || !address_plausible(phrase))
		return false;
	host = str_from(cut_at_second(phrase),
			(size_t)str_chr(phrase, '@') + 1);
	return host_is_valid(host);
}

static void judge(struct arena *a, struct entry *e, struct addresses *out)
{
	struct str addr = e->address, phrase = e->phrase;

	if (e->bracketed) {
		struct buf b;

		buf_in(&b, a, LIMIT_HEADER_VALUE);
		put_uncommented(&b, addr);
		addr = is_mail_address(buf_str(&b)) ? buf_str(&b) : STR_NONE;
	}
	if (addr.p && !address_plausible(addr))
		addr = STR_NONE;
	if (phrase.p) {
		phrase = read_phrase(a, phrase);
		if (!addr.p && phrase_is_address(phrase)) {
			addr = phrase;
			phrase = STR_NONE;
		} else if (phrase.n == 0 || (addr.p && str_eq(phrase, addr))) {
			phrase = STR_NONE;
		}
	}
	if (!phrase.p)
		phrase = e->comment;
	if (addr.p)
		addr = cut_at_second(addr);
	addresses_add(a, out, addr, phrase);
}

/* "Group: a@b, c@d;" begins behind its last colon; an empty group has
 * nothing. */
static struct str without_group(struct str s)
{
	size_t colon = 0;

	for (size_t i = 0; i < s.n && !strchr("\"()<>", s.p[i] ? s.p[i] : 1);
	     i++) {
		if (s.p[i] == ':' && i > 0)
			colon = i;
	}
	if (!colon)
		return s;
	s = str_from(s, skip_spaces(s, colon + 1));
	return s.n && s.p[0] == ';' ? str_make(s.p, 0) : s;
}

/* The end of "<user@host" at '<' if a '>' is next, else NOWHERE. */
static size_t bare_bracket(struct str s, size_t i)
{
	for (enum user k = 0; k < USER_READINGS; k++) {
		size_t end = mail_address(s, i + 1, k);

		if (end != NOWHERE && end < s.n && s.p[end] == '>')
			return end;
	}
	return NOWHERE;
}

/* Every <user@host> in what nobody understood. */
static void last_resort(struct arena *a, struct str s, struct addresses *out)
{
	for (size_t i = 0; i < s.n; i++) {
		size_t end = s.p[i] == '<' ? bare_bracket(s, i) : NOWHERE;
		struct str addr;

		if (end == NOWHERE)
			continue;
		addr = str_make(s.p + i + 1, end - i - 1);
		if (address_plausible(addr))
			addresses_add(a, out, cut_at_second(addr), STR_NONE);
		i = end;
	}
}

void addresses_lenient(struct arena *a, struct str s, struct addresses *out)
{
	struct scan c = { .a = a, .budget = BUDGET };
	struct entry e;

	c.s = without_group(address_without_pairs(a, str_rtrim(s)));
	if (str_trim(c.s).n == 0)
		return;
	while (c.s.n) {
		size_t start = skip_spaces(c.s, 0);

		/* A lone blank before a separator makes a phrase. */
		if (!entry_at(&c, start, &e) &&
		    (start == 0 || !entry_at(&c, start - 1, &e)))
			break;
		judge(a, &e, out);
		c.s = str_from(c.s, e.end);
	}
	if (str_chr(c.s, '@') >= 0)
		last_resort(a, c.s, out);
}
