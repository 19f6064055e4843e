/*
 * sa-check_spamd, by that name: pings a spamd (or mekikid) as a monitor of
 * Nagios' kind wants it done: one line on standard output, exit code 0 fine, 1
 * slow, 2 too slow or dead, 3 a command line that makes no sense.
 */
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/str.h"
#include "cli/commands.h"
#include "cli/sa_options.h"

enum { STATE_OK, STATE_WARNING, STATE_CRITICAL, STATE_UNKNOWN };

struct pinger {
	const char *critical, *warning, *timeout;	/* as written */
	const char *host, *port, *socket;
	bool verbose, help, version;
	double critical_s, warning_s, timeout_s;
	int64_t began_us, until_us;
};

#define AT(field) offsetof(struct pinger, field)

static const struct sa_option rows[] = {
	{ { "critical c" }, PERL_STRING, SA_TEXT, AT(critical), NULL,
	  "SECONDS", "An answer that takes longer is critical." },
	{ { "help h ?" }, PERL_NONE, SA_SET, AT(help), NULL, NULL,
	  "Show the options." },
	{ { "hostname H" }, PERL_STRING, SA_TEXT, AT(host), NULL,
	  "HOST", "Where spamd is (localhost)." },
	{ { "port p" }, PERL_STRING, SA_TEXT, AT(port), NULL, "PORT",
	  "Its port (783)." },
	{ { "socketpath" }, PERL_STRING, SA_TEXT, AT(socket), NULL,
	  "PATH", "It listens on a Unix socket." },
	{ { "timeout t" }, PERL_STRING, SA_TEXT, AT(timeout), NULL,
	  "SECONDS", "Wait so long at most (45)." },
	{ { "verbose v" }, PERL_NONE, SA_SET, AT(verbose), NULL, NULL,
	  "Say what is done." },
	{ { "version V" }, PERL_NONE, SA_SET, AT(version), NULL, NULL,
	  "Show the version." },
	{ { "warning w" }, PERL_STRING, SA_TEXT, AT(warning), NULL,
	  "SECONDS", "An answer that takes longer is a warning." },
	{ { NULL }, PERL_NONE, SA_IGNORE, NO_FIELD, NULL, NULL, NULL },
};

static int unknown(const char *why)
{
	printf("SPAMD UNKNOWN: %s\n", why);
	return STATE_UNKNOWN;
}

/* Digits with at most one point behind the first. */
static bool is_seconds(const char *text, double *out_r)
{
	size_t n = strspn(text, "0123456789");

	if (!n)
		return false;
	if (text[n] == '.')
		n += 1 + strspn(text + n + 1, "0123456789");
	return !text[n] && str_to_double(str_cstr(text), out_r);
}

static bool is_host_text(const char *text)
{
	return *text && !text[strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789"
				     "_.:-")];
}

/* What makes no sense; NULL: nothing. */
static const char *check_values(struct pinger *p)
{
	if (p->critical && !is_seconds(p->critical, &p->critical_s))
		return "invalid critical config value provided";
	if (p->host && !is_host_text(p->host))
		return "invalid hostname config value provided";
	if (p->port && (!*p->port ||
			p->port[strspn(p->port, "0123456789")]))
		return "invalid port config value provided";
	if (!is_seconds(p->timeout, &p->timeout_s) || p->timeout_s < 1)
		return "invalid timeout config value provided";
	if (p->warning && !is_seconds(p->warning, &p->warning_s))
		return "invalid warning config value provided";
	if (p->critical && p->warning && p->critical_s < p->warning_s)
		return "critical value is less than warning value, config not "
		       "valid";
	if (p->critical && p->critical_s > p->timeout_s)
		return "critical value is greater than timeout value, config "
		       "not valid";
	if (p->warning && p->warning_s > p->timeout_s)
		return "warning value is greater than timeout value, config "
		       "not valid";
	if ((p->host || p->port) && p->socket)
		return "both TCP and UNIX domain socket info provided, only "
		       "one can be used";
	return NULL;
}

/* ---- the ping ---- */

/* Waits until fd can be read or written: 1, 0 time is up. */
static int wait_for(const struct pinger *p, int fd, short events)
{
	struct pollfd pf = { .fd = fd, .events = events };

	for (;;) {
		int64_t left = p->until_us - clock_mono_us();
		int rc = left > 0 ? poll(&pf, 1, (int)(left / 1000) + 1) : 0;

		if (rc >= 0 || errno != EINTR)
			return rc > 0;
	}
}

/* A socket that is connected, -1 refused, -2 time is up. */
static int connect_to(const struct pinger *p, int family, int protocol,
		      const struct sockaddr *addr, socklen_t length)
{
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
			protocol);
	int fault = 0;
	socklen_t size = sizeof(fault);

	if (fd < 0)
		return -1;
	if (connect(fd, addr, length) < 0) {
		fault = errno;
		if (fault == EINPROGRESS && !wait_for(p, fd, POLLOUT)) {
			close(fd);
			return -2;
		}
		if (fault == EINPROGRESS)
			getsockopt(fd, SOL_SOCKET, SO_ERROR, &fault, &size);
	}
	if (!fault)
		return fd;
	close(fd);
	errno = fault;
	return -1;
}

