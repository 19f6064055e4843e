/*
 * Which files make a configuration, and in which order. SpamAssassin reads
 * the site's *.pre, the stock *.pre, the stock *.cf, the site's *.cf and the
 * preferences; ours come between stock and site. In a folder the official
 * channel's file goes first and the rest by byte order. A path is read once
 * however often it is named, which also ends every loop of includes.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/log.h"
#include "conf/loader.h"

#define STOCK_UPDATED "/var/lib/spamassassin/4.000001"
#define STOCK_SHIPPED "/usr/share/spamassassin"
#define SITE_DIR "/etc/spamassassin"

int load_slurp(struct arena *a, const char *path, struct str *text_r)
{
	struct stat st;
	char *p;
	size_t n = 0;
	ssize_t got = 0;
	int fd, saved;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -1;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) ||
	    (size_t)st.st_size > LIMIT_RULE_FILE) {
		saved = S_ISREG(st.st_mode) ? EFBIG : EINVAL;
		close(fd);
		errno = saved;
		return -1;
	}
	p = arena_text(a, (size_t)st.st_size + 1);
	while (n < (size_t)st.st_size) {
		got = read(fd, p + n, (size_t)st.st_size - n);
		if (got <= 0)
			break;
		n += (size_t)got;
	}
	saved = errno;
	close(fd);
	errno = saved;
	*text_r = str_make(p, n);
	return got < 0 ? -1 : 0;
}

static void load_file(struct loader *ld, const char *path)
{
	struct str text, key = str_dup(ld->a, str_cstr(path));

	if (map_has(&ld->read, key)) {
		log_debug("config", "skipping already read file: %s", path);
		return;
	}
	if (ld->read.n >= LIMIT_RULE_FILES) {
		load_fault(ld, DIAG_ERROR, "%s is not read: this configuration "
			   "already has %d files", path, LIMIT_RULE_FILES);
		return;
	}
	map_set(&ld->read, key, (void *)key.p);
	if (str_ends(key, STR(".lua"))) {
		/* Scripts are run when all lines are known. */
		if (!ld->user)
			strs_add(ld->a, &ld->scripts, key);
		if (!ld->user)
			strs_add(ld->a, &ld->rs->files, key);
		return;
	}
	if (load_slurp(ld->a, path, &text) < 0) {
		load_fault(ld, DIAG_ERROR, "%s cannot be read: %s", path,
			   errno == EINVAL ? "it is not a regular file"
			   : strerror(errno));
		return;
	}
	if (!ld->user)
		strs_add(ld->a, &ld->rs->files, key);
	log_debug("config", "read file %s", path);
	load_text(ld, text, key.p);
}

/* Tests of rules may stand beside them: "name.test.lua" is none. */
static bool is_test(struct str name)
{
	return str_find(name, STR(".test.")) >= 0;
}

/* The official channel first, then byte order. */
static int by_load_order(const void *x, const void *y)
{
	const char *a = ((const struct str *)x)->p;
	const char *b = ((const struct str *)y)->p;
	static const char channel[] = "updates_spamassassin_org.cf";
	int fa = strcmp(a, channel) == 0, fb = strcmp(b, channel) == 0;

	return fa || fb ? fb - fa : strcmp(a, b);
}

static void load_dir(struct loader *ld, struct str dir, const char *suffix)
{
	struct strs names = { 0 };
	struct dirent *e;
	struct stat st;
	DIR *d = opendir(dir.p);

	if (!d) {
		load_fault(ld, DIAG_WARN, "the folder %s cannot be read: %s",
			   dir.p, strerror(errno));
		return;
	}
	while ((e = readdir(d))) {
		struct str name = str_cstr(e->d_name);

		if (str_iends(name, str_cstr(suffix)) && !is_test(name) &&
		    names.n < LIMIT_RULE_FILES)
			strs_add(ld->a, &names, str_dup(ld->a, name));
	}
	closedir(d);
	if (names.n)
		qsort(names.v, names.n, sizeof(names.v[0]), by_load_order);
	for (size_t i = 0; i < names.n; i++) {
		struct str path = str_printf(ld->a, "%.*s/%s", STR_ARG(dir),
					     names.v[i].p);

		if (stat(path.p, &st) == 0 && S_ISREG(st.st_mode))
			load_file(ld, path.p);
	}
}

void load_path(struct loader *ld, struct str path, const char *suffix)
{
	struct str p = str_dup(ld->a, path);
	struct stat st;

	if (stat(p.p, &st) < 0)
		return;
	if (S_ISDIR(st.st_mode))
		load_dir(ld, p, suffix);
	else if (st.st_size > 0)
		load_file(ld, p.p);
}

struct str load_resolve(struct loader *ld, struct str path)
{
	ssize_t slash;

