/*
 * The `store` line as data, and back. The line may hold a password, so no
 * error here shows anything of it but what a fixed table knows: the schemes.
 * What is not plainly one of the forms of store.h is refused, above all what
 * a forgotten %-encoding makes of a password ("/" or "@" in it), which would
 * otherwise end up as a host's name in a log.
 */
#include "redis/store.h"

#include <arpa/inet.h>

#include "base/arena.h"
#include "base/buf.h"

#define HOSTS_MAX 64
#define HOST_MAX 253	/* octets of a name in DNS */
#define DB_MAX 65535

struct form {
	struct str word;
	enum store_scheme scheme;
	bool tls;
	uint16_t port;		/* if none is written */
	const char *looks;
};

static const struct form forms[] = {
	{ STR("redis://"), STORE_REDIS, false, 6379,
	  "redis://[user:password@]host[:port][/db]" },
	{ STR("rediss://"), STORE_REDIS, true, 6379,
	  "rediss://[user:password@]host[:port][/db]" },
	{ STR("redis+unix://"), STORE_REDIS_UNIX, false, 0,
	  "redis+unix:///path[?db=N&user=U&password=P]" },
	{ STR("redis+sentinel://"), STORE_SENTINEL, false, 26379,
	  "redis+sentinel://[user:password@]host[:port],host.../name[/db]" },
	{ STR("rediss+sentinel://"), STORE_SENTINEL, true, 26379,
	  "rediss+sentinel://[user:password@]host[:port],host.../name[/db]" },
	{ STR("redis+cluster://"), STORE_CLUSTER, false, 6379,
	  "redis+cluster://[user:password@]host[:port],host..." },
	{ STR("rediss+cluster://"), STORE_CLUSTER, true, 6379,
	  "rediss+cluster://[user:password@]host[:port],host..." },
	{ STR("lmdb:"), STORE_LMDB, false, 0, "lmdb:/directory" },
	{ STR("memory:"), STORE_MEMORY, false, 0, "memory:" },
	{ STR("none"), STORE_NONE, false, 0, "none" },
};

#define NFORMS (sizeof(forms) / sizeof(*forms))

/* What a parse carries about. */
struct parse {
	struct arena *a;
	const struct form *form;
	struct store_url *u;
	struct err *err;
};

static int fail(struct parse *p, const char *why)
{
	return err_set(p->err, "%s (the form is %s)", why, p->form->looks);
}

/* ---- pieces ---- */

/* %XX become octets. */
static int decode(struct parse *p, struct str s, struct str *out_r)
{
	char *to = arena_text(p->a, s.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == '%') {
			if (i + 2 >= s.n || hex_value(s.p[i + 1]) < 0 ||
			    hex_value(s.p[i + 2]) < 0)
				return fail(p, "a % must be followed by two "
					    "hexadecimal digits; a % itself "
					    "is written %25");
			c = (char)(hex_value(s.p[i + 1]) * 16 +
				   hex_value(s.p[i + 2]));
			i += 2;
		}
		to[n++] = c;
	}
	to[n] = '\0';
	*out_r = str_make(to, n);
	return 0;
}

static int read_number(struct str s, long min, long max, long *v_r)
{
	if (s.n == 0 || !is_digit(s.p[0]) || !str_to_long(s, v_r))
		return -1;
	return *v_r >= min && *v_r <= max ? 0 : -1;
}

static int read_db(struct parse *p, struct str s)
{
	long v;

	if (read_number(s, 0, DB_MAX, &v) < 0)
		return fail(p, "the database must be a number, 0 to 65535");
	p->u->db = (int)v;
	return 0;
}

static int read_password(struct parse *p, struct str s)
{
	ssize_t colon = str_chr(s, ':');

	if (colon < 0)
		return fail(p, "before the @ must be user:password, or "
			    ":password");
	if (decode(p, str_head(s, (size_t)colon), &p->u->user) < 0 ||
	    decode(p, str_from(s, (size_t)colon + 1), &p->u->password) < 0)
		return -1;
	if (p->u->user.n == 0)
		p->u->user = STR_NONE;
	if (p->u->password.n == 0)
		return fail(p, "the password before the @ is empty");
	return 0;
}

/* ---- hosts ---- */

static bool is_ipv6(struct parse *p, struct str s)
{
	struct in6_addr addr;
	ssize_t zone = str_chr(s, '%');
	struct str number = zone >= 0 ? str_head(s, (size_t)zone) : s;

	for (size_t i = number.n + 1; i < s.n; i++)
		if (!is_word(s.p[i]) && s.p[i] != '.' && s.p[i] != '-')
			return false;
	return inet_pton(AF_INET6, str_dup(p->a, number).p, &addr) == 1;
}

