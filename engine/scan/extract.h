/*
 * ExtractText in a scan (and where a message is learned): parts are given to
 * the tools that read them, through the runner, one after the other as
 * SpamAssassin does, and what comes back is the parts' text.
 */
#ifndef MEKIKI_SCAN_EXTRACT_H
#define MEKIKI_SCAN_EXTRACT_H

#include <stdint.h>

struct arena;
struct engine;
struct map;
struct message;
struct runner_client;

/* Does nothing if no tool wants a part. Waits until deadline_us at the
 * longest (clock_mono_us; 0: the tools' own times are all). tags may be
 * NULL. */
void extract_text(const struct engine *e, struct message *m,
		  struct runner_client *runner, int64_t deadline_us,
		  struct map *tags);

#endif
