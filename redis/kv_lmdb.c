/*
 * Ordered records in a file: LMDB. One tree, one writer at a time over all
 * processes, readers that wait for nobody. A commit returns when the disk has
 * it (with `lazy` a crash of the machine may undo the last ones, never break
 * the file).
 *
 * A store that is full must still be able to remove what is old, and removing
 * needs pages, too, because LMDB never writes over what a reader may see. So
 * a part of the file is set aside (RESERVE): when less than that is free,
 * KV_WRITE is refused and only KV_SHRINK goes on.
 *
 * LMDB forbids a process to open a file twice, because closing one of them
 * would drop the locks of both; environments are therefore shared here.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <lmdb.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/mem.h"
#include "redis/kv.h"
#include "redis/store.h"

#define SIZE_DEFAULT ((size_t)1 << 30)
/* Of a file's pages, one in so many is set aside, and at least so many. */
#define RESERVE_PART 64
#define RESERVE_LEAST 64
#define RESERVE_MOST 256
/* Octets of the disk that are taken at a time. */
#define ALLOCATE_AHEAD ((size_t)512 << 10)
#define READERS_MAX 126
#define LOCK_FILE_OCTETS 16384

/* An open file. */
struct lmdb_env {
	struct lmdb_env *next;
	MDB_env *env;
	dev_t dev;
	ino_t ino;
	unsigned users;
	bool read_only;
	bool writing;		/* by one of them */
	size_t allocated;	/* octets of the disk that it has, at least */
};

static struct lmdb_env *envs;

struct kv_lmdb {
	struct kv kv;
	struct arena *arena;
	struct lmdb_env *env;
	const char *path;
	MDB_dbi dbi;
	MDB_txn *reader;	/* kept, and renewed for each reading */
	MDB_txn *txn;		/* that runs; NULL: none */
	MDB_cursor *cursor;	/* of txn; NULL: none yet */
	bool placed;		/* it stands at the last step's key */
};

static struct kv_lmdb *of(struct kv *kv)
{
	return (struct kv_lmdb *)kv;
}

static MDB_val val(struct str s)
{
	return (MDB_val){ s.n, (void *)(s.p ? s.p : "") };
}

static struct str text(MDB_val v)
{
	return str_make(v.mv_data, v.mv_size);
}

/* ---- failures ---- */

static size_t map_size(MDB_env *env)
{
	MDB_envinfo info;

	mdb_env_info(env, &info);
	return info.me_mapsize;
}

static int fail(struct kv_lmdb *l, int rc)
{
	struct err *err = &l->kv.err;

	l->kv.failed = true;
	if (rc == MDB_MAP_FULL)
		return err_set(err, "%s is full: its size is limited to "
			       "%zu MiB", l->path,
			       map_size(l->env->env) >> 20);
	if (rc == ENOSPC || rc == EDQUOT)
		return err_set(err, "%s: no space left on its disk", l->path);
	if (rc == EIO)		/* also LMDB's word for a write cut short */
		return err_set(err, "%s: the disk has no space left, or fails",
			       l->path);
	if (rc == MDB_TXN_FULL)
		return err_set(err, "%s: too much at once", l->path);
	if (rc == MDB_CORRUPTED || rc == MDB_PAGE_NOTFOUND)
		return err_set(err, "%s is damaged (%s)", l->path,
			       mdb_strerror(rc));
	return err_set(err, "%s: %s", l->path, mdb_strerror(rc));
}

/* ---- transactions ---- */

/* Another process may have made the map larger, and a killed one may have
 * left its slot of the table of readers. */
static int try_begin(struct kv_lmdb *l, bool write)
{
	if (!write && l->reader)
		return mdb_txn_renew(l->reader);
	return mdb_txn_begin(l->env->env, NULL, write ? 0 : MDB_RDONLY,
			     write ? &l->txn : &l->reader);
}

