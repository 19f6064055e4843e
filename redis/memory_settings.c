/*
 * Which stores a site has; see memory.h. A `store` line names the main one. A
 * site that keeps SpamAssassin's Bayes in Redis has told so already, in
 * SpamAssassin's own words (bayes_store_module, bayes_sql_dsn); these are
 * obeyed for Bayes, so that both programs share one database.
 */
#include "redis/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"
#include "conf/settings.h"
#include "redis/bayes.h"

/* What SpamAssassin's own store connects to unless its line says otherwise. */
#define DEFAULT_HOST "127.0.0.1"
#define DEFAULT_PORT 6379

static bool is_remote(const struct store_options *o)
{
	switch (o->url.scheme) {
	case STORE_REDIS:
	case STORE_REDIS_UNIX:
	case STORE_SENTINEL:
	case STORE_CLUSTER:
		return true;
	default:
		return false;
	}
}

static void fault(struct arena *a, struct memory_settings *ms,
		  struct str text)
{
	ms->faults = ms->faults.n ? str_printf(a, "%.*s; %.*s",
					       STR_ARG(ms->faults),
					       STR_ARG(text)) : text;
}

static void read_main(struct arena *a, const struct settings *s,
		      const char *state_dir, struct memory_settings *ms)
{
	struct store_options *o = &ms->homes[HOME_MAIN];
	struct str line = settings_option(s, STR("store"));
	struct err err;

	if (line.n) {
		if (store_url_parse(a, line, &o->url, &err) < 0) {
			o->url.scheme = STORE_NONE;
			fault(a, ms, str_dup(a, str_cstr(err.text)));
		}
	} else if (state_dir) {
		o->url.scheme = STORE_LMDB;
		o->url.path = str_printf(a, "%s/memory", state_dir);
	}
}

/* host:port, [address]:port or /path, as TinyRedis takes it. */
static bool read_server(struct arena *a, struct str text,
			struct store_url *url)
{
	struct store_host *h = url->hosts;
	ssize_t colon = str_rchr(text, ':');
	long port = DEFAULT_PORT;

	if (text.n && text.p[0] == '/') {
		url->scheme = STORE_REDIS_UNIX;
		url->path = text;
		return true;
	}
	if (colon >= 0 && !str_to_long(str_from(text, (size_t)colon + 1),
				       &port))
		return false;
	h->host = colon >= 0 ? str_head(text, (size_t)colon) : text;
	if (h->host.n > 2 && h->host.p[0] == '[')
		h->host = str_make(h->host.p + 1, h->host.n - 2);
	h->host = str_dup(a, h->host);
	h->port = (uint16_t)port;
	return h->host.n && port > 0 && port < 65536;
}

/* "server=...;password=...;database=N": bayes_sql_dsn of a Redis store. */
static bool read_dsn(struct arena *a, struct str dsn, struct store_url *url)
{
	struct str item, key;
	long db;

	*url = (struct store_url){ .scheme = STORE_REDIS, .nhosts = 1 };
	url->hosts = arena_alloc(a, sizeof(*url->hosts));
	*url->hosts = (struct store_host){ STR(DEFAULT_HOST), DEFAULT_PORT };
	while (dsn.n && str_next(&dsn, ';', &item)) {
		if (!str_next(&item, '=', &key) || !item.p)
			return false;
		if (str_eq(key, STR("password")))
			url->password = str_dup(a, item);
		else if (str_eq(key, STR("server")) &&
			 !read_server(a, item, url))
			return false;
		if (str_eq(key, STR("database"))) {
			if (!str_to_long(item, &db) || db < 0 || db > 100000)
				return false;
			url->db = (int)db;
		}
	}
	return true;
}

static void read_bayes(struct arena *a, const struct settings *s,
		       struct memory_settings *ms)
{
	struct str module = settings_option(s, STR("bayes_store_module"));
	struct str dsn = settings_option(s, STR("bayes_sql_dsn"));

	ms->one_home = !str_ends(module, STR("::Redis"));
	if (!ms->one_home &&
	    !read_dsn(a, dsn, &ms->homes[HOME_BAYES].url)) {
		ms->one_home = true;
		fault(a, ms, STR("bayes_sql_dsn: expected "
				 "server=HOST:PORT;password=...;database=N"));
	}
	if (ms->one_home)
		ms->homes[HOME_BAYES].url = ms->homes[HOME_MAIN].url;
}

static void read_options(struct arena *a, const struct settings *s,
			 struct store_options *o)
{
	double size = str_to_octets(settings_option(s, STR("store_max_size")));
	struct str ca = settings_option(s, STR("store_ca_file"));

