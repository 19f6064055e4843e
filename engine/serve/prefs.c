/*
 * Users' preference files; see prefs.h.
 *
 * The file is opened with the rights of the user that the daemon would run as
 * in spamd, without following links on the way, and handed over only if it is
 * a regular file of a bearable size.
 */
#include "serve/prefs.h"

#include <fcntl.h>
#include <grp.h>
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

static int open_safely(const char *dir, const char *name)
{
	const struct open_how how = {
		.flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
		.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH,
	};
	int base = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC), fd;
	struct stat st;

	if (base < 0)
		return -1;
	fd = (int)syscall(SYS_openat2, base, name, &how, sizeof(how));
	close(base);
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

static int open_as(const struct passwd *pw, const char *dir, const char *name)
{
	int fd;

	if (geteuid() == 0) {
		setfsgid(pw->pw_gid);
		setfsuid(pw->pw_uid);
	}
	fd = open_safely(dir, name);
	if (geteuid() == 0) {
		setfsuid(0);
		setfsgid(0);
	}
	return fd;
}

static bool is_safe(char c)
{
	return is_alnum(c) || (c && strchr("-+_.,@=", c));
}

/* What a % and a letter stand for. */
static struct str expand(char letter, const char *name, bool domain)
{
	const char *at = strrchr(name, '@');

	switch (letter) {
	case 'u':
		return str_cstr(name);
	case 'l':
		return at ? str_make(name, (size_t)(at - name)) : STR("");
	case 'd':
		return at ? str_cstr(at + 1) : STR("");
	case 'x':
		return domain ? expand('d', name, false) : str_cstr(name);
	case '%':
		return STR("%");
	default:
		return STR_NONE;
	}
}

bool prefs_virtual_path(const char *pattern, struct str user, bool domain,
			char *out, size_t size)
{
	static const char file[] = "/user_prefs";
	char name[256];
	size_t n = 0;

	if (user.n >= sizeof(name) || *pattern != '/')
		return false;
	for (size_t i = 0; i < user.n; i++)
		name[i] = is_safe(user.p[i]) ? user.p[i] : '_';
	name[user.n] = '\0';
	for (const char *p = pattern; *p; p++) {
		struct str s = str_make(p, 1);

		if (*p == '%' && p[1]) {
			struct str e = expand(p[1], name, domain);

			if (e.p) {
				s = e;
				p++;
			}
		}
		if (n + s.n + sizeof(file) > size)
			return false;
		memcpy(out + n, s.p, s.n);
		n += s.n;
	}
	memcpy(out + n, file, sizeof(file));
	/* The characters of a name allow "..", which must not climb. */
	return !strstr(out, "/../");
}

static int open_virtual(const struct daemon_options *o, const struct passwd *pw,
			struct str user)
{
	char path[1024];
	int fd = -1;

	for (int domain = 0; domain < 2 && fd < 0; domain++) {
		if (domain && !strstr(o->virtual_config_dir, "%x"))
			break;
		if (prefs_virtual_path(o->virtual_config_dir, user, domain,
				       path, sizeof(path)))
			fd = open_as(pw, "/", path + 1);
	}
	return fd;
}

int prefs_open(const struct daemon_options *o, struct str user,
	       bool *unknown_r)
{
	char name[NAME_BYTES + 1], run_as[NAME_BYTES + 1];
	struct passwd *pw, run;

	*unknown_r = true;
	if (user.n > NAME_BYTES)
		return -1;
	memcpy(name, user.p, user.n);
	name[user.n] = '\0';
	snprintf(run_as, sizeof(run_as), "%s", o->user ? o->user : name);
	pw = getpwnam(run_as);
	if (!pw) {
		log_info("spamd: handle_user (getpwnam) unable to find user: "
			 "'%s'", run_as);
		return -1;
	}
	*unknown_r = false;
	run = *pw;
	if (o->no_user_config)
		return o->virtual_config_dir ? open_virtual(o, &run, user) : -1;
	pw = getpwnam(name);
	if (!pw) {
		log_info("spamd: handle_user (userdir) unable to find user: "
			 "'%s'", name);
		*unknown_r = true;
		return -1;
	}
	return open_as(&run, pw->pw_dir, ".spamassassin/user_prefs");
}
