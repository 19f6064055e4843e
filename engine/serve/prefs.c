/*
 * Users' preference files; see prefs.h.
 *
 * The file is opened (or made, with --create-prefs) with the rights of the user
 * that spamd would run as, and handed over only if it is a regular file of a
 * bearable size.
 */
#include "serve/prefs.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <linux/openat2.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/log.h"
#include "serve/chan.h"

/* Names of accounts are shorter. */
#define NAME_BYTES 255
/* Groups of one account that count. */
#define NGROUPS 1024
#define USER_DIR ".spamassassin"
#define USER_FILE USER_DIR "/user_prefs"

/* Whose rights a file is opened with. */
struct rights {
	uid_t uid;
	gid_t gid, groups[NGROUPS];
	int ngroups;
};

static void rights_of(const struct passwd *pw, struct rights *r)
{
	*r = (struct rights){ .uid = pw->pw_uid, .gid = pw->pw_gid,
			      .ngroups = NGROUPS };
	if (getgrouplist(pw->pw_name, pw->pw_gid, r->groups, &r->ngroups) < 0)
		r->ngroups = 0;
}

/* Only root can, and needs to, take over somebody's rights. */
static void take_rights(const struct rights *r, struct rights *own)
{
	if (geteuid() != 0)
		return;
	own->ngroups = getgroups(NGROUPS, own->groups);
	if (own->ngroups < 0)
		own->ngroups = 0;
	setgroups((size_t)r->ngroups, r->groups);
	setfsgid(r->gid);
	setfsuid(r->uid);
}

static void return_rights(const struct rights *own)
{
	if (geteuid() != 0)
		return;
	setfsuid(0);
	setfsgid(0);
	setgroups((size_t)own->ngroups, own->groups);
}

/* Links are followed, as spamd follows them: they lead nowhere that the rights
 * do not. */
static int open_at(int base, const char *name)
{
	const struct open_how how = {
		.flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
		.resolve = RESOLVE_NO_MAGICLINKS,
	};

	return (int)syscall(SYS_openat2, base, name, &how, sizeof(how));
}

/* fd if it is a file as it should be; else -1. */
static int if_bearable(int fd, const char *dir, const char *name)
{
	struct stat st;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		fd_close(&fd);
	} else if ((size_t)st.st_size > LIMIT_PREFS_FILE) {
		log_warn("%s/%s is larger than %zu bytes: not read", dir, name,
			 LIMIT_PREFS_FILE);
		fd_close(&fd);
	}
	return fd;
}

/* The first of the templates that there is, opened; or -1. spamd looks there
 * whatever its options say. */
static int open_template(void)
{
	static const char *const dirs[] = {
		"/etc/spamassassin", "/usr/share/spamassassin",
		"/var/lib/spamassassin/4.000001/updates_spamassassin_org",
		"/etc/mail/spamassassin", "/usr/local/share/spamassassin",
	};
	char path[PATH_MAX];
	int fd = -1;

	for (size_t i = 0; i < sizeof(dirs) / sizeof(*dirs) && fd < 0; i++) {
		snprintf(path, sizeof(path), "%s/user_prefs.template",
			 dirs[i]);
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	}
	return fd;
}

/* A file that is not there yet, with the template's text. */
static void create_file(int home, const char *dir, int template)
{
	char text[8192];
	ssize_t n = -1;
	int fd;

	mkdirat(home, USER_DIR, 0700);
	fd = openat(home, USER_FILE, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC |
		    O_NOFOLLOW, 0644);
	while (fd >= 0 && (n = read(template, text, sizeof(text))) > 0)
		if (write(fd, text, (size_t)n) != n)
			break;
	if (fd >= 0 && n == 0)
		log_warn("config: created user preferences file: %s/%s", dir,
			 USER_FILE);
	else
		log_warn("config: cannot create user preferences file "
			 "%s/%s: %s", dir, USER_FILE, strerror(errno));
	fd_close(&fd);
}

