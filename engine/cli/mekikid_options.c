/*
 * The daemon's command line; see mekikid_options.h. Words are read as spamd
 * reads them (perl_options.h).
 */
#include "cli/mekikid_options.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/str.h"
#include "cli/options.h"
#include "cli/perl_options.h"

#define AT(field) offsetof(struct daemon_options, field)

static const char no_ldap[] = "preferences in LDAP are not read: the site's "
	"settings are used for everybody";
static const char no_scaling[] = "all workers run from the start, as many as "
	"--max-children says";

static const struct daemon_option_row rows[] = {
	{ "allow-tell l", DOPT_FLAG, AT(allow_tell), NULL,
	  "Allow learning and reporting (TELL).", NULL },
	{ "allowed-ips A", DOPT_COMMAS, AT(allowed), "NET,...",
	  "Accept connections from these addresses and networks only "
	  "(default: 127.0.0.1, ::1).", NULL },
	{ "configpath C", DOPT_PATH, AT(rules_dir), "DIR",
	  "Read the stock rules from DIR.", NULL },
	{ "siteconfigpath", DOPT_PATH, AT(site_dir), "DIR",
	  "Read the site's files from DIR.", NULL },
	{ "pre", DOPT_LIST, AT(pre), "LINE",
	  "Read LINE before the .pre files.", NULL },
	{ "cf", DOPT_LIST, AT(cf), "LINE",
	  "Read LINE after all configuration files.", NULL },
	{ "own-rules", DOPT_PATH, AT(own_rules), "DIR",
	  "Read mekiki's own rules from DIR.", NULL },
	{ "no-own-rules", DOPT_FLAG, AT(no_own_rules), NULL,
	  "Leave mekiki's own rules out.", NULL },
	{ "local L", DOPT_NEGATABLE, AT(local_only), NULL,
	  "Local tests only, no network.", NULL },
	{ "create-prefs c", DOPT_NEGATABLE, AT(create_prefs), NULL,
	  "Create a user's preference file, from the template "
	  "user_prefs.template, where there is none.", NULL },
	{ "daemonize d", DOPT_NEGATABLE, AT(daemonize), NULL,
	  "Run in the background; the command returns when the daemon serves.",
	  NULL },
	{ "debug D", DOPT_MAYBE, AT(debug), "AREAS",
	  "Log what happens in these areas, or in all.", NULL },
	{ "default-user U", DOPT_TEXT, AT(default_user), "USER",
	  "Run as USER when started as root without --username "
	  "(default: nobody).", NULL },
	{ "username u", DOPT_TEXT, AT(user), "USER",
	  "Run as USER, and read users' files with this user's rights.", NULL },
	{ "groupname g", DOPT_TEXT, AT(group), "GROUP",
	  "Run in GROUP instead of the user's own one.", NULL },
	{ "helper-home-dir H", DOPT_IGNORED_MAYBE, 0, "DIR",
	  "The home directory for helper programs.",
	  "no helper programs are run" },
	{ "help h", DOPT_HELP, 0, NULL, "Show the options.", NULL },
	{ "ipv4-only ipv4only ipv4 4", DOPT_FLAG, AT(ipv4_only), NULL,
	  "Listen on IPv4 addresses only.", NULL },
	{ "ipv6-only 6", DOPT_FLAG, AT(ipv6_only), NULL,
	  "Listen on IPv6 addresses only.", NULL },
	{ "listen listen-ip ip-address i", DOPT_MAYBE_LIST, AT(listen),
	  "[ssl:]HOST[:PORT]",
	  "Listen there, on all addresses for * or nothing, or on the Unix "
	  "socket with this path (default: localhost).", NULL },
	{ "port p", DOPT_TEXT, AT(port), "PORT",
	  "The port to listen on (default: 783).", NULL },
	{ "socketpath", DOPT_PATH, AT(socket_path), "PATH",
	  "Listen on a Unix socket.", NULL },
	{ "socketowner", DOPT_TEXT, AT(socket_owner), "USER",
	  "The owner of Unix sockets.", NULL },
	{ "socketgroup", DOPT_TEXT, AT(socket_group), "GROUP",
	  "The group of Unix sockets.", NULL },
	{ "socketmode", DOPT_TEXT, AT(socket_mode), "MODE",
	  "The octal mode of Unix sockets (default: 0666).", NULL },
	{ "ssl", DOPT_FLAG, AT(ssl), NULL,
	  "Speak TLS on TCP connections.", NULL },
	{ "ssl-port", DOPT_TEXT, AT(ssl_port), "PORT",
	  "Speak TLS, on this port instead of --port's.", NULL },
	{ "ssl-verify", DOPT_FLAG, AT(ssl_verify), NULL,
	  "Speak TLS and demand a client certificate.", NULL },
	{ "ssl-ca-file", DOPT_PATH, AT(ssl_ca_file), "FILE",
	  "The authorities that client certificates are checked by.", NULL },
	{ "ssl-ca-path", DOPT_PATH, AT(ssl_ca_path), "DIR",
	  "A directory of such authorities.", NULL },
	{ "server-cert", DOPT_PATH, AT(server_cert), "FILE",
	  "The TLS certificate, with its chain (default: "
	  "/etc/spamassassin/certs/server-cert.pem).", NULL },
	{ "server-key", DOPT_PATH, AT(server_key), "FILE",
	  "Its key (default: /etc/spamassassin/certs/server-key.pem).", NULL },
	{ "max-children m", DOPT_NUMBER, AT(max_children), "NUM",
	  "Workers (default: the number of cores, at least 2).", NULL },
	{ "max-conn-per-child", DOPT_NUMBER, AT(max_conn_per_child), "NUM",
	  "Replace a worker after so many messages (default: 10000; 0: "
	  "never).", NULL },
	{ "min-children", DOPT_IGNORED_TEXT, 0, "NUM",
	  "The least number of workers.", no_scaling },
	{ "min-spare", DOPT_IGNORED_TEXT, 0, "NUM",
	  "The least number of idle workers.", no_scaling },
	{ "max-spare", DOPT_IGNORED_TEXT, 0, "NUM",
	  "The largest number of idle workers.", no_scaling },
	{ "round-robin", DOPT_IGNORED, 0, NULL,
	  "Give each worker an equal load.", no_scaling },
	{ "max-connections", DOPT_NUMBER, AT(max_connections), "NUM",
	  "Clients at the same time (default: 10000, or what descriptors "
	  "allow).", NULL },
	{ "timeout-tcp T", DOPT_NUMBER, AT(timeout_tcp), "SECONDS",
	  "Wait so long for a request's first line (default: 30; 0: for "
	  "ever).", NULL },
	{ "timeout-child t", DOPT_NUMBER, AT(timeout_child), "SECONDS",
	  "Finish a request in this time (default: 300; 0: no limit).", NULL },
	{ "hang-limit", DOPT_NUMBER, AT(hang_limit), "SECONDS",
	  "Kill a worker that uses more CPU time than this for one message "
	  "(default: 10; 0: never).", NULL },
	{ "nouser-config x", DOPT_FLAG, AT(no_user_config), NULL,
	  "Do not read users' preference files.", NULL },
	{ "user-config", DOPT_CLEAR, AT(no_user_config), NULL,
	  "Read users' preference files (the default).", NULL },
	{ "virtual-config-dir", DOPT_TEXT, AT(virtual_config_dir), "PATTERN",
	  "Where virtual users' preferences are, with %u, %l, %d, %x, %% "
	  "(needs -x and -u).", NULL },
	{ "paranoid P", DOPT_NEGATABLE, AT(paranoid), NULL,
	  "Close the connection when the user of a request is unknown.", NULL },
	{ "pidfile r", DOPT_PATH, AT(pidfile), "FILE",
	  "Write the keeper's process id to FILE.", NULL },
	{ "state-dir", DOPT_PATH, AT(state_dir), "DIR",
	  "Keep state there, such as what is remembered and mail that "
	  "killed workers (default: /var/lib/mekiki).", NULL },
	{ "syslog s", DOPT_TEXT, AT(syslog), "FACILITY",
	  "Log to this syslog facility, to stderr, to the file of this name, "
	  "or to null (default: mail).", NULL },
	{ "syslog-socket", DOPT_TEXT, AT(syslog_socket), "TYPE",
	  "none means --syslog=stderr; other types are not told apart.", NULL },
	{ "log-timestamp-fmt", DOPT_MAYBE, AT(timestamp_fmt), "FORMAT",
	  "The form of time stamps as of strftime(3), empty for none, or "
	  "default.", NULL },
	{ "sql-config q", DOPT_NEGATABLE, AT(sql_config), NULL,
	  "Read users' preferences from the database that user_scores_dsn "
	  "names (needs -u).", NULL },
	{ "setuid-with-sql Q", DOPT_FLAG, AT(setuid_with_sql), NULL,
	  "The same with -x, for users of this system only.", NULL },
	{ "ldap-config", DOPT_IGNORED, 0, NULL,
	  "Read users' preferences from LDAP.", no_ldap },
	{ "setuid-with-ldap", DOPT_IGNORED, 0, NULL,
	  "The same, for users of this system only.", no_ldap },
	{ "vpopmail v", DOPT_IGNORED, 0, NULL,
	  "Find users' files with vpopmail's programs.",
	  "vpopmail's programs are not run: see --virtual-config-dir" },
	{ "timing", DOPT_IGNORED, 0, NULL,
	  "Log how long each part of a scan takes.",
	  "timing is not logged" },
	{ "version V", DOPT_VERSION, 0, NULL, "Show the version.", NULL },
	{ "F", DOPT_RETIRED, 0, NULL, "Refused, as spamd does.", NULL },
	{ "add-from", DOPT_RETIRED, 0, NULL, "Refused, as spamd does.", NULL },
	{ "stop-at-threshold S", DOPT_RETIRED_QUIETLY, 0, NULL,
	  "Ignored, as spamd does.", NULL },
	{ NULL, DOPT_FLAG, 0, NULL, NULL, NULL },
};

