/*
 * A load generator for spamd's protocol: a number of clients, each of which
 * takes the next message of a list, opens a connection, sends the request and
 * reads the answer to its end, as spamc does; again and again, for a time or a
 * number of requests. It prints one line of figures.
 *
 *	bench-load [-c CLIENTS] [-t SECONDS | -n REQUESTS] [-w WORD] [-a]
 *		   [-T EVERY [-f FIRST]] [-r RECORD] {-p PORT | -U SOCKET} LIST
 *
 * LIST holds a path a line. An answer is bad if it is no verdict, or another
 * verdict than the same message had before (an answer must not depend on
 * which worker gave it; -a: it may, as what is remembered grows); bad answers
 * are counted, the first ones shown.
 *
 * With -T each so many-th request is a TELL of a message that is told once,
 * numbered from FIRST: odd numbers as spam, even ones as ham, each class with
 * a sender's domain, a link and a word of its own, so that the store can be
 * asked how many were counted. -r writes a line for each request when it is
 * over:
 *
 *	BEGAN(ms since 1970) TOOK(us) SCAN NUMBER with|without|bad
 *	BEGAN TOOK TELL NUMBER set|same|STATUS|bad
 *
 * "without" is a verdict that says that it was made without memory (-w SYMBOLS
 * shows it), STATUS spamd's number of an error.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define MAX_MESSAGES 20000
#define MAX_CLIENTS 1024
/* Latencies are counted in steps of a hundredth of their size. */
#define BUCKETS 2400
#define SHOWN_BAD 5

struct message {
	char *request;
	size_t size;
	_Atomic(char *) verdict;	/* the first one */
};

struct options {
	int clients;
	double seconds;
	long requests;
	const char *word;
	int port;
	const char *socket;
	bool any_verdict;
	long tell_every, tell_first;
	FILE *record;
};

struct load {
	struct options o;
	struct message *messages;
	size_t nmessages;
	atomic_long taken, done, bad, told;
	atomic_long buckets[BUCKETS];
	_Atomic int64_t max_us;
	int64_t end_us;
};

static volatile sig_atomic_t stopped;

static void on_signal(int sig)
{
	(void)sig;
	stopped = 1;
}

static int64_t now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* Steps of one percent from 10 microseconds on. */
static int bucket_of(int64_t us)
{
	double edge = 10;
	int i = 0;

	while (i < BUCKETS - 1 && edge < (double)us) {
		edge *= 1.01;
		i++;
	}
	return i;
}

static double bucket_edge(int bucket)
{
	double edge = 10;

	for (int i = 0; i < bucket; i++)
		edge *= 1.01;
	return edge;
}

static double percentile(struct load *l, double part)
{
	long total = 0, seen = 0;

	for (int i = 0; i < BUCKETS; i++)
		total += l->buckets[i];
	for (int i = 0; i < BUCKETS; i++) {
		seen += l->buckets[i];
		if (total && (double)seen >= part * (double)total)
			return bucket_edge(i) / 1000;
	}
	return 0;
}