static int begin_txn(struct kv_lmdb *l, bool write)
{
	int rc = try_begin(l, write);

	for (int i = 0; i < 3 && (rc == MDB_MAP_RESIZED ||
				  rc == MDB_READERS_FULL); i++) {
		if (rc == MDB_MAP_RESIZED)
			rc = mdb_env_set_mapsize(l->env->env, 0);
		else
			rc = mdb_reader_check(l->env->env, NULL);
		if (rc == 0)
			rc = try_begin(l, write);
	}
	if (rc == 0 && !write)
		l->txn = l->reader;
	return rc;
}

/* Pages that the freelist offers, counted up to `enough`; none are told in a
 * writing transaction. */
static size_t free_pages(struct kv_lmdb *l, size_t enough)
{
	MDB_cursor *cursor;
	MDB_val k, v;
	size_t n = 0, here;
	int rc;

	if (mdb_cursor_open(l->txn, 0, &cursor))
		return 0;
	for (rc = mdb_cursor_get(cursor, &k, &v, MDB_FIRST);
	     rc == 0 && n < enough;
	     rc = mdb_cursor_get(cursor, &k, &v, MDB_NEXT)) {
		if (v.mv_size < sizeof(here))
			continue;
		memcpy(&here, v.mv_data, sizeof(here));
		n += here;
	}
	mdb_cursor_close(cursor);
	return n;
}

static void lmdb_abort(struct kv *kv)
{
	struct kv_lmdb *l = of(kv);

	if (l->cursor)
		mdb_cursor_close(l->cursor);
	l->cursor = NULL;
	if (l->txn && l->txn == l->reader)
		mdb_txn_reset(l->reader);
	else if (l->txn) {
		mdb_txn_abort(l->txn);
		l->env->writing = false;
	}
	l->txn = NULL;
}

/* Octets of the file that its disk surely has room for: more than are in use,
 * so that ENOSPC meets the one who asks for them here, and not the one who
 * removes something later. Where the file system cannot say, all of it. */
static size_t allocated(struct kv_lmdb *l, size_t want, size_t most)
{
	struct lmdb_env *e = l->env;
	mdb_filehandle_t fd;
	struct stat st;
	size_t size;

	mdb_env_get_fd(e->env, &fd);
	if (!e->allocated && fstat(fd, &st) == 0)
		e->allocated = (size_t)st.st_blocks * 512;
	if (want <= e->allocated)
		return e->allocated;
	size = want + ALLOCATE_AHEAD < most ? want + ALLOCATE_AHEAD : most;
	if (fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, (off_t)size) == 0)
		e->allocated = size;
	else if (errno != ENOSPC && errno != EDQUOT)
		e->allocated = most;
	return e->allocated;
}

/* Is less free than what is set aside? 0 if not, or LMDB's number for why.
 * Looked at in a reading transaction, which alone may see the freelist. */
static int is_full(struct kv_lmdb *l)
{
	MDB_envinfo info;
	MDB_stat stat;
	size_t pages, used, reserve, most, free = 0;

	mdb_env_info(l->env->env, &info);
	mdb_env_stat(l->env->env, &stat);
	most = info.me_mapsize / stat.ms_psize;
	used = info.me_last_pgno + 1;
	reserve = most / RESERVE_PART;
	reserve = reserve < RESERVE_LEAST ? RESERVE_LEAST :
		reserve > RESERVE_MOST ? RESERVE_MOST : reserve;
	pages = allocated(l, (used + reserve) * stat.ms_psize,
			  info.me_mapsize) / stat.ms_psize;
	if (used + reserve <= pages)
		return 0;
	if (begin_txn(l, false) == 0)
		free = free_pages(l, reserve + used);
	lmdb_abort(&l->kv);
	if (pages + free >= reserve + used)
		return 0;
	return pages < most ? ENOSPC : MDB_MAP_FULL;
}