const struct daemon_option_row *daemon_option_rows(void)
{
	return rows;
}

/* Lists and texts that options need beside argv; they live as long as the
 * process. */
static struct arena *texts;

static void list_add(struct word_list *l, const char *text)
{
	/* Room for the NULL at the end, too. */
	const char **v = arena_alloc(texts, (l->n + 2) * sizeof(*v));

	if (l->n)
		memcpy(v, l->v, l->n * sizeof(*v));
	v[l->n++] = text;
	l->v = v;
}

static const char *absolute(const char *path)
{
	char cwd[PATH_MAX];

	if (*path == '/' || !*path || !getcwd(cwd, sizeof(cwd)))
		return path;
	return str_printf(texts, "%s/%s", cwd, path).p;
}

static enum perl_value value_of(const void *row)
{
	switch (((const struct daemon_option_row *)row)->kind) {
	case DOPT_TEXT:
	case DOPT_PATH:
	case DOPT_LIST:
	case DOPT_COMMAS:
	case DOPT_IGNORED_TEXT:
		return PERL_STRING;
	case DOPT_NUMBER:
		return PERL_INT;
	case DOPT_MAYBE:
	case DOPT_MAYBE_LIST:
	case DOPT_IGNORED_MAYBE:
		return PERL_MAYBE_STRING;
	case DOPT_NEGATABLE:
	case DOPT_IGNORED:
		return PERL_NEGATABLE;
	default:
		return PERL_NONE;
	}
}

