/*
 * Listening sockets; see listen.h. Specifications, defaults and what counts as
 * failure are spamd's: of the addresses that a name stands for some may fail,
 * but not all.
 */
#include "serve/listen.h"

#include <ctype.h>
#include <errno.h>
#include <grp.h>
#include <netdb.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "base/log.h"
#include "base/str.h"
#include "serve/chan.h"

/* A predecessor may need a moment to let go of its port. */
#define BIND_TRIES 10

static bool is_host_char(char c)
{
	return is_alnum(c) || c == '.' || c == '_' || c == '-';
}

/* A bare IPv6 address: at least two colons, nothing but hex digits and
 * colons, perhaps a zone. */
static bool is_bare_v6(const char *s)
{
	int colons = 0;

	for (; *s && *s != '%'; s++) {
		colons += *s == ':';
		if (!is_xdigit(*s) && *s != ':')
			return false;
	}
	return colons >= 2;
}

static int copy_part(char *out, size_t size, const char *p, size_t n,
		     struct err *err)
{
	if (n >= size)
		return err_set(err, "listen: too long: %.*s", (int)n, p);
	memcpy(out, p, n);
	out[n] = '\0';
	return 0;
}

/* host and what must follow it: nothing, or a port. */
static int split_port(const char *text, const char *rest,
		      struct listen_spec *spec, struct err *err)
{
	if (!*rest)
		return 0;
	if (*rest != ':')
		return err_set(err, "Invalid socket specification syntax: %s",
			       text);
	for (const char *p = rest + 1; *p; p++)
		if (!is_alnum(*p) && *p != '-')
			return err_set(err, "Invalid socket specification "
				       "syntax: %s", text);
	return copy_part(spec->port, sizeof(spec->port), rest + 1,
			 strlen(rest + 1), err);
}

int listen_parse(const char *text, struct listen_spec *spec_r,
		 struct err *err)
{
	const char *s = text, *end;

	memset(spec_r, 0, sizeof(*spec_r));
	if (strncasecmp(s, "ssl:", 4) == 0) {
		spec_r->tls = true;
		s += 4;
	}
	if (*s == '/') {
		spec_r->is_unix = true;
		spec_r->tls = false;
		return copy_part(spec_r->host, sizeof(spec_r->host), s,
				 strlen(s), err);
	}
	if (is_bare_v6(s))
		return copy_part(spec_r->host, sizeof(spec_r->host), s,
				 strlen(s), err);
	if (*s == '[') {
		end = strchr(++s, ']');
		if (!end)
			return err_set(err, "Invalid socket specification "
				       "syntax: %s", text);
		if (copy_part(spec_r->host, sizeof(spec_r->host), s,
			      (size_t)(end - s), err) < 0)
			return -1;
		return split_port(text, end + 1, spec_r, err);
	}
	end = s;
	if (*end == '*')
		end++;
	else
		while (is_host_char(*end))
			end++;
	if (copy_part(spec_r->host, sizeof(spec_r->host), s, (size_t)(end - s),
		      err) < 0)
		return -1;
	return split_port(text, end, spec_r, err);
}

static int add(struct listen_set *set, int fd, const struct m_listen *what,
	       bool unlink_it, struct err *err)
{
	if (set->n == LISTEN_MAX) {
		close(fd);
		return err_set(err, "more than %d sockets", LISTEN_MAX);
	}
	set->v[set->n++] = (struct listen_socket){ fd, *what, unlink_it };
	set->any_tls = set->any_tls || what->tls;
	return 0;
}

/* Unix sockets. */

static int clear_stale(const char *path, const struct sockaddr_un *sun,
		       struct err *err)
{
	struct stat st;
	int fd, rc;

	if (lstat(path, &st) < 0)
		return 0;
	if (!S_ISSOCK(st.st_mode))
		return err_set(err, "file %s exists but is no socket, exiting",
			       path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	rc = connect(fd, (const struct sockaddr *)sun, sizeof(*sun));
	close(fd);
	if (rc == 0)
		return err_set(err, "already running on %s, exiting", path);
	unlink(path);
	return 0;
}

static int set_owner(const struct daemon_options *o, const char *path,
		     struct err *err)
{
	mode_t mode = 0666;
	uid_t uid = (uid_t)-1;
	gid_t gid = (gid_t)-1;

