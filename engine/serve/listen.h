/*
 * The sockets that the daemon listens on: bound by the keeper, or given to it
 * by systemd.
 */
#ifndef MEKIKI_SERVE_LISTEN_H
#define MEKIKI_SERVE_LISTEN_H

#include "base/err.h"
#include "serve/daemon_options.h"
#include "serve/messages.h"

#define LISTEN_MAX 64

struct listen_socket {
	int fd;
	struct m_listen what;
	bool unlink;		/* a Unix socket that we made */
};

struct listen_set {
	struct listen_socket v[LISTEN_MAX];
	size_t n;
	bool any_tls;
};

/* One socket's specification: [ssl:] /path, or [ssl:] [host] [:port]. */
struct listen_spec {
	bool tls, is_unix;
	char host[256];		/* or path; "" means localhost, "*" all */
	char port[32];		/* "" when none was given */
};

/* Splits a specification as spamd does. -1 and err if it is none. */
int listen_parse(const char *text, struct listen_spec *spec_r,
		 struct err *err);

/* Takes systemd's sockets if there are any, else binds what the options say
 * (localhost port 783 if they say nothing). -1 and err if a specification
 * could not be bound at all. */
int listen_open(const struct daemon_options *o, struct listen_set *set,
		struct err *err);

/* Closes all, and removes Unix sockets that we made. */
void listen_close(struct listen_set *set);

/* "[127.0.0.1]:783, UNIX domain socket /run/x", for the log. */
void listen_describe(const struct listen_set *set, char *out, size_t size);

#endif
