/*
 * From Perl's syntax to PCRE2's. The rules were written for Perl 5.36 over
 * octets under /aa, and PCRE2 10.42 reads most of that the same. This file
 * walks a pattern once and rewrites the rest:
 *
 *   {,3} and { 1, 3 } are quantifiers in Perl, literals in PCRE2;
 *   \x{456} and \N{U+456} can never equal an octet, but PCRE2 refuses them;
 *   (?aa) (?a) (?p) say nothing new, (?u) gives Latin-1 letters to \w;
 *   (?^aa:...) is how Perl prints a compiled pattern.
 *
 * It refuses what SpamAssassin refuses too, because Perl dies or warns and
 * SpamAssassin takes a warning for an error ("x{a", \Q, nested quantifiers),
 * and PCRE2's own inventions ((*UTF), (?C), (?J)). Everything else is passed
 * through untouched for PCRE2 to judge.
 */
#include "match/regex_int.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"

#define MAX_DEPTH 250
#define MAX_QUANTIFIER 65534

/* What stands before the current position, for quantifiers. */
enum prev { PREV_NOTHING, PREV_ATOM, PREV_ZERO_WIDTH, PREV_QUANTIFIER };

struct group {
	unsigned flags;
	bool lookbehind;
	bool zero_width;
	size_t body;		/* offset of its body in out */
};

struct rewrite {
	struct arena *a;
	struct str s;
	size_t pos;
	struct buf out;
	struct err *err;
	unsigned flags;
	bool expand;
	enum prev prev;
	struct group stack[MAX_DEPTH];
	size_t depth;
};

static int peek(const struct rewrite *r, size_t ahead)
{
	size_t i = r->pos + ahead;

	return i < r->s.n ? (unsigned char)r->s.p[i] : -1;
}

static void copy(struct rewrite *r, size_t n)
{
	buf_add(&r->out, r->s.p + r->pos, n);
	r->pos += n;
}

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

static int check_quantifiable(struct rewrite *r)
{
	switch (r->prev) {
	case PREV_NOTHING:
		return err_set(r->err, "quantifier follows nothing");
	case PREV_QUANTIFIER:
		return err_set(r->err, "nested quantifiers");
	case PREV_ZERO_WIDTH:
		return err_set(r->err, "quantifier on something of no width");
	case PREV_ATOM:
		break;
	}
	return 0;
}

/* A lazy or possessive mark behind a quantifier. */
static void finish_quantifier(struct rewrite *r)
{
	if (peek(r, 0) == '?' || peek(r, 0) == '+')
		copy(r, 1);
	r->prev = PREV_QUANTIFIER;
}

static int rewrite_brace(struct rewrite *r)
{
	long min, max;
	bool comma;
	size_t n = read_braces(r->s, r->pos, &min, &max, &comma);

	if (n == 0) {
		/* Perl lets a lone brace pass silently only where no
		 * quantifier could stand. */
		if (r->prev != PREV_NOTHING)
			return err_set(r->err, "unescaped left brace");
		buf_adds(&r->out, STR("\\{"));
		r->pos++;
		r->prev = PREV_ATOM;
		return 0;
	}
	if (check_quantifiable(r))
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
	copy(r, 3);
	buf_adds(&r->out, str_trim(str_make(rest.p + 1, (size_t)end - 1)));
	buf_addc(&r->out, '}');
	r->pos += (size_t)end;
	return true;
}

static int rewrite_escape(struct rewrite *r)
{
	int c = peek(r, 1);
	size_t at = r->pos + 1;
	long point;

	if (c <= 0)
		return err_set(r->err, "trailing \\ or an escaped NUL");
	if (!known_escape(c))
		return err_set(r->err, "unrecognized escape \\%c", c);
	if ((c == 'b' || c == 'B') && peek(r, 2) == '{')
		return err_set(r->err, "\\%c{...} is not supported", c);
	point = perl_code_point(r->s, &at, r->err);
	if (point == -2)
		return -1;
	if (point >= 0) {
		put_code_point(r, point);
		r->pos = at;
		r->prev = PREV_ATOM;
		return 0;
	}
	r->prev = strchr("bBAzZGK", c) ? PREV_ZERO_WIDTH : PREV_ATOM;
	if ((r->flags & PF_U) && strchr("wWsSbB", c)) {
		put_unicode_escape(r, c);
		r->pos += 2;
		return 0;
	}
	if ((c == 'g' || c == 'k') && copy_braced_name(r))
		return 0;
	if (c == 'c' && peek(r, 2) >= 0)
		copy(r, 3);
	else if ((c == 'p' || c == 'P') && peek(r, 2) == '{') {
		ssize_t end = str_chr(str_from(r->s, r->pos), '}');

		if (end < 0)
			return err_set(r->err, "missing right brace on \\%c{",
				       c);
		copy(r, (size_t)end + 1);
	} else
		copy(r, 2);
	return 0;
}

