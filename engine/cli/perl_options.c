/*
 * Getopt::Long's way with "bundling"; see perl_options.h. The texts of its
 * complaints are those that people know and scripts look for.
 */
#include "cli/perl_options.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"

struct parse {
	const struct perl_table *t;
	int argc, i;		/* argv[i] is the word that is read */
	char **argv;
	int faults;
	bool stop;
};

__attribute__((format(printf, 2, 3)))
static void complain(struct parse *p, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	p->faults++;
	p->t->complain(p->t->ctx, text);
}

/* ---- names ---- */

static const struct perl_name *row_at(const struct perl_table *t, size_t i)
{
	const char *at = (const char *)t->rows + i * t->row_size;
	const struct perl_name *n = (const void *)at;

	return n->names ? n : NULL;
}

enum how { WHOLE, BEGINNING };

/* Letters are never taken without regard to case. */
static bool is_named(const struct perl_table *t, const struct perl_name *n,
		     struct str name, enum how how)
{
	struct str names = str_cstr(n->names), one;

	while (str_next_word(&names, &one)) {
		if (one.n == 1 && name.n != 1)
			continue;
		if (how == BEGINNING) {
			if (one.n > 1 && str_istarts(one, name))
				return true;
		} else if (t->shorten && name.n > 1 ? str_ieq(one, name) :
						      str_eq(one, name)) {
			return true;
		}
	}
	return false;
}

/* *ambiguous_r is set if a beginning fits several. */
static const struct perl_name *find(const struct perl_table *t,
				    struct str name, bool *ambiguous_r)
{
	const struct perl_name *n, *found = NULL;

	*ambiguous_r = false;
	for (size_t i = 0; (n = row_at(t, i)); i++)
		if (is_named(t, n, name, WHOLE))
			return n;
	for (size_t i = 0; t->shorten && name.n > 1 && (n = row_at(t, i)); i++)
		if (is_named(t, n, name, BEGINNING)) {
			*ambiguous_r |= found != NULL;
			found = n;
		}
	return *ambiguous_r ? NULL : found;
}

/* "noNAME", "no-NAME". */
static const struct perl_name *find_negated(const struct perl_table *t,
					    struct str name)
{
	const struct perl_name *n;
	bool ambiguous;

	if (t->shorten ? !str_istarts(name, STR("no")) :
			 !str_starts(name, STR("no")))
		return NULL;
	name = str_from(name, name.n > 2 && name.p[2] == '-' ? 3 : 2);
	n = name.n > 1 ? find(t, name, &ambiguous) : NULL;
	return n && t->value(n) == PERL_NEGATABLE ? n : NULL;
}

/* ---- values ---- */

static bool has_value(enum perl_value v)
{
	return v != PERL_NONE && v != PERL_NEGATABLE;
}

static bool is_required(enum perl_value v)
{
	return v != PERL_MAYBE_STRING && v != PERL_MAYBE_INT;
}

static bool is_text(enum perl_value v)
{
	return v == PERL_STRING || v == PERL_MAYBE_STRING;
}

/* How many octets of text are a whole number. */
static size_t int_length(const char *text)
{
	size_t sign = *text == '-' || *text == '+';
	size_t n = strspn(text + sign, "0123456789");

	return n ? sign + n : 0;
}

static bool is_valid(enum perl_value v, const char *text)
{
	double real;

	if (v == PERL_REAL)
		return str_to_double(str_cstr(text), &real);
	return int_length(text) == strlen(text) && *text;
}

static void take(struct parse *p, const struct perl_name *n, const char *value,
		 bool negated)
{
	if (p->t->take(p->t->ctx, n, value, negated) < 0)
		p->stop = true;
}

static void invalid(struct parse *p, enum perl_value v, struct str name,
		    const char *value)
{
	complain(p, "Value \"%s\" invalid for option %.*s (%snumber expected)",
		 value, STR_ARG(name), v == PERL_REAL ? "real " : "");
}

/* The value stands in the next word, or is left out. */
static void take_next(struct parse *p, const struct perl_name *n,
		      struct str name)
{
	const char *next = p->i + 1 < p->argc ? p->argv[p->i + 1] : NULL;
	enum perl_value v = p->t->value(n);
	bool text = is_text(v);

