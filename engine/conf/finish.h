/*
 * Last steps of loading that belong to no other file. Private to conf/.
 */
#ifndef MEKIKI_CONF_FINISH_H
#define MEKIKI_CONF_FINISH_H

struct loader;

/* finish.c: says of each rule that cannot hit why. */
void unlive_finish(struct loader *ld);

#endif
