/*
 * ReplaceTags: `<A>` in the regex of a rule named by replace_rules becomes
 * the text of replace_tag A, with the texts of <pre N>, <inter N> and <post N>
 * before, between and behind; up to six rounds, since replacements hold tags
 * themselves. Done when everything is read, on the regexes of header, body,
 * rawbody, uri and full rules only (surprise 39: not mimeheader).
 *
 * The details are SpamAssassin's: the pattern is cut at every <...>, whether
 * tag or not; of several tags in one piece (possible with other delimiters)
 * the first counts; `inter` goes where two tags touch, which shows as an
 * empty piece.
 */
#include "base/limits.h"
#include "conf/loader.h"

#define ROUNDS 6
/* A tag that names itself grows with each round. */
#define PATTERN_MAX ((size_t)1 << 20)

struct tags {
	struct loader *ld;
	struct str open, close;
};

/* The first "<word NAME>" in *re: cuts it out and returns NAME. */
static struct str take_modifier(const struct tags *t, struct str *re,
				const char *word)
{
	struct arena *a = t->ld->a;
	struct str head = str_printf(a, "%.*s%s ", STR_ARG(t->open), word);
	struct str name;
	ssize_t at = str_find(*re, head), end;

	if (at < 0)
		return STR_NONE;
	name = str_from(*re, (size_t)at + head.n);
	/* At least one byte is the name's. */
	end = str_find(str_from(name, 1), t->close);
	if (end < 0 || name.n == 0)
		return STR_NONE;
	name = str_head(name, (size_t)end + 1);
	*re = str_cat(a, str_head(*re, (size_t)at),
		      str_from(*re, (size_t)at + head.n + name.n +
			       t->close.n));
	return name;
}

/* The text that a map holds for a modifier's name; STR_NONE if none. */
static struct str text_of(const struct map *map, struct str name)
{
	const struct str *s = name.p ? map_get(map, name) : NULL;

	/* "0" is false to Perl. */
	return s && !str_eq(*s, STR("0")) ? *s : STR_NONE;
}

/* Where the first tag of a piece is: offset in *at_r, its whole length. */
static size_t find_tag(const struct tags *t, struct str piece, size_t *at_r)
{
	ssize_t at = str_find(piece, t->open), end;
	struct str in;

	if (at < 0)
		return 0;
	in = str_from(piece, (size_t)at + t->open.n);
	end = in.n ? str_find(str_from(in, 1), t->close) : -1;
	if (end < 0)
		return 0;
	*at_r = (size_t)at;
	return t->open.n + (size_t)end + 1 + t->close.n;
}

/* All of `what` in s becomes `by`. */
static struct str replace_all(struct arena *a, struct str s, struct str what,
			      struct str by)
{
	struct buf b;
	ssize_t at;

	buf_in(&b, a, PATTERN_MAX);
	while ((at = str_find(s, what)) >= 0) {
		buf_adds(&b, str_head(s, (size_t)at));
		buf_adds(&b, by);
		s = str_from(s, (size_t)at + what.n);
	}
	buf_adds(&b, s);
	return buf_str(&b);
}

struct round {
	struct str pre, inter, post;
	bool again;		/* a replacement holds tags */
	bool overflow;
};

/* Does it hold a <...> of its own? */
static bool holds_tag(struct str s)
{
	ssize_t open, close;

	while ((open = str_chr(s, '<')) >= 0) {
		s = str_from(s, (size_t)open + 1);
		close = str_chr(s, '>');
		if (close > 0)
			return true;
		if (close < 0)
			return false;
	}
	return false;
}

/* One piece between or at the cuts, as it stands after this round. */
static struct str piece_done(const struct tags *t, struct round *r,
			     struct str piece)
{
	struct arena *a = t->ld->a;
	struct str tag, name, text;
	size_t at, n = find_tag(t, piece, &at);

	if (piece.n == 0)
		return r->inter.p ? r->inter : piece;
	if (n == 0)
		return piece;
	tag = str_head(str_from(piece, at), n);
	name = str_head(str_from(tag, t->open.n),
			n - t->open.n - t->close.n);
	text = text_of(&t->ld->replace_tag, name);
	if (r->pre.p)
		piece = str_printf(a, "%.*s%.*s%.*s",
				   STR_ARG(str_head(piece, at)),
				   STR_ARG(r->pre),
				   STR_ARG(str_from(piece, at)));
	if (r->post.p)
		piece = replace_all(a, piece, tag,
				    str_cat(a, tag, r->post));
	if (!text.p)
		return piece;
	r->again |= holds_tag(text);
	return replace_all(a, piece, tag, text);
}

/* Cuts re at each <[^<>]+> and does every piece. */
static struct str one_round(const struct tags *t, struct round *r,
			    struct str re)
{
	struct buf out;
	size_t i = 0, from = 0;

	buf_in(&out, t->ld->a, PATTERN_MAX);
	while (i < re.n && !out.full) {
		size_t end = i + 1;

		while (re.p[i] == '<' && end < re.n && re.p[end] != '<' &&
		       re.p[end] != '>')
			end++;
		if (re.p[i] != '<' || end == re.n || re.p[end] != '>' ||
		    end == i + 1) {
			i++;
			continue;
		}
		/* The text before the cut, which is empty between two tags;
		 * but nothing begins a pattern, SpamAssassin's has its
		 * modifiers there. */
		if (i > from || from > 0)
			buf_adds(&out, piece_done(t, r, str_make(re.p + from,
								 i - from)));
		buf_adds(&out, piece_done(t, r, str_make(re.p + i,
							 end + 1 - i)));
		from = i = end + 1;
	}
	if (from < re.n)
		buf_adds(&out, piece_done(t, r, str_from(re, from)));
	r->overflow = out.full;
	return buf_str(&out);
}

static struct regex_text *regex_of(struct rule *r)
{
	switch (r->kind) {
	case RULE_HEADER:
		return r->header.exists ? NULL : &r->header.re;
	case RULE_BODY:
	case RULE_RAWBODY:
	case RULE_URI:
	case RULE_FULL:
		return &r->re;
	default:
		return NULL;
	}
}

static void expand(const struct tags *t, struct rule *rule)
{
	struct loader *ld = t->ld;
	struct regex_text *re = regex_of(rule);
	struct str s;

	if (!re)
		return;
	s = re->pattern;
	for (int n = 0; n < ROUNDS; n++) {
		struct round r = { 0 };

		r.pre = text_of(&ld->replace_pre, take_modifier(t, &s, "pre"));
		r.post = text_of(&ld->replace_post,
				 take_modifier(t, &s, "post"));
		r.inter = text_of(&ld->replace_inter,
				  take_modifier(t, &s, "inter"));
		s = one_round(t, &r, s);
		if (r.overflow) {
			diag_add(ld->diags, DIAG_ERROR, rule->file, rule->line,
				 "the tags of %.*s expand to more than %zu "
				 "bytes: it is left as written",
				 STR_ARG(rule->name), PATTERN_MAX);
			return;
		}
		if (!r.again)
			break;
	}
	rule->replaced = !str_eq(s, re->pattern);
	re->pattern = s;
}

void replace_finish(struct loader *ld)
{
	struct tags t = {
		.ld = ld,
		.open = settings_option(ld->set, STR("replace_start")),
		.close = settings_option(ld->set, STR("replace_end")),
	};

	if (!t.open.n || !t.close.n)
		return;
	for (size_t i = 0; i < ld->replace_rules.n; i++) {
		struct rule *r = rule_of(ld, ld->replace_rules.v[i]);

		if (r && !r->replaced)
			expand(&t, r);
	}
}
