/*
 * Plug-ins that do not come with SpamAssassin, and copies of its own that a site
 * loads from a file. Perl code is never run here, but whether SpamAssassin would
 * find it decides `ifplugin`, and its text tells which words are its: eval
 * functions, directives and methods that can() asks for are names that stand in
 * it. So what needs such a plug-in is told apart from what is mistyped, and the
 * rules inside of its `ifplugin` that need nothing of it are live as there.
 */
#include <glob.h>
#include <unistd.h>

#include "base/arena.h"
#include "conf/loader.h"

/* Where Perl looks; the versions between are globs. */
static const char *const perl_dirs[] = {
	"/etc/perl",
	"/usr/local/lib/*/perl/*",
	"/usr/local/share/perl/*",
	"/usr/lib/*/perl5/*",
	"/usr/share/perl5",
	"/usr/lib/*/perl/*",
	"/usr/share/perl/*",
	"/usr/local/lib/site_perl",
};

/* The file of package in Perl's own folders, or STR_NONE. */
static struct str find_module(struct arena *a, struct str package)
{
	struct buf file;
	struct str found = STR_NONE;

	buf_in(&file, a, package.n + 8);
	for (size_t i = 0; i < package.n; i++) {
		bool colons = package.p[i] == ':';

		buf_addc(&file, colons ? '/' : package.p[i]);
		i += colons;
	}
	buf_adds(&file, STR(".pm"));
	for (size_t i = 0; !found.p && i < sizeof(perl_dirs) /
					   sizeof(perl_dirs[0]); i++) {
		struct str pattern = str_printf(a, "%s/%.*s", perl_dirs[i],
						STR_ARG(buf_str(&file)));
		glob_t g;

		if (glob(pattern.p, GLOB_NOSORT, NULL, &g) == 0)
			found = str_dup(a, str_cstr(g.gl_pathv[0]));
		globfree(&g);
	}
	return found;
}

/* Each plug-in is named once. */
static void name_once(struct loader *ld, struct str package, const char *what)
{
	struct str key = str_dup(ld->a, package);

	if (map_has(&ld->rs->named, key))
		return;
	map_set(&ld->rs->named, key, ld->rs);
	load_fault(ld, DIAG_WARN, "the plug-in %.*s %s",
		   STR_ARG(str_head(package, 200)), what);
}

bool foreign_load(struct loader *ld, struct str package, struct str path,
		  bool known, bool quiet)
{
	struct str *text = arena_alloc(ld->a, sizeof(*text));
	struct str file = path.p ? load_resolve(ld, path)
				 : find_module(ld->a, package);

	if (!file.p || load_slurp(ld->a, file.p, text) < 0) {
		if (!quiet)
			name_once(ld, package, "is not found: it cannot be "
				  "loaded and counts as missing");
		return false;
	}
	if (known) {
		name_once(ld, package, "is taken as SpamAssassin's own, "
			  "whatever its file says");
		return true;
	}
	name_once(ld, package, "is not one of SpamAssassin's own: rules that "
		  "need its functions are not live");
	map_set(&ld->rs->foreign, str_dup(ld->a, package), text);
	return true;
}

/* Does word stand in text as a whole word, behind `before`? */
static bool has_word(struct str text, struct str before, struct str word)
{
	for (ssize_t at; (at = str_find(text, word)) >= 0;) {
		size_t start = (size_t)at, end = start + word.n;
		struct str head = str_rtrim(str_head(text, start));

		if ((start == 0 || !is_word((unsigned char)text.p[start - 1])) &&
		    (end >= text.n || !is_word((unsigned char)text.p[end])) &&
		    str_ends(head, before))
			return true;
		text = str_from(text, end);
	}
	return false;
}

struct str foreign_owner(const struct ruleset *rs, struct str word)
{
	struct map_entry *e;

	for (size_t i = 0; word.n && (e = map_next(&rs->foreign, &i));)
		if (has_word(*(struct str *)e->value, STR(""), word))
			return e->key;
	return STR_NONE;
}

bool foreign_can(const struct ruleset *rs, struct str package,
		 struct str method)
{
	const struct str *text = map_get(&rs->foreign, package);

	return text && has_word(*text, STR("sub"), method);
}
