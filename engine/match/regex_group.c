/*
 * Everything that begins with "(" on the way from Perl to PCRE2: groups of all
 * kinds, inline flags, references and verbs. What is open is kept on a stack,
 * because flags end with their group, and because a look-behind of variable
 * length is unrolled when it closes.
 */
#include "match/regex_rewrite.h"

#include "base/arena.h"

bool rewrite_flag(unsigned *flags, int c, bool on, struct buf *kept)
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
	if (rewrite_peek(r, 0) == '^') {
		flags = PF_D;
		buf_addc(&kept, '^');
		r->pos++;
	}
	for (; (c = rewrite_peek(r, 0)) != ':' && c != ')'; r->pos++) {
		if (c == '-' && on) {
			on = false;
			buf_addc(&kept, '-');
			continue;
		}
		if (c == 'l')
			return err_set(r->err, "(?l) is not supported");
		if (c < 0 || !rewrite_flag(&flags, c, on, &kept))
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
		rewrite_copy(r, name.n + 3);
		if (push_group(r, r->flags, !str_eq(name, STR("atomic"))))
			return -1;
		r->stack[r->depth - 1].lookbehind =
			str_eq(name, STR("plb")) || str_eq(name, STR("nlb")) ||
			str_ends(name, STR("_lookbehind"));
		return 0;
	}
	if (end < 0)
		return err_set(r->err, "unterminated verb pattern");
	name = str_head(rest, (size_t)(colon >= 0 && colon < end ?
				       colon : end));
	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++) {
		if (!str_eq(name, str_cstr(verbs[i])))
			continue;
		rewrite_copy(r, (size_t)end + 3);
		r->prev = PREV_ZERO_WIDTH;
		r->bare = NOT_BARE;
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

	if (rewrite_peek(r, 3) == '?' || rewrite_peek(r, 3) == '*') {
		rewrite_copy(r, 2);
		return push_group(r, r->flags, false);
	}
	end = str_chr(str_from(r->s, r->pos), ')');
	if (end < 0)
		return err_set(r->err, "switch (?(condition)... not "
			       "terminated");
	rewrite_copy(r, (size_t)end + 1);
	return push_group(r, r->flags, false);
}

/* "(?P=name)", "(?&name)", "(?1)": whole references that end at ')'. */
static int copy_reference(struct rewrite *r)
{
	ssize_t end = str_chr(str_from(r->s, r->pos), ')');

	if (end < 0)
		return err_set(r->err, "sequence (?... not terminated");
	rewrite_copy(r, (size_t)end + 1);
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
	rewrite_copy(r, skip + (size_t)end + 1);
	return push_group(r, r->flags, false);
}

static int open_lookbehind(struct rewrite *r)
{
	rewrite_copy(r, 4);
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
	int c = rewrite_peek(r, 2);
	int d = rewrite_peek(r, 3);

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
		rewrite_copy(r, 3);
		return push_group(r, r->flags, false);
	case '=': case '!':
		rewrite_copy(r, 3);
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

int rewrite_open(struct rewrite *r)
{
	if (rewrite_peek(r, 1) == '?')
		return rewrite_question_group(r);
	if (rewrite_peek(r, 1) == '*')
		return rewrite_star_group(r);
	rewrite_copy(r, 1);
	return push_group(r, r->flags, false);
}

int rewrite_close(struct rewrite *r)
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
	r->bare = NOT_BARE;
	rewrite_copy(r, 1);
	return 0;
}