/* One letter of (?flags); false if Perl knows no such flag. */
static bool apply_flag(unsigned *flags, int c, bool on, struct buf *kept)
{
	unsigned bit = c == 'i' ? PF_I : c == 'x' ? PF_X : c == 'n' ? PF_N : 0;

	switch (c) {
	case 'i': case 'm': case 's': case 'x': case 'n':
		if (c == 'x' && on && (*flags & PF_X) && kept->n &&
		    kept->p[kept->n - 1] == 'x')
			bit |= PF_XX;
		*flags = on ? *flags | bit : *flags & ~bit;
		if (c == 'x' && !on)
			*flags &= ~(unsigned)PF_XX;
		buf_addc(kept, c);
		return true;
	case 'p':
		return on;
	case 'a':
		*flags &= ~(unsigned)(PF_U | PF_D);
		return on;
	case 'u':
		*flags = (*flags | PF_U) & ~(unsigned)PF_D;
		return on;
	case 'd':
		*flags = (*flags | PF_D) & ~(unsigned)PF_U;
		return on;
	}
	return false;
}

/* "(?^aai-m:" or "(?i)". Returns 0 with the text behind the flags consumed
 * up to ':' or ')', both included; *opens_r says that it was ':'. */
static int rewrite_flags(struct rewrite *r, unsigned *flags_r, bool *opens_r)
{
	unsigned flags = r->flags;
	struct buf kept;
	bool on = true;
	int c;

	buf_in(&kept, r->a, 64);
	r->pos += 2;
	if (peek(r, 0) == '^') {
		flags = PF_D;
		buf_addc(&kept, '^');
		r->pos++;
	}
	for (; (c = peek(r, 0)) != ':' && c != ')'; r->pos++) {
		if (c == '-' && on) {
			on = false;
			buf_addc(&kept, '-');
			continue;
		}
		if (c == 'l')
			return err_set(r->err, "(?l) is not supported");
		if (c < 0 || !apply_flag(&flags, c, on, &kept))
			return err_set(r->err, "sequence (?%c not recognized",
				       c < 0 ? ' ' : c);
	}
	if ((flags & PF_D) && (flags & PF_I))
		return err_set(r->err, "/i that folds ASCII only ((?d) or "
			       "(?^i)) is not supported");
	if (kept.n && kept.p[kept.n - 1] == '-')
		kept.n--;
	*opens_r = c == ':';
	r->pos++;
	if (*opens_r || kept.n)
		buf_addf(&r->out, "(?%.*s%c", (int)kept.n, kept.p, c);
	*flags_r = flags;
	return 0;
}

static int push_group(struct rewrite *r, unsigned flags, bool zero_width)
{
	if (r->depth == MAX_DEPTH)
		return err_set(r->err, "groups nested deeper than %d",
			       MAX_DEPTH);
	r->stack[r->depth++] = (struct group){
		.flags = r->flags,
		.zero_width = zero_width,
		.body = r->out.n,
	};
	r->flags = flags;
	r->prev = PREV_NOTHING;
	return 0;
}

/* Verbs and lettered groups that Perl has too. PCRE2's options at the start
 * of a pattern, such as (*UTF), are not among them. */
static int rewrite_star_group(struct rewrite *r)
{
	static const char *const verbs[] = {
		"PRUNE", "SKIP", "THEN", "COMMIT", "FAIL", "F", "ACCEPT",
		"MARK", "",
	};
	struct str rest = str_from(r->s, r->pos + 2);
	ssize_t end = str_chr(rest, ')');
	ssize_t colon = str_chr(rest, ':');
	struct str name;

	if (rest.n && is_lower(rest.p[0]) && colon > 0) {
		name = str_head(rest, (size_t)colon);
		copy(r, name.n + 3);
		return push_group(r, r->flags,
				  !str_eq(name, STR("atomic")));
	}
	if (end < 0)
		return err_set(r->err, "unterminated verb pattern");
	name = str_head(rest, (size_t)(colon >= 0 && colon < end ?
				       colon : end));
	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++) {
		if (!str_eq(name, str_cstr(verbs[i])))
			continue;
		copy(r, (size_t)end + 3);
		r->prev = PREV_ZERO_WIDTH;
		return 0;
	}
	return err_set(r->err, "unknown verb pattern '%.*s'", STR_ARG(name));
}

/* Skips "(?#...)"; what it stands behind may still be quantified. */
static int rewrite_comment(struct rewrite *r)
{
	ssize_t end = str_chr(str_from(r->s, r->pos), ')');

	if (end < 0)
		return err_set(r->err, "sequence (?#... not terminated");
	r->pos += (size_t)end + 1;
	return 0;
}

/* "(?(cond)": the condition is copied, an assertion as one is left to the
 * main loop. */
