/*
 * Reading an access database through Berkeley DB, which is known here only.
 * Only the kind "hash" is read, as in SpamAssassin, whatever the file is.
 */
#include "eval/access_db.h"

#include <db.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/log.h"

/* Keeps one entry. Of equal keys the first counts. */
static void keep(struct arena *a, struct access_db *db, const DBT *key,
		 const DBT *value)
{
	struct str k = str_make(key->data, key->size);
	struct str v = str_make(value->data, value->size), *copy;

	/* To Perl these two are as good as no entry. */
	if (!v.n || str_eq(v, STR("0")) || map_has(&db->entries, k))
		return;
	copy = arena_alloc(a, sizeof(*copy));
	*copy = str_dup(a, v);
	map_set(&db->entries, str_dup(a, k), copy);
	if (k.n > db->longest)
		db->longest = k.n;
}

static int read_all(struct arena *a, struct access_db *db, DB *file)
{
	DBT key = { 0 }, value = { 0 };
	DBC *cursor;
	int rc = file->cursor(file, NULL, &cursor, 0);

	if (rc)
		return rc;
	while ((rc = cursor->get(cursor, &key, &value, DB_NEXT)) == 0) {
		if (db->entries.n >= LIMIT_ACCESS_ENTRIES) {
			log_warn("an access database has more than %d entries: "
				 "the others do not count",
				 LIMIT_ACCESS_ENTRIES);
			break;
		}
		keep(a, db, &key, &value);
	}
	cursor->close(cursor);
	return rc == DB_NOTFOUND ? 0 : rc;
}

/* What the library would print goes nowhere: its return code says enough. */
static void say_nothing(const DB_ENV *env, const char *prefix, const char *text)
{
	(void)env;
	(void)prefix;
	(void)text;
}

struct access_db *access_db_read(struct arena *a, const char *path)
{
	struct access_db *db = arena_alloc(a, sizeof(*db));
	DB *file = NULL;
	int rc;

	db->entries = MAP_IN(a);
	rc = db_create(&file, NULL, 0);
	if (rc == 0) {
		file->set_errcall(file, say_nothing);
		rc = file->open(file, NULL, path, NULL, DB_HASH, DB_RDONLY, 0);
	}
	if (rc == 0)
		rc = read_all(a, db, file);
	if (rc)
		log_info("the access database %s cannot be read: %s", path,
			 db_strerror(rc));
	if (file)
		file->close(file, 0);
	return db;
}
