/*
 * From Perl's syntax to PCRE2's. The rules were written for Perl 5.36 over
 * octets under /aa, and PCRE2 10.42 reads most of that the same. This file
 * walks a pattern once and rewrites the rest:
 *
 *   {,3} and { 1, 3 } are quantifiers in Perl, literals in PCRE2;
 *   \x{456} and \N{U+456} can never equal an octet, but PCRE2 refuses them;
 *   \h \v \R are spelt out, because PCRE2 optimises them wrongly;
 *   (?aa) (?a) (?p) say nothing new, (?u) gives Latin-1 letters to \w;
 *   (?^aa:...) is how Perl prints a compiled pattern.
 *
 * It refuses what SpamAssassin refuses too, because Perl dies or warns and
 * SpamAssassin takes a warning for an error ("x{a", \Q, nested quantifiers),
 * and PCRE2's own inventions ((*UTF), (?C), (?J)). Everything else is passed
 * through untouched for PCRE2 to judge.
 */
#include "match/regex_rewrite.h"

#include "base/arena.h"
#include "base/limits.h"

#define MAX_QUANTIFIER 65534

static size_t skip_blanks(struct str s, size_t i)
{
	while (i < s.n && (s.p[i] == ' ' || s.p[i] == '\t'))
		i++;
	return i;
}

static size_t read_count(struct str s, size_t i, long *value_r)
{
	long v = -1;

	for (; i < s.n && is_digit(s.p[i]); i++) {
		v = (v < 0 ? 0 : v) * 10 + (s.p[i] - '0');
		if (v > MAX_QUANTIFIER)
			v = MAX_QUANTIFIER + 1;
	}
	*value_r = v;
	return i;
}

/* Reads Perl's {n} {n,} {,m} {n,m}, blanks allowed, at s.p[i] == '{'. Returns
 * its length or 0 if it is no quantifier; counts are -1 where left out. */
static size_t read_braces(struct str s, size_t i, long *min_r, long *max_r,
			  bool *comma_r)
{
	size_t at = i;

	at = read_count(s, skip_blanks(s, at + 1), min_r);
	at = skip_blanks(s, at);
	*comma_r = at < s.n && s.p[at] == ',';
	*max_r = -1;
	if (*comma_r) {
		at = read_count(s, skip_blanks(s, at + 1), max_r);
		at = skip_blanks(s, at);
	}
	if (at >= s.n || s.p[at] != '}' || (*min_r < 0 && *max_r < 0))
		return 0;
	return at + 1 - i;
}

/* PCRE2 quantifies no bare ^ $ \b; in a group it does. */
static void wrap_atom(struct rewrite *r)
{
	struct str atom;

	if (r->bare == NOT_BARE)
		return;
	atom = str_dup(r->a, str_from(buf_str(&r->out), r->bare));
	r->out.n = r->bare;
	buf_addf(&r->out, "(?:%.*s)", STR_ARG(atom));
}

static int check_quantifiable(struct rewrite *r, bool endless)
{
	switch (r->prev) {
	case PREV_NOTHING:
		return err_set(r->err, "quantifier follows nothing");
	case PREV_QUANTIFIER:
		return err_set(r->err, "nested quantifiers");
	case PREV_ZERO_WIDTH:
		if (endless)
			return err_set(r->err, "endless quantifier on "
				       "something of no width");
		wrap_atom(r);
		break;
	case PREV_ATOM:
		break;
	}
	return 0;
}

/* A lazy or possessive mark behind a quantifier. */
static void finish_quantifier(struct rewrite *r)
{
	if (rewrite_peek(r, 0) == '?' || rewrite_peek(r, 0) == '+')
		rewrite_copy(r, 1);
	r->prev = PREV_QUANTIFIER;
}

static int rewrite_brace(struct rewrite *r)
{
	long min, max;
	bool comma;
	size_t n = read_braces(r->s, r->pos, &min, &max, &comma);

	/* Where no quantifier can stand a brace is just a brace; elsewhere
	 * Perl wants one that is none escaped. */
	if (n == 0 && r->prev != PREV_NOTHING)
		return err_set(r->err, "unescaped left brace");
	if (n == 0 || r->prev == PREV_NOTHING) {
		buf_adds(&r->out, STR("\\{"));
		r->pos++;
		r->prev = PREV_ATOM;
		return 0;
	}
	if (check_quantifiable(r, comma && max < 0))
		return -1;
	if (min > MAX_QUANTIFIER || max > MAX_QUANTIFIER)
		return err_set(r->err, "quantifier bigger than %d",
			       MAX_QUANTIFIER);
	if (min < 0)
		min = 0;
	if (!comma)
		buf_addf(&r->out, "{%ld}", min);
	else if (max < 0)
		buf_addf(&r->out, "{%ld,}", min);
	else if (max < min)
		return err_set(r->err, "quantifier {%ld,%ld} cannot match",
			       min, max);
	else
		buf_addf(&r->out, "{%ld,%ld}", min, max);
	r->pos += n;
	if ((!comma || min == max) &&
	    (rewrite_peek(r, 0) == '?' || rewrite_peek(r, 0) == '+'))
		return err_set(r->err, "useless greediness modifier");
	finish_quantifier(r);
	return 0;
}

