/*
 * The log; see log.h.
 */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define LINE_MAX_BYTES 4096

static const char *program = "mekiki";
static const char *debug_areas;
static log_sink_fn *sink;
static void *sink_ctx;

void log_set_sink(log_sink_fn *fn, void *ctx)
{
	sink = fn;
	sink_ctx = ctx;
}

void log_set_name(const char *name)
{
	program = name;
}

void log_set_debug(const char *areas)
{
	debug_areas = areas;
}

/* What an area of the list says of a channel: 1 on, 0 off, -1 nothing. */
static int area_says(const char *area, size_t n, const char *channel)
{
	size_t length = strlen(channel);
	int on = 1;

	if (n > 2 && strncasecmp(area, "no", 2) == 0) {
		on = 0;
		area += 2;
		n -= 2;
	}
	return n == length && memcmp(area, channel, n) == 0 ? on : -1;
}

bool log_debugs(const char *channel)
{
	int named = -1, all = 0;

	if (!debug_areas)
		return false;
	if (!*debug_areas)
		return true;
	for (const char *p = debug_areas; *p; ) {
		size_t n = strcspn(p, ",");
		int says = area_says(p, n, channel);

		if (says >= 0)
			named = says;
		says = area_says(p, n, "all");
		if (says >= 0)
			all = says;
		p += n + (p[n] == ',');
	}
	return (named >= 0 ? named : all) > 0;
}

bool log_is_debugging(void)
{
	return debug_areas != NULL;
}

/* Mail must not be able to write a second line into the log. */
static void defuse(const char *in, char *out, size_t size)
{
	size_t n = 0;

	for (; *in && n + 5 < size; in++) {
		unsigned char c = (unsigned char)*in;

		if (c >= 0x20 && c != 0x7f)
			out[n++] = (char)c;
		else
			n += (size_t)snprintf(out + n, size - n, "\\x%02x", c);
	}
	out[n] = '\0';
}

static void emit(enum log_level level, const char *prefix, const char *fmt,
		 va_list ap)
{
	char raw[LINE_MAX_BYTES], line[LINE_MAX_BYTES * 2];
	int n = snprintf(raw, sizeof(raw), "%s", prefix);

	vsnprintf(raw + n, sizeof(raw) - (size_t)n, fmt, ap);
	defuse(raw, line, sizeof(line));
	if (sink)
		sink(sink_ctx, level, line);
	else
		fprintf(stderr, "%s: %s\n", program, line);
}

#define EMIT(level, prefix)                     \
	do {                                    \
		va_list ap;                     \
		va_start(ap, fmt);              \
		emit(level, prefix, fmt, ap);   \
		va_end(ap);                     \
	} while (0)

void log_error(const char *fmt, ...)
{
	EMIT(LOG_LEVEL_ERROR, "error: ");
}

void log_warn(const char *fmt, ...)
{
	EMIT(LOG_LEVEL_WARN, "warning: ");
}

void log_info(const char *fmt, ...)
{
	EMIT(LOG_LEVEL_INFO, "");
}

void log_debug(const char *channel, const char *fmt, ...)
{
	char prefix[64];

	if (!log_debugs(channel))
		return;
	snprintf(prefix, sizeof(prefix), "debug: %s: ", channel);
	EMIT(LOG_LEVEL_DEBUG, prefix);
}
