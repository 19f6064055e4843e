/*
 * The daemon's log; see daemon_log.h. spamd's rules decide from the option's
 * text where lines go: a facility of letters and digits is syslog's, "stderr",
 * "file" and "null" mean themselves, anything else is a file's name. As with
 * spamd, lines also go to stderr as long as the process has not daemonized.
 */
#include "serve/daemon_log.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/time.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "serve/chan.h"

enum log_kind { KIND_STDERR, KIND_FILE, KIND_SYSLOG, KIND_NULL };

/* One log per process: the sink's context. */
static struct {
	enum log_kind kind;
	const char *path;
	int fd;
	bool quiet;		/* nothing to stderr any more */
	const char *fmt;	/* NULL: each kind's default */
} state = { .fd = -1 };

static const struct {
	const char *name;
	int code;
} facilities[] = {
	{ "mail", LOG_MAIL }, { "daemon", LOG_DAEMON }, { "user", LOG_USER },
	{ "auth", LOG_AUTH }, { "authpriv", LOG_AUTHPRIV },
	{ "cron", LOG_CRON }, { "ftp", LOG_FTP }, { "kern", LOG_KERN },
	{ "lpr", LOG_LPR }, { "news", LOG_NEWS }, { "syslog", LOG_SYSLOG },
	{ "uucp", LOG_UUCP }, { "local0", LOG_LOCAL0 },
	{ "local1", LOG_LOCAL1 }, { "local2", LOG_LOCAL2 },
	{ "local3", LOG_LOCAL3 }, { "local4", LOG_LOCAL4 },
	{ "local5", LOG_LOCAL5 }, { "local6", LOG_LOCAL6 },
	{ "local7", LOG_LOCAL7 },
};

static const struct {
	const char *word, *prefix;	/* spamd's word, base/log's prefix */
	int priority;
} levels[] = {
	[LOG_LEVEL_ERROR] = { "error", "error: ", LOG_ERR },
	[LOG_LEVEL_WARN] = { "warn", "warning: ", LOG_WARNING },
	[LOG_LEVEL_INFO] = { "info", "", LOG_INFO },
	[LOG_LEVEL_DEBUG] = { "dbg", "debug: ", LOG_DEBUG },
};

static void stamp(char *out, size_t size, bool with_ms)
{
	struct timeval tv;
	struct tm tm;
	size_t n;

	gettimeofday(&tv, NULL);
	localtime_r(&tv.tv_sec, &tm);
	*out = '\0';
	if (state.fmt && !*state.fmt)
		return;
	n = strftime(out, size - 8, state.fmt ? state.fmt :
		     with_ms ? "%b %e %H:%M:%S" : "%a %b %e %H:%M:%S %Y", &tm);
	if (n && with_ms && !state.fmt) {
		/* spamd's pad: one space after the month, not two. */
		char *twice = strstr(out, "  ");

		if (twice)
			memmove(twice, twice + 1, strlen(twice));
		n = strlen(out);
		n += (size_t)snprintf(out + n, size - n, ".%03d",
				      (int)(tv.tv_usec / 1000));
	}
	if (n)
		snprintf(out + n, size - n, " ");
}

static void write_out(int fd, struct str text)
{
	/* A log that cannot be written to must not stop the mail. */
	while (text.n && write(fd, text.p, text.n) < 0 && errno == EINTR)
		;
}

/* Writes lines in spamd's form: each with time, process and level. */
static void write_lines(int fd, bool with_ms, int pid, enum log_level level,
			struct str lines)
{
	char when[128], text[24576];
	struct str line;
	size_t n = 0;

	stamp(when, sizeof(when), with_ms);
	while (str_next_line(&lines, &line)) {
		line = str_head(str_rtrim(line), 9000);
		if (n + line.n + sizeof(when) + 64 > sizeof(text)) {
			write_out(fd, str_make(text, n));
			n = 0;
		}
		n += (size_t)snprintf(text + n, sizeof(text) - n,
				      "%s[%d] %s: %.*s\n", when, pid,
				      levels[level].word, STR_ARG(line));
	}
	write_out(fd, str_make(text, n));
}