/* A character above 0xff as an atom: what octets it may equal, or nothing. */
static void put_code_point(struct rewrite *r, long c)
{
	if (c <= 0xff) {
		buf_addf(&r->out, "\\x{%02lx}", c);
		return;
	}
	int folded = r->flags & PF_I ? perl_fold_to_octet(c) : -1;

	if (folded >= 0)
		buf_addf(&r->out, "\\x{%02x}", folded);
	else
		buf_adds(&r->out, STR("(?:(?!))"));
}

/* \w and kin under (?u), where Latin-1 letters are letters. */
static void put_unicode_escape(struct rewrite *r, int c)
{
	bool negated = c == 'W' || c == 'S';
	struct str name = c == 'w' || c == 'W' ? STR("word") : STR("space");

	if (c == 'b' || c == 'B') {
		struct buf w;

		buf_in(&w, r->a, 4096);
		latin1_ranges(STR("word"), false, &w);
		buf_addf(&r->out, c == 'b' ?
			 "(?:(?<=[%.*s])(?![%.*s])|(?<![%.*s])(?=[%.*s]))" :
			 "(?:(?<=[%.*s])(?=[%.*s])|(?<![%.*s])(?![%.*s]))",
			 (int)w.n, w.p, (int)w.n, w.p, (int)w.n, w.p,
			 (int)w.n, w.p);
		return;
	}
	buf_addc(&r->out, '[');
	latin1_ranges(name, negated, &r->out);
	buf_addc(&r->out, ']');
}

/* PCRE2 10.42 takes \h for the opposite of \S and \R for that of `.` when it
 * looks for repeats that need no backtracking, which is wrong for 0xa0 and
 * \v; spelt out they are right. */
static bool put_blank_escape(struct rewrite *r, int c)
{
	static const struct { char letter; const char *text; } table[] = {
		{ 'h', "[\\t \\xa0]" }, { 'H', "[^\\t \\xa0]" },
		{ 'v', "[\\n-\\r\\x85]" }, { 'V', "[^\\n-\\r\\x85]" },
		{ 'R', "(?>\\r\\n|[\\n-\\r\\x85])" },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		if (c == table[i].letter) {
			buf_adds(&r->out, str_cstr(table[i].text));
			return true;
		}
	}
	return false;
}

/* The letters that Perl knows behind a backslash outside a class; the rest
 * makes it warn. */
static bool known_escape(int c)
{
	return !is_alpha(c) ||
		strchr("abBcdDefgGhHkKnNoprRsStPvVwWxXzZA", c) != NULL;
}

/* \g{ -1 } and \k{ name }: blanks inside the braces go. */
static bool copy_braced_name(struct rewrite *r)
{
	struct str rest = str_from(r->s, r->pos + 2);
	ssize_t end;

	if (rest.n == 0 || rest.p[0] != '{')
		return false;
	end = str_chr(rest, '}');
	if (end < 0)
		return false;
	rewrite_copy(r, 3);
	buf_adds(&r->out, str_trim(str_make(rest.p + 1, (size_t)end - 1)));
	buf_addc(&r->out, '}');
	r->pos += (size_t)end;
	return true;
}

/* Refuses letters that Perl warns about, and what is out of reach. */
static int check_escape(struct rewrite *r, int c)
{
	bool brace = rewrite_peek(r, 2) == '{';

	if (c <= 0)
		return err_set(r->err, "trailing \\ or an escaped NUL");
	if (!known_escape(c))
		return err_set(r->err, "unrecognized escape \\%c", c);
	if ((c == 'b' || c == 'B') && brace)
		return err_set(r->err, "\\%c{...} is not supported", c);
	if (c == 'N' && brace && is_alpha(rewrite_peek(r, 3)) &&
	    rewrite_peek(r, 4) != '+')
		return err_set(r->err, "\\N{name} is not supported");
	return 0;
}

/* A character by number. 1: done, 0: it is another escape, -1 and r->err. */
static int rewrite_number(struct rewrite *r, int c)
{
	size_t at = r->pos + 1;
	long point = perl_code_point(r->s, &at, r->err);

	if (point < 0)
		return point == -2 ? -1 : 0;
	/* \xHH is read alike. */
	if (c == 'x' && at == r->pos + 4 && rewrite_peek(r, 2) != '{')
		buf_add(&r->out, r->s.p + r->pos, 4);
	else
		put_code_point(r, point);
	r->pos = at;
	r->prev = PREV_ATOM;
	return 1;
}

