/*
 * What a worker keeps of the users' preferences that it has read, so that a
 * user's file is parsed once a worker and version of it. Bounded in bytes; who
 * was not seen for longest goes first.
 */
#ifndef MEKIKI_SERVE_OVERLAYS_H
#define MEKIKI_SERVE_OVERLAYS_H

#include "scan/engine.h"

struct overlays;

/* max: bytes to keep. */
struct overlays *overlays_new(const struct engine *site, size_t max);
void overlays_free(struct overlays **o);

/* The engine and settings of a user: over the site's what the file says, and
 * over that the scores (lines in a memfd); a descriptor of -1 is none, and so
 * is an empty one. Valid until the next call. Faults that reading finds are
 * logged, each version's once, under the user's name. */
struct user_engine overlays_get(struct overlays *o, const char *user, int file,
				int scores);

/* Of those that are kept: how many, how many bytes; and how often one was
 * found or had to be read. For tests. */
struct overlays_stats {
	size_t n, bytes, found, read;
};
struct overlays_stats overlays_stats(const struct overlays *o);

#endif