static int open_in_home(const struct daemon_options *o,
			const struct rights *r, const char *home)
{
	int template = o->create_prefs ? open_template() : -1, base, fd = -1;
	struct rights own;

	take_rights(r, &own);
	base = open(home, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (base >= 0)
		fd = open_at(base, USER_FILE);
	if (base >= 0 && fd < 0 && errno == ENOENT && template >= 0) {
		log_info("spamd: creating default_prefs: %s/%s", home,
			 USER_FILE);
		create_file(base, home, template);
		fd = open_at(base, USER_FILE);
	}
	return_rights(&own);
	fd_close(&base);
	fd_close(&template);
	return if_bearable(fd, home, USER_FILE);
}

static bool is_safe(char c)
{
	return is_alnum(c) || (c && strchr("-+_.,@=", c));
}

/* text with each `what` replaced, in buf's memory. False if it gets too long. */
static bool replace(char *text, size_t size, const char *what, struct str by)
{
	size_t n = strlen(what), used = strlen(text);
	char *at = text;

	while ((at = strstr(at, what))) {
		size_t tail = used - (size_t)(at - text) - n;

		if (used - n + by.n >= size)
			return false;
		memmove(at + by.n, at + n, tail + 1);
		memcpy(at, by.p, by.n);
		used = used - n + by.n;
		at += by.n;
	}
	return true;
}

/* spamd replaces one escape after the other, and nothing but %x where there is
 * one. */
bool prefs_virtual_path(const char *pattern, struct str user, bool domain,
			char *out, size_t size)
{
	static const char file[] = "/user_prefs";
	size_t n = strlen(pattern);
	struct str name, local = STR(""), host = STR("");
	char safe[256];
	ssize_t at;
	bool fits;

	if (user.n >= sizeof(safe) || *pattern != '/' ||
	    n + sizeof(file) > size)
		return false;
	for (size_t i = 0; i < user.n; i++)
		safe[i] = is_safe(user.p[i]) ? user.p[i] : '_';
	name = str_make(safe, user.n);
	at = str_rchr(name, '@');
	if (at >= 0) {
		local = str_head(name, (size_t)at);
		host = str_from(name, (size_t)at + 1);
	}
	memcpy(out, pattern, n + 1);
	size -= sizeof(file) - 1;
	if (strstr(pattern, "%x"))
		fits = replace(out, size, "%x", domain ? host : name);
	else
		fits = replace(out, size, "%u", name) &&
		       replace(out, size, "%l", local) &&
		       replace(out, size, "%d", host) &&
		       replace(out, size, "%%", STR("%"));
	if (!fits)
		return false;
	memcpy(out + strlen(out), file, sizeof(file));
	/* The characters of a name allow "..", which must not climb. */
	return !strstr(out, "/../");
}

static int open_virtual(const struct daemon_options *o,
			const struct rights *r, struct str user)
{
	const char *pattern = o->virtual_config_dir;
	struct rights own;
	char path[PATH_MAX];
	bool last = false;
	int fd = -1;

	for (int domain = 0; fd < 0 && !last; domain++) {
		last = domain || !strstr(pattern, "%x");
		if (!prefs_virtual_path(pattern, user, domain, path,
					sizeof(path)))
			continue;
		take_rights(r, &own);
		fd = open_at(AT_FDCWD, path);
		return_rights(&own);
		fd = if_bearable(fd, "", path);
		if (fd >= 0 || last)
			log_info("spamd: using default config for %.*s: %s",
				 STR_ARG(user), path);
	}
	return fd;
}

/* The file of a user of this system, with -x only whether there is one. */
static int open_home(const struct daemon_options *o, const char *name,
		     bool *unknown_r)
{
	char run_as[NAME_BYTES + 1];
	const struct passwd *pw;
	struct rights r;

	/* -Q asks for the user, not for who runs the daemon. */
	snprintf(run_as, sizeof(run_as), "%s", o->user &&
		 !(o->no_user_config && o->setuid_with_sql) ? o->user : name);
	pw = getpwnam(run_as);
	if (!pw) {
		log_info(o->no_user_config && o->setuid_with_sql ?
			 "spamd: handle_user (sql) unable to find user: %s" :
			 "spamd: handle_user (getpwnam) unable to find user: "
			 "'%s'", run_as);
		return -1;
	}
	rights_of(pw, &r);
	/* Paranoia lets nobody be root. */
	*unknown_r = o->paranoid && !o->user && pw->pw_uid == 0 &&
		     geteuid() == 0;
	if (o->no_user_config)
		return -1;
	pw = getpwnam(name);
	if (!pw) {
		log_info("spamd: handle_user (userdir) unable to find user: "
			 "'%s'", name);
		*unknown_r = true;
		return -1;
	}
	return open_in_home(o, &r, pw->pw_dir);
}

int prefs_open(const struct daemon_options *o, struct str user,
	       bool *unknown_r)
{
	char name[NAME_BYTES + 1];
	const struct passwd *pw;
	struct rights r;

	*unknown_r = true;
	if (user.n > NAME_BYTES)
		return -1;
	memcpy(name, user.p, user.n);
	name[user.n] = '\0';
	if (!o->no_user_config || !o->virtual_config_dir)
		return open_home(o, name, unknown_r);
	/* Nobody of this system needs to be called so. */
	*unknown_r = false;
	pw = getpwnam(o->user);
	if (!pw)
		return -1;
	rights_of(pw, &r);
	return open_virtual(o, &r, user);
}
