/*
 * Data sources; see dsn.h. The forms are those of DBD::SQLite, DBD::mysql
 * (whose values may stand in order without names, parted by colons) and
 * DBD::Pg.
 */
#include "prefs/dsn.h"

#include "base/arena.h"

static const struct {
	const char *name;
	enum dsn_kind kind;
} drivers[] = {
	{ "SQLite", DSN_SQLITE }, { "mysql", DSN_MYSQL },
	{ "MariaDB", DSN_MYSQL }, { "Pg", DSN_PG },
};

static const char *text_of(struct arena *a, struct str s)
{
	return arena_strndup(a, s.p ? s.p : "", s.n);
}

static void ignore(struct arena *a, struct dsn *d, struct str word)
{
	d->ignored = d->ignored.n ?
		str_printf(a, "%.*s, %.*s", STR_ARG(d->ignored),
			   STR_ARG(word)) : str_dup(a, word);
}

/* "name=value". False if there is no name. */
static bool named(struct str word, struct str *name_r, struct str *value_r)
{
	ssize_t eq = str_chr(word, '=');

	if (eq < 0)
		return false;
	*name_r = str_trim(str_head(word, (size_t)eq));
	*value_r = str_trim(str_from(word, (size_t)eq + 1));
	return true;
}

static bool is_database(struct str name)
{
	return str_eq(name, STR("database")) || str_eq(name, STR("dbname")) ||
	       str_eq(name, STR("db"));
}

static int read_sqlite(struct arena *a, struct str rest, struct dsn *d,
		       struct err *err)
{
	struct str word, name, value;

	if (str_chr(rest, '=') < 0) {
		d->database = text_of(a, rest);
		rest = STR("");
	}
	while (str_next(&rest, ';', &word)) {
		if (!named(word, &name, &value))
			continue;
		if (is_database(name))
			d->database = text_of(a, value);
		else
			ignore(a, d, name);
	}
	if (!d->database || !*d->database)
		return err_set(err, "expected dbi:SQLite:dbname=FILE");
	return 0;
}

/* The next word up to a colon or semicolon; one in [brackets] has colons of
 * its own. */
static bool next_value(struct str *rest, struct str *word_r)
{
	size_t n = 0;
	bool inside = false;

	if (!rest->n)
		return false;
	for (; n < rest->n; n++) {
		char c = rest->p[n];

		if (c == '[' || c == ']')
			inside = c == '[';
		else if (!inside && (c == ':' || c == ';'))
			break;
	}
	*word_r = str_head(*rest, n);
	*rest = str_from(*rest, n + 1);
	return true;
}

static int set_port(struct str value, struct dsn *d, struct err *err)
{
	long port = 0;

	if (value.n && (!str_to_long(value, &port) || port < 0 ||
			port > 65535))
		return err_set(err, "'%.*s' is no port", STR_ARG(value));
	d->port = (unsigned)port;
	return 0;
}

static struct str without_brackets(struct str s)
{
	if (s.n > 1 && s.p[0] == '[' && s.p[s.n - 1] == ']')
		return str_head(str_from(s, 1), s.n - 2);
	return s;
}

static int set_mysql(struct arena *a, struct str name, struct str value,
		     struct dsn *d, struct err *err)
{
	if (is_database(name))
		d->database = text_of(a, value);
	else if (str_eq(name, STR("host")) || str_eq(name, STR("hostname")))
		d->host = text_of(a, without_brackets(value));
	else if (str_eq(name, STR("port")))
		return set_port(value, d, err);
	else if (str_eq(name, STR("mysql_socket")) ||
		 str_eq(name, STR("mariadb_socket")))
		d->socket = text_of(a, value);
	else
		ignore(a, d, name);
	return 0;
}

static int read_mysql(struct arena *a, struct str rest, struct dsn *d,
		      struct err *err)
{
	static const char *const order[] = { "database", "host", "port" };
	struct str word, name, value;
	size_t next = 0;

	while (next_value(&rest, &word)) {
		if (!named(word, &name, &value)) {
			if (next == 3)
				return err_set(err, "'%.*s' has no name",
					       STR_ARG(word));
			name = str_cstr(order[next++]);
			value = word;
		}
		if (set_mysql(a, name, value, d, err) < 0)
			return -1;
	}
	if (!d->database || !*d->database)
		return err_set(err, "expected DBI:mysql:DATABASE:HOST or "
			       "dbi:mysql:database=NAME;host=HOST");
	return 0;
}

/* libpq's own words, but parted by semicolons. */
static int read_pg(struct arena *a, struct str rest, struct dsn *d)
{
	struct str word, name, value;
	struct str all = STR("");

	while (str_next(&rest, ';', &word)) {
		if (named(word, &name, &value) && is_database(name) &&
		    !str_eq(name, STR("dbname")))
			word = str_printf(a, "dbname=%.*s", STR_ARG(value));
		all = str_printf(a, "%.*s%s%.*s", STR_ARG(all),
				 all.n ? " " : "", STR_ARG(word));
	}
	d->database = text_of(a, all);
	return 0;
}

/* "dbi:Driver(attributes):" off the front; the driver's name, or STR_NONE. */
static struct str take_driver(struct str *text)
{
	struct str s = *text, name;
	size_t n = 0;

	if (!str_istarts(s, STR("dbi:")))
		return STR_NONE;
	s = str_from(s, 4);
	while (n < s.n && is_word((unsigned char)s.p[n]))
		n++;
	name = str_head(s, n);
	s = str_from(s, n);
	if (s.n && s.p[0] == '(') {
		ssize_t end = str_chr(s, ')');

		if (end < 0)
			return STR_NONE;
		s = str_from(s, (size_t)end + 1);
	}
	if (!s.n || s.p[0] != ':')
		return STR_NONE;
	*text = str_from(s, 1);
	return name;
}

int dsn_parse(struct arena *a, struct str text, struct dsn *out_r,
	      struct err *err)
{
	struct str rest = str_trim(text), driver;

	*out_r = (struct dsn){ .kind = DSN_NONE };
	if (!rest.n)
		return 0;
	if (str_istarts(rest, STR("ldap")))
		return err_set(err, "preferences in LDAP are not read");
	driver = take_driver(&rest);
	if (!driver.p)
		return err_set(err, "expected DBI:DRIVER:... with the driver "
			       "SQLite, mysql, MariaDB or Pg");
	for (size_t i = 0; i < sizeof(drivers) / sizeof(*drivers); i++)
		if (str_ieq(driver, str_cstr(drivers[i].name)))
			out_r->kind = drivers[i].kind;
	switch (out_r->kind) {
	case DSN_SQLITE:
		return read_sqlite(a, rest, out_r, err);
	case DSN_MYSQL:
		return read_mysql(a, rest, out_r, err);
	case DSN_PG:
		return read_pg(a, rest, out_r);
	default:
		return err_set(err, "the driver %.*s is not known here: "
			       "expected SQLite, mysql, MariaDB or Pg",
			       STR_ARG(driver));
	}
}