static bool is_host(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_word(s.p[i]) && s.p[i] != '.' && s.p[i] != '-')
			return false;
	return s.n > 0 && s.n <= HOST_MAX;
}

/* "host", "host:port", "[v6]", "[v6]:port". */
static int read_host(struct parse *p, struct str s, struct store_host *h)
{
	struct str port = STR_NONE;
	ssize_t end = str_starts(s, STR("[")) ? str_chr(s, ']') : -1;
	long v;

	h->port = p->form->port;
	if (end > 0) {
		h->host = str_make(s.p + 1, (size_t)end - 1);
		port = str_from(s, (size_t)end + 1);
		if (!is_ipv6(p, h->host) ||
		    (port.n && !str_starts(port, STR(":"))))
			return fail(p, "an IPv6 address is written [address] "
				    "or [address]:port");
	} else {
		end = str_chr(s, ':');
		h->host = end >= 0 ? str_head(s, (size_t)end) : s;
		port = str_from(s, h->host.n);
		if (str_chr(str_from(port, 1), ':') >= 0)
			return fail(p, "an IPv6 address must stand in [ ]");
		if (!is_host(h->host))
			return fail(p, "that is no name or address of a host; "
				    "in a user or password write / as %2F, "
				    "@ as %40 and : as %3A");
	}
	if (port.n == 0)
		return 0;
	if (read_number(str_from(port, 1), 1, 65535, &v) < 0)
		return fail(p, "the port must be a number, 1 to 65535");
	h->port = (uint16_t)v;
	return 0;
}

static int read_hosts(struct parse *p, struct str s)
{
	struct store_url *u = p->u;
	size_t cap = 0;
	struct str piece;

	while (str_next(&s, ',', &piece)) {
		if (u->nhosts == HOSTS_MAX)
			return fail(p, "more than 64 hosts");
		u->hosts = arena_grow(p->a, u->hosts, u->nhosts, &cap,
				      sizeof(*u->hosts));
		u->hosts[u->nhosts] = (struct store_host){ .port = 0 };
		if (read_host(p, str_dup(p->a, piece),
			      &u->hosts[u->nhosts]) < 0)
			return -1;
		u->nhosts++;
	}
	if (u->nhosts == 0)
		return fail(p, "there is no host");
	if (u->scheme == STORE_REDIS && u->nhosts > 1)
		return fail(p, "only one host; several are for "
			    "redis+sentinel:// and redis+cluster://");
	return 0;
}

/* ---- forms ---- */

/* [user:password@]hosts; the rest, without its "/", is *path_r (STR_NONE:
 * there was no "/"). */
static int read_authority(struct parse *p, struct str s, struct str *path_r)
{
	ssize_t slash = str_chr(s, '/');
	ssize_t at;

	*path_r = slash >= 0 ? str_from(s, (size_t)slash + 1) : STR_NONE;
	s = slash >= 0 ? str_head(s, (size_t)slash) : s;
	if (path_r->n && str_chr(*path_r, '@') >= 0)
		return fail(p, "an @ behind a /: in a user or password write "
			    "/ as %2F");
	at = str_rchr(s, '@');
	if (at >= 0 && read_password(p, str_head(s, (size_t)at)) < 0)
		return -1;
	return read_hosts(p, str_from(s, (size_t)(at + 1)));
}

static int parse_redis(struct parse *p, struct str s)
{
	struct str path;

	if (read_authority(p, s, &path) < 0)
		return -1;
	return path.n ? read_db(p, path) : 0;
}

static int parse_sentinel(struct parse *p, struct str s)
{
	struct str path, name;

	if (read_authority(p, s, &path) < 0)
		return -1;
	if (!str_next(&path, '/', &name) || name.n == 0)
		return fail(p, "the name that the Sentinels have for the "
			    "master is missing");
	if (decode(p, name, &p->u->master) < 0)
		return -1;
	return path.n ? read_db(p, path) : 0;
}

static int parse_cluster(struct parse *p, struct str s)
{
	struct str path;

	if (read_authority(p, s, &path) < 0)
		return -1;
	if (path.n && (read_db(p, path) < 0 || p->u->db != 0))
		return fail(p, "a cluster has no other database than 0");
	return 0;
}