static int lmdb_begin(struct kv *kv, enum kv_mode mode)
{
	struct kv_lmdb *l = of(kv);
	bool write = mode != KV_READ;
	int rc;

	kv->failed = false;
	l->placed = false;
	must(!l->txn && !(write && l->env->writing));
	rc = mode == KV_WRITE ? is_full(l) : 0;
	if (rc == 0)
		rc = begin_txn(l, write);
	if (rc) {
		l->txn = NULL;
		return fail(l, rc);
	}
	l->env->writing |= write;
	return 0;
}

static int lmdb_commit(struct kv *kv)
{
	struct kv_lmdb *l = of(kv);
	int rc;

	if (kv->failed || l->txn == l->reader) {
		lmdb_abort(kv);
		return kv->failed ? -1 : 0;
	}
	if (l->cursor)
		mdb_cursor_close(l->cursor);
	l->cursor = NULL;
	rc = mdb_txn_commit(l->txn);
	l->txn = NULL;
	l->env->writing = false;
	return rc ? fail(l, rc) : 0;
}

/* ---- records ---- */

static bool lmdb_get(struct kv *kv, struct str key, struct str *value_r)
{
	struct kv_lmdb *l = of(kv);
	MDB_val k = val(key), v;
	int rc;

	if (kv->failed)
		return false;
	rc = mdb_get(l->txn, l->dbi, &k, &v);
	if (rc && rc != MDB_NOTFOUND)
		fail(l, rc);
	if (rc)
		return false;
	*value_r = text(v);
	return true;
}

/* The cursor to the first key at or behind the given one; then one on, or
 * back. */
static int seek(struct kv_lmdb *l, enum kv_step how, MDB_val *k, MDB_val *v,
		struct str key)
{
	int rc = mdb_cursor_get(l->cursor, k, v, MDB_SET_RANGE);

	if (how == KV_BEFORE)
		return mdb_cursor_get(l->cursor, k, v,
				      rc == MDB_NOTFOUND ? MDB_LAST : MDB_PREV);
	if (rc == 0 && how == KV_AFTER && str_eq(text(*k), key))
		rc = mdb_cursor_get(l->cursor, k, v, MDB_NEXT);
	return rc;
}

static bool stands_at(struct kv_lmdb *l, struct str key)
{
	MDB_val k, v;

	return l->placed &&
		mdb_cursor_get(l->cursor, &k, &v, MDB_GET_CURRENT) == 0 &&
		str_eq(text(k), key);
}

static bool lmdb_step(struct kv *kv, enum kv_step how, struct str key,
		      struct str *key_r, struct str *value_r)
{
	struct kv_lmdb *l = of(kv);
	MDB_val k = val(key), v;
	int rc = 0;

	if (kv->failed)
		return false;
	if (!l->cursor)
		rc = mdb_cursor_open(l->txn, l->dbi, &l->cursor);
	if (rc == 0 && how != KV_FROM && stands_at(l, key))
		rc = mdb_cursor_get(l->cursor, &k, &v,
				    how == KV_AFTER ? MDB_NEXT : MDB_PREV);
	else if (rc == 0)
		rc = seek(l, how, &k, &v, key);
	l->placed = rc == 0;
	if (rc && rc != MDB_NOTFOUND)
		fail(l, rc);
	if (rc)
		return false;
	*key_r = text(k);
	*value_r = text(v);
	return true;
}

static void lmdb_put(struct kv *kv, struct str key, struct str value)
{
	struct kv_lmdb *l = of(kv);
	char copy[KV_KEY_MAX];
	MDB_val k = { key.n, copy }, v = val(value);
	int rc;

	must(key.n && key.n <= sizeof(copy));
	if (kv->failed)
		return;
	memcpy(copy, key.p, key.n);
	l->placed = false;
	rc = mdb_put(l->txn, l->dbi, &k, &v, 0);
	if (rc)
		fail(l, rc);
}

