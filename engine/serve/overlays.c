/*
 * Users' preferences, kept; see overlays.h.
 *
 * A version of a user's file is known by the file's identity: device, inode,
 * size, both times to the nanosecond. A file that was changed a moment ago may
 * change again within the same tick of the clock, so it is read each time until
 * it has been left alone for a while. Scores come in a memfd, which has no
 * identity, so their text is what they are known by. Two users never share an
 * entry by accident: what is compared is all that an entry was made of.
 */
#include "serve/overlays.h"

#include <string.h>
#include <sys/queue.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "serve/chan.h"

/* Until then a file may change again without its times changing. */
#define SETTLED_SECONDS 2

/* What an arena takes that is not asked for, and compiled regexes. */
#define OVERHEAD 32768
#define OVERHEAD_RULES (OVERHEAD * 16)

struct file_id {
	dev_t dev;
	ino_t ino;
	off_t size;
	struct timespec mtime, ctime;
};

struct overlay {
	TAILQ_ENTRY(overlay) link;
	struct arena *arena;
	bool has_file;
	struct file_id file;
	struct str scores;
	struct user_engine user;
	size_t bytes;
};

TAILQ_HEAD(overlay_list, overlay);

struct overlays {
	const struct engine *site;
	size_t max;
	struct overlay_list list;	/* the last used first */
	struct overlay *loose;		/* valid until the next call only */
	struct arena *scratch;
	struct overlays_stats stats;
};

struct overlays *overlays_new(const struct engine *site, size_t max)
{
	struct overlays *o = xcalloc(1, sizeof(*o));

	o->site = site;
	o->max = max;
	o->scratch = arena_new();
	TAILQ_INIT(&o->list);
	return o;
}

static void overlay_free(struct overlay *v)
{
	if (!v)
		return;
	arena_free(&v->arena);
	xfree(v);
}

static void drop(struct overlays *o, struct overlay *v)
{
	TAILQ_REMOVE(&o->list, v, link);
	o->stats.n--;
	o->stats.bytes -= v->bytes;
	overlay_free(v);
}

void overlays_free(struct overlays **op)
{
	struct overlays *o = op ? *op : NULL;

	if (!o)
		return;
	*op = NULL;
	while (!TAILQ_EMPTY(&o->list))
		drop(o, TAILQ_FIRST(&o->list));
	overlay_free(o->loose);
	arena_free(&o->scratch);
	xfree(o);
}

struct overlays_stats overlays_stats(const struct overlays *o)
{
	return o->stats;
}

static struct str read_text(struct arena *a, int fd)
{
	off_t size = fd < 0 ? 0 : lseek(fd, 0, SEEK_END);

	if (size <= 0)
		return STR("");
	return fd_read(a, fd, (size_t)size < LIMIT_PREFS_FILE ? (size_t)size :
		       LIMIT_PREFS_FILE);
}

/* False if the file may not be known by its identity (yet). */
static bool identify(int fd, struct file_id *id_r)
{
	struct timespec now;
	struct stat st;

	memset(id_r, 0, sizeof(*id_r));
	if (fd < 0)
		return true;
	if (fstat(fd, &st) < 0)
		return false;
	id_r->dev = st.st_dev;
	id_r->ino = st.st_ino;
	id_r->size = st.st_size;
	id_r->mtime = st.st_mtim;
	id_r->ctime = st.st_ctim;
	clock_gettime(CLOCK_REALTIME, &now);
	return st.st_ctim.tv_sec + SETTLED_SECONDS < now.tv_sec &&
	       st.st_mtim.tv_sec + SETTLED_SECONDS < now.tv_sec;
}

static bool same_time(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

static bool same_file(const struct file_id *a, const struct file_id *b)
{
	return a->dev == b->dev && a->ino == b->ino && a->size == b->size &&
	       same_time(a->mtime, b->mtime) && same_time(a->ctime, b->ctime);
}

static struct overlay *find(struct overlays *o, bool has_file,
			    const struct file_id *id, struct str scores)
{
	struct overlay *v;

	TAILQ_FOREACH(v, &o->list, link)
		if (v->has_file == has_file && str_eq(v->scores, scores) &&
		    (!has_file || same_file(&v->file, id)))
			return v;
	return NULL;
}

static void log_faults(const char *user, const struct diags *diags)
{
	for (size_t i = 0; i < diags->n && i < LIMIT_PREFS_FAULTS; i++)
		log_info("config: %s of %s (line %d): %.*s", diags->v[i].file,
			 *user ? user : "(unknown)", diags->v[i].line,
			 STR_ARG(diags->v[i].text));
	if (diags->n > LIMIT_PREFS_FAULTS)
		log_info("config: and %zu faults more in the preferences of "
			 "%s", diags->n - LIMIT_PREFS_FAULTS,
			 *user ? user : "(unknown)");
}

static struct overlay *make(struct overlays *o, const char *user, int file,
			    struct str scores)
{
	struct overlay *v = xcalloc(1, sizeof(*v));
	struct arena *a = arena_new();
	struct diags diags = { .arena = o->scratch };
	struct overlay_text texts[2];
	size_t n = 0;

	v->arena = a;
	v->scores = str_dup(a, scores);
	if (file >= 0)
		texts[n++] = (struct overlay_text){
			read_text(a, file), "user_prefs", true };
	if (scores.n)
		texts[n++] = (struct overlay_text){
			v->scores, "(sql config)", false };
	v->user = engine_for_user(o->site, a, texts, n, &diags);
	v->bytes = arena_used(a) + (v->user.engine == o->site ? OVERHEAD :
				    OVERHEAD_RULES);
	log_faults(user, &diags);
	o->stats.read++;
	return v;
}

static void keep(struct overlays *o, struct overlay *v)
{
	TAILQ_INSERT_HEAD(&o->list, v, link);
	o->stats.n++;
	o->stats.bytes += v->bytes;
	while (o->stats.bytes > o->max && TAILQ_NEXT(v, link))
		drop(o, TAILQ_LAST(&o->list, overlay_list));
}

struct user_engine overlays_get(struct overlays *o, const char *user, int file,
				int scores)
{
	struct user_engine none = { o->site, NULL };
	struct str text;
	struct file_id id;
	struct overlay *v;
	bool known;

	overlay_free(o->loose);
	o->loose = NULL;
	arena_reset(o->scratch);
	text = read_text(o->scratch, scores);
	known = identify(file, &id);
	if (file >= 0 && id.size == 0)
		file = -1;
	if (file < 0 && !text.n)
		return none;
	v = known ? find(o, file >= 0, &id, text) : NULL;
	if (v) {
		o->stats.found++;
		TAILQ_REMOVE(&o->list, v, link);
		TAILQ_INSERT_HEAD(&o->list, v, link);
		return v->user;
	}
	v = make(o, user, file, text);
	v->has_file = file >= 0;
	v->file = id;
	if (known && v->bytes <= o->max)
		keep(o, v);
	else
		o->loose = v;
	return v->user;
}
