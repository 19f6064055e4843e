/*
 * How far a command is that does something with many messages: dots, or a bar
 * that a terminal redraws. Both go to standard error.
 */
#ifndef MEKIKI_CLI_PROGRESS_H
#define MEKIKI_CLI_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum progress_kind { PROGRESS_NONE, PROGRESS_DOTS, PROGRESS_BAR };

struct progress {
	enum progress_kind kind;
	bool terminal;		/* of the bar; else it is dots and a sentence */
	size_t total, done;
	int width;		/* columns for the bar itself */
	int64_t began_us, shown_us;
};

void progress_begin(struct progress *p, enum progress_kind kind, size_t total);
/* One message more is done with, or (skipped) was not looked at. */
void progress_step(struct progress *p, bool skipped);
void progress_end(struct progress *p);

#endif