static void write_everywhere(int pid, enum log_level level, struct str lines)
{
	struct str line;

	if (state.kind != KIND_NULL && !state.quiet)
		write_lines(STDERR_FILENO, true, pid, level, lines);
	if (state.kind == KIND_FILE)
		write_lines(state.fd, false, pid, level, lines);
	if (state.kind == KIND_SYSLOG)
		while (str_next_line(&lines, &line))
			syslog(levels[level].priority, "%.*s",
			       STR_ARG(str_rtrim(line)));
}

void daemon_log_foreign(int pid, enum log_level level, const char *line)
{
	size_t skip = strlen(levels[level].prefix);

	if (strncmp(line, levels[level].prefix, skip) == 0)
		line += skip;
	write_everywhere(pid, level, str_cstr(line));
}

void daemon_log_lines(int pid, enum log_level level, struct str lines)
{
	char text[20000];
	size_t n = lines.n < sizeof(text) ? lines.n : sizeof(text);

	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)lines.p[i];

		text[i] = (c < 0x20 && c != '\n') || c == 0x7f ? '?' : (char)c;
	}
	write_everywhere(pid, level, str_make(text, n));
}

static void sink(void *ctx, enum log_level level, const char *line)
{
	(void)ctx;
	daemon_log_foreign((int)getpid(), level, line);
}

int daemon_log_reopen(struct err *err)
{
	int fd;

	if (state.kind != KIND_FILE)
		return 0;
	fd = open(state.path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
	if (fd < 0)
		return err_set(err, "log file %s: %s", state.path,
			       strerror(errno));
	fd_close(&state.fd);
	state.fd = fd;
	return 0;
}

static enum log_kind kind_of(const char *facility, const char *how)
{
	bool plain = true;

	for (const char *p = facility; *p; p++)
		plain = plain && (is_lower(*p) || is_digit(*p));
	if (!plain || strcasecmp(facility, "file") == 0)
		return KIND_FILE;
	if (strcmp(facility, "stderr") == 0 ||
	    (how && strcasecmp(how, "none") == 0))
		return KIND_STDERR;
	return strcmp(facility, "null") == 0 ? KIND_NULL : KIND_SYSLOG;
}

static void open_syslog(const char *facility)
{
	for (size_t i = 0; i < sizeof(facilities) / sizeof(*facilities); i++) {
		if (strcmp(facilities[i].name, facility) == 0) {
			openlog("mekikid", LOG_PID, facilities[i].code);
			return;
		}
	}
	openlog("mekikid", LOG_PID, LOG_MAIL);
	log_warn("unknown syslog facility %s, using mail", facility);
}

int daemon_log_open(const struct daemon_options *o, struct err *err)
{
	const char *facility = o->syslog && *o->syslog ? o->syslog : "mail";

	state.fmt = o->timestamp_fmt;
	if (state.fmt && strcasecmp(state.fmt, "default") == 0)
		state.fmt = NULL;
	state.kind = kind_of(facility, o->syslog_socket);
	log_set_sink(sink, NULL);
	log_set_debug(o->debug);
	if (state.kind == KIND_SYSLOG)
		open_syslog(facility);
	state.path = strcasecmp(facility, "file") ? facility : "mekikid.log";
	return daemon_log_reopen(err);
}

int daemon_log_fd(void)
{
	return state.kind == KIND_FILE ? state.fd : -1;
}

void daemon_log_use_fd(int fd)
{
	fd_close(&state.fd);
	state.fd = fd;
}

void daemon_log_detach(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	state.quiet = true;
	if (null < 0)
		return;
	dup2(null, STDERR_FILENO);
	close(null);
}