	o->connect_timeout = settings_number(s, STR("store_connect_timeout"));
	o->answer_timeout = settings_number(s, STR("store_learn_timeout"));
	o->map_size = size >= (1 << 20) ? (size_t)size : (size_t)1 << 30;
	if (ca.n)
		o->url.ca_file = arena_strndup(a, ca.p, ca.n);
}

/* "LIST KEY" lines: the keys. */
static void read_sets(struct arena *a, const struct settings *s,
		      struct memory_settings *ms)
{
	const struct strs *lines = settings_list(s, STR("store_list"));

	for (size_t i = 0; lines && i < lines->n; i++) {
		struct str line = lines->v[i], list, key;

		if (str_next_word(&line, &list) && str_next_word(&line, &key))
			strs_add(a, &ms->sets, key);
	}
}

void memory_settings_read(struct arena *a, const struct settings *s,
			  const char *state_dir, struct memory_settings *out_r)
{
	struct store_options *bayes = &out_r->homes[HOME_BAYES];
	struct bayes_home home;

	*out_r = (struct memory_settings){ .faults = STR("") };
	read_main(a, s, state_dir, out_r);
	read_bayes(a, s, out_r);
	read_sets(a, s, out_r);
	for (int i = 0; i < HOMES; i++)
		read_options(a, s, &out_r->homes[i]);
	out_r->bayes_layout = bayes->url.scheme == STORE_CLUSTER ?
			      BAYES_TAGGED : BAYES_PLAIN;
	out_r->bayes_per_user = !is_remote(bayes);
	bayes_home_read(a, s, out_r->bayes_layout, STR_NONE, false, &home);
	out_r->token_ttl = home.token_ttl;
	out_r->token_cache = settings_number(s, STR("bayes_cache_time"));
	out_r->known_tokens = (size_t)settings_number(s,
						STR("bayes_known_tokens"));
	out_r->timeout = settings_number(s, STR("store_timeout"));
	out_r->max_keys = (size_t)settings_number(s,
						  STR("reputation_max_keys"));
	out_r->journal = STR("");
	if (state_dir && (is_remote(bayes) ||
			  is_remote(&out_r->homes[HOME_MAIN])))
		out_r->journal = str_printf(a, "%s/journal", state_dir);
}

bool memory_has(const struct memory_settings *ms, enum memory_home home)
{
	return ms->homes[home].url.scheme != STORE_NONE;
}

bool memory_is_on(const struct memory_settings *ms)
{
	return memory_has(ms, HOME_MAIN) || memory_has(ms, HOME_BAYES);
}

/* ---- directories ---- */

/* A file that a command of root's made before the user's daemon came. The
 * directory is the user's, so nothing in it is believed: a link, or a file
 * that has another name elsewhere, stays root's. */
static void give_file(const char *dir, const char *name,
		      const struct passwd *pw)
{
	int at = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int fd = at < 0 ? -1 : openat(at, name, O_RDONLY | O_NOFOLLOW |
				      O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    st.st_nlink == 1 && st.st_uid == 0 &&
	    fchown(fd, pw->pw_uid, pw->pw_gid) < 0)
		log_warn("store: %s/%s: %s", dir, name, strerror(errno));
	if (fd >= 0)
		close(fd);
	if (at >= 0)
		close(at);
}

static int give_dir(const char *dir, const struct passwd *pw, struct err *err)
{
	static const char *const files[] = { "data.mdb", "lock.mdb",
					     "replay.lock" };

	if (!pw || geteuid() != 0)
		return 0;
	if (chown(dir, pw->pw_uid, pw->pw_gid) < 0)
		return err_set(err, "%s: %s", dir, strerror(errno));
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		give_file(dir, files[i], pw);
	return 0;
}

/* Makes dir and what leads to it; the last one is the user's alone. */
static int make_dir(struct str dir, const struct passwd *pw, struct err *err)
{
	char path[4096];

	if (!dir.n || dir.n >= sizeof(path))
		return err_set(err, "'%.*s' is no directory",
			       STR_ARG(str_head(dir, 200)));
	memcpy(path, dir.p, dir.n);
	path[dir.n] = '\0';
	for (size_t i = 1; i < dir.n; i++) {
		if (path[i] != '/')
			continue;
		path[i] = '\0';
		mkdir(path, 0755);
		path[i] = '/';
	}
	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return err_set(err, "%s cannot be made: %s", path,
			       strerror(errno));
	return give_dir(path, pw, err);
}

int memory_prepare(const struct memory_settings *ms, const char *user,
		   struct err *err)
{
	const struct passwd *pw = user ? getpwnam(user) : NULL;

	for (int i = 0; i < HOMES; i++)
		if (ms->homes[i].url.scheme == STORE_LMDB &&
		    make_dir(ms->homes[i].url.path, pw, err) < 0)
			return -1;
	return ms->journal.n ? make_dir(ms->journal, pw, err) : 0;
}
