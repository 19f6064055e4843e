/*
 * How far a command is; see progress.h. The bar shows what sa-learn's shows:
 * percentage, bar, messages a second, time that is left or was taken.
 */
#include "cli/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"

/* Columns that everything but the bar needs. */
#define AROUND 37
#define REDRAW_US 200000
#define BAR_MAX 256

static int columns(void)
{
	const char *env = getenv("COLUMNS");
	long n = env ? strtol(env, NULL, 10) : 0;
	struct winsize w;

	if (n <= 0 && ioctl(STDERR_FILENO, TIOCGWINSZ, &w) == 0)
		n = w.ws_col;
	n = n > 0 ? n : 80;
	n -= AROUND;
	return n < 10 ? 10 : n > BAR_MAX ? BAR_MAX : (int)n;
}

/* "3m20s", in the two largest units. */
static void put_time(char out[48], double seconds)
{
	long s = seconds > 0 && seconds < 1e8 ? (long)seconds : 0;

	if (s >= 86400)
		snprintf(out, 48, "%2ldd%2ldh", s / 86400, s % 86400 / 3600);
	else if (s >= 3600)
		snprintf(out, 48, "%2ldh%2ldm", s / 3600, s % 3600 / 60);
	else
		snprintf(out, 48, "%2ldm%2lds", s / 60, s % 60);
}

static int percent(const struct progress *p)
{
	return p->total ? (int)(p->done * 100 / p->total) : 100;
}

static void draw(struct progress *p, bool ended)
{
	double took = (double)(clock_mono_us() - p->began_us) / 1e6;
	double rate = took > 0 ? (double)p->done / took : 0;
	int full = (int)((double)p->width * percent(p) / 100);
	char bar[BAR_MAX + 1], when[48];

	memset(bar, ' ', sizeof(bar));
	memset(bar, '=', (size_t)full);
	put_time(when, ended ? took : rate > 0 ?
		 (double)(p->total - p->done) / rate : 0);
	fprintf(stderr, "\r%3d%% [%.*s] %6.2f msgs/sec %s %s", percent(p),
		p->width, bar, rate, when, ended ? "DONE\n" : "LEFT");
	fflush(stderr);
	p->shown_us = clock_mono_us();
}

void progress_begin(struct progress *p, enum progress_kind kind, size_t total)
{
	*p = (struct progress){
		.kind = kind,
		.terminal = isatty(STDERR_FILENO),
		.total = total,
		.width = columns(),
		.began_us = clock_mono_us(),
	};
	if (kind == PROGRESS_BAR && p->terminal)
		draw(p, false);
}

void progress_step(struct progress *p, bool skipped)
{
	if (p->done < p->total)
		p->done++;
	if (p->kind == PROGRESS_NONE)
		return;
	if (p->kind == PROGRESS_DOTS || !p->terminal)
		fputc(skipped ? '_' : '.', stderr);
	else if (clock_mono_us() - p->shown_us > REDRAW_US)
		draw(p, false);
}

void progress_end(struct progress *p)
{
	char when[48];
	double took = (double)(clock_mono_us() - p->began_us) / 1e6;

	if (p->kind == PROGRESS_DOTS) {
		fputc('\n', stderr);
	} else if (p->kind == PROGRESS_BAR && p->terminal) {
		draw(p, true);
	} else if (p->kind == PROGRESS_BAR) {
		put_time(when, took);
		fprintf(stderr, "\n%3d%% Completed %6.2f msgs/sec in %s\n",
			percent(p), took > 0 ? (double)p->done / took : 0,
			when);
	}
}