static int unix_option(struct parse *p, struct str piece)
{
	ssize_t eq = str_chr(piece, '=');
	struct str name = eq >= 0 ? str_head(piece, (size_t)eq) : piece;
	struct str raw = eq >= 0 ? str_from(piece, (size_t)eq + 1) : STR_NONE;
	struct str value;

	if (decode(p, raw, &value) < 0)
		return -1;
	if (str_eq(name, STR("db")))
		return read_db(p, value);
	if (str_eq(name, STR("user")) && value.n)
		p->u->user = value;
	else if (str_eq(name, STR("password")) && value.n)
		p->u->password = value;
	else
		return fail(p, "behind the ? go db=N, user=U and password=P; "
			    "in a value write & as %26");
	return 0;
}

static int parse_unix(struct parse *p, struct str s)
{
	ssize_t mark = str_chr(s, '?');
	struct str options = mark >= 0 ? str_from(s, (size_t)mark + 1)
				       : STR_NONE;
	struct str piece;

	if (decode(p, mark >= 0 ? str_head(s, (size_t)mark) : s,
		   &p->u->path) < 0)
		return -1;
	if (p->u->path.n < 2 || p->u->path.p[0] != '/' ||
	    str_chr(p->u->path, '\0') >= 0)
		return fail(p, "there is no absolute path of a socket");
	while (options.n && str_next(&options, '&', &piece))
		if (unix_option(p, piece) < 0)
			return -1;
	if (p->u->user.n && !p->u->password.n)
		return fail(p, "there is a user but no password");
	return 0;
}

static int parse_lmdb(struct parse *p, struct str s)
{
	if (s.n == 0 || s.p[0] != '/' || str_chr(s, '\0') >= 0)
		return fail(p, "there is no absolute path of a directory");
	p->u->path = str_dup(p->a, s);
	return 0;
}

static int parse_nothing(struct parse *p, struct str s)
{
	return s.n ? fail(p, "nothing may follow") : 0;
}

static int (*const parsers[])(struct parse *p, struct str s) = {
	[STORE_NONE] = parse_nothing,
	[STORE_REDIS] = parse_redis,
	[STORE_REDIS_UNIX] = parse_unix,
	[STORE_SENTINEL] = parse_sentinel,
	[STORE_CLUSTER] = parse_cluster,
	[STORE_LMDB] = parse_lmdb,
	[STORE_MEMORY] = parse_nothing,
};

int store_url_parse(struct arena *a, struct str text, struct store_url *out_r,
		    struct err *err)
{
	struct parse p = { .a = a, .u = out_r, .err = err };

	*out_r = (struct store_url){ .scheme = STORE_NONE };
	for (size_t i = 0; i < NFORMS && !p.form; i++)
		if (str_istarts(text, forms[i].word))
			p.form = &forms[i];
	if (!p.form)
		return err_set(err, "no store of ours: it begins with redis://"
			       ", rediss://, redis+unix://, redis+sentinel://,"
			       " redis+cluster:// or lmdb:, or is none");
	out_r->scheme = p.form->scheme;
	out_r->tls = p.form->tls;
	return parsers[out_r->scheme](&p, str_from(text, p.form->word.n));
}

/* ---- showing ---- */

static void show_hosts(struct buf *b, const struct store_url *u)
{
	for (size_t i = 0; i < u->nhosts; i++) {
		bool v6 = str_chr(u->hosts[i].host, ':') >= 0;

		buf_addf(b, "%s%s%.*s%s:%u", i ? "," : "", v6 ? "[" : "",
			 STR_ARG(u->hosts[i].host), v6 ? "]" : "",
			 u->hosts[i].port);
	}
}

/* So that what is shown can be read back: all but plain octets as %XX. */
static void show_encoded(struct buf *b, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (is_word(c) || (c && strchr("/.-:,+=~@", c)))
			buf_addc(b, c);
		else
			buf_addf(b, "%%%02X", c);
	}
}

struct str store_url_show(struct arena *a, const struct store_url *u)
{
	const struct form *form = forms;
	struct buf b;

	while (form < forms + NFORMS - 1 &&
	       (form->scheme != u->scheme || form->tls != u->tls))
		form++;
	buf_in(&b, a, 65536);
	buf_adds(&b, form->word);
	show_hosts(&b, u);
	if (u->scheme == STORE_SENTINEL) {
		buf_addc(&b, '/');
		show_encoded(&b, u->master);
	}
	if (u->scheme == STORE_REDIS_UNIX)
		show_encoded(&b, u->path);
	if (u->scheme == STORE_LMDB)
		buf_adds(&b, u->path);
	if (u->db)
		buf_addf(&b, u->scheme == STORE_REDIS_UNIX ? "?db=%d" : "/%d",
			 u->db);
	return str_dup(a, buf_str(&b));
}