static int open_socket(const struct options *o)
{
	struct sockaddr_in in = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)o->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd = socket(o->socket ? AF_UNIX : AF_INET, SOCK_STREAM, 0);
	int rc;

	if (o->socket) {
		snprintf(un.sun_path, sizeof(un.sun_path), "%s", o->socket);
		rc = connect(fd, (struct sockaddr *)&un, sizeof(un));
	} else {
		rc = connect(fd, (struct sockaddr *)&in, sizeof(in));
	}
	if (rc < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static bool send_all(int fd, const char *p, size_t n)
{
	while (n) {
		ssize_t k = send(fd, p, n, MSG_NOSIGNAL);

		if (k <= 0)
			return false;
		p += k;
		n -= (size_t)k;
	}
	return shutdown(fd, SHUT_WR) == 0;
}

/* Reads to the end; keeps the beginning. -1 on an error. */
static ssize_t read_all(int fd, char *head, size_t size)
{
	char rest[65536];
	size_t n = 0;

	for (;;) {
		bool keep = n < size;
		ssize_t k = recv(fd, keep ? head + n : rest,
				 keep ? size - n : sizeof(rest), 0);

		if (k < 0)
			return -1;
		if (k == 0)
			return (ssize_t)n;
		if (keep)
			n += (size_t)k;
	}
}

/* The "Spam:" line of an answer, or NULL. */
static char *find_verdict(char *head)
{
	char *line;

	if (strncmp(head, "SPAMD/1.1 0 EX_OK\r\n", 19) != 0)
		return NULL;
	line = strstr(head, "Spam: ");
	if (line)
		line[strcspn(line, "\r\n")] = '\0';
	return line;
}

static void note_bad(struct load *l, const char *what, long i, const char *got,
		     const char *before)
{
	if (atomic_fetch_add(&l->bad, 1) < SHOWN_BAD)
		fprintf(stderr, "bad answer to %s %ld: \"%.*s\"%s%s\n", what, i,
			(int)strcspn(got, "\r\n"), got,
			before ? ", before: " : "", before ? before : "");
}

/* What the record says of an answer to a scan. */
static const char *judge(struct load *l, size_t i, char *head)
{
	bool without = strstr(head, "MEKIKI_NO_MEMORY") != NULL;
	char *verdict = find_verdict(head), *first = NULL, *copy;

	if (!verdict) {
		note_bad(l, "message", (long)i, head, l->messages[i].verdict);
		return "bad";
	}
	if (l->o.any_verdict)
		return without ? "without" : "with";
	copy = strdup(verdict);
	if (!atomic_compare_exchange_strong(&l->messages[i].verdict, &first,
					    copy)) {
		free(copy);
		if (strcmp(first, verdict) != 0) {
			note_bad(l, "message", (long)i, verdict, first);
			return "bad";
		}
	}
	return without ? "without" : "with";
}

/* ... and to a TELL; an error that says so is no bad answer. */
static const char *judge_tell(struct load *l, long number, char *head)
{
	static _Thread_local char status[16];
	int code;

	if (sscanf(head, "SPAMD/1.%*d %d ", &code) != 1) {
		note_bad(l, "TELL", number, head, NULL);
		return "bad";
	}
	if (code == 0)
		return strstr(head, "\r\nDidSet: local\r\n") ? "set" : "same";
	snprintf(status, sizeof(status), "%d", code);
	return status;
}

/* Sends and reads; false, with *why, if there was no answer at all. Anything
 * that came is text in head. */
static bool exchange(struct load *l, const char *request, size_t size,
		     char *head, size_t room, const char **why)
{
	int fd = open_socket(&l->o);
	ssize_t n = -1;

	*why = "no connection";
	if (fd < 0) {
		usleep(1000);
		return false;
	}
	*why = "the connection broke";
	if (send_all(fd, request, size))
		n = read_all(fd, head, room - 1);
	close(fd);
	if (n < 0)
		return false;
	head[n] = '\0';
	return true;
}

static void record(struct load *l, int64_t took, const char *word, long number,
		   const char *result)
{
	struct timespec ts;

	if (!l->o.record)
		return;
	clock_gettime(CLOCK_REALTIME, &ts);
	fprintf(l->o.record, "%lld %lld %s %ld %s\n",
		(long long)ts.tv_sec * 1000 + ts.tv_nsec / 1000000 -
		(long long)took / 1000, (long long)took, word, number, result);
}

static void one_scan(struct load *l, size_t i)
{
	struct message *m = &l->messages[i];
	int64_t began = now_us(), took, max;
	const char *why, *result = "bad";
	char head[4096];

	if (!exchange(l, m->request, m->size, head, sizeof(head), &why)) {
		note_bad(l, "message", (long)i, why, m->verdict);
		record(l, now_us() - began, "SCAN", (long)i, result);
		return;
	}
	took = now_us() - began;
	result = judge(l, i, head);
	record(l, took, "SCAN", (long)i, result);
	atomic_fetch_add(&l->buckets[bucket_of(took)], 1);
	max = l->max_us;
	while (took > max &&
	       !atomic_compare_exchange_weak(&l->max_us, &max, took))
		;
}

/* A message that is told once: its class has a host, its number a word. */
static size_t tell_request(long n, char *out, size_t room)
{
	bool spam = n % 2;
	const char *domain = spam ? "example.net" : "example.org";
	char mail[2048];
	int size = snprintf(mail, sizeof(mail),
		"Received: from mail.%s (mail.%s [198.18.%d.9])\r\n"
		"\tby mx.example.com; Mon, 1 Jun 2026 10:00:00 +0000\r\n"
		"From: Teller <teller@%s>\r\nTo: reader@example.com\r\n"
		"Subject: told number %ld\r\n"
		"Date: Mon, 1 Jun 2026 10:00:00 +0000\r\n"
		"Message-ID: <told-%ld@%s>\r\n\r\n"
		"The word %s tells it, the number%ldis its own.\r\n"
		"See http://www.%s/page for more.\r\n",
		domain, domain, spam ? 17 : 27, domain, n, n, domain,
		spam ? "spamtelltale" : "hamtelltale", n, domain);

	return (size_t)snprintf(out, room, "TELL SPAMC/1.5\r\n"
		"Message-class: %s\r\nSet: local\r\nContent-length: %d\r\n\r\n"
		"%s", spam ? "spam" : "ham", size, mail);
}

static void one_tell(struct load *l)
{
	long n = l->o.tell_first + atomic_fetch_add(&l->told, 1);
	char request[4096], head[4096];
	size_t size = tell_request(n, request, sizeof(request));
	int64_t began = now_us();
	const char *why, *result = "bad";

	if (exchange(l, request, size, head, sizeof(head), &why))
		result = judge_tell(l, n, head);
	else
		note_bad(l, "TELL", n, why, NULL);
	record(l, now_us() - began, "TELL", n, result);
}

static void *client(void *ctx)
{
	struct load *l = ctx;

	while (!stopped) {
		long k = atomic_fetch_add(&l->taken, 1);

		if (l->o.requests ? k >= l->o.requests : now_us() >= l->end_us)
			break;
		if (l->o.tell_every && k % l->o.tell_every == 0)
			one_tell(l);
		else
			one_scan(l, (size_t)k % l->nmessages);
		atomic_fetch_add(&l->done, 1);
	}
	return NULL;
}

static void read_message(struct load *l, const char *path)
{
	struct message *m = &l->messages[l->nmessages++];
	FILE *f = fopen(path, "rb");
	char line[128];
	long size;
	int n;

	if (!f || fseek(f, 0, SEEK_END) < 0 || (size = ftell(f)) < 0)
		die(path);
	rewind(f);
	n = snprintf(line, sizeof(line), "%s SPAMC/1.5\r\nContent-length: "
		     "%ld\r\n\r\n", l->o.word, size);
	m->size = (size_t)n + (size_t)size;
	m->request = malloc(m->size);
	if (!m->request)
		die("memory");
	memcpy(m->request, line, (size_t)n);
	if (fread(m->request + n, 1, (size_t)size, f) != (size_t)size)
		die(path);
	fclose(f);
}

static void read_list(struct load *l, const char *list)
{
	FILE *f = fopen(list, "r");
	char path[4096];

	if (!f)
		die(list);
	l->messages = calloc(MAX_MESSAGES, sizeof(*l->messages));
	while (l->nmessages < MAX_MESSAGES && fgets(path, sizeof(path), f)) {
		path[strcspn(path, "\n")] = '\0';
		if (*path)
			read_message(l, path);
	}
	fclose(f);
	if (!l->nmessages) {
		fprintf(stderr, "%s: no messages\n", list);
		exit(1);
	}
}

static FILE *open_record(const char *path)
{
	FILE *f = fopen(path, "w");

	if (!f)
		die(path);
	setvbuf(f, NULL, _IOLBF, BUFSIZ);
	return f;
}

static void usage(void)
{
	fprintf(stderr, "usage: bench-load [-c CLIENTS] [-t SECONDS | "
		"-n REQUESTS] [-w WORD] [-a] [-T EVERY [-f FIRST]] "
		"[-r RECORD] {-p PORT | -U SOCKET} LIST\n");
	exit(64);
}

static void parse(int argc, char **argv, struct options *o)
{
	int c;

	*o = (struct options){ .clients = 4, .seconds = 10, .word = "CHECK",
			       .tell_first = 1 };
	while ((c = getopt(argc, argv, "c:t:n:w:p:U:aT:f:r:")) != -1) {
		switch (c) {
		case 'c': o->clients = (int)strtol(optarg, NULL, 10); break;
		case 't': o->seconds = strtod(optarg, NULL); break;
		case 'n': o->requests = strtol(optarg, NULL, 10); break;
		case 'w': o->word = optarg; break;
		case 'p': o->port = (int)strtol(optarg, NULL, 10); break;
		case 'U': o->socket = optarg; break;
		case 'a': o->any_verdict = true; break;
		case 'T': o->tell_every = strtol(optarg, NULL, 10); break;
		case 'f': o->tell_first = strtol(optarg, NULL, 10); break;
		case 'r': o->record = open_record(optarg); break;
		default: usage();
		}
	}
	if (optind + 1 != argc || o->clients < 1 || o->clients > MAX_CLIENTS ||
	    (!o->port && !o->socket))
		usage();
}

int main(int argc, char **argv)
{
	static struct load l;
	static pthread_t threads[MAX_CLIENTS];
	int64_t began;
	double seconds;

	parse(argc, argv, &l.o);
	read_list(&l, argv[optind]);
	signal(SIGTERM, on_signal);
	signal(SIGINT, on_signal);
	began = now_us();
	l.end_us = began + (int64_t)(l.o.seconds * 1e6);
	for (int i = 0; i < l.o.clients; i++)
		if (pthread_create(&threads[i], NULL, client, &l))
			die("thread");
	for (int i = 0; i < l.o.clients; i++)
		pthread_join(threads[i], NULL);
	seconds = (double)(now_us() - began) / 1e6;
	printf("requests=%ld bad=%ld seconds=%.2f rate=%.1f p50_ms=%.2f "
	       "p95_ms=%.2f p99_ms=%.2f max_ms=%.2f\n", l.done, l.bad, seconds,
	       (double)l.done / seconds, percentile(&l, 0.5),
	       percentile(&l, 0.95), percentile(&l, 0.99),
	       (double)l.max_us / 1000);
	return l.bad ? 1 : 0;
}
