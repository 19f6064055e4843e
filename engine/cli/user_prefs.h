/*
 * The preferences of the user who runs a program, as spamassassin finds and
 * makes them: ~/.spamassassin/user_prefs, a copy of the site's template if it
 * is not there yet.
 */
#ifndef MEKIKI_CLI_USER_PREFS_H
#define MEKIKI_CLI_USER_PREFS_H

#include <stdbool.h>

struct arena;

/* The path of the file to read: `named` (NULL: the usual one). With `create` it
 * is made if it is missing, which is told in the log, as is what prevents it.
 * NULL if there is none. */
const char *user_prefs_path(struct arena *a, const char *named, bool create);

#endif