static void store_commas(struct word_list *l, const char *value)
{
	struct str rest = str_cstr(value), one;

	while (str_next(&rest, ',', &one))
		if (one.n)
			list_add(l, str_dup(texts, one).p);
}

static void store(const struct daemon_option_row *r, struct daemon_options *o,
		  const char *value)
{
	void *where = (char *)o + r->offset;

	switch (r->kind) {
	case DOPT_FLAG:
	case DOPT_NEGATABLE:
		*(bool *)where = true;
		break;
	case DOPT_CLEAR:
		*(bool *)where = false;
		break;
	case DOPT_TEXT:
	case DOPT_MAYBE:
		*(const char **)where = value;
		break;
	case DOPT_PATH:
		*(const char **)where = absolute(value);
		break;
	case DOPT_LIST:
	case DOPT_MAYBE_LIST:
		list_add(where, value);
		break;
	case DOPT_COMMAS:
		store_commas(where, value);
		break;
	case DOPT_NUMBER:
		str_to_long(str_cstr(value), where);
		break;
	case DOPT_IGNORED:
	case DOPT_IGNORED_TEXT:
	case DOPT_IGNORED_MAYBE:
		list_add(&o->notes, r->note);
		break;
	case DOPT_RETIRED_QUIETLY:
		fprintf(stderr, "spamd: the -S option has been deprecated and "
			"is no longer supported, ignoring\n");
		break;
	default:
		break;
	}
}

struct parse {
	struct daemon_options *o;
	struct err *err;
	enum daemon_parse rc;	/* HELP, VERSION, RETIRED as they were met */
	bool complained;
};

