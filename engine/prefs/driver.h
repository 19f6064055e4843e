/*
 * A database that can be asked for preferences: SQLite, MariaDB/MySQL,
 * PostgreSQL, each in a file of its own, which is the only one that knows its
 * library.
 */
#ifndef MEKIKI_PREFS_DRIVER_H
#define MEKIKI_PREFS_DRIVER_H

#include "base/buf.h"
#include "prefs/dsn.h"
#include "prefs/query.h"

struct db;

struct driver_options {
	struct dsn dsn;
	const char *user, *password;	/* NULL: not said */
	double timeout;			/* seconds for each step */
};

struct driver {
	const char *name;
	bool dollars;		/* parameters are $1, $2, ... */
	/* A connection, or NULL and err. */
	struct db *(*open)(const struct driver_options *o, struct err *err);
	/* Asks q for user and appends a line "preference<TAB>value" a row to
	 * out. 0; -1 and err if the query failed; -2 and err if the connection
	 * is of no use any more. */
	int (*ask)(struct db *db, const struct query *q, struct str user,
		   struct buf *out, struct err *err);
	void (*close)(struct db **db);
};

extern const struct driver driver_sqlite, driver_mysql, driver_pg;

/* Appends a row; STR_NONE is NULL, which reads as empty. */
static inline void driver_add_row(struct buf *out, struct str preference,
				  struct str value)
{
	buf_adds(out, preference);
	buf_addc(out, '\t');
	buf_adds(out, value);
	buf_addc(out, '\n');
}

#endif
