/*
 * Preferences in PostgreSQL, through libpq. Connecting and asking are done
 * without blocking, so that the time they may take is kept to the millisecond.
 *
 * What type a parameter has is PostgreSQL's to find; where it cannot
 * (CONCAT('%', _DOMAIN_)), it is asked once more with texts.
 */
#include "prefs/driver.h"

#include <libpq-fe.h>
#include <poll.h>

#include "base/clock.h"
#include "base/mem.h"

#define TYPE_TEXT 25		/* the oid of type text */

struct db {
	PGconn *conn;
	int64_t timeout_us;
	bool all_text;
};

static void close_db(struct db **dp)
{
	struct db *d = dp ? *dp : NULL;

	if (!d)
		return;
	*dp = NULL;
	PQfinish(d->conn);
	xfree(d);
}

/* False when time is up. */
static bool wait_for(const struct db *d, short what, int64_t until_us)
{
	struct pollfd p = { .fd = PQsocket(d->conn), .events = what };
	int64_t left = (until_us - clock_mono_us()) / 1000;

	return left > 0 && poll(&p, 1, (int)left) != 0;
}

static bool connect_now(struct db *d, struct err *err)
{
	int64_t until_us = clock_mono_us() + d->timeout_us;
	PostgresPollingStatusType s = PGRES_POLLING_WRITING;

	if (PQstatus(d->conn) == CONNECTION_BAD)
		s = PGRES_POLLING_FAILED;
	while (s == PGRES_POLLING_READING || s == PGRES_POLLING_WRITING) {
		if (!wait_for(d, s == PGRES_POLLING_READING ? POLLIN : POLLOUT,
			      until_us)) {
			err_set(err, "no connection in time");
			return false;
		}
		s = PQconnectPoll(d->conn);
	}
	if (s == PGRES_POLLING_OK)
		return true;
	err_set(err, "%s", PQerrorMessage(d->conn));
	return false;
}

static struct db *open_db(const struct driver_options *o, struct err *err)
{
	const char *const names[] = { "dbname", "user", "password",
				      "fallback_application_name", NULL };
	const char *const values[] = { o->dsn.database, o->user, o->password,
				       "mekiki", NULL };
	struct db *d = xcalloc(1, sizeof(*d));

	d->timeout_us = (int64_t)(o->timeout * 1e6);
	d->conn = PQconnectStartParams(names, values, 1);
	must(d->conn != NULL);
	if (!connect_now(d, err))
		close_db(&d);
	return d;
}

static bool send_query(struct db *d, const struct query *q, struct str user)
{
	const char *values[QUERY_PARAMS];
	Oid types[QUERY_PARAMS];
	char *copies[QUERY_PARAMS];
	bool sent;

	for (size_t i = 0; i < q->nparams; i++) {
		struct str v = query_value(q->params[i], user);

		copies[i] = v.p ? xmalloc(v.n + 1) : NULL;
		if (v.p) {
			memcpy(copies[i], v.p, v.n);
			copies[i][v.n] = '\0';
		}
		values[i] = copies[i];
		types[i] = d->all_text ? TYPE_TEXT : 0;
	}
	sent = PQsendQueryParams(d->conn, q->sql, (int)q->nparams, types,
				 values, NULL, NULL, 0) == 1;
	for (size_t i = 0; i < q->nparams; i++)
		xfree(copies[i]);
	return sent;
}

static struct str column(const PGresult *r, int row, int col)
{
	if (col >= PQnfields(r) || PQgetisnull(r, row, col))
		return STR_NONE;
	return str_make(PQgetvalue(r, row, col),
			(size_t)PQgetlength(r, row, col));
}

/* 0 if all is well; 1: the parameters need types; -1 and err. */
static int take_result(struct db *d, const PGresult *r, struct buf *out,
		       struct err *err)
{
	const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);

	if (PQresultStatus(r) == PGRES_TUPLES_OK) {
		for (int i = 0; i < PQntuples(r); i++)
			driver_add_row(out, column(r, i, 0), column(r, i, 1));
		return 0;
	}
	/* "Indeterminate data type". */
	if (state && strcmp(state, "42P18") == 0 && !d->all_text)
		return 1;
	if (PQresultStatus(r) == PGRES_COMMAND_OK)
		return err_set(err, "the query gives nothing back");
	return err_set(err, "%s", PQresultErrorMessage(r));
}

static int ask_once(struct db *d, const struct query *q, struct str user,
		    struct buf *out, struct err *err)
{
	int64_t until_us = clock_mono_us() + d->timeout_us;
	PGresult *r;
	int rc = 0;

	if (!send_query(d, q, user)) {
		err_set(err, "%s", PQerrorMessage(d->conn));
		return -2;
	}
	for (;;) {
		while (PQisBusy(d->conn)) {
			if (!wait_for(d, POLLIN, until_us)) {
				err_set(err, "no answer in time");
				return -2;
			}
			if (!PQconsumeInput(d->conn)) {
				err_set(err, "%s", PQerrorMessage(d->conn));
				return -2;
			}
		}
		r = PQgetResult(d->conn);
		if (!r)
			break;
		if (rc == 0)
			rc = take_result(d, r, out, err);
		PQclear(r);
	}
	return rc < 0 && PQstatus(d->conn) == CONNECTION_BAD ? -2 : rc;
}

static int ask(struct db *d, const struct query *q, struct str user,
	       struct buf *out, struct err *err)
{
	int rc = ask_once(d, q, user, out, err);

	if (rc != 1)
		return rc;
	d->all_text = true;
	return ask_once(d, q, user, out, err);
}

const struct driver driver_pg = {
	.name = "PostgreSQL",
	.dollars = true,
	.open = open_db,
	.ask = ask,
	.close = close_db,
};
