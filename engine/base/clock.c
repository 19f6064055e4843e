/*
 * The clocks; see clock.h.
 */
#include "base/clock.h"

#include "base/arena.h"

static int64_t read_us(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int64_t clock_mono_us(void)
{
	return read_us(CLOCK_MONOTONIC);
}

int64_t clock_cpu_us(void)
{
	return read_us(CLOCK_PROCESS_CPUTIME_ID);
}

time_t clock_now(void)
{
	return time(NULL);
}

int64_t clock_now_ms(void)
{
	return read_us(CLOCK_REALTIME) / 1000;
}

static struct str written(struct arena *a, int64_t seconds, const char *form)
{
	time_t t = (time_t)seconds;
	char text[40];
	struct tm tm;
	size_t n = 0;

	if (gmtime_r(&t, &tm))
		n = strftime(text, sizeof(text), form, &tm);
	return str_dup(a, str_make(text, n));
}

struct str clock_text(struct arena *a, int64_t seconds)
{
	return written(a, seconds, "%Y-%m-%dT%H:%M:%SZ");
}

struct str clock_date(struct arena *a, int64_t seconds)
{
	return written(a, seconds, "%Y-%m-%d");
}