/* \p{...} and \pL. */
static int copy_property(struct rewrite *r, int c)
{
	ssize_t end;

	if (rewrite_peek(r, 2) != '{') {
		rewrite_copy(r, 2);
		return 0;
	}
	end = str_chr(str_from(r->s, r->pos), '}');
	if (end < 0)
		return err_set(r->err, "missing right brace on \\%c{", c);
	rewrite_copy(r, (size_t)end + 1);
	return 0;
}

static int rewrite_escape(struct rewrite *r)
{
	int c = rewrite_peek(r, 1);
	int rc = check_escape(r, c);

	if (rc == 0)
		rc = rewrite_number(r, c);
	if (rc)
		return rc < 0 ? -1 : 0;
	r->prev = strchr("bBAzZGK", c) ? PREV_ZERO_WIDTH : PREV_ATOM;
	r->bare = r->out.n;
	if ((r->flags & PF_U) && strchr("wWsSbB", c)) {
		put_unicode_escape(r, c);
		r->pos += 2;
	} else if (put_blank_escape(r, c)) {
		r->pos += 2;
	} else if (c == 'p' || c == 'P') {
		return copy_property(r, c);
	} else if ((c != 'g' && c != 'k') || !copy_braced_name(r)) {
		rewrite_copy(r, c == 'c' && rewrite_peek(r, 2) >= 0 ? 3 : 2);
	}
	return 0;
}

/* A comment or white space under /x leaves what can be quantified alone. */
static bool skip_extended(struct rewrite *r, int c)
{
	if (!(r->flags & PF_X))
		return false;
	if (is_space(c)) {
		rewrite_copy(r, 1);
		return true;
	}
	if (c != '#')
		return false;
	while (rewrite_peek(r, 0) >= 0 && rewrite_peek(r, 0) != '\n')
		r->pos++;
	return true;
}

/* How many octets from here on mean themselves. */
static size_t plain_run(const struct rewrite *r)
{
	size_t n = 0;

	while (is_alnum(rewrite_peek(r, n)))
		n++;
	return n;
}

static int rewrite_one(struct rewrite *r)
{
	int c = rewrite_peek(r, 0);
	size_t plain = plain_run(r);

	if (plain) {
		rewrite_copy(r, plain);
		r->prev = PREV_ATOM;
		return 0;
	}

	if (skip_extended(r, c))
		return 0;
	switch (c) {
	case '\\':
		return rewrite_escape(r);
	case '[':
		r->prev = PREV_ATOM;
		return regex_class_from_perl(r->s, &r->pos, r->flags, &r->out,
					     r->err);
	case '(':
		return rewrite_open(r);
	case ')':
		return rewrite_close(r);
	case '{':
		return rewrite_brace(r);
	case '*': case '+': case '?':
		if (check_quantifiable(r, c != '?'))
			return -1;
		rewrite_copy(r, 1);
		finish_quantifier(r);
		return 0;
	case '|':
		r->prev = PREV_NOTHING;
		break;
	case '^': case '$':
		r->prev = PREV_ZERO_WIDTH;
		r->bare = r->out.n;
		break;
	default:
		r->prev = PREV_ATOM;
	}
	rewrite_copy(r, 1);
	return 0;
}

static int read_mods(struct rewrite *r, struct str mods, unsigned *options_r)
{
	static const struct { char letter; unsigned option; } table[] = {
		{ 'i', RO_CASELESS }, { 'm', RO_MULTILINE },
		{ 's', RO_DOTALL }, { 'x', RO_EXTENDED },
		{ 'n', RO_NO_AUTO_CAPTURE },
	};
	struct buf kept;

	*options_r = 0;
	buf_in(&kept, r->a, 64);
	for (size_t i = 0; i < mods.n; i++) {
		if (mods.p[i] == 'l' ||
		    !rewrite_flag(&r->flags, mods.p[i], true, &kept))
			return err_set(r->err, "modifier /%c is not supported",
				       mods.p[i]);
		for (size_t k = 0; k < sizeof(table) / sizeof(*table); k++) {
			if (mods.p[i] == table[k].letter)
				*options_r |= table[k].option;
		}
	}
	if (r->flags & PF_XX)
		*options_r |= RO_EXTENDED_MORE;
	if ((r->flags & PF_D) && (r->flags & PF_I))
		return err_set(r->err, "/di is not supported");
	return 0;
}

int regex_from_perl(struct arena *a, struct str pattern, struct str mods,
		    bool expand, struct str *text_r, unsigned *options_r,
		    struct err *err)
{
	struct rewrite r = {
		.a = a, .s = pattern, .err = err, .expand = expand,
		.prev = PREV_NOTHING,
	};

	if (read_mods(&r, mods, options_r))
		return -1;
	buf_in(&r.out, a, 4 * LIMIT_RULE_LINE);
	while (r.pos < r.s.n) {
		if (rewrite_one(&r))
			return -1;
	}
	if (r.depth)
		return err_set(err, "unmatched (");
	if (r.out.full)
		return err_set(err, "pattern too long");
	*text_r = buf_str(&r.out);
	return 0;
}