static void lmdb_del(struct kv *kv, struct str key)
{
	struct kv_lmdb *l = of(kv);
	char copy[KV_KEY_MAX];
	MDB_val k = { key.n, copy };
	int rc;

	must(key.n && key.n <= sizeof(copy));
	if (kv->failed)
		return;
	memcpy(copy, key.p, key.n);
	l->placed = false;
	rc = mdb_del(l->txn, l->dbi, &k, NULL);
	if (rc && rc != MDB_NOTFOUND)
		fail(l, rc);
}

static void lmdb_stat(struct kv *kv, struct kv_stat *stat_r)
{
	struct kv_lmdb *l = of(kv);
	MDB_envinfo info;
	MDB_stat stat;

	mdb_env_info(l->env->env, &info);
	mdb_env_stat(l->env->env, &stat);
	stat_r->used = (info.me_last_pgno + 1) * (uint64_t)stat.ms_psize;
	if (l->txn)
		stat_r->used -= free_pages(l, info.me_last_pgno) *
			(uint64_t)stat.ms_psize;
	stat_r->size = info.me_mapsize;
}

static void lmdb_tick(struct kv *kv)
{
	mdb_reader_check(of(kv)->env->env, NULL);
}

/* ---- opening and closing ---- */

static void release_env(struct lmdb_env *e)
{
	struct lmdb_env **at = &envs;

	if (--e->users)
		return;
	while (*at != e)
		at = &(*at)->next;
	*at = e->next;
	if (!e->read_only)
		mdb_env_sync(e->env, 1);
	mdb_env_close(e->env);
	xfree(e);
}

static void lmdb_close(struct kv *kv)
{
	struct kv_lmdb *l = of(kv);

	lmdb_abort(kv);
	if (l->reader)
		mdb_txn_abort(l->reader);
	if (l->env)
		release_env(l->env);
	arena_free(&l->arena);
	xfree(l);
}

static const struct kv_ops lmdb_ops = {
	.name = "lmdb",
	.close = lmdb_close,
	.begin = lmdb_begin,
	.commit = lmdb_commit,
	.abort = lmdb_abort,
	.get = lmdb_get,
	.step = lmdb_step,
	.put = lmdb_put,
	.del = lmdb_del,
	.stat = lmdb_stat,
	.tick = lmdb_tick,
};

static const char *file_in(struct arena *a, const char *dir, const char *file)
{
	return str_printf(a, "%s/%s", dir, file).p;
}

/* The lock file is mapped, and a page of it that the disk has no room for
 * would be a SIGBUS: so room is made before LMDB opens it. */
static int make_lock_file(struct kv_lmdb *l, struct err *err)
{
	const char *path = file_in(l->arena, l->path, "lock.mdb");
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	int rc;

	if (fd < 0)
		return err_set(err, "%s: %s", path, strerror(errno));
	rc = posix_fallocate(fd, 0, LOCK_FILE_OCTETS);
	close(fd);
	if (rc == ENOSPC)
		return err_set(err, "%s: no space left on its disk", path);
	return 0;
}

/* A file that is shorter than its pages would be a SIGBUS. */
static int check_length(struct kv_lmdb *l, MDB_env *env, struct err *err)
{
	const char *path = file_in(l->arena, l->path, "data.mdb");
	MDB_envinfo info;
	MDB_stat stat;
	struct stat st;

	if (mdb_env_info(env, &info) || mdb_env_stat(env, &stat) ||
	    lstat(path, &st) < 0)
		return err_set(err, "%s: cannot be looked at", path);
	if ((uint64_t)st.st_size <
	    (info.me_last_pgno + 1) * (uint64_t)stat.ms_psize)
		return err_set(err, "%s is cut short: %lld octets, and its "
			       "pages are %" PRIu64, path,
			       (long long)st.st_size,
			       (info.me_last_pgno + 1) *
			       (uint64_t)stat.ms_psize);
	return 0;
}

