/*
 * The daemon's command line; see mekikid_options.h. Words are read as spamd
 * reads them: long options may be shortened while that is unambiguous, letters
 * may be bundled, an optional value is taken from the next word unless that
 * begins with a dash.
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

/* Does one of the row's names begin with, or equal, name? */
static bool row_named(const struct daemon_option_row *row, struct str name,
		      bool whole)
{
	struct str names = str_cstr(row->names), one;

	while (str_next_word(&names, &one)) {
		if (one.n == 1 && name.n != 1)
			continue;
		if (whole ? (name.n == 1 ? str_eq(one, name) :
			     str_ieq(one, name)) :
		    one.n > 1 && str_istarts(one, name))
			return true;
	}
	return false;
}

static const struct daemon_option_row *find_row(struct str name,
						struct err *err)
{
	const struct daemon_option_row *found = NULL;

	for (const struct daemon_option_row *r = rows; r->names; r++)
		if (row_named(r, name, true))
			return r;
	for (const struct daemon_option_row *r = rows; name.n > 1 && r->names;
	     r++) {
		if (!row_named(r, name, false))
			continue;
		if (found) {
			err_set(err, "Option %.*s is ambiguous", STR_ARG(name));
			return NULL;
		}
		found = r;
	}
	if (!found)
		err_set(err, "Unknown option: %.*s", STR_ARG(name));
	return found;
}

/* A row for "noNAME" or "no-NAME". */
static const struct daemon_option_row *find_negated(struct str name)
{
	const struct daemon_option_row *r;
	struct err ignored;

	if (!str_istarts(name, STR("no")))
		return NULL;
	name = str_from(name, str_istarts(name, STR("no-")) ? 3 : 2);
	r = name.n > 1 ? find_row(name, &ignored) : NULL;
	if (!r || (r->kind != DOPT_NEGATABLE && r->kind != DOPT_IGNORED))
		return NULL;
	return r;
}

enum value_need { VALUE_NONE, VALUE_MAYBE, VALUE_MUST };

static enum value_need value_need(const struct daemon_option_row *r)
{
	switch (r->kind) {
	case DOPT_TEXT:
	case DOPT_PATH:
	case DOPT_LIST:
	case DOPT_NUMBER:
	case DOPT_COMMAS:
	case DOPT_IGNORED_TEXT:
		return VALUE_MUST;
	case DOPT_MAYBE:
	case DOPT_MAYBE_LIST:
	case DOPT_IGNORED_MAYBE:
		return VALUE_MAYBE;
	default:
		return VALUE_NONE;
	}
}

static int store_number(const struct daemon_option_row *r, void *where,
			const char *value, struct err *err)
{
	if (!str_to_long(str_cstr(value), where))
		return err_set(err, "Value \"%s\" invalid for option %s "
			       "(number expected)", value, r->names);
	return 0;
}

static void store_commas(struct word_list *l, const char *value)
{
	struct str rest = str_cstr(value), one;

	while (str_next(&rest, ',', &one))
		if (one.n)
			list_add(l, str_dup(texts, one).p);
}

static int store(const struct daemon_option_row *r, struct daemon_options *o,
		 const char *value, struct err *err)
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
		*(const char **)where = value ? value : "";
		break;
	case DOPT_PATH:
		*(const char **)where = absolute(value);
		break;
	case DOPT_LIST:
	case DOPT_MAYBE_LIST:
		list_add(where, value ? value : "");
		break;
	case DOPT_COMMAS:
		store_commas(where, value);
		break;
	case DOPT_NUMBER:
		return store_number(r, where, value, err);
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
	return 0;
}

struct parse {
	int argc, i;
	char **argv;
	struct daemon_options *o;
	struct err *err;
};

/* attached: the value that came in the same word, or NULL. */
static enum daemon_parse take(struct parse *p,
			      const struct daemon_option_row *r,
			      const char *attached)
{
	const char *value = attached;
	enum value_need need = value_need(r);
	const char *next = p->i + 1 < p->argc ? p->argv[p->i + 1] : NULL;

	if (r->kind == DOPT_HELP)
		return DAEMON_HELP;
	if (r->kind == DOPT_VERSION)
		return DAEMON_VERSION;
	if (r->kind == DOPT_RETIRED) {
		err_set(p->err, "the %s%s option has been removed from spamd, "
			"please remove from your commandline and re-run",
			r->names[1] ? "--" : "-", r->names);
		return DAEMON_RETIRED;
	}
	if (!value && next && (need == VALUE_MUST ||
			       (need == VALUE_MAYBE && *next != '-'))) {
		value = next;
		p->i++;
	}
	if (need == VALUE_MUST && !value) {
		err_set(p->err, "Option %s requires an argument", r->names);
		return DAEMON_ERROR;
	}
	/* The last of the two counts. */
	if (r->offset == AT(ipv4_only))
		p->o->ipv6_only = false;
	if (r->offset == AT(ipv6_only))
		p->o->ipv4_only = false;
	return store(r, p->o, value, p->err) < 0 ? DAEMON_ERROR : DAEMON_RUN;
}

static enum daemon_parse take_long(struct parse *p, const char *word)
{
	const char *eq = strchr(word, '=');
	struct str name = eq ? str_make(word, (size_t)(eq - word))
			     : str_cstr(word);
	const struct daemon_option_row *r = find_row(name, p->err);

	if (r)
		return take(p, r, eq ? eq + 1 : NULL);
	r = find_negated(name);
	if (!r)
		return DAEMON_ERROR;
	if (r->kind == DOPT_NEGATABLE)
		*(bool *)((char *)p->o + r->offset) = false;
	return DAEMON_RUN;
}

static enum daemon_parse take_bundle(struct parse *p, const char *word)
{
	for (; *word; word++) {
		const struct daemon_option_row *r =
			find_row(str_make(word, 1), p->err);
		enum daemon_parse rc;
		bool valued = r && value_need(r) != VALUE_NONE;
		const char *rest = word + 1 + (word[1] == '=');

		if (!r)
			return DAEMON_ERROR;
		rc = take(p, r, valued && word[1] ? rest : NULL);
		if (rc != DAEMON_RUN || valued)
			return rc;
	}
	return DAEMON_RUN;
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
	struct parse p = { .argc = argc, .argv = argv, .o = o, .err = err };
	enum daemon_parse rc = DAEMON_RUN;

	if (!texts)
		texts = arena_new();
	set_defaults(o);
	for (p.i = 1; p.i < argc && rc == DAEMON_RUN; p.i++) {
		const char *word = argv[p.i];

		if (word[0] != '-' || !word[1])
			continue;	/* spamd ignores other words */
		if (strcmp(word, "--") == 0)
			break;
		rc = word[1] == '-' ? take_long(&p, word + 2)
				    : take_bundle(&p, word + 1);
	}
	if (rc == DAEMON_RUN && check(o, err) < 0)
		rc = DAEMON_ERROR;
	return rc;
}
