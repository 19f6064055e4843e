/*
 * Dates of mail headers.
 *
 * A date is a row of words, in which day, month and year are found together
 * and the time, the zone's offset or the zone's name anywhere else; all other
 * words do not matter. SpamAssassin would rather have some time than none:
 * what is out of range is forced into it, an unknown zone is UTC, and a date
 * in the form of asctime() loses its time of day. Rules compare these times
 * (how far is Date from Received), so that the fudging is part of the answer.
 */
#include "mail/date.h"

#include <stdint.h>

/* Words that an earlier step has used. */
struct span {
	const char *from, *to;
};

struct words {
	struct str text;
	struct span used[3];
	size_t nused;
};

/* Numbers are cut here; all that is larger is out of every range. */
#define NUMBER_MAX 100000

static bool is_separator(int c)
{
	return c == ',' || is_space(c);
}

static bool next_word(const struct words *w, struct str *rest,
		      struct str *word_r)
{
	for (;;) {
		size_t n = 0;
		bool used = false;

		while (rest->n > 0 && is_separator((uint8_t)rest->p[0]))
			*rest = str_from(*rest, 1);
		if (rest->n == 0)
			return false;
		while (n < rest->n && !is_separator((uint8_t)rest->p[n]))
			n++;
		*word_r = str_head(*rest, n);
		*rest = str_from(*rest, n);
		for (size_t i = 0; i < w->nused; i++)
			used |= word_r->p >= w->used[i].from &&
				word_r->p < w->used[i].to;
		if (!used)
			return true;
	}
}

static void use(struct words *w, struct str first, struct str last)
{
	w->used[w->nused++] = (struct span){ first.p, last.p + last.n };
}

static bool all_digits(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_digit(s.p[i]))
			return false;
	return s.n > 0;
}

static int number(struct str s)
{
	int value = 0;

	for (size_t i = 0; i < s.n && value < NUMBER_MAX; i++)
		value = value * 10 + (s.p[i] - '0');
	return value;
}

/* 1 to 12, or 0. */
static int month_of(struct str s)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (int i = 0; i < 12; i++)
		if (str_ieq(s, str_make(names + 3 * i, 3)))
			return i + 1;
	return 0;
}

/* "h:mm", "hh:mm" or with ":ss". Fills hour, minute and second. */
static bool parse_clock(struct str s, int *v)
{
	struct str part;
	int n = 0;

	v[2] = 0;
	while (str_next(&s, ':', &part)) {
		if (n == 3 || !all_digits(part) || part.n > 2 ||
		    (n > 0 && part.n != 2))
			return false;
		v[n++] = number(part);
	}
	return n >= 2;
}

/* Digits in three parts, as many as you like. */
static bool is_long_clock(struct str s)
{
	struct str part;
	int n = 0;

	while (str_next(&s, ':', &part)) {
		if (n == 3 || !all_digits(part))
			return false;
		n++;
	}
	return n == 3;
}

struct day {
	int day, month;
	struct str year;
};

/* The three orders in which day, month and year come, best first. */
enum day_form { DAY_MONTH_YEAR, ASCTIME, DAY_MONTH_SHORT_YEAR };

static bool is_day(enum day_form form, const struct str *w, struct day *d)
{
	if (form == ASCTIME) {
		d->month = month_of(w[0]);
		d->day = all_digits(w[1]) ? number(w[1]) : -1;
		d->year = w[3];
		return d->month > 0 && d->day >= 0 && is_long_clock(w[2]) &&
		       all_digits(w[3]) && w[3].n == 4;
	}
	d->day = all_digits(w[0]) ? number(w[0]) : -1;
	d->month = month_of(w[1]);
	d->year = w[2];
	if (d->day < 0 || d->month == 0 || !all_digits(w[2]))
		return false;
	return form == DAY_MONTH_YEAR ? w[2].n == 4
				      : w[2].n == 2 || w[2].n == 3;
}

static bool find_day(struct words *w, enum day_form form, struct day *d)
{
	size_t need = form == ASCTIME ? 4 : 3, have = 0;
	struct str rest = w->text, win[4];

	for (;;) {
		while (have < need)
			if (!next_word(w, &rest, &win[have++]))
				return false;
		if (is_day(form, win, d)) {
			use(w, win[0], win[need - 1]);
			return true;
		}
		for (size_t i = 1; i < need; i++)
			win[i - 1] = win[i];
		have--;
	}
}

static void find_clock(struct words *w, int *v)
{
	struct str rest = w->text, word;

	while (next_word(w, &rest, &word)) {
		if (parse_clock(word, v)) {
			use(w, word, word);
			return;
		}
	}
	v[0] = v[1] = v[2] = 0;
}

