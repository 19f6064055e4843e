/*
 * The part of the tokenizer that reads what begins with "<!": comments,
 * declarations and marked sections ("<![CDATA[", "<![IGNORE["), each with
 * HTML::Parser's idea of where it ends; see html_token.c.
 */
#include "base/mem.h"
#include "mail/html_lex.h"

/* A comment up to the first '>' from `from` on. */
static enum step loose_comment(struct html_lexer *lx, size_t from)
{
	size_t gt = skip_to(lx, from, '>');

	return gt < lx->s.n ? html_lex_emit_to(lx, HTML_COMMENT, gt + 1) : STUCK;
}

enum step html_lex_leave_section(struct html_lexer *lx, size_t pos)
{
	html_lex_pay_end(lx);
	lx->nsections--;
	lx->cdata = section_now(lx) == SECTION_CDATA;
	return html_lex_move_to(lx, pos);
}

/* A comment: "<!--" is at pos. It ends with "--", white space, '>'. */
static enum step lex_comment(struct html_lexer *lx)
{
	size_t i = lx->pos + 4;

	if (lx->short_comments)
		return loose_comment(lx, i);
	while ((i = skip_to(lx, i, '-')) < lx->s.n) {
		size_t end = ++i;

		if (at(lx, end) != '-')
			continue;
		end = skip_space(lx, end + 1);
		if (at(lx, end) == '>')
			return html_lex_emit_to(lx, HTML_COMMENT, end + 1);
	}
	return STUCK;
}

/* "-- ... --" inside a declaration, the first dash being at *i, which is
 * moved behind it. TEXT: there are no two dashes. */
static enum step skip_decl_comment(struct html_lexer *lx, size_t *i)
{
	size_t k = *i + 1;

	*i = k;
	if (k >= lx->s.n)
		return STUCK;
	if (at(lx, k) != '-')
		return TEXT;
	for (k++; (k = skip_to(lx, k, '-')) < lx->s.n; k++) {
		k++;
		if (at(lx, k) == '-') {
			*i = k + 1;
			return GO;
		}
		k--;
	}
	return STUCK;
}

static enum section section_by_name(struct str name)
{
	static const struct {
		struct str name;
		enum section status;
	} names[] = {
		{ STR("include"), SECTION_INCLUDE },
		{ STR("rcdata"), SECTION_RCDATA },
		{ STR("cdata"), SECTION_CDATA },
		{ STR("ignore"), SECTION_IGNORE },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (str_ieq(name, names[i].name))
			return names[i].status;
	return SECTION_NONE;
}

static enum step enter_section(struct html_lexer *lx, enum section status,
			       size_t pos)
{
	if (status < section_now(lx))
		status = section_now(lx);
	if (lx->nsections == lx->sections_cap) {
		lx->sections_cap = lx->sections_cap ? lx->sections_cap * 2 : 16;
		lx->sections = xreallocarray(lx->sections, lx->sections_cap, 1);
	}
	lx->sections[lx->nsections++] = (uint8_t)status;
	lx->cdata = status == SECTION_CDATA;
	html_lex_pay_end(lx);
	return html_lex_move_to(lx, pos);
}

/* The opening of a marked section: "<![" is at pos. TEXT: it is none. */
static enum step lex_section(struct html_lexer *lx)
{
	enum section status = SECTION_NONE, s;
	bool named = false;
	size_t i = lx->pos + 3;

	for (;;) {
		i = skip_space(lx, i);
		while (is_name_first(at(lx, i))) {
			size_t from = i;

			while (is_name(at(lx, i)))
				i++;
			s = section_by_name(slice(lx, from, i));
			if (s > status)
				status = s;
			named = true;
			i = skip_space(lx, i);
			if (i >= lx->s.n)
				return STUCK;
		}
		if (at(lx, i) == '[')
			return enter_section(lx, named ? status :
					     SECTION_INCLUDE, i + 1);
		if (at(lx, i) != '-' || at(lx, i + 1) != '-')
			return TEXT;
		enum step step = skip_decl_comment(lx, &i);

		if (step != GO)
			return step;
	}
}

/* The words, strings and comments of <!DOCTYPE> and <!ENTITY>; i is behind
 * that name. */
static enum step lex_doctype(struct html_lexer *lx, size_t i)
{
	while ((i = skip_space(lx, i)) < lx->s.n) {
		int c = at(lx, i);
		enum step step;

		if (c == '>')
			return html_lex_emit_to(lx, HTML_DECL, i + 1);
		if (c == '"' || c == '\'') {
			i = skip_to(lx, i + 1, c);
			if (i < lx->s.n)
				i++;
		} else if (c == '-') {
			step = skip_decl_comment(lx, &i);
			if (step == TEXT)
				return loose_comment(lx, i);
			if (step == STUCK)
				return STUCK;
		} else {
			for (i++; i < lx->s.n && at(lx, i) != '>' &&
			     !is_space(at(lx, i)); i++)
				;
		}
	}
	return STUCK;
}

enum step html_lex_decl(struct html_lexer *lx)
{
	size_t i = lx->pos + 2;
	enum step step;
	struct str word;

	if (at(lx, i) == '-') {
		if (i + 1 >= lx->s.n)
			return STUCK;
		return at(lx, i + 1) == '-' ? lex_comment(lx) :
			loose_comment(lx, i + 1);
	}
	if (at(lx, i) == '[') {
		step = lex_section(lx);
		return step == TEXT ? loose_comment(lx, i) : step;
	}
	if (!is_alpha(at(lx, i)))
		return loose_comment(lx, i);
	while (is_name(at(lx, i)))
		i++;
	if (i >= lx->s.n)
		return STUCK;
	word = slice(lx, lx->pos + 2, i);
	if (str_ieq(word, STR("doctype")) || str_ieq(word, STR("entity")))
		return lex_doctype(lx, i);
	return loose_comment(lx, i);
}

