/*
 * The strict reading of a date. Rules ask parse_smtp_date whether a Date
 * header is well-formed at all, so it must refuse what a mail client would
 * forgive; what SpamAssassin makes of any date is mail/date.h's matter.
 *
 *	[Day ","] day Month year hour ":" minute [":" second] zone [(comment)]
 *
 * What rspamd accepts, found by asking it: the gaps are spaces, not tabs and
 * not line ends, and none is needed behind the day's comma; names are written
 * "Mon" and "Jan", in this case; hour, minute and second have two digits; the
 * zone is +hhmm, a single letter other than J, UT, GMT or one of the American
 * ones, and not UTC; comments stand at the end only, and hold printable ASCII
 * without backslashes. Years of less than 50 are of this century, up to 999
 * they count from 1900. A day that a month does not have runs into the next
 * month, and no one asks whether it was a Monday.
 */
#include "lua/smtp_date.h"

#include <time.h>

/* The number of the word at the front of *s in a list of words of one length;
 * -1: none of them. */
static int take_word(struct str *s, const char *words, size_t len)
{
	for (int i = 0; words[(size_t)i * len]; i++)
		if (str_starts(*s, str_make(words + (size_t)i * len, len))) {
			*s = str_from(*s, len);
			return i;
		}
	return -1;
}

static bool take_char(struct str *s, char c)
{
	if (!s->n || s->p[0] != c)
		return false;
	*s = str_from(*s, 1);
	return true;
}

static bool take_spaces(struct str *s)
{
	bool some = false;

	while (take_char(s, ' '))
		some = true;
	return some;
}

/* min to max digits; -1: there are not that many. */
static int take_number(struct str *s, size_t min, size_t max)
{
	size_t n = 0;
	int value = 0;

	for (; n < max && n < s->n && is_digit((unsigned char)s->p[n]); n++)
		value = value * 10 + (s->p[n] - '0');
	if (n < min)
		return -1;
	*s = str_from(*s, n);
	return value;
}

static bool take_range(struct str *s, size_t min_digits, int min, int max,
		       int *out_r)
{
	*out_r = take_number(s, min_digits, 2);
	return *out_r >= min && *out_r <= max;
}

static bool take_day(struct str *s, struct tm *tm)
{
	int year;

	take_spaces(s);
	if (take_word(s, "MonTueWedThuFriSatSun", 3) >= 0) {
		if (!take_char(s, ','))
			return false;
		take_spaces(s);
	}
	if (!take_range(s, 1, 1, 31, &tm->tm_mday) || !take_spaces(s))
		return false;
	tm->tm_mon = take_word(s, "JanFebMarAprMayJunJulAugSepOctNovDec", 3);
	if (tm->tm_mon < 0 || !take_spaces(s))
		return false;
	year = take_number(s, 2, 4);
	if (year < 0 || !take_spaces(s))
		return false;
	tm->tm_year = year < 50 ? year + 100 : year < 1000 ? year : year - 1900;
	return true;
}

static bool take_clock(struct str *s, struct tm *tm)
{
	if (!take_range(s, 2, 0, 23, &tm->tm_hour) || !take_char(s, ':') ||
	    !take_range(s, 2, 0, 59, &tm->tm_min))
		return false;
	if (take_char(s, ':') && !take_range(s, 2, 0, 60, &tm->tm_sec))
		return false;
	return take_spaces(s);
}

/* Seconds to take off the clock. */
static bool take_zone(struct str *s, int *off_r)
{
	static const char american[] = "EDTESTCDTCSTMDTMSTPDTPST";
	int sign, n;

	*off_r = 0;
	if (!s->n)
		return false;
	if (s->p[0] == '+' || s->p[0] == '-') {
		sign = s->p[0] == '+' ? 1 : -1;
		*s = str_from(*s, 1);
		n = take_number(s, 4, 4);
		*off_r = sign * (n / 100 * 60 + n % 100) * 60;
		return n >= 0;
	}
	n = take_word(s, american, 3);
	if (n >= 0) {
		/* EDT is four hours west, each next pair one more. */
		*off_r = -(4 + n / 2 + n % 2) * 3600;
		return true;
	}
	if (take_word(s, "GMT", 3) >= 0 || take_word(s, "UT", 2) >= 0)
		return true;
	if (!is_alpha((unsigned char)s->p[0]) || (s->p[0] | ' ') == 'j')
		return false;
	*s = str_from(*s, 1);
	return true;
}

/* Spaces and comments, which nest, to the end. */
static bool only_comments(struct str *s)
{
	size_t depth = 0;

	for (; s->n; *s = str_from(*s, 1)) {
		unsigned char c = (unsigned char)s->p[0];

		if (c == '(')
			depth++;
		else if (c == ')' && depth)
			depth--;
		else if (c != ' ' && (!depth || c == '\\' || c == ')' ||
				      c < ' ' || c > '~'))
			return false;
	}
	return depth == 0;
}

bool smtp_date_parse(struct str s, int64_t *time_r, size_t *at_r)
{
	struct str rest = s;
	struct tm tm = { 0 };
	int off;

	if (!take_day(&rest, &tm) || !take_clock(&rest, &tm) ||
	    !take_zone(&rest, &off) || !only_comments(&rest)) {
		*at_r = s.n - rest.n;
		return false;
	}
	*time_r = (int64_t)timegm(&tm) - off;
	return true;
}
