/*
 * The journal over LMDB; see journal.h. Numbers ascend from one to the next
 * whoever appends, because LMDB lets one writer in at a time. An entry is its
 * home in one octet, then the bytes. One that is set aside has ASIDE added to
 * its number.
 */
#include "redis/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/mem.h"

#define ASIDE ((size_t)1 << 62)

struct journal {
	MDB_env *env;
	MDB_dbi dbi;
	int lock_fd;		/* -1: cannot be locked */
	bool ours;
};

static int open_env(struct journal *j, const char *dir)
{
	MDB_txn *txn;
	int rc = mdb_env_create(&j->env);

	if (rc == 0)
		rc = mdb_env_set_mapsize(j->env, JOURNAL_MAX);
	if (rc == 0)
		rc = mdb_env_open(j->env, dir, MDB_NOTLS, 0600);
	if (rc == 0)
		rc = mdb_txn_begin(j->env, NULL, 0, &txn);
	if (rc != 0)
		return rc;
	rc = mdb_dbi_open(txn, NULL, MDB_INTEGERKEY, &j->dbi);
	if (rc != 0) {
		mdb_txn_abort(txn);
		return rc;
	}
	return mdb_txn_commit(txn);
}

struct journal *journal_open(const char *dir, struct err *err)
{
	struct journal *j = xcalloc(1, sizeof(*j));
	char path[4096];
	int rc = open_env(j, dir), dead;

	j->lock_fd = -1;
	if (rc != 0) {
		err_set(err, "the journal %s cannot be opened: %s", dir,
			mdb_strerror(rc));
		journal_close(&j);
		return NULL;
	}
	mdb_reader_check(j->env, &dead);
	snprintf(path, sizeof(path), "%s/replay.lock", dir);
	j->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	return j;
}

void journal_close(struct journal **j)
{
	if (!*j)
		return;
	if ((*j)->env)
		mdb_env_close((*j)->env);
	if ((*j)->lock_fd >= 0)
		close((*j)->lock_fd);
	xfree(*j);
	*j = NULL;
}

/* The number of the last entry that is not set aside; 0 if there is none. */
static size_t last_number(struct journal *j, MDB_txn *txn)
{
	size_t number = ASIDE;
	MDB_val key = { sizeof(number), &number }, value;
	MDB_cursor *cursor;
	int rc;

	if (mdb_cursor_open(txn, j->dbi, &cursor) != 0)
		return 0;
	rc = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);
	rc = mdb_cursor_get(cursor, &key, &value,
			    rc == 0 ? MDB_PREV : MDB_LAST);
	if (rc == 0)
		memcpy(&number, key.mv_data, sizeof(number));
	else
		number = 0;
	mdb_cursor_close(cursor);
	return number;
}

static int put(MDB_txn *txn, MDB_dbi dbi, size_t number,
	       const struct journal_entry *e)
{
	MDB_val key = { sizeof(number), &number };
	MDB_val value = { .mv_size = e->bytes.n + 1 };
	int rc = mdb_put(txn, dbi, &key, &value, MDB_RESERVE);

	if (rc != 0)
		return rc;
	*(unsigned char *)value.mv_data = (unsigned char)e->home;
	if (e->bytes.n)
		memcpy((char *)value.mv_data + 1, e->bytes.p, e->bytes.n);
	return 0;
}

static int append(struct journal *j, const struct journal_entry *v, size_t n)
{
	MDB_txn *txn;
	size_t number;
	int rc = mdb_txn_begin(j->env, NULL, 0, &txn);

	if (rc != 0)
		return rc;
	number = last_number(j, txn);
	for (size_t i = 0; i < n && rc == 0; i++)
		rc = put(txn, j->dbi, ++number, &v[i]);
	if (rc == 0)
		return mdb_txn_commit(txn);
	mdb_txn_abort(txn);
	return rc;
}

int journal_append_all(struct journal *j, const struct journal_entry *v,
		       size_t n, struct err *err)
{
	int rc = append(j, v, n);

	if (rc == 0)
		return 0;
	if (rc == MDB_MAP_FULL)
		return err_set(err, "the journal is full (%zu MB): the store "
			       "must come back first", JOURNAL_MAX >> 20);
	return err_set(err, "the journal cannot be written: %s",
		       mdb_strerror(rc));
}

int journal_append(struct journal *j, enum memory_home home, struct str bytes,
		   struct err *err)
{
	const struct journal_entry one = { home, bytes };

	return journal_append_all(j, &one, 1, err);
}

