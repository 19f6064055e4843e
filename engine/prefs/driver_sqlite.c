/*
 * Preferences in an SQLite file. It is opened for reading and writing, because
 * only then can what a crashed writer left be put in order (SQLite falls back
 * to reading where that is not allowed); it is never created. If another file
 * was moved to its place meanwhile, that one counts.
 */
#include "prefs/driver.h"

#include <sqlite3.h>

#include "base/clock.h"
#include "base/mem.h"

#define STEPS_BETWEEN_LOOKS 1000

struct db {
	sqlite3 *db;
	int64_t timeout_us, until_us;
};

static int on_progress(void *ctx)
{
	const struct db *d = ctx;

	return clock_mono_us() > d->until_us;
}

static void close_db(struct db **dp)
{
	struct db *d = dp ? *dp : NULL;

	if (!d)
		return;
	*dp = NULL;
	sqlite3_close(d->db);
	xfree(d);
}

static struct db *open_db(const struct driver_options *o, struct err *err)
{
	struct db *d = xcalloc(1, sizeof(*d));
	int rc = sqlite3_open_v2(o->dsn.database, &d->db,
				 SQLITE_OPEN_READWRITE, NULL);

	d->timeout_us = (int64_t)(o->timeout * 1e6);
	if (rc != SQLITE_OK) {
		err_set(err, "%s: %s", o->dsn.database, d->db ?
			sqlite3_errmsg(d->db) : sqlite3_errstr(rc));
		close_db(&d);
		return NULL;
	}
	sqlite3_busy_timeout(d->db, (int)(o->timeout * 1e3));
	sqlite3_progress_handler(d->db, STEPS_BETWEEN_LOOKS, on_progress, d);
	/* Sorting needs no file. */
	sqlite3_exec(d->db, "PRAGMA temp_store = MEMORY", NULL, NULL, NULL);
	return d;
}

static int bind(sqlite3_stmt *st, const struct query *q, struct str user,
		struct err *err)
{
	if (sqlite3_bind_parameter_count(st) != (int)q->nparams)
		return err_set(err, "_USERNAME_, _MAILBOX_ and _DOMAIN_ may "
			       "not stand inside of quotes: %s", q->sql);
	for (size_t i = 0; i < q->nparams; i++) {
		struct str v = query_value(q->params[i], user);

		if (v.p)
			sqlite3_bind_text(st, (int)i + 1, v.p, (int)v.n,
					  SQLITE_TRANSIENT);
	}
	return 0;
}

static struct str column(sqlite3_stmt *st, int i)
{
	const char *text;

	if (i >= sqlite3_column_count(st))
		return STR_NONE;
	text = (const char *)sqlite3_column_text(st, i);
	if (!text)
		return STR_NONE;
	return str_make(text, (size_t)sqlite3_column_bytes(st, i));
}

static int ask(struct db *d, const struct query *q, struct str user,
	       struct buf *out, struct err *err)
{
	sqlite3_stmt *st = NULL;
	int moved = 0, rc;

	sqlite3_file_control(d->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
	if (moved) {
		err_set(err, "the file is another one now");
		return -2;
	}
	d->until_us = clock_mono_us() + d->timeout_us;
	rc = sqlite3_prepare_v2(d->db, q->sql, -1, &st, NULL);
	if (rc == SQLITE_OK && bind(st, q, user, err) < 0) {
		sqlite3_finalize(st);
		return -1;
	}
	while (rc == SQLITE_OK || rc == SQLITE_ROW) {
		rc = sqlite3_step(st);
		if (rc == SQLITE_ROW)
			driver_add_row(out, column(st, 0), column(st, 1));
	}
	if (rc != SQLITE_DONE)
		err_set(err, "%s", sqlite3_errmsg(d->db));
	sqlite3_finalize(st);
	return rc == SQLITE_DONE ? 0 : -1;
}

const struct driver driver_sqlite = {
	.name = "SQLite",
	.open = open_db,
	.ask = ask,
	.close = close_db,
};
