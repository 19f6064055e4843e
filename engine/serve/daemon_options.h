/*
 * Everything that an administrator can set about the daemon, as the keeper
 * and its children read it. Filled once from the command line (see
 * cli/mekikid_options.h), never changed afterwards.
 */
#ifndef MEKIKI_SERVE_DAEMON_OPTIONS_H
#define MEKIKI_SERVE_DAEMON_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/ruleset.h"

/* Strings given with an option that may be repeated. */
struct word_list {
	const char **v;		/* NULL-ended */
	size_t n;
};

struct daemon_options {
	/* Sockets. */
	struct word_list listen;
	const char *port, *ssl_port;
	const char *socket_path, *socket_owner, *socket_group, *socket_mode;
	bool ipv4_only, ipv6_only;
	struct word_list allowed;

	/* TLS. */
	bool ssl, ssl_verify;
	const char *server_cert, *server_key, *ssl_ca_file, *ssl_ca_path;

	/* Rules. */
	const char *rules_dir, *site_dir, *own_rules;
	bool no_own_rules, local_only;
	struct word_list pre, cf;

	/* Users. */
	const char *user, *group, *default_user;
	bool no_user_config, paranoid, allow_tell, create_prefs;
	bool sql_config, setuid_with_sql;
	const char *virtual_config_dir;

	/* Life. */
	bool daemonize;
	const char *pidfile, *state_dir;
	long max_children, max_conn_per_child;
	long timeout_tcp, timeout_child, hang_limit, max_connections;

	/* Log. */
	const char *syslog, *syslog_socket, *timestamp_fmt, *debug;

	/* What the command line said that is accepted without effect, one
	 * sentence each, for the log. */
	struct word_list notes;
};

/* The part that the engine loads with. */
void daemon_load_options(const struct daemon_options *o,
			 struct load_options *load_r);

#endif
