/*
 * Where the daemon's log lines go: stderr, a file or syslog, in spamd's form
 * ("[pid] level: text", with a time stamp in front).
 */
#ifndef MEKIKI_SERVE_DAEMON_LOG_H
#define MEKIKI_SERVE_DAEMON_LOG_H

#include <stdbool.h>

#include "base/err.h"
#include "base/log.h"
#include "base/str.h"
#include "serve/daemon_options.h"

/* Reads -s, --syslog-socket, --log-timestamp-fmt and -D and installs the
 * sink. 0, or -1 and err if a log file cannot be opened. */
int daemon_log_open(const struct daemon_options *o, struct err *err);

/* Opens the log file anew (after rotation); harmless for the other kinds. -1
 * and err if that failed: the old one stays in use. */
int daemon_log_reopen(struct err *err);

/* The log file's descriptor to pass on, or -1 when there is no file. */
int daemon_log_fd(void);

/* Uses fd, which becomes the log's, instead of the open log file. */
void daemon_log_use_fd(int fd);

/* After daemonizing: nothing more to stderr, which is let go of. */
void daemon_log_detach(void);

/* A line of another process of ours, with its pid. */
void daemon_log_foreign(int pid, enum log_level level, const char *line);

/* Several of them, an ending newline each, in as few writes as possible. What
 * is no text in them is made '?'. */
void daemon_log_lines(int pid, enum log_level level, struct str lines);

#endif