static int take(void *ctx, const void *row, const char *value, bool negated)
{
	const struct daemon_option_row *r = row;
	struct parse *p = ctx;

	if (r->kind == DOPT_RETIRED) {
		err_set(p->err, "the %s%s option has been removed from spamd, "
			"please remove from your commandline and re-run",
			r->names[1] ? "--" : "-", r->names);
		p->rc = DAEMON_RETIRED;
		return -1;
	}
	if (r->kind == DOPT_HELP)
		p->rc = DAEMON_HELP;
	else if (r->kind == DOPT_VERSION && p->rc != DAEMON_HELP)
		p->rc = DAEMON_VERSION;
	/* The last of the two counts. */
	if (r->offset == AT(ipv4_only))
		p->o->ipv6_only = false;
	if (r->offset == AT(ipv6_only))
		p->o->ipv4_only = false;
	if (!negated)
		store(r, p->o, value);
	else if (r->kind == DOPT_NEGATABLE)
		*(bool *)((char *)p->o + r->offset) = false;
	return 0;
}

/* The caller tells the last one, with what the program can do. */
static void complain(void *ctx, const char *text)
{
	struct parse *p = ctx;

	if (p->complained)
		fprintf(stderr, "%s\n", p->err->text);
	p->complained = true;
	err_set(p->err, "%s", text);
}

static void set_defaults(struct daemon_options *o)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	*o = (struct daemon_options){
		.max_children = cores > 2 ? cores : 2,
		.max_conn_per_child = 10000,
		.timeout_tcp = 30,
		.timeout_child = 300,
		.hang_limit = 10,
		.max_connections = 10000,
		.default_user = "nobody",
		.state_dir = "/var/lib/mekiki",
		.server_cert = "/etc/spamassassin/certs/server-cert.pem",
		.server_key = "/etc/spamassassin/certs/server-key.pem",
	};
}

/* A facility has no other bytes. */
static bool is_log_file(const char *facility)
{
	for (; *facility; facility++)
		if (!is_lower(*facility) && !is_digit(*facility))
			return true;
	return false;
}

/* Impossible numbers mean the default, as they do for spamd. */
static void set_numbers(struct daemon_options *o)
{
	struct daemon_options d;

	set_defaults(&d);
	if (o->max_children < 1)
		o->max_children = d.max_children;
	if (o->max_children > LIMIT_WORKERS)
		o->max_children = LIMIT_WORKERS;
	if (o->max_conn_per_child < 0)
		o->max_conn_per_child = d.max_conn_per_child;
	if (o->timeout_tcp < 0)
		o->timeout_tcp = d.timeout_tcp;
	if (o->timeout_child < 0)
		o->timeout_child = d.timeout_child;
	if (o->hang_limit < 0)
		o->hang_limit = d.hang_limit;
	if (o->max_connections < 1)
		o->max_connections = d.max_connections;
}

static int check(struct daemon_options *o, struct err *err)
{
	set_numbers(o);
	if (o->virtual_config_dir && !o->user)
		return err_set(err, "cannot use --virtual-config-dir without "
			       "-u");
	if (o->sql_config && !o->setuid_with_sql && !o->user)
		return err_set(err, "cannot use --sql-config without -u");
	if (o->ssl_ca_file && access(o->ssl_ca_file, F_OK) < 0)
		return err_set(err, "ssl-ca-file %s does not exist",
			       o->ssl_ca_file);
	if (o->ssl_ca_path && access(o->ssl_ca_path, F_OK) < 0)
		return err_set(err, "ssl-ca-path %s does not exist",
			       o->ssl_ca_path);
	if (o->ssl_ca_file || o->ssl_ca_path)
		o->ssl_verify = true;
	if (o->ssl_verify)
		o->ssl = true;
	if (!o->allowed.n) {
		list_add(&o->allowed, "127.0.0.1");
		list_add(&o->allowed, "::1");
	}
	if (o->syslog && is_log_file(o->syslog))
		o->syslog = absolute(o->syslog);
	if (!o->own_rules)
		o->own_rules = own_rules_dir();
	return 0;
}

enum daemon_parse daemon_options_parse(int argc, char **argv,
				       struct daemon_options *o,
				       struct err *err)
{
	struct parse p = { .o = o, .err = err, .rc = DAEMON_RUN };
	struct perl_table t = {
		.rows = rows,
		.row_size = sizeof(rows[0]),
		.value = value_of,
		.shorten = true,
		.ctx = &p,
		.take = take,
		.complain = complain,
	};
	int faults;

	if (!texts)
		texts = arena_new();
	t.arena = texts;
	set_defaults(o);
	faults = perl_options_parse(argc, argv, &t);
	if (faults > 0)
		return DAEMON_ERROR;
	if (p.rc == DAEMON_RUN && check(o, err) < 0)
		return DAEMON_ERROR;
	return p.rc;
}
