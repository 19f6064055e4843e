/*
 * Options as tables of rows; help is made from the rows. See options.h.
 */
#include "cli/options.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/str.h"

const struct option_row *common_option_rows(struct common_options *c)
{
	static struct option_row rows[12];
	const struct option_row init[] = {
		{ "configpath", 'C', OPT_TEXT, &c->load.rules_dir, "DIR",
		  "Read the stock rules from DIR." },
		{ "siteconfigpath", 0, OPT_TEXT, &c->load.site_dir, "DIR",
		  "Read the site's files from DIR." },
		{ "prefs-file", 'p', OPT_TEXT, &c->load.prefs_file, "FILE",
		  "Read a user's preferences from FILE." },
		{ "local", 'L', OPT_FLAG, &c->load.local_only, NULL,
		  "Local tests only, no network." },
		{ "pre", 0, OPT_LIST, &c->pre, "LINE",
		  "Read LINE before the .pre files." },
		{ "cf", 0, OPT_LIST, &c->cf, "LINE",
		  "Read LINE after the site's files." },
		{ "own-rules", 0, OPT_TEXT, &c->own_dir, "DIR",
		  "Read mekiki's own rules from DIR." },
		{ "no-own-rules", 0, OPT_FLAG, &c->no_own_rules, NULL,
		  "Leave mekiki's own rules out." },
		{ "state-dir", 0, OPT_TEXT, &c->state_dir, "DIR",
		  "What is remembered without a `store` line is in DIR." },
		{ "debug", 'D', OPT_TEXT, &c->debug, "AREAS",
		  "Log what happens in these areas (or all)." },
		{ "help", 'h', OPT_FLAG, &c->help, NULL,
		  "Show the options." },
		{ NULL, 0, OPT_FLAG, NULL, NULL, NULL },
	};

	memcpy(rows, init, sizeof(init));
	return rows;
}

static const struct option_row *find_long(const struct option_row *rows,
					  const char *name, size_t n)
{
	for (; rows && rows->name; rows++)
		if (strlen(rows->name) == n && memcmp(rows->name, name, n) == 0)
			return rows;
	return NULL;
}

static const struct option_row *find_short(const struct option_row *rows,
					   char letter)
{
	for (; rows && rows->name; rows++)
		if (rows->letter == letter)
			return rows;
	return NULL;
}

static int store(const struct option_row *row, const char *value,
		 struct err *err)
{
	struct option_list *list = row->value;
	long number;

	switch (row->type) {
	case OPT_FLAG:
		*(bool *)row->value = true;
		return 0;
	case OPT_TEXT:
	case OPT_MAYBE:
		*(const char **)row->value = value;
		return 0;
	case OPT_WORD:
		*(const char **)row->value = row->argument;
		return 0;
	case OPT_LIST:
		if (list->n >= OPTION_LIST_MAX)
			return err_set(err, "too many --%s", row->name);
		list->v[list->n++] = value;
		return 0;
	case OPT_INT:
		if (!str_to_long(str_cstr(value), &number) ||
		    number < INT_MIN || number > INT_MAX)
			return err_set(err, "--%s: expected a number, got '%s'",
				       row->name, value);
		*(int *)row->value = (int)number;
		return 0;
	}
	return 0;
}

/* -D alone means all areas: its value is only taken when attached. */
static bool value_optional(const struct option_row *row)
{
	return row->letter == 'D';
}

/* One option word argv[*i]; may take argv[*i + 1] as its value. */
static int parse_option(int argc, char **argv, int *i,
			const struct option_row *a, const struct option_row *b,
			struct err *err)
{
	const char *word = argv[*i], *value = NULL;
	const struct option_row *row;

	if (word[1] == '-') {
		const char *eq = strchr(word, '=');
		size_t n = eq ? (size_t)(eq - word - 2) : strlen(word + 2);

		row = find_long(a, word + 2, n);
		if (!row)
			row = find_long(b, word + 2, n);
		value = eq ? eq + 1 : NULL;
	} else {
		row = find_short(a, word[1]);
		if (!row)
			row = find_short(b, word[1]);
		if (word[2])
			value = word + 2 + (word[2] == '=');
	}
	if (!row)
		return err_set(err, "unknown option '%s' (see --help)", word);
	if (row->type == OPT_FLAG || row->type == OPT_WORD) {
		if (value)
			return err_set(err, "'%s' takes no value", word);
	} else if (!value && value_optional(row)) {
		value = "all";
	} else if (!value && row->type == OPT_MAYBE &&
		   (*i + 1 >= argc || argv[*i + 1][0] == '-')) {
		value = "";
	} else if (!value) {
		if (*i + 1 >= argc)
			return err_set(err, "'%s' needs a value (%s)", word,
				       row->argument);
		value = argv[++*i];
	}
	return store(row, value, err);
}

int options_parse_each(int argc, char **argv, const struct option_row *a,
		       const struct option_row *b,
		       int (*operand)(void *ctx, const char *word,
				      struct err *err),
		       void *ctx, struct err *err)
{
	bool ended = false;

	for (int i = 1; i < argc; i++) {
		int rc = 0;

		if (ended || argv[i][0] != '-' || !argv[i][1])
			rc = operand(ctx, argv[i], err);
		else if (strcmp(argv[i], "--") == 0)
			ended = true;
		else
			rc = parse_option(argc, argv, &i, a, b, err);
		if (rc < 0)
			return -1;
	}
	return 0;
}

/* The beginning of argv, where operands gather. */
struct operands {
	char **v;
	int n;
};

static int gather(void *ctx, const char *word, struct err *err)
{
	struct operands *o = ctx;

	(void)err;
	o->v[o->n++] = (char *)word;
	return 0;
}

int options_parse(int argc, char **argv, const struct option_row *a,
		  const struct option_row *b, struct err *err)
{
	struct operands o = { .v = argv };

	if (options_parse_each(argc, argv, a, b, gather, &o, err) < 0)
		return -1;
	return o.n;
}

/* Ends the path at `at` with text; there is room for the longest. */
static void put(char *at, const char *text)
{
	memcpy(at, text, strlen(text) + 1);
}

const char *own_rules_dir(void)
{
	static char path[PATH_MAX + 32];
	ssize_t n = readlink("/proc/self/exe", path, PATH_MAX);
	char *slash;

	if (n > 0) {
		path[n] = '\0';
		/* build/mekiki and build/san-address/mekiki alike. */
		for (int up = 0; up < 3 && (slash = strrchr(path, '/')); up++) {
			put(slash, "/rules/10_mekiki.cf");
			if (access(path, R_OK) == 0) {
				put(slash, "/rules");
				return path;
			}
			*slash = '\0';
		}
	}
	return MEKIKI_DATADIR "/rules";
}

void common_options_apply(struct common_options *c)
{
	c->load.pre_lines = c->pre.v;
	c->load.cf_lines = c->cf.v;
	if (!c->no_own_rules)
		c->load.own_dir = c->own_dir ? c->own_dir : own_rules_dir();
	log_set_debug(c->debug);
}

void options_help(FILE *f, const struct option_row *rows)
{
	for (; rows && rows->name; rows++) {
		bool named = rows->argument && rows->type != OPT_WORD;
		char left[80];
		int n = 0;

		if (!rows->help)
			continue;
		if (rows->letter)
			n = snprintf(left, sizeof(left), "-%c, ", rows->letter);
		snprintf(left + n, sizeof(left) - (size_t)n, "--%s%s%s",
			 rows->name, named ? "=" : "",
			 named ? rows->argument : "");
		fprintf(f, "  %-28s %s\n", left, rows->help);
	}
}
