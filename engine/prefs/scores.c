/*
 * Fetching users' scores; see scores.h.
 *
 * A connection that turns out to be dead (the server was restarted) is made
 * anew once before that counts as a failure. If none can be had, nobody tries
 * again before a pause that doubles each time: everybody who asks meanwhile is
 * told so at once instead of waiting for the same time-out.
 */
#include "prefs/scores.h"

#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/mem.h"
#include "conf/settings.h"

#define PAUSE_MIN_US 500000
#define PAUSE_MAX_US 30000000
/* The same failure is told again after this. */
#define SAY_AGAIN_US 10000000

struct entry {
	struct str text;
	int64_t until_us;
};

struct scores {
	const struct scores_settings *ss;
	const struct driver *driver;
	struct query query;
	struct arena *arena;		/* of the query */
	struct db *db;			/* NULL: not connected */
	int64_t pause_us, retry_us;	/* after failures to connect */
	struct err why;			/* of the last one */
	struct arena *cached;
	struct map cache;		/* user -> struct entry * */
	struct buf out;
	struct err said;
	int64_t said_us;
};

static const char *text_or_null(struct arena *a, struct str s)
{
	return s.n ? arena_strndup(a, s.p, s.n) : NULL;
}

bool scores_settings_read(struct arena *a, const struct settings *s,
			  struct scores_settings *out_r)
{
	struct str dsn = settings_option(s, STR("user_scores_dsn"));
	struct str query = settings_option(s,
				STR("user_scores_sql_custom_query"));
	struct err err;

	*out_r = (struct scores_settings){
		.custom_query = query.n ? query : STR_NONE,
		.cache_time = settings_number(s,
					STR("user_scores_cache_time")),
		.refuses = !settings_bool(s,
					STR("user_scores_fallback_to_global")),
		.db = {
			.user = text_or_null(a, settings_option(s,
					STR("user_scores_sql_username"))),
			.password = text_or_null(a, settings_option(s,
					STR("user_scores_sql_password"))),
			.timeout = settings_number(s,
					STR("user_scores_timeout")),
		},
	};
	if (dsn_parse(a, dsn, &out_r->db.dsn, &err) < 0)
		out_r->fault = str_printf(a, "user_scores_dsn: %s", err.text);
	return out_r->fault.n || out_r->db.dsn.kind != DSN_NONE;
}

static const struct driver *driver_of(enum dsn_kind kind)
{
	switch (kind) {
	case DSN_SQLITE:
		return &driver_sqlite;
	case DSN_MYSQL:
		return &driver_mysql;
	case DSN_PG:
		return &driver_pg;
	default:
		return NULL;
	}
}

struct scores *scores_new(const struct scores_settings *ss)
{
	struct scores *s = xcalloc(1, sizeof(*s));

	s->ss = ss;
	s->arena = arena_new();
	s->cached = arena_new();
	s->cache = MAP_IN(s->cached);
	buf_init(&s->out, LIMIT_PREFS_FILE);
	if (ss->fault.n) {
		err_set(&s->why, "%.*s", STR_ARG(ss->fault));
		return s;
	}
	s->driver = driver_of(ss->db.dsn.kind);
	if (s->driver && query_make(s->arena, ss->custom_query,
				    s->driver->dollars, &s->query,
				    &s->why) < 0)
		s->driver = NULL;
	return s;
}

void scores_free(struct scores **sp)
{
	struct scores *s = sp ? *sp : NULL;

	if (!s)
		return;
	*sp = NULL;
	if (s->db)
		s->driver->close(&s->db);
	buf_free(&s->out);
	arena_free(&s->cached);
	arena_free(&s->arena);
	xfree(s);
}

static int have_connection(struct scores *s, struct err *err)
{
	if (s->db)
		return 0;
	if (!s->driver || clock_mono_us() < s->retry_us) {
		*err = s->why;
		return -1;
	}
	s->db = s->driver->open(&s->ss->db, &s->why);
	if (s->db) {
		s->pause_us = 0;
		return 0;
	}
	s->pause_us = s->pause_us ? s->pause_us * 2 : PAUSE_MIN_US;
	if (s->pause_us > PAUSE_MAX_US)
		s->pause_us = PAUSE_MAX_US;
	s->retry_us = clock_mono_us() + s->pause_us;
	*err = s->why;
	return -1;
}

/* The text of a user is in s->out. */
static int ask(struct scores *s, struct str user, struct err *err)
{
	int rc = -2;

	for (int tries = 0; tries < 2 && rc == -2; tries++) {
		bool fresh = s->db == NULL;

		if (have_connection(s, err) < 0)
			return -1;
		s->out.n = 0;
		s->out.full = false;
		rc = s->driver->ask(s->db, &s->query, user, &s->out, err);
		if (rc != -2)
			break;
		s->driver->close(&s->db);
		if (fresh) {
			/* It connects and does not answer. */
			s->why = *err;
			s->pause_us = s->pause_us ? s->pause_us : PAUSE_MIN_US;
			s->retry_us = clock_mono_us() + s->pause_us;
		}
	}
	if (rc == 0 && s->out.full)
		return err_set(err, "the preferences are larger than %zu "
			       "bytes", LIMIT_PREFS_FILE);
	return rc < 0 ? -1 : 0;
}

static void keep(struct scores *s, struct str user)
{
	struct entry *e;

	if (s->ss->cache_time <= 0)
		return;
	if (arena_used(s->cached) > LIMIT_SCORES_CACHE) {
		arena_reset(s->cached);
		s->cache = MAP_IN(s->cached);
	}
	e = arena_alloc(s->cached, sizeof(*e));
	e->text = str_dup(s->cached, buf_str(&s->out));
	e->until_us = clock_mono_us() + (int64_t)(s->ss->cache_time * 1e6);
	map_set(&s->cache, str_dup(s->cached, user), e);
}

/* Servers say things in several lines, a log has one each. */
static void one_line(struct err *err)
{
	for (char *p = err->text; *p; p++)
		if ((unsigned char)*p < ' ')
			*p = ' ';
}

static bool is_news(struct scores *s, const struct err *err)
{
	int64_t now = clock_mono_us();

	if (strcmp(s->said.text, err->text) == 0 &&
	    now < s->said_us + SAY_AGAIN_US)
		return false;
	s->said = *err;
	s->said_us = now;
	return true;
}

int scores_fetch(struct scores *s, struct str user, struct str *text_r,
		 bool *news_r, struct err *err)
{
	const struct entry *e = map_get(&s->cache, user);

	if (news_r)
		*news_r = false;
	if (e && clock_mono_us() < e->until_us) {
		*text_r = e->text;
		return 0;
	}
	if (ask(s, user, err) < 0) {
		one_line(err);
		if (news_r)
			*news_r = is_news(s, err);
		return -1;
	}
	keep(s, user);
	*text_r = buf_str(&s->out);
	return 0;
}
