/*
 * A user's own preferences; see user_prefs.h.
 */
#include "cli/user_prefs.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/str.h"
#include "cli/input.h"

/* Where a template may be, the first that is there. */
static const char *const templates[] = {
	"/etc/spamassassin/user_prefs.template",
	"/usr/etc/mail/spamassassin/user_prefs.template",
	"/usr/share/spamassassin/user_prefs.template",
	"/var/lib/spamassassin/4.000001/updates_spamassassin_org/"
	"user_prefs.template",
	"/etc/mail/spamassassin/user_prefs.template",
	"/usr/local/share/spamassassin/user_prefs.template",
};

/* $HOME, where it is a path. */
static const char *home(void)
{
	const char *env = getenv("HOME");
	const struct passwd *pw;

	if (env && strchr(env, '/'))
		return env;
	pw = getpwuid(geteuid());
	return pw && pw->pw_dir ? pw->pw_dir : "";
}

static int write_all(const char *path, struct str text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	ssize_t n = 0;

	if (fd < 0)
		return -1;
	while (text.n && (n = write(fd, text.p, text.n)) > 0)
		text = str_from(text, (size_t)n);
	if (close(fd) < 0)
		return -1;
	return n < 0 ? -1 : 0;
}

static void create_from(struct arena *a, const char *template,
			const char *path)
{
	struct err err;
	struct buf text;

	buf_in(&text, a, LIMIT_RULE_FILE);
	if (input_read(template, &text, &err) < 0)
		log_warn("config: cannot open %s", err.text);
	else if (write_all(path, buf_str(&text)) < 0)
		log_warn("config: cannot create user preferences file %s: %s",
			 path, strerror(errno));
	else
		log_warn("config: created user preferences file: %s", path);
}

static void create(struct arena *a, const char *path)
{
	struct stat st;

	if (stat(path, &st) == 0) {
		if (!S_ISREG(st.st_mode))
			log_warn("config: default user preference file %s is "
				 "not a regular file", path);
		return;
	}
	if (errno != ENOENT) {
		log_warn("config: default user preference file %s not "
			 "accessible: %s", path, strerror(errno));
		return;
	}
	for (size_t i = 0; i < sizeof(templates) / sizeof(*templates); i++)
		if (stat(templates[i], &st) == 0) {
			create_from(a, templates[i], path);
			return;
		}
	log_warn("config: can not determine default prefs path");
}

const char *user_prefs_path(struct arena *a, const char *named,
			    bool may_create)
{
	struct str dir = str_printf(a, "%s/.spamassassin", home());
	const char *path = named && *named ? named :
			   str_printf(a, "%s/user_prefs", dir.p).p;
	struct stat st;

	if (may_create) {
		/* Only the last step: a home is not ours to make. */
		if (mkdir(dir.p, 0700) < 0 && errno != EEXIST)
			log_debug("config", "mkdir %s failed: %s", dir.p,
				  strerror(errno));
		create(a, path);
	}
	return stat(path, &st) == 0 ? path : NULL;
}
