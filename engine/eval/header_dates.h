/*
 * What is known about the dates of a message: shared by the tests on dates and
 * by `mekiki views`.
 */
#ifndef MEKIKI_EVAL_HEADER_DATES_H
#define MEKIKI_EVAL_HEADER_DATES_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

struct eval_ctx;

struct header_times {
	time_t *v;
	size_t n, cap;
};

struct header_dates {
	bool has_date;
	time_t date;		/* Resent-Date or Date */
	struct header_times received;	/* newest first */
	bool has_fetchmail;
	time_t fetchmail;	/* when the local fetchmail got it */
	double diff;		/* date minus the nearest of received, or 0 */
};

/* The dates of c->msg; made once a message. */
const struct header_dates *header_dates(struct eval_ctx *c);

/* The median of all that can pass for the time of receipt; 0: unknown. */
time_t header_time_of_receipt(const struct header_dates *d);

#endif