static int connect_unix(const struct pinger *p)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	size_t n = strlen(p->socket);

	if (n >= sizeof(sun.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(sun.sun_path, p->socket, n + 1);
	return connect_to(p, AF_UNIX, 0, (struct sockaddr *)&sun, sizeof(sun));
}

static int connect_tcp(const struct pinger *p)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *all;
	int fd = -1;

	if (getaddrinfo(p->host, p->port, &hints, &all) != 0) {
		errno = EHOSTUNREACH;
		return -1;
	}
	for (const struct addrinfo *ai = all; ai && fd == -1; ai = ai->ai_next)
		fd = connect_to(p, ai->ai_family, ai->ai_protocol, ai->ai_addr,
				ai->ai_addrlen);
	freeaddrinfo(all);
	return fd;
}

/* Is a response's first line "SPAMD/VERSION CODE PONG"? */
static bool is_pong(struct str line)
{
	struct str version, code;

	return str_next_word(&line, &version) &&
	       str_starts(version, STR("SPAMD/")) &&
	       str_next_word(&line, &code) &&
	       str_eq(str_trim(line), STR("PONG"));
}

/* 1 it answered, 0 it did not or something else, -1 time is up. */
static int ask(const struct pinger *p, int fd)
{
	static const char request[] = "PING SPAMC/1.5\r\n\r\n";
	char line[256];
	size_t n = 0;
	ssize_t got = 1;

	if (send(fd, request, sizeof(request) - 1, MSG_NOSIGNAL) < 0)
		return 0;
	while (got > 0 && n < sizeof(line) && !memchr(line, '\n', n)) {
		if (!wait_for(p, fd, POLLIN))
			return -1;
		got = recv(fd, line + n, sizeof(line) - n, 0);
		n += got > 0 ? (size_t)got : 0;
	}
	return is_pong(str_make(line, n));
}

static int ping(const struct pinger *p)
{
	int fd = p->socket ? connect_unix(p) : connect_tcp(p), rc;

	if (fd == -1)
		fprintf(stderr, "failed to create connection to spamd daemon: "
			"%s\n", strerror(errno));
	if (fd < 0)
		return fd == -1 ? 0 : -1;
	rc = ask(p, fd);
	close(fd);
	return rc;
}

static int judge(const struct pinger *p, int answer)
{
	double took = (double)(clock_mono_us() - p->began_us) / 1e6;

	if (answer < 0) {
		printf("SPAMD CRITICAL: ping timed out in %.3f seconds\n",
		       took);
		return STATE_CRITICAL;
	}
	if (answer == 0) {
		printf("SPAMD CRITICAL: ping failed in %.3f seconds\n", took);
		return STATE_CRITICAL;
	}
	if (p->critical && took > p->critical_s) {
		printf("SPAMD CRITICAL: %.3f second ping response time\n",
		       took);
		return STATE_CRITICAL;
	}
	if (p->warning && took > p->warning_s) {
		printf("SPAMD WARNING: %.3f second ping response time\n",
		       took);
		return STATE_WARNING;
	}
	printf("SPAMD OK: %.3f second ping response time\n", took);
	return STATE_OK;
}

/* ---- the program ---- */

static int usage(void)
{
	printf("sa-check_spamd version " SA_VERSION "\n\n"
	       "For more details, see mekiki(1).\n\n"
	       "Usage:\n   sa-check_spamd [options]\n\nOptions:\n");
	sa_options_help(stdout, rows);
	return STATE_UNKNOWN;
}

static int run(struct pinger *p)
{
	const char *wrong;

	if (p->help)
		return usage();
	if (p->version) {
		printf("sa-check_spamd version " SA_VERSION "\n");
		return STATE_UNKNOWN;
	}
	wrong = check_values(p);
	if (wrong)
		return unknown(wrong);
	if (!p->socket) {
		p->host = p->host ? p->host : "localhost";
		p->port = p->port ? p->port : "783";
	}
	if (p->verbose)
		printf("connecting to spamd for ping\n");
	fflush(stdout);
	p->began_us = clock_mono_us();
	p->until_us = p->began_us + (int64_t)(p->timeout_s * 1e6);
	return judge(p, ping(p));
}

int sa_check_spamd_main(int argc, char **argv)
{
	struct pinger p = { .timeout = "45" };
	struct arena *a = arena_new();
	struct sa_parse parse = {
		.rows = rows,
		.into = &p,
		.shorten = true,
		.plain = true,
		.arena = a,
	};
	int code = sa_options_parse(argc, argv, &parse) == 0 ?
		run(&p) : usage();

	arena_free(&a);
	return code;
}
