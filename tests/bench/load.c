/*
 * A load generator for spamd's protocol: a number of clients, each of which
 * takes the next message of a list, opens a connection, sends the request and
 * reads the answer to its end, as spamc does; again and again, for a time or a
 * number of requests. It prints one line of figures.
 *
 *	bench-load [-c CLIENTS] [-t SECONDS | -n REQUESTS] [-w WORD]
 *		   {-p PORT | -U SOCKET} LIST
 *
 * LIST holds a path a line. An answer is bad if it is no verdict, or another
 * verdict than the same message had before (an answer must not depend on
 * which worker gave it); bad answers are counted, the first ones shown.
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
};

struct load {
	struct options o;
	struct message *messages;
	size_t nmessages;
	atomic_long taken, done, bad;
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

static void note_bad(struct load *l, size_t i, const char *got)
{
	const char *before = l->messages[i].verdict;

	if (atomic_fetch_add(&l->bad, 1) < SHOWN_BAD)
		fprintf(stderr, "bad answer to message %zu: \"%.*s\"%s%s\n", i,
			(int)strcspn(got, "\r\n"), got,
			before ? ", before: " : "", before ? before : "");
}

static void judge(struct load *l, size_t i, char *head)
{
	char *verdict = find_verdict(head), *first = NULL, *copy;

	if (!verdict) {
		note_bad(l, i, head);
		return;
	}
	copy = strdup(verdict);
	if (!atomic_compare_exchange_strong(&l->messages[i].verdict, &first,
					    copy)) {
		free(copy);
		if (strcmp(first, verdict) != 0)
			note_bad(l, i, verdict);
	}
}

static void one_request(struct load *l, size_t i)
{
	struct message *m = &l->messages[i];
	int64_t began = now_us(), took, max;
	char head[4096];
	ssize_t n = -1;
	int fd = open_socket(&l->o);

	if (fd < 0) {
		note_bad(l, i, "no connection");
		usleep(1000);
		return;
	}
	if (send_all(fd, m->request, m->size))
		n = read_all(fd, head, sizeof(head) - 1);
	close(fd);
	took = now_us() - began;
	if (n < 0) {
		note_bad(l, i, "the connection broke");
		return;
	}
	head[n] = '\0';
	judge(l, i, head);
	atomic_fetch_add(&l->buckets[bucket_of(took)], 1);
	max = l->max_us;
	while (took > max &&
	       !atomic_compare_exchange_weak(&l->max_us, &max, took))
		;
}

static void *client(void *ctx)
{
	struct load *l = ctx;

	while (!stopped) {
		long k = atomic_fetch_add(&l->taken, 1);

		if (l->o.requests ? k >= l->o.requests : now_us() >= l->end_us)
			break;
		one_request(l, (size_t)k % l->nmessages);
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

static void parse(int argc, char **argv, struct options *o)
{
	int c;

	*o = (struct options){ .clients = 4, .seconds = 10, .word = "CHECK" };
	while ((c = getopt(argc, argv, "c:t:n:w:p:U:")) != -1) {
		if (c == 'c')
			o->clients = (int)strtol(optarg, NULL, 10);
		else if (c == 't')
			o->seconds = strtod(optarg, NULL);
		else if (c == 'n')
			o->requests = strtol(optarg, NULL, 10);
		else if (c == 'w')
			o->word = optarg;
		else if (c == 'p')
			o->port = (int)strtol(optarg, NULL, 10);
		else if (c == 'U')
			o->socket = optarg;
		else
			exit(64);
	}
	if (optind + 1 != argc || o->clients < 1 || o->clients > MAX_CLIENTS ||
	    (!o->port && !o->socket)) {
		fprintf(stderr, "usage: bench-load [-c CLIENTS] [-t SECONDS | "
			"-n REQUESTS] [-w WORD] {-p PORT | -U SOCKET} LIST\n");
		exit(64);
	}
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
