/*
 * The commands of the program mekiki, one file each. Each gets its own argv
 * (argv[0] is the command's name) and returns the exit code: 0 fine, 1 the
 * command's own "no", 64 wrong use, 66 a file that cannot be read, 75 the
 * store that keeps what is learned does not answer.
 */
#ifndef MEKIKI_CLI_COMMANDS_H
#define MEKIKI_CLI_COMMANDS_H

#define EXIT_USE 64
#define EXIT_NOINPUT 66
#define EXIT_TEMPFAIL 75

int cmd_check(int argc, char **argv);
int cmd_learn(int argc, char **argv);
int cmd_masscheck(int argc, char **argv);
int cmd_lint(int argc, char **argv);
int cmd_reputation(int argc, char **argv);
int cmd_rules(int argc, char **argv);
int cmd_test_rules(int argc, char **argv);
int cmd_views(int argc, char **argv);

/* The programs of SpamAssassin's by whose names mekiki can be called, with
 * their exit codes. */
int spamassassin_main(int argc, char **argv);
int sa_learn_main(int argc, char **argv);
int sa_check_spamd_main(int argc, char **argv);

#endif
