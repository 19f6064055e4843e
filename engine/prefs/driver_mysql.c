/*
 * Preferences in MariaDB or MySQL, through libmariadb. The query is a prepared
 * statement that lives as long as the connection.
 */
#include "prefs/driver.h"

#include <math.h>
#include <stdint.h>
#include <mysql.h>
#include <errmsg.h>

#include "base/limits.h"
#include "base/mem.h"

struct db {
	MYSQL *mysql;
	MYSQL_STMT *st;		/* NULL: not prepared yet */
	unsigned ncolumns;
};

static void close_db(struct db **dp)
{
	struct db *d = dp ? *dp : NULL;

	if (!d)
		return;
	*dp = NULL;
	if (d->st)
		mysql_stmt_close(d->st);
	if (d->mysql)
		mysql_close(d->mysql);
	xfree(d);
}

static struct db *open_db(const struct driver_options *o, struct err *err)
{
	struct db *d = xcalloc(1, sizeof(*d));
	unsigned seconds = (unsigned)ceil(o->timeout);

	d->mysql = mysql_init(NULL);
	must(d->mysql != NULL);
	mysql_optionsv(d->mysql, MYSQL_OPT_CONNECT_TIMEOUT, &seconds);
	mysql_optionsv(d->mysql, MYSQL_OPT_READ_TIMEOUT, &seconds);
	mysql_optionsv(d->mysql, MYSQL_OPT_WRITE_TIMEOUT, &seconds);
	if (mysql_real_connect(d->mysql, o->dsn.host, o->user, o->password,
			       o->dsn.database, o->dsn.port, o->dsn.socket,
			       0))
		return d;
	err_set(err, "%s", mysql_error(d->mysql));
	close_db(&d);
	return NULL;
}

/* Is the connection gone? Errors of the client's side all mean that. */
static int failed(struct db *d, struct err *err)
{
	unsigned code = d->st ? mysql_stmt_errno(d->st) :
				mysql_errno(d->mysql);

	err_set(err, "%s", d->st ? mysql_stmt_error(d->st) :
				   mysql_error(d->mysql));
	return code >= CR_MIN_ERROR && code <= CR_MAX_ERROR ? -2 : -1;
}

static int prepare(struct db *d, const struct query *q, struct err *err)
{
	int rc = 0;

	if (d->st)
		return 0;
	d->st = mysql_stmt_init(d->mysql);
	must(d->st != NULL);
	if (mysql_stmt_prepare(d->st, q->sql, strlen(q->sql)))
		rc = failed(d, err);
	else if (mysql_stmt_param_count(d->st) != q->nparams)
		rc = err_set(err, "_USERNAME_, _MAILBOX_ and _DOMAIN_ may not "
			     "stand inside of quotes: %s", q->sql);
	else
		d->ncolumns = mysql_stmt_field_count(d->st);
	if (rc == 0)
		return 0;
	mysql_stmt_close(d->st);
	d->st = NULL;
	return rc;
}

static int execute(struct db *d, const struct query *q, struct str user,
		   struct err *err)
{
	MYSQL_BIND in[QUERY_PARAMS] = { 0 };

	for (size_t i = 0; i < q->nparams; i++) {
		struct str v = query_value(q->params[i], user);

		in[i].buffer_type = v.p ? MYSQL_TYPE_STRING : MYSQL_TYPE_NULL;
		in[i].buffer = (void *)(uintptr_t)v.p;
		in[i].buffer_length = v.n;
	}
	if ((q->nparams && mysql_stmt_bind_param(d->st, in)) ||
	    mysql_stmt_execute(d->st))
		return failed(d, err);
	return 0;
}

/* A column of the row just fetched, whatever its length, in *text. */
static struct str column(struct db *d, unsigned i, unsigned long n,
			 my_bool is_null, struct buf *text)
{
	MYSQL_BIND one = { .buffer_type = MYSQL_TYPE_STRING };

	if (i >= d->ncolumns || is_null)
		return STR_NONE;
	text->n = 0;
	one.buffer = buf_room(text, n + 1);
	one.buffer_length = n;
	if (!one.buffer || mysql_stmt_fetch_column(d->st, &one, i, 0))
		return STR_NONE;
	return str_make(one.buffer, n);
}

static int fetch(struct db *d, struct buf *out, struct err *err)
{
	MYSQL_BIND *cols = xcalloc(d->ncolumns + 1, sizeof(*cols));
	unsigned long *n = xcalloc(d->ncolumns + 2, sizeof(*n));
	my_bool *null = xcalloc(d->ncolumns + 2, sizeof(*null));
	struct buf text[2];
	int rc = 0;

	buf_init(&text[0], LIMIT_PREFS_FILE);
	buf_init(&text[1], LIMIT_PREFS_FILE);
	for (unsigned i = 0; i < d->ncolumns; i++) {
		cols[i].buffer_type = MYSQL_TYPE_STRING;
		cols[i].length = &n[i];
		cols[i].is_null = &null[i];
	}
	if (mysql_stmt_bind_result(d->st, cols))
		rc = 1;
	while (rc == 0 || rc == MYSQL_DATA_TRUNCATED) {
		rc = mysql_stmt_fetch(d->st);
		if (rc == 0 || rc == MYSQL_DATA_TRUNCATED)
			driver_add_row(out,
				column(d, 0, n[0], null[0], &text[0]),
				column(d, 1, n[1], null[1], &text[1]));
	}
	rc = rc == MYSQL_NO_DATA ? 0 : failed(d, err);
	buf_free(&text[0]);
	buf_free(&text[1]);
	xfree(cols);
	xfree(n);
	xfree(null);
	return rc;
}

static int ask(struct db *d, const struct query *q, struct str user,
	       struct buf *out, struct err *err)
{
	int rc = prepare(d, q, err);

	if (rc == 0)
		rc = execute(d, q, user, err);
	if (rc < 0)
		return rc;
	if (!d->ncolumns) {
		err_set(err, "the query gives nothing back: %s", q->sql);
		return -1;
	}
	rc = fetch(d, out, err);
	mysql_stmt_free_result(d->st);
	return rc;
}

const struct driver driver_mysql = {
	.name = "MySQL",
	.open = open_db,
	.ask = ask,
	.close = close_db,
};
