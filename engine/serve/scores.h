/*
 * The process that fetches users' scores from the site's database, one a
 * generation. The front asks it, with M_PREFS as it asks the keeper for a
 * user's file, and gets M_PREFS_ANSWER with the lines in a sealed memfd. It
 * knows no mail; the name of a user is all that it gets of the world.
 */
#ifndef MEKIKI_SERVE_SCORES_H
#define MEKIKI_SERVE_SCORES_H

#include "prefs/scores.h"

/* Serves the channel until its other end closes. Never returns. */
void scores_run(int channel, const struct scores_settings *ss)
	__attribute__((noreturn));

#endif