	if (o->socket_owner) {
		struct passwd *pw = getpwnam(o->socket_owner);

		if (!pw)
			return err_set(err, "%s not in passwd database",
				       o->socket_owner);
		uid = pw->pw_uid;
	}
	if (o->socket_group) {
		struct group *gr = getgrnam(o->socket_group);

		if (!gr)
			return err_set(err, "%s not in group database",
				       o->socket_group);
		gid = gr->gr_gid;
	}
	if (o->socket_mode)
		mode = (mode_t)strtoul(o->socket_mode, NULL, 8) & 07777;
	if (chown(path, uid, gid) < 0)
		return err_set(err, "could not chown %s: %s", path,
			       strerror(errno));
	if (chmod(path, mode) < 0)
		return err_set(err, "could not chmod %s to %o: %s", path,
			       mode, strerror(errno));
	return 0;
}

static int bind_unix(const struct daemon_options *o, const char *path,
		     struct listen_set *set, struct err *err)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	struct m_listen what = { .is_unix = true };
	mode_t old;
	int fd, rc;

	if (strlen(path) >= sizeof(sun.sun_path))
		return err_set(err, "path length for UNIX socket on %s exceeds "
			       "system limit, exiting", path);
	memcpy(sun.sun_path, path, strlen(path) + 1);
	snprintf(what.text, sizeof(what.text), "%.*s",
		 (int)sizeof(what.text) - 1, path);
	if (clear_stale(path, &sun, err) < 0)
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	old = umask(0177);
	rc = fd < 0 ? -1 : bind(fd, (struct sockaddr *)&sun, sizeof(sun));
	umask(old);
	if (rc == 0)
		rc = listen(fd, SOMAXCONN);
	if (rc < 0) {
		err_set(err, "could not create UNIX socket on %s: %s", path,
			strerror(errno));
		fd_close(&fd);
		return -1;
	}
	if (add(set, fd, &what, true, err) < 0)
		return -1;
	return set_owner(o, path, err);
}

/* Internet sockets. */

static int bind_one(const struct addrinfo *ai)
{
	const int on = 1;
	int fd = socket(ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (ai->ai_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (bind(fd, ai->ai_addr, ai->ai_addrlen) == 0 &&
	    listen(fd, SOMAXCONN) == 0)
		return fd;
	fd_close(&fd);
	return -1;
}

static int bind_address(const char *addr, const char *port, bool tls,
			struct listen_set *set, struct err *err)
{
	struct addrinfo hints = {
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICHOST | AI_PASSIVE,
	};
	struct m_listen what = { .tls = tls };
	struct addrinfo *ai;
	int fd = -1;

	if (getaddrinfo(addr, port, &hints, &ai) != 0)
		return err_set(err, "invalid port: %s", port);
	for (int i = 0; i < BIND_TRIES && fd < 0; i++) {
		if (i)
			sleep(1);
		fd = bind_one(ai);
		if (fd < 0 && errno != EADDRINUSE)
			break;
	}
	freeaddrinfo(ai);
	if (fd < 0)
		return err_set(err, "could not create socket on [%s]:%s: %s",
			       addr, port, strerror(errno));
	what.port = (uint16_t)strtoul(port, NULL, 10);
	snprintf(what.text, sizeof(what.text), "%.*s",
		 (int)sizeof(what.text) - 1, addr);
	return add(set, fd, &what, false, err);
}

static int family(const struct daemon_options *o)
{
	return o->ipv4_only ? AF_INET : o->ipv6_only ? AF_INET6 : AF_UNSPEC;
}

/* The addresses that a host stands for, at most max of them. */
static int resolve(const struct daemon_options *o, const char *host,
		   char (*out)[64], size_t max, struct err *err)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
					.ai_family = family(o) };
	bool local = !*host || strcasecmp(host, "localhost") == 0;
	bool any = strcmp(host, "*") == 0;
	struct addrinfo *list;
	size_t n = 0;
	int rc;

	if (local || any) {
		if (!o->ipv4_only)
			snprintf(out[n++], 64, "%s", any ? "::" : "::1");
		if (!o->ipv6_only)
			snprintf(out[n++], 64, "%s", any ? "0.0.0.0" :
				 "127.0.0.1");
		return (int)n;
	}
	rc = getaddrinfo(host, NULL, &hints, &list);
	if (rc)
		return err_set(err, "invalid address for a listen socket: "
			       "\"%s\": %s", host, gai_strerror(rc));
	for (struct addrinfo *ai = list; ai && n < max; ai = ai->ai_next)
		if (getnameinfo(ai->ai_addr, ai->ai_addrlen, out[n], 64, NULL,
				0, NI_NUMERICHOST) == 0)
			n++;
	freeaddrinfo(list);
	return (int)n;
}

