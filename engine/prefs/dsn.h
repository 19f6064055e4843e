/*
 * Where the users' scores are: a data source in the form of Perl's DBI, as
 * user_scores_dsn has it ("DBI:mysql:spamassassin:localhost:3306"). What the
 * text behind the driver's name means is each driver's own.
 */
#ifndef MEKIKI_PREFS_DSN_H
#define MEKIKI_PREFS_DSN_H

#include "base/err.h"
#include "base/str.h"

struct arena;

enum dsn_kind { DSN_NONE, DSN_SQLITE, DSN_MYSQL, DSN_PG };

struct dsn {
	enum dsn_kind kind;
	/* SQLite: the file. MySQL: the database. PostgreSQL: all that follows,
	 * as libpq reads it. NUL-ended, as all texts here; NULL: not said. */
	const char *database;
	const char *host;	/* MySQL only, these */
	const char *socket;
	unsigned port;		/* 0: the usual one */
	struct str ignored;	/* attributes that mean nothing here, for a
				 * warning; or STR_NONE */
};

/* Reads text; what *out_r points to lives in a. Empty text is DSN_NONE. -1
 * and err: it is no data source, or one of a driver that is not known. */
int dsn_parse(struct arena *a, struct str text, struct dsn *out_r,
	      struct err *err);

#endif