static int open_failed(struct kv_lmdb *l, int rc, struct err *err)
{
	if (rc == MDB_INVALID)
		return err_set(err, "%s/data.mdb is not a file of LMDB",
			       l->path);
	if (rc == MDB_VERSION_MISMATCH)
		return err_set(err, "%s/data.mdb is of another version of "
			       "LMDB", l->path);
	if (rc == ENOSPC)
		return err_set(err, "%s: no space left on its disk", l->path);
	return err_set(err, "%s: %s", l->path, mdb_strerror(rc));
}

static MDB_env *open_env(struct kv_lmdb *l, const struct store_options *o,
			 struct err *err)
{
	unsigned flags = MDB_NOTLS | (o->read_only ? MDB_RDONLY : 0) |
		(o->lazy ? MDB_NOMETASYNC : 0);
	MDB_env *env = NULL;
	int rc;

	if (!o->read_only && make_lock_file(l, err) < 0)
		return NULL;
	rc = mdb_env_create(&env);
	if (rc == 0)
		rc = mdb_env_set_mapsize(env, o->map_size ? o->map_size :
					 SIZE_DEFAULT);
	if (rc == 0)
		rc = mdb_env_set_maxreaders(env, READERS_MAX);
	if (rc == 0)
		rc = mdb_env_open(env, l->path, flags, 0600);
	if (rc)
		open_failed(l, rc, err);
	else
		rc = check_length(l, env, err);
	if (rc && env)
		mdb_env_close(env);
	return rc ? NULL : env;
}

/* The open file of this directory, if this process has it already. */
static struct lmdb_env *find_env(const struct kv_lmdb *l,
				 const struct stat *st)
{
	(void)l;
	for (struct lmdb_env *e = envs; e; e = e->next)
		if (e->dev == st->st_dev && e->ino == st->st_ino)
			return e;
	return NULL;
}

static int open_dir(struct kv_lmdb *l, const struct store_options *o,
		    struct stat *st, struct err *err)
{
	if (!o->read_only && mkdir(l->path, 0700) < 0 && errno != EEXIST)
		return err_set(err, "%s: cannot be made: %s", l->path,
			       strerror(errno));
	if (stat(l->path, st) < 0)
		return err_set(err, "%s: %s", l->path,
			       errno == ENOENT ? "there is no store yet" :
			       strerror(errno));
	if (!S_ISDIR(st->st_mode))
		return err_set(err, "%s is not a directory", l->path);
	return 0;
}

static int get_env(struct kv_lmdb *l, const struct store_options *o,
		   struct err *err)
{
	struct lmdb_env *e;
	struct stat st;
	MDB_env *env;

	if (open_dir(l, o, &st, err) < 0)
		return -1;
	e = find_env(l, &st);
	if (e && e->read_only && !o->read_only)
		return err_set(err, "%s is open for reading only", l->path);
	if (e) {
		e->users++;
		l->env = e;
		return 0;
	}
	env = open_env(l, o, err);
	if (!env)
		return -1;
	e = xcalloc(1, sizeof(*e));
	*e = (struct lmdb_env){ .next = envs, .env = env, .dev = st.st_dev,
				.ino = st.st_ino, .users = 1,
				.read_only = o->read_only };
	envs = l->env = e;
	return 0;
}

struct kv *kv_lmdb_open(const struct store_options *o, struct err *err)
{
	struct kv_lmdb *l = xcalloc(1, sizeof(*l));
	int rc;

	l->kv.ops = &lmdb_ops;
	l->arena = arena_new();
	l->path = arena_strndup(l->arena, o->url.path.p, o->url.path.n);
	if (get_env(l, o, err) < 0)
		goto failed;
	mdb_reader_check(l->env->env, NULL);
	rc = begin_txn(l, false);
	if (rc == 0) {
		rc = mdb_dbi_open(l->txn, NULL, 0, &l->dbi);
		lmdb_abort(&l->kv);
	}
	if (rc == 0)
		return &l->kv;
	open_failed(l, rc, err);
failed:
	lmdb_close(&l->kv);
	return NULL;
}
