/*
 * How rendered text is laid: pieces of text and of white space follow each
 * other; a blank at the end of text goes when white space follows, and one at
 * the begin when white space is before. Also what is counted where two pieces
 * meet (obfuscation, backhair).
 */
#include "mail/html_int.h"

void html_layout_init(struct html_layout *l)
{
	*l = (struct html_layout){ .any = false };
	chars_buf_init(&l->all);
	chars_buf_init(&l->visible);
	chars_buf_init(&l->invisible);
	chars_buf_init(&l->last);
}

void html_layout_free(struct html_layout *l)
{
	chars_buf_free(&l->all);
	chars_buf_free(&l->visible);
	chars_buf_free(&l->invisible);
	chars_buf_free(&l->last);
}

void html_layout_finish(struct html_layout *l)
{
	struct chars last = chars_buf_get(&l->last);

	if (!l->any)
		return;
	chars_buf_add(&l->all, last);
	chars_buf_add(l->last_invisible ? &l->invisible : &l->visible, last);
	chars_buf_clear(&l->last);
	l->any = false;
}

static void begin_piece(struct html_layout *l, bool space, bool invisible)
{
	html_layout_finish(l);
	l->any = true;
	l->last_space = space;
	l->last_invisible = invisible;
}

void html_layout_space(struct html_layout *l, struct str space)
{
	struct buf *last = &l->last.b;

	if (l->any && !l->last_space && !l->last_invisible &&
	    last->n > 0 && last->p[last->n - 1] == ' ')
		last->n--;
	begin_piece(l, true, false);
	buf_adds(last, space);
}

/* The length of "\xc2\xa0" (as octets or as two characters) at offset i of
 * text, or 0. */
static size_t nbsp_at(struct chars text, size_t i)
{
	struct str rest = str_from(text.s, i);

	if (!text.wide)
		return str_starts(rest, STR("\xc2\xa0")) ? 2 : 0;
	return str_starts(rest, STR("\xc3\x82\xc2\xa0")) ? 4 : 0;
}

void html_layout_text(struct html_layout *l, struct chars text,
		      bool invisible)
{
	bool trim = l->any && !invisible && l->last_space;
	struct str s = text.s;
	size_t i = 0, from;

	begin_piece(l, false, invisible);
	if (text.wide)
		chars_buf_widen(&l->last);
	while (i < s.n) {
		size_t nbsp = nbsp_at(text, i);

		if (nbsp || is_space((unsigned char)s.p[i])) {
			i += nbsp;
			while (!nbsp && i < s.n &&
			       is_space((unsigned char)s.p[i]))
				i++;
			if (!trim)
				buf_addc(&l->last.b, ' ');
			trim = false;
			continue;
		}
		trim = false;
		for (from = i++; i < s.n && !nbsp_at(text, i) &&
		     !is_space((unsigned char)s.p[i]); i++)
			;
		buf_add(&l->last.b, s.p + from, i - from);
	}
}

bool html_has_ink(struct chars text)
{
	struct str s = text.s;

	for (size_t i = 0; i < s.n; ) {
		size_t nbsp = nbsp_at(text, i);

		if (!nbsp && !is_space((unsigned char)s.p[i]))
			return true;
		i += nbsp ? nbsp : 1;
	}
	return false;
}

/* Neither white space nor ASCII punctuation: what SpamAssassin takes for part
 * of a word here. Control characters are among it, '_' is not. */
static bool is_letter(uint32_t ch, bool wide)
{
	if (ch >= 0x80)
		return !char_is_space(ch, wide);
	return is_alnum((int)ch) ||
		((ch < ' ' || ch == 0x7f) && !is_space((int)ch));
}

/* Letters at the end of text, at most 7, with a word boundary before them. */
static size_t letters_at_end(struct chars text)
{
	size_t at = text.s.n, found = 0, n = 0, len;

	while (n < 7 && at > 0) {
		uint32_t ch = char_before(text, at, &len);
		bool word_before = false;

		if (!is_letter(ch, text.wide))
			break;
		at -= len;
		n++;
		if (at > 0)
			word_before = char_is_word(char_before(text, at, &len),
						   text.wide);
		if (word_before != char_is_word(ch, text.wide))
			found = n;
	}
	return found;
}

/* Letters at the begin of text, at most 7, with a word boundary behind. */
static size_t letters_at_begin(struct chars text)
{
	size_t at = 0, found = 0, n = 0, len;

	while (n < 7 && at < text.s.n) {
		uint32_t ch = char_at(text, at, &len);
		bool word_behind = false;

		if (!is_letter(ch, text.wide))
			break;
		at += len;
		n++;
		if (at < text.s.n)
			word_behind = char_is_word(char_at(text, at, &len),
						   text.wide);
		if (word_behind != char_is_word(ch, text.wide))
			found = n;
	}
	return found;
}

void html_joints_see(struct html_joints *j, const struct html_layout *l,
		     struct chars text)
{
	struct chars last = chars_buf_get(&l->last);
	size_t len, left, right;

	if (!l->any || last.s.n == 0 || text.s.n == 0)
		return;
	if (is_letter(char_at(text, 0, &len), text.wide) &&
	    is_letter(char_before(last, last.s.n, &len), last.wide)) {
		j->obfuscation++;
		j->joined = true;
	}
	left = letters_at_end(last);
	right = left ? letters_at_begin(text) : 0;
	if (left && right)
		j->backhair |= (uint64_t)1 << (8 * (left - 1) + right - 1);
}
