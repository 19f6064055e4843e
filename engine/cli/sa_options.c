/*
 * Options of the programs with SpamAssassin's names; see sa_options.h.
 */
#include "cli/sa_options.h"

#include <limits.h>

#include "base/log.h"
#include "base/str.h"

static void complain(void *ctx, const char *text)
{
	const struct sa_parse *p = ctx;

	if (p->plain)
		fprintf(stderr, "%s\n", text);
	else
		log_warn("%s", text);
}

static int add(struct sa_parse *p, struct option_list *list, const char *value)
{
	if (list->n >= OPTION_LIST_MAX) {
		complain(p, "too many lines of configuration");
		p->code = 64;
		return -1;
	}
	list->v[list->n++] = value;
	return 0;
}

static int take(void *ctx, const void *row, const char *value, bool negated)
{
	struct sa_parse *p = ctx;
	const struct sa_option *o = row;
	void *field = o->field == NO_FIELD ? NULL :
		      (char *)p->into + o->field;
	long number;

	switch (o->action) {
	case SA_SET:
		*(bool *)field = !negated;
		return 0;
	case SA_CLEAR:
		*(bool *)field = negated;
		return 0;
	case SA_TEXT:
		*(const char **)field = value;
		return 0;
	case SA_WORD:
		*(const char **)field = o->text;
		return 0;
	case SA_LIST:
		return add(p, field, value);
	case SA_NUMBER:
		if (!str_to_long(str_cstr(value), &number))
			number = 0;
		*(int *)field = number > INT_MAX ? INT_MAX :
				   number < INT_MIN ? INT_MIN : (int)number;
		return 0;
	case SA_WARN:
		complain(p, o->text);
		if (field)
			*(bool *)field = true;
		return 0;
	case SA_REFUSE:
		complain(p, o->text);
		p->code = 2;
		return -1;
	case SA_IGNORE:
		return 0;
	}
	return 0;
}

static int operand(void *ctx, const char *word)
{
	struct sa_parse *p = ctx;

	return p->operand ? p->operand(p->ctx, word) : 0;
}

static enum perl_value value_of(const void *row)
{
	return ((const struct sa_option *)row)->value;
}

int sa_options_parse(int argc, char **argv, struct sa_parse *p)
{
	const struct perl_table t = {
		.rows = p->rows,
		.row_size = sizeof(*p->rows),
		.value = value_of,
		.shorten = p->shorten,
		.arena = p->arena,
		.ctx = p,
		.take = take,
		.operand = operand,
		.complain = complain,
	};

	return perl_options_parse(argc, argv, &t);
}

void sa_options_help(FILE *f, const struct sa_option *rows)
{
	for (; rows->name.names; rows++) {
		char title[160];

		if (!rows->help)
			continue;
		perl_option_title(&rows->name, title, sizeof(title));
		fprintf(f, "  %s%s%s\n        %s\n", title,
			rows->arg ? " " : "", rows->arg ? rows->arg : "",
			rows->help);
	}
}
