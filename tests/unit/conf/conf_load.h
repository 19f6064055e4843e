/*
 * For the tests of conf/: loads texts as if they were a site's files. The
 * site folder gets all of Debian's default plug-ins unless told otherwise.
 */
#ifndef MEKIKI_TESTS_CONF_LOAD_H
#define MEKIKI_TESTS_CONF_LOAD_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <setjmp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "conf/ruleset.h"

#define PLUGIN(name) "loadplugin Mail::SpamAssassin::Plugin::" name "\n"

static const char default_pre[] =
	"enable_compat welcomelist_blocklist\n"
	PLUGIN("URIDNSBL") PLUGIN("SPF") PLUGIN("Pyzor") PLUGIN("Razor2")
	PLUGIN("SpamCop") PLUGIN("AutoLearnThreshold")
	PLUGIN("WelcomeListSubject") PLUGIN("MIMEHeader")
	PLUGIN("ReplaceTags") PLUGIN("DKIM") PLUGIN("Check")
	PLUGIN("HTTPSMismatch") PLUGIN("URIDetail") PLUGIN("Bayes")
	PLUGIN("BodyEval") PLUGIN("DNSEval") PLUGIN("HTMLEval")
	PLUGIN("HeaderEval") PLUGIN("MIMEEval") PLUGIN("RelayEval")
	PLUGIN("URIEval") PLUGIN("WLBLEval") PLUGIN("VBounce")
	PLUGIN("ImageInfo") PLUGIN("FreeMail") PLUGIN("AskDNS")
	PLUGIN("HashBL") PLUGIN("DMARC") PLUGIN("Rule2XSBody");

/* A folder of files that lives as long as a test. */
struct conf_dir {
	char path[64];
	const char *files[24];
	size_t nfiles;
};

static inline void conf_dir_begin(struct conf_dir *d)
{
	*d = (struct conf_dir){ .path = "/tmp/mekiki-conf-XXXXXX" };
	assert_non_null(mkdtemp(d->path));
}

/* The path of a file in the folder; valid until the next call. */
static inline const char *conf_dir_path(const struct conf_dir *d,
					const char *name)
{
	static char path[1024];

	snprintf(path, sizeof(path), "%s/%s", d->path, name);
	return path;
}

static inline void conf_dir_put(struct conf_dir *d, const char *name,
				const char *text, size_t n)
{
	FILE *f = fopen(conf_dir_path(d, name), "w");

	assert_non_null(f);
	fwrite(text, 1, n, f);
	fclose(f);
	d->files[d->nfiles++] = name;
}

static inline void conf_dir_end(struct conf_dir *d)
{
	for (size_t i = 0; i < d->nfiles; i++)
		unlink(conf_dir_path(d, d->files[i]));
	rmdir(d->path);
}

/* Loads the folder; there are no stock rules. */
static inline struct ruleset *conf_dir_load(struct arena *a,
					    const struct conf_dir *d,
					    bool lint, const char *lang)
{
	struct load_options opt = {
		.rules_dir = "/nonexistent-rules",
		.site_dir = d->path,
		.local_only = true,
		.lint = lint,
		.lang = lang,
	};
	struct ruleset *rs = ruleset_load(a, &opt);

	/* The folder of stock rules is missing on purpose: that warning comes
	 * first and is not part of any test. */
	assert_true(rs->diags.n > 0);
	rs->diags.v++;
	rs->diags.n--;
	return rs;
}

/* One file a.cf with the default plug-ins. */
static inline struct ruleset *conf_load(struct arena *a, const char *text)
{
	struct conf_dir d;
	struct ruleset *rs;

	conf_dir_begin(&d);
	conf_dir_put(&d, "a.pre", default_pre, sizeof(default_pre) - 1);
	conf_dir_put(&d, "a.cf", text, strlen(text));
	rs = conf_dir_load(a, &d, false, "C");
	conf_dir_end(&d);
	return rs;
}

static inline void conf_print_diags(const struct ruleset *rs)
{
	for (size_t i = 0; i < rs->diags.n; i++)
		print_message("%s:%d: %.*s\n", rs->diags.v[i].file,
			      rs->diags.v[i].line,
			      STR_ARG(rs->diags.v[i].text));
}

#define assert_str_is(s, text) \
	do { \
		struct str s_ = (s); \
		assert_int_equal(s_.n, strlen(text)); \
		assert_memory_equal(s_.n ? s_.p : "", text, s_.n); \
	} while (0)

#endif