	if (!next && is_required(v)) {
		complain(p, "Option %.*s requires an argument", STR_ARG(name));
	} else if (!next || (v == PERL_MAYBE_STRING && *next == '-' &&
			     next[1])) {
		take(p, n, text ? "" : "0", false);
	} else if (text || is_valid(v, next)) {
		p->i++;
		take(p, n, next, false);
	} else if (is_required(v)) {
		p->i++;
		invalid(p, v, name, next);
	} else {
		take(p, n, "0", false);
	}
}

/* ---- words ---- */

/* "--NAME=value": the value may be empty where it may be left out. */
static void take_attached(struct parse *p, const struct perl_name *n,
			  struct str name, const char *value)
{
	enum perl_value v = p->t->value(n);

	if (!has_value(v))
		complain(p, "Option %.*s does not take an argument",
			 STR_ARG(name));
	else if (!*value && is_required(v))
		complain(p, "Option %.*s requires an argument", STR_ARG(name));
	else if (is_text(v) || is_valid(v, value))
		take(p, n, value, false);
	else if (!*value)
		take(p, n, "0", false);
	else
		invalid(p, v, name, value);
}

static void take_long(struct parse *p, const char *word)
{
	const char *eq = *word ? strchr(word + 1, '=') : NULL;
	struct str name = eq ? str_make(word, (size_t)(eq - word)) :
			       str_cstr(word);
	bool ambiguous, negated = false;
	const struct perl_name *n = find(p->t, name, &ambiguous);

	if (!n && !ambiguous) {
		n = find_negated(p->t, name);
		negated = n != NULL;
	}
	if (!n && ambiguous)
		complain(p, "Option %.*s is ambiguous", STR_ARG(name));
	else if (!n)
		complain(p, "Unknown option: %.*s", STR_ARG(name));
	else if (eq)
		take_attached(p, n, name, eq + 1);
	else if (has_value(p->t->value(n)))
		take_next(p, n, name);
	else
		take(p, n, NULL, negated);
}

/* The rest of a bundle as a letter's value; what is left of it. */
static const char *take_rest(struct parse *p, const struct perl_name *n,
			     struct str letter, const char *rest)
{
	enum perl_value v = p->t->value(n);
	bool whole = v == PERL_INT || v == PERL_MAYBE_INT;
	size_t digits = whole ? int_length(rest) : 0;

	if (digits) {
		take(p, n, arena_strndup(p->t->arena, rest, digits), false);
		return rest + digits;
	}
	if (v == PERL_MAYBE_INT) {
		take(p, n, "0", false);
		return rest;
	}
	if (!is_text(v) && !is_valid(v, rest)) {
		invalid(p, v, letter, rest);
		return rest;
	}
	take(p, n, rest, false);
	return "";
}

static void take_bundle(struct parse *p, const char *word)
{
	while (*word && !p->stop) {
		struct str letter = str_make(word, 1);
		bool ambiguous;
		const struct perl_name *n = find(p->t, letter, &ambiguous);

		word++;
		if (!n)
			complain(p, "Unknown option: %.*s", STR_ARG(letter));
		else if (!has_value(p->t->value(n)))
			take(p, n, NULL, false);
		else if (*word)
			word = take_rest(p, n, letter, word);
		else
			take_next(p, n, letter);
	}
}

int perl_options_parse(int argc, char **argv, const struct perl_table *t)
{
	struct parse p = { .t = t, .argc = argc, .argv = argv };
	bool ended = false;

	for (p.i = 1; p.i < argc && !p.stop; p.i++) {
		const char *word = argv[p.i];

		if (ended || word[0] != '-' || !word[1])
			p.stop = t->operand && t->operand(t->ctx, word) < 0;
		else if (strcmp(word, "--") == 0)
			ended = true;
		else if (word[1] == '-')
			take_long(&p, word + 2);
		else
			take_bundle(&p, word + 1);
	}
	return p.stop ? -1 : p.faults;
}

void perl_option_title(const struct perl_name *n, char *out, size_t size)
{
	struct str names, one;
	const char *first = "";
	size_t at = 0;

	*out = '\0';
	for (int letters = 1; letters >= 0; letters--) {
		names = str_cstr(n->names);
		while (str_next_word(&names, &one)) {
			if ((one.n == 1) != (letters == 1) || at >= size)
				continue;
			at += (size_t)snprintf(out + at, size - at, "%s%s%.*s",
					       first, one.n == 1 ? "-" : "--",
					       STR_ARG(one));
			first = ", ";
		}
	}
}