	if (path.n && path.p[0] == '~') {
		ssize_t end = str_chr(path, '/');
		struct str name = str_head(path, end < 0 ? path.n : (size_t)end);
		struct str user = str_dup(ld->a, str_from(name, 1));
		const struct passwd *pw = user.n ? getpwnam(user.p)
						 : getpwuid(geteuid());

		if (pw && pw->pw_dir)
			path = str_printf(ld->a, "%s%.*s", pw->pw_dir,
					  STR_ARG(str_from(path, name.n)));
	}
	if (path.n && path.p[0] == '/')
		return str_dup(ld->a, path);
	slash = str_rchr(str_cstr(ld->file), '/');
	return str_printf(ld->a, "%.*s%.*s", (int)(slash + 1), ld->file,
			  STR_ARG(path));
}

void load_include(struct loader *ld, struct str path)
{
	struct str full = load_resolve(ld, path);
	struct stat st;

	if (ld->depth >= LIMIT_INCLUDES) {
		load_fault(ld, DIAG_ERROR, "include %.*s is not followed: "
			   "%d files already include one another",
			   STR_ARG(path), LIMIT_INCLUDES);
		return;
	}
	/* SpamAssassin does not even mention it; but a reload must not lose
	 * rules in silence. */
	if (stat(full.p, &st) < 0) {
		load_fault(ld, DIAG_ERROR, "include: %s: %s", full.p,
			   strerror(errno));
		return;
	}
	load_path(ld, full, ".cf");
}

static void load_lines(struct loader *ld, const char *const *lines,
		       const char *name)
{
	struct buf text;

	if (!lines || !lines[0])
		return;
	buf_in(&text, ld->a, LIMIT_RULE_FILE);
	for (; *lines; lines++)
		buf_addf(&text, "%s\n", *lines);
	load_text(ld, buf_str(&text), name);
}

/* A file that somebody named: it must be there. */
static void load_named(struct loader *ld, const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		load_fault(ld, DIAG_ERROR, "%s: %s", path, strerror(errno));
	else
		load_path(ld, str_cstr(path), ".cf");
}

static struct str stock_dir(const struct load_options *opt)
{
	struct stat st;

	if (opt->rules_dir)
		return str_cstr(opt->rules_dir);
	if (stat(STOCK_UPDATED, &st) == 0)
		return STR(STOCK_UPDATED);
	return STR(STOCK_SHIPPED);
}

static void load_rules(struct loader *ld, struct str dir)
{
	strs_add(ld->a, &ld->readable, str_dup(ld->a, dir));
	load_path(ld, dir, ".cf");
	load_path(ld, dir, ".lua");
}

void load_all(struct loader *ld, const struct load_options *opt)
{
	struct str stock = stock_dir(opt);
	struct str site = opt->site_dir ? str_cstr(opt->site_dir)
					: STR(SITE_DIR);
	struct stat st;

	log_debug("config", "using \"%.*s\" for site rules", STR_ARG(site));
	log_debug("config", "using \"%.*s\" for default rules",
		  STR_ARG(stock));
	load_lines(ld, opt->pre_lines, "(--pre)");
	if (stat(str_dup(ld->a, site).p, &st) < 0)
		load_fault(ld, DIAG_WARN, "the site's folder %.*s: %s",
			   STR_ARG(site), strerror(errno));
	load_path(ld, site, ".pre");
	if (!opt->site_dir)
		load_path(ld, STR(OWN_SITE_DIR), ".pre");
	if (stat(str_dup(ld->a, stock).p, &st) < 0)
		load_fault(ld, DIAG_WARN, "the folder of stock rules %.*s: %s",
			   STR_ARG(stock), strerror(errno));
	load_path(ld, stock, ".pre");
	load_rules(ld, stock);
	if (opt->own_dir && settings_bool(ld->set, STR("own_rules")))
		load_rules(ld, str_cstr(opt->own_dir));
	load_rules(ld, site);
	if (!opt->site_dir)
		load_rules(ld, STR(OWN_SITE_DIR));
	for (size_t i = 0; opt->more_files && opt->more_files[i]; i++)
		load_named(ld, opt->more_files[i]);
	if (opt->prefs_file)
		log_debug("config", "using \"%s\" for user prefs file",
			  opt->prefs_file);
	if (opt->prefs_file)
		load_path(ld, str_cstr(opt->prefs_file), ".cf");
	load_lines(ld, opt->cf_lines, "(--cf)");
}

const char *ruleset_support_file(const struct ruleset *rs, const char *name)
{
	const char *const dirs[] = {
		rs->site_dir, rs->rules_dir,
		STOCK_UPDATED "/updates_spamassassin_org", STOCK_UPDATED,
		STOCK_SHIPPED,
	};

	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		struct str path;

		if (!dirs[i])
			continue;
		path = str_printf(rs->arena, "%s/%s", dirs[i], name);
		if (access(path.p, F_OK) == 0)
			return path.p;
	}
	return NULL;
}