static int find_port(const struct daemon_options *o,
		     const struct listen_spec *spec, bool tls, char *out,
		     size_t size, struct err *err)
{
	const char *port = spec->port;
	struct servent *se;

	if (!*port && tls && o->ssl_port)
		port = o->ssl_port;
	if (!*port)
		port = o->port && *o->port ? o->port : "783";
	snprintf(out, size, "%s", port);
	if (port[strspn(port, "0123456789")] == '\0')
		return 0;
	se = getservbyname(port, "tcp");
	if (!se)
		return err_set(err, "invalid port: %s", port);
	snprintf(out, size, "%d", ntohs((uint16_t)se->s_port));
	return 0;
}

static int bind_inet(const struct daemon_options *o,
		     const struct listen_spec *spec, struct listen_set *set,
		     struct err *err)
{
	bool tls = spec->tls || o->ssl || o->ssl_port;
	char addrs[16][64], port[32];
	struct err last = { "" };
	int n, bound = 0;

	if (find_port(o, spec, tls, port, sizeof(port), err) < 0)
		return -1;
	n = resolve(o, spec->host, addrs, 16, err);
	if (n < 0)
		return -1;
	for (int i = 0; i < n; i++) {
		if (bind_address(addrs[i], port, tls, set, &last) == 0)
			bound++;
		else
			log_warn("spamd: %s", last.text);
	}
	if (bound)
		return 0;
	return err_set(err, "%s", *last.text ? last.text :
		       "no valid address for a listen socket");
}

/* systemd's. */

static int take_activated(struct listen_set *set, struct err *err)
{
	char **names = NULL;
	int n = sd_listen_fds_with_names(1, &names);

	for (int i = 0; i < n; i++) {
		int fd = SD_LISTEN_FDS_START + i;
		struct m_listen what = { .tls = false };
		struct sockaddr_storage ss = { 0 };
		socklen_t len = sizeof(ss);
		char port[16] = "0";

		if (sd_is_socket(fd, AF_UNSPEC, SOCK_STREAM, 1) <= 0)
			return err_set(err, "descriptor %d from systemd is no "
				       "listening stream socket", fd);
		getsockname(fd, (struct sockaddr *)&ss, &len);
		what.is_unix = ss.ss_family == AF_UNIX;
		if (what.is_unix)
			snprintf(what.text, sizeof(what.text), "%.*s",
				 (int)sizeof(what.text) - 1,
				 ((struct sockaddr_un *)&ss)->sun_path);
		else
			getnameinfo((struct sockaddr *)&ss, len, what.text,
				    sizeof(what.text), port, sizeof(port),
				    NI_NUMERICHOST | NI_NUMERICSERV);
		what.port = (uint16_t)strtoul(port, NULL, 10);
		/* FileDescriptorName=ssl... marks a socket that speaks TLS. */
		what.tls = names && strncmp(names[i], "ssl", 3) == 0;
		free(names ? names[i] : NULL);
		if (add(set, fd, &what, false, err) < 0)
			return -1;
	}
	free(names);
	return n;
}

static int open_spec(const struct daemon_options *o, const char *text,
		     struct listen_set *set, struct err *err)
{
	struct listen_spec spec;

	if (listen_parse(*text ? text : "*", &spec, err) < 0)
		return -1;
	if (spec.is_unix)
		return bind_unix(o, spec.host, set, err);
	return bind_inet(o, &spec, set, err);
}

int listen_open(const struct daemon_options *o, struct listen_set *set,
		struct err *err)
{
	int n;

	memset(set, 0, sizeof(*set));
	n = take_activated(set, err);
	if (n < 0)
		return -1;
	for (size_t i = 0; i < o->listen.n; i++)
		if (open_spec(o, o->listen.v[i], set, err) < 0)
			return -1;
	if (o->socket_path && *o->socket_path) {
		if (*o->socket_path != '/')
			return err_set(err, "socketpath option should specify "
				       "an absolute path: %s", o->socket_path);
		if (open_spec(o, o->socket_path, set, err) < 0)
			return -1;
	}
	return set->n ? 0 : open_spec(o, "localhost", set, err);
}

void listen_close(struct listen_set *set)
{
	for (size_t i = 0; i < set->n; i++) {
		fd_close(&set->v[i].fd);
		if (set->v[i].unlink)
			unlink(set->v[i].what.text);
	}
	set->n = 0;
}

void listen_describe(const struct listen_set *set, char *out, size_t size)
{
	size_t n = 0;

	*out = '\0';
	for (size_t i = 0; i < set->n && n < size; i++) {
		const struct m_listen *w = &set->v[i].what;
		int k;

		if (w->is_unix)
			k = snprintf(out + n, size - n,
				     "%sUNIX domain socket %s", i ? ", " : "",
				     w->text);
		else
			k = snprintf(out + n, size - n, "%s%s[%s]:%u",
				     i ? ", " : "", w->tls ? "SSL " : "",
				     w->text, w->port);
		n += k > 0 ? (size_t)k : 0;
	}
}
