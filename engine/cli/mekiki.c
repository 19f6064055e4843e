/*
 * The program mekiki: a word names a command, a table names the words. Called
 * by the name of one of SpamAssassin's programs it is that program.
 */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "cli/commands.h"

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *what;
} commands[] = {
	{ "check", cmd_check, "score one message and print the report" },
	{ "masscheck", cmd_masscheck, "score a list of messages, a line each" },
	{ "learn", cmd_learn, "teach Bayes and reputation; sa-learn's options" },
	{ "lint", cmd_lint, "check the configuration" },
	{ "reputation", cmd_reputation, "show what is remembered of a sender" },
	{ "rules", cmd_rules, "list every rule and why it is not live" },
	{ "test-rules", cmd_test_rules, "run the tests that stand beside rules" },
	{ "views", cmd_views, "show how a message is read" },
};

/* Links to mekiki that `make install` makes. */
static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
} programs[] = {
	{ "spamassassin", spamassassin_main },
	{ "sa-learn", sa_learn_main },
	{ "sa-check_spamd", sa_check_spamd_main },
};

#define NCOMMANDS (sizeof(commands) / sizeof(commands[0]))

static void usage(FILE *f)
{
	fprintf(f, "Usage: mekiki COMMAND [OPTIONS] [FILE...]\n\nCommands:\n");
	for (size_t i = 0; i < NCOMMANDS; i++)
		fprintf(f, "  %-10s %s\n", commands[i].name, commands[i].what);
	fprintf(f, "\nmekiki COMMAND --help shows a command's options.\n");
}

int main(int argc, char **argv)
{
	const char *slash = argc ? strrchr(argv[0], '/') : NULL;
	const char *name = slash ? slash + 1 : argc ? argv[0] : "";

	for (size_t i = 0; i < sizeof(programs) / sizeof(*programs); i++)
		if (strcmp(name, programs[i].name) == 0)
			return programs[i].run(argc, argv);
	log_set_name("mekiki");
	if (argc < 2) {
		usage(stderr);
		return EXIT_USE;
	}
	for (size_t i = 0; i < NCOMMANDS; i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(argc - 1, argv + 1);
	if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
		printf("mekiki " MEKIKI_VERSION "\n");
		return 0;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		usage(stdout);
		return 0;
	}
	fprintf(stderr, "mekiki: unknown command '%s'\n", argv[1]);
	usage(stderr);
	return EXIT_USE;
}