bool journal_next(struct journal *j, struct arena *a, uint64_t after,
		  uint64_t *number_r, enum memory_home *home_r,
		  struct str *bytes_r)
{
	size_t number = (size_t)after + 1;
	MDB_val key = { sizeof(number), &number }, value;
	MDB_cursor *cursor;
	MDB_txn *txn;
	bool found = false;

	if (mdb_txn_begin(j->env, NULL, MDB_RDONLY, &txn) != 0)
		return false;
	if (mdb_cursor_open(txn, j->dbi, &cursor) == 0) {
		if (mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE) == 0)
			memcpy(&number, key.mv_data, sizeof(number));
		else
			number = ASIDE;
		if (number < ASIDE && value.mv_size > 0) {
			const unsigned char *p = value.mv_data;

			*number_r = number;
			*home_r = p[0] < HOMES ? (enum memory_home)p[0]
					       : HOME_MAIN;
			*bytes_r = str_dup(a, str_make((const char *)p + 1,
						       value.mv_size - 1));
			found = true;
		}
		mdb_cursor_close(cursor);
	}
	mdb_txn_abort(txn);
	return found;
}

/* Those that are set aside stand behind all numbers. */
static int remove_up_to(MDB_txn *txn, MDB_dbi dbi, size_t number)
{
	MDB_val key, value;
	MDB_cursor *cursor;
	size_t at;
	int rc = mdb_cursor_open(txn, dbi, &cursor);

	if (rc != 0)
		return rc;
	while ((rc = mdb_cursor_get(cursor, &key, &value, MDB_FIRST)) == 0) {
		memcpy(&at, key.mv_data, sizeof(at));
		if (at > number)
			break;
		rc = mdb_cursor_del(cursor, 0);
		if (rc != 0)
			break;
	}
	mdb_cursor_close(cursor);
	return rc == MDB_NOTFOUND ? 0 : rc;
}

void journal_remove(struct journal *j, uint64_t number)
{
	MDB_txn *txn;
	int rc = mdb_txn_begin(j->env, NULL, 0, &txn);

	if (rc == 0) {
		rc = remove_up_to(txn, j->dbi, (size_t)number);
		if (rc == 0)
			rc = mdb_txn_commit(txn);
		else
			mdb_txn_abort(txn);
	}
	if (rc != 0)
		log_warn("the journal keeps entries that are applied: %s",
			 mdb_strerror(rc));
}

/* Gives an entry another number, behind all others. */
static int put_aside(struct journal *j, size_t number)
{
	size_t other = number + ASIDE;
	MDB_val key = { sizeof(number), &number }, value;
	MDB_val kept = { sizeof(other), &other };
	MDB_txn *txn;
	int rc = mdb_txn_begin(j->env, NULL, 0, &txn);

	if (rc != 0)
		return rc;
	rc = mdb_get(txn, j->dbi, &key, &value);
	if (rc == 0) {
		void *copy = xmalloc(value.mv_size);
		MDB_val with = { value.mv_size, copy };

		memcpy(copy, value.mv_data, value.mv_size);
		rc = mdb_put(txn, j->dbi, &kept, &with, 0);
		xfree(copy);
	}
	if (rc == 0)
		rc = mdb_del(txn, j->dbi, &key, NULL);
	/* Another process may have replayed it, too. */
	if (rc == 0 || rc == MDB_NOTFOUND)
		return mdb_txn_commit(txn);
	mdb_txn_abort(txn);
	return rc;
}

void journal_set_aside(struct journal *j, uint64_t number)
{
	int rc = put_aside(j, (size_t)number);

	if (rc != 0)
		log_warn("the journal cannot set an entry aside: %s",
			 mdb_strerror(rc));
}

/* All entries, without those set aside, which stand at the end and are few. */
size_t journal_count(struct journal *j)
{
	size_t number = ASIDE, aside = 0;
	MDB_val key = { sizeof(number), &number }, value;
	MDB_stat st = { 0 };
	MDB_cursor *cursor;
	MDB_txn *txn;
	int rc;

	if (mdb_txn_begin(j->env, NULL, MDB_RDONLY, &txn) != 0)
		return 0;
	mdb_stat(txn, j->dbi, &st);
	if (st.ms_entries && mdb_cursor_open(txn, j->dbi, &cursor) == 0) {
		rc = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);
		for (; rc == 0; aside++)
			rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
		mdb_cursor_close(cursor);
	}
	mdb_txn_abort(txn);
	return st.ms_entries - aside;
}

bool journal_is_ours(struct journal *j)
{
	if (!j->ours && j->lock_fd >= 0)
		j->ours = flock(j->lock_fd, LOCK_EX | LOCK_NB) == 0;
	return j->ours;
}
