/*
 * The log: one line a call, to stderr, a file or syslog, chosen once at
 * start. Loudness says who is at fault: debug (nobody; by channel, -D),
 * info (nobody), warn (the world, worth a look), error (this program or its
 * configuration). Control bytes in a line are written as \xNN.
 */
#ifndef MEKIKI_BASE_LOG_H
#define MEKIKI_BASE_LOG_H

#include <stdbool.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO,
		 LOG_LEVEL_DEBUG };

/* A place to write finished lines to (without the newline). */
typedef void log_sink_fn(void *ctx, enum log_level level, const char *line);

/* Replaces the sink; NULL restores stderr with the program's name. */
void log_set_sink(log_sink_fn *fn, void *ctx);

/* The name that stderr lines begin with; not copied. */
void log_set_name(const char *name);

/* Which debug channels are on: NULL none, "" all, else a list as spamassassin's
 * -D takes it: areas with commas between them, of which "all" means all that
 * are not named, "noAREA" switches one off, and the last word counts. Not
 * copied. */
void log_set_debug(const char *areas);
bool log_debugs(const char *channel);
/* Is any on? */
bool log_is_debugging(void);

void log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *channel, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
