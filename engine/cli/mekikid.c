/*
 * mekikid: the daemon that takes spamd's place. This file is only its command
 * line; the work is in serve/. Called by the name "spamd" it says so, in the
 * form of spamd's words, for those who look for them.
 */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "cli/mekikid_options.h"
#include "serve/front.h"
#include "serve/keeper.h"
#include "serve/worker.h"

#define EX_USAGE 64

static bool is_spamd;		/* by its name */

static void print_version(void)
{
	if (is_spamd)
		printf("SpamAssassin Server version 4.0.1\n"
		       "  running on mekikid %s\n", MEKIKI_VERSION);
	else
		printf("mekikid %s, a SpamAssassin server\n", MEKIKI_VERSION);
	printf("  with SSL support (%s)\n", front_tls_library());
	printf("  with zlib support (%s)\n", worker_zlib_version());
}

/* "-m, --max-children=NUM" */
static void print_names(const struct daemon_option_row *r, char *out,
			size_t size)
{
	struct str names = str_cstr(r->names), one;
	const char *first = "";
	size_t n = 0;

	/* The letter first, then the names. */
	for (int letters = 1; letters >= 0; letters--) {
		names = str_cstr(r->names);
		while (str_next_word(&names, &one)) {
			if ((one.n == 1) != (letters == 1))
				continue;
			n += (size_t)snprintf(out + n, size - n, "%s%s%.*s",
					      first, one.n == 1 ? "-" : "--",
					      STR_ARG(one));
			first = ", ";
		}
	}
	if (r->arg)
		snprintf(out + n, size - n, " %s", r->arg);
}

static void print_help(FILE *f)
{
	fprintf(f, "Usage: %s [options]\n\nOptions:\n",
		is_spamd ? "spamd" : "mekikid");
	for (const struct daemon_option_row *r = daemon_option_rows(); r->names;
	     r++) {
		char names[160];

		print_names(r, names, sizeof(names));
		fprintf(f, "  %s\n        %s\n", names, r->help);
		if (r->note)
			fprintf(f, "        Accepted without effect: %s.\n",
				r->note);
	}
}

int main(int argc, char **argv)
{
	const char *slash = argc ? strrchr(argv[0], '/') : NULL;
	struct daemon_options options;
	struct err err;

	is_spamd = argc && strcmp(slash ? slash + 1 : argv[0], "spamd") == 0;
	log_set_name("mekikid");
	switch (daemon_options_parse(argc, argv, &options, &err)) {
	case DAEMON_HELP:
		print_version();
		printf("\nFor more details, use \"man mekikid\".\n\n");
		print_help(stdout);
		return 0;
	case DAEMON_VERSION:
		print_version();
		return 0;
	case DAEMON_RETIRED:
		fprintf(stderr, "spamd: %s\n", err.text);
		return 2;
	case DAEMON_ERROR:
		fprintf(stderr, "%s\n", err.text);
		print_help(stderr);
		return EX_USAGE;
	case DAEMON_RUN:
		break;
	}
	return keeper_run(&options);
}
