/*
 * Last steps of loading that belong to no other file. Private to conf/.
 */
#ifndef MEKIKI_CONF_FINISH_H
#define MEKIKI_CONF_FINISH_H

#include <stdbool.h>

#include "base/str.h"

struct arena;
struct diags;
struct loader;
struct ruleset;
struct settings;

/* finish.c: says of each rule that cannot hit why. */
void unlive_finish(struct loader *ld);

/* priority.c: tflags and priority lines of a user's file about rules of the
 * site's and the user's. */
void user_tflags_finish(struct loader *ld);

/* load.c: what a loader begins with; settings without anything in them; the
 * language that `lang` lines are compared with. */
void loader_init(struct loader *ld, struct arena *a, struct ruleset *rs,
		 struct settings *set, struct diags *diags);
struct settings *settings_new(struct arena *a, const struct ruleset *rs);
struct str load_language(struct arena *a, const char *given);

#endif
