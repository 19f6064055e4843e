/*
 * Programs that are run for a message (ExtractText's tools): whether one of
 * them could not be asked at all. The scan notes it, a test asks for it.
 */
#ifndef MEKIKI_EVAL_PROGRAMS_H
#define MEKIKI_EVAL_PROGRAMS_H

#include <stdbool.h>

struct message;

void programs_set_missing(struct message *m);
bool programs_missing(const struct message *m);

#endif