static const struct zone {
	const char *name;
	int offset;		/* as hhmm */
} zones[] = {
	{ "UT", 0 }, { "UTC", 0 }, { "GMT", 0 }, { "WET", 0 },
	/* North America. AST to PDT are theirs, whoever else uses them. */
	{ "NST", -330 }, { "NDT", -230 }, { "AST", -400 }, { "ADT", -300 },
	{ "EST", -500 }, { "EDT", -400 }, { "CST", -600 }, { "CDT", -500 },
	{ "MST", -700 }, { "MDT", -600 }, { "PST", -800 }, { "PDT", -700 },
	{ "AKST", -900 }, { "AKDT", -800 }, { "HST", -1000 },
	{ "HAST", -1000 }, { "HADT", -900 },
	{ "BRT", -300 }, { "BRST", -200 },
	{ "BST", 100 }, { "IST", 100 }, { "WEST", 100 }, { "CET", 100 },
	{ "MET", 100 }, { "MEZ", 100 }, { "CEST", 200 }, { "MEST", 200 },
	{ "MESZ", 200 }, { "EET", 200 }, { "EEST", 300 }, { "MSK", 300 },
	{ "MSD", 400 }, { "IDT", 300 },
	{ "HKT", 800 }, { "SGT", 800 }, { "PHT", 800 }, { "AWST", 800 },
	{ "JST", 900 }, { "KST", 900 }, { "ACST", 930 }, { "ACDT", 1030 },
	{ "AEST", 1000 }, { "AEDT", 1100 }, { "NZST", 1200 },
	{ "NZDT", 1300 },
};

static bool word_at(struct str s, size_t i)
{
	return i < s.n && is_word((uint8_t)s.p[i]);
}

/* The first stretch of two to four capitals (perhaps with "-DST") that is a
 * word of its own within `s`; punctuation may surround it. */
static bool zone_name(struct str s, struct str *name_r)
{
	for (size_t i = 0; i < s.n; i++) {
		size_t n = 0;

		if (i > 0 && word_at(s, i - 1))
			continue;
		while (i + n < s.n && is_upper(s.p[i + n]))
			n++;
		if (n < 2 || n > 4)
			continue;
		*name_r = str_make(s.p + i, n);
		if (str_starts(str_from(s, i + n), STR("-DST")) &&
		    !word_at(s, i + n + 4)) {
			name_r->n += 4;
			return true;
		}
		if (!word_at(s, i + n))
			return true;
	}
	return false;
}

static int named_zone(struct words *w)
{
	struct str rest = w->text, word, name;

	while (next_word(w, &rest, &word)) {
		if (!zone_name(word, &name))
			continue;
		for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++)
			if (str_eq(name, str_cstr(zones[i].name)))
				return zones[i].offset;
		return 0;
	}
	return 0;
}

/* Seconds east of Greenwich. */
static int find_zone(struct words *w)
{
	struct str rest = w->text, word;
	int hhmm = 0, sign;
	bool found = false;

	while (!found && next_word(w, &rest, &word)) {
		found = word.n == 5 && (word.p[0] == '+' || word.p[0] == '-') &&
			all_digits(str_from(word, 1));
		if (found)
			hhmm = number(str_from(word, 1)) *
			       (word.p[0] == '-' ? -1 : 1);
	}
	if (!found)
		hhmm = named_zone(w);
	sign = hhmm < 0 ? -1 : 1;
	hhmm *= sign;
	return sign * (hhmm / 100 * 60 + hhmm % 100) * 60;
}

static int year_of(struct str s)
{
	int year = number(s);

	if (s.n == 2 && year < 50)
		return year + 2000;
	return s.n == 4 ? year : year + 1900;
}

static int days_in(int month, int year)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30,
				    31, 31, 30, 31, 30, 31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap);
}

static int at_most(int value, int max)
{
	return value > max ? max : value;
}

bool date_parse(struct str s, time_t *time_r)
{
	struct words w = { .text = s };
	struct day d;
	int clock[3], year, zone;
	struct tm tm;
	time_t t;

	if (!find_day(&w, DAY_MONTH_YEAR, &d) && !find_day(&w, ASCTIME, &d) &&
	    !find_day(&w, DAY_MONTH_SHORT_YEAR, &d))
		return false;
	find_clock(&w, clock);
	zone = find_zone(&w);
	year = year_of(d.year);
	if (d.day > days_in(d.month, year)) {
		d.day = 1;
		if (++d.month > 12) {
			d.month = 1;
			year++;
		}
	}
	year = year < 1970 ? 1970 : at_most(year, 2037);
	/* February 29 of a year that was forced into range. */
	if (d.day == 0 || d.day > days_in(d.month, year))
		return false;
	tm = (struct tm){ .tm_sec = at_most(clock[2], 59),
			  .tm_min = at_most(clock[1], 59),
			  .tm_hour = at_most(clock[0], 23),
			  .tm_mday = d.day, .tm_mon = d.month - 1,
			  .tm_year = year - 1900 };
	t = timegm(&tm);
	*time_r = zone > 0 && t < zone ? 0 : t - zone;
	return true;
}
