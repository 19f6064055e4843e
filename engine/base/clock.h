/*
 * Time, from the one place where it is read.
 */
#ifndef MEKIKI_BASE_CLOCK_H
#define MEKIKI_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Microseconds of the monotonic clock; only differences mean anything. */
int64_t clock_mono_us(void);

/* Microseconds of CPU time that this process has used. */
int64_t clock_cpu_us(void);

/* Seconds since 1970. */
time_t clock_now(void);

/* Milliseconds since 1970. */
int64_t clock_now_ms(void);

#endif
