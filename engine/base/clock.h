/*
 * Time, from the one place where it is read.
 */
#ifndef MEKIKI_BASE_CLOCK_H
#define MEKIKI_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

#include "base/str.h"

struct arena;

/* Microseconds of the monotonic clock; only differences mean anything. */
int64_t clock_mono_us(void);

/* Microseconds of CPU time that this process has used. */
int64_t clock_cpu_us(void);

/* Seconds since 1970. */
time_t clock_now(void);

/* Milliseconds since 1970. */
int64_t clock_now_ms(void);

/* Seconds since 1970 for people: "2026-11-24T10:00:00Z"; its date alone. Empty
 * if no calendar has that time. */
struct str clock_text(struct arena *a, int64_t seconds);
struct str clock_date(struct arena *a, int64_t seconds);

#endif
