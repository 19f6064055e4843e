/*
 * mekiki lint [FILE...]: reads the whole configuration as `spamassassin
 * --lint` does and prints every fault with its file and line. Each FILE is
 * read as one more of the site's files. The exit code is 0 only if there is
 * none.
 */
#include <stdio.h>

#include "base/log.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "scan/engine.h"

static void print_diag(const struct diag *d)
{
	const char *level = d->level == DIAG_ERROR ? "error" : "warning";

	if (d->file[0])
		printf("%s:%d: %s: %.*s\n", d->file, d->line, level,
		       STR_ARG(d->text));
	else
		printf("%s: %.*s\n", level, STR_ARG(d->text));
}

static void print_summary(const struct ruleset *rs)
{
	size_t errors = rs->diags.nerrors, listed = 0;

	for (size_t i = 0; i < rs->diags.n; i++)
		listed += rs->diags.v[i].level == DIAG_ERROR;
	printf("%zu files, %zu rules: %zu error%s, %zu warning%s\n",
	       rs->files.n, rs->nrules, errors, errors == 1 ? "" : "s",
	       rs->diags.n - listed, rs->diags.n - listed == 1 ? "" : "s");
}

int cmd_lint(int argc, char **argv)
{
	struct common_options common = { 0 };
	bool quiet = false;
	const struct option_row rows[] = {
		{ "quiet", 'q', OPT_FLAG, &quiet, NULL,
		  "Print faults only, no summary." },
		{ NULL, 0, OPT_FLAG, NULL, NULL, NULL },
	};
	const struct option_row *shared = common_option_rows(&common);
	const struct ruleset *rs;
	struct engine *e;
	struct err err;
	int n, code;

	n = options_parse(argc, argv, shared, rows, &err);
	if (n < 0) {
		log_error("%s", err.text);
		return EXIT_USE;
	}
	if (common.help) {
		printf("Usage: mekiki lint [OPTIONS] [FILE...]\n\n");
		options_help(stdout, rows);
		options_help(stdout, shared);
		return 0;
	}
	common_options_apply(&common);
	common.load.lint = true;
	/* argv[n] may be the program's last argument: the list ends there. */
	argv[n] = NULL;
	common.load.more_files = (const char *const *)argv;
	e = engine_load(&common.load);
	rs = engine_rules(e);
	for (size_t i = 0; i < rs->diags.n; i++)
		print_diag(&rs->diags.v[i]);
	if (!quiet)
		print_summary(rs);
	code = rs->diags.n ? 1 : 0;
	engine_free(&e);
	return code;
}