static int rewrite_conditional(struct rewrite *r)
{
	ssize_t end;

	if (peek(r, 3) == '?' || peek(r, 3) == '*') {
		copy(r, 2);
		return push_group(r, r->flags, false);
	}
	end = str_chr(str_from(r->s, r->pos), ')');
	if (end < 0)
		return err_set(r->err, "switch (?(condition)... not "
			       "terminated");
	copy(r, (size_t)end + 1);
	return push_group(r, r->flags, false);
}

/* "(?P=name)", "(?&name)", "(?1)": whole references that end at ')'. */
static int copy_reference(struct rewrite *r)
{
	ssize_t end = str_chr(str_from(r->s, r->pos), ')');

	if (end < 0)
		return err_set(r->err, "sequence (?... not terminated");
	copy(r, (size_t)end + 1);
	r->prev = PREV_ATOM;
	return 0;
}

/* A group that opens with a name: "(?<n>", "(?'n'", "(?P<n>". */
static int open_named(struct rewrite *r, size_t skip, int close)
{
	struct str rest = str_from(r->s, r->pos + skip);
	ssize_t end = str_chr(rest, close);

	if (end <= 0 || is_digit(rest.p[0]))
		return err_set(r->err, "group name expected");
	for (ssize_t i = 0; i < end; i++) {
		if (!is_word((unsigned char)rest.p[i]))
			return err_set(r->err, "bad character in a group "
				       "name");
	}
	copy(r, skip + (size_t)end + 1);
	return push_group(r, r->flags, false);
}

static int open_lookbehind(struct rewrite *r)
{
	copy(r, 4);
	if (push_group(r, r->flags, true))
		return -1;
	r->stack[r->depth - 1].lookbehind = true;
	return 0;
}

static int rewrite_flag_group(struct rewrite *r)
{
	unsigned flags = 0;
	bool opens = false;
	enum prev prev = r->prev;

	if (rewrite_flags(r, &flags, &opens))
		return -1;
	if (opens)
		return push_group(r, flags, false);
	r->flags = flags;
	r->prev = prev;
	return 0;
}

static int rewrite_question_group(struct rewrite *r)
{
	int c = peek(r, 2);
	int d = peek(r, 3);

	switch (c) {
	case '{': case '?':
		return err_set(r->err, "code in a regex, (?{}), is not "
			       "allowed");
	case '[':
		return err_set(r->err, "(?[ ]) is not supported");
	case '#':
		return rewrite_comment(r);
	case '(':
		return rewrite_conditional(r);
	case ':': case '>': case '|':
		copy(r, 3);
		return push_group(r, r->flags, false);
	case '=': case '!':
		copy(r, 3);
		return push_group(r, r->flags, true);
	case '<':
		if (d == '=' || d == '!')
			return open_lookbehind(r);
		return open_named(r, 3, '>');
	case '\'':
		return open_named(r, 3, '\'');
	case 'P':
		if (d == '<')
			return open_named(r, 4, '>');
		return copy_reference(r);
	case '&': case 'R': case '+': case '0': case '1': case '2': case '3':
	case '4': case '5': case '6': case '7': case '8': case '9':
		return copy_reference(r);
	case '-':
		if (is_digit(d))
			return copy_reference(r);
		break;
	}
	return rewrite_flag_group(r);
}

static int rewrite_open(struct rewrite *r)
{
	if (peek(r, 1) == '?')
		return rewrite_question_group(r);
	if (peek(r, 1) == '*')
		return rewrite_star_group(r);
	copy(r, 1);
	return push_group(r, r->flags, false);
}

static int rewrite_close(struct rewrite *r)
{
	struct group *g;

	if (r->depth == 0)
		return err_set(r->err, "unmatched )");
	g = &r->stack[--r->depth];
	if (g->lookbehind && r->expand) {
		struct str body = str_dup(r->a, str_from(buf_str(&r->out),
							 g->body));

		r->out.n = g->body;
		if (regex_expand_lookbehind(r->a, body, &r->out, r->err))
			return -1;
	}
	r->flags = g->flags;
	r->prev = g->zero_width ? PREV_ZERO_WIDTH : PREV_ATOM;
	copy(r, 1);
	return 0;
}

/* A comment or white space under /x leaves what can be quantified alone. */
static bool skip_extended(struct rewrite *r, int c)
{
	if (!(r->flags & PF_X))
		return false;
	if (is_space(c)) {
		copy(r, 1);
		return true;
	}
	if (c != '#')
		return false;
	while (peek(r, 0) >= 0 && peek(r, 0) != '\n')
		r->pos++;
	return true;
}

static int rewrite_one(struct rewrite *r)
{
	int c = peek(r, 0);

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
		if (check_quantifiable(r))
			return -1;
		copy(r, 1);
		finish_quantifier(r);
		return 0;
	case '|':
		r->prev = PREV_NOTHING;
		break;
	case '^': case '$':
		r->prev = PREV_ZERO_WIDTH;
		break;
	default:
		r->prev = PREV_ATOM;
	}
	copy(r, 1);
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
		    !apply_flag(&r->flags, mods.p[i], true, &kept))
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
