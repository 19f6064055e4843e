/*
 * SpamAssassin's form of a log; see sa_log.h.
 */
#include "cli/sa_log.h"

#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"

#define LINE_BYTES 40000

static bool tells_all;		/* information, too */
static enum sa_log_form form;

static const struct {
	const char *word, *prefix;	/* SpamAssassin's, base/log's */
} levels[] = {
	[LOG_LEVEL_ERROR] = { "error", "error: " },
	[LOG_LEVEL_WARN] = { "warn", "warning: " },
	[LOG_LEVEL_INFO] = { "info", "" },
	[LOG_LEVEL_DEBUG] = { "dbg", "debug: " },
};

/* "Nov 24 10:00:00.123": days below ten have one digit. */
static void stamp(char *out, size_t size)
{
	struct timeval tv;
	char month[16];
	struct tm tm;

	gettimeofday(&tv, NULL);
	localtime_r(&tv.tv_sec, &tm);
	strftime(month, sizeof(month), "%b", &tm);
	snprintf(out, size, "%s %d %02d:%02d:%02d.%03d", month, tm.tm_mday,
		 tm.tm_hour, tm.tm_min, tm.tm_sec, (int)(tv.tv_usec / 1000));
}

/* Octets that are no ASCII, as there. */
static void escape(const char *in, char *out, size_t size)
{
	size_t n = 0;

	for (; *in && n + 8 < size; in++) {
		unsigned char c = (unsigned char)*in;

		if (c < 0x80)
			out[n++] = (char)c;
		else
			n += (size_t)snprintf(out + n, size - n, "\\x{%02X}",
					      c);
	}
	out[n] = '\0';
}

static void sink(void *ctx, enum log_level level, const char *line)
{
	static char text[LINE_BYTES], whole[LINE_BYTES + 128];
	size_t skip = strlen(levels[level].prefix);
	char when[64];
	int n;

	(void)ctx;
	if (level == LOG_LEVEL_INFO && !tells_all)
		return;
	if (strncmp(line, levels[level].prefix, skip) == 0)
		line += skip;
	escape(line, text, sizeof(text));
	stamp(when, sizeof(when));
	if (form == SA_LOG_PLAIN && level <= LOG_LEVEL_WARN)
		n = snprintf(whole, sizeof(whole), "%s%s\n",
			     level == LOG_LEVEL_ERROR ? "ERROR: " : "", text);
	else
		n = snprintf(whole, sizeof(whole), "%s [%d] %s: %s\n", when,
			     (int)getpid(), levels[level].word, text);
	/* One write, so that lines of several processes do not mix. */
	if (n > 0 && write(STDERR_FILENO, whole, (size_t)n) < 0)
		return;
}

void sa_log_begin(const char *areas, enum sa_log_form which)
{
	form = which;
	tells_all = areas != NULL;
	log_set_debug(areas && !*areas ? "all" : areas);
	log_set_sink(sink, NULL);
}
