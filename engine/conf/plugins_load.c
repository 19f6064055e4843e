/*
 * `loadplugin`, `tryplugin`, `enable_compat`: names becoming true. A plug-in that
 * does not come with SpamAssassin is a matter of foreign.c.
 */
#include "base/err.h"
#include "base/log.h"
#include "conf/loader.h"
#include "conf/setters.h"

#define PREFIX "Mail::SpamAssassin::Plugin::"

/* (word::)*word */
static bool is_class_name(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (is_word((unsigned char)s.p[i]))
			continue;
		if (i == 0 || s.p[i] != ':' || i + 2 >= s.n ||
		    s.p[i + 1] != ':' || !is_word((unsigned char)s.p[i + 2]))
			return false;
		i++;
	}
	return s.n > 0;
}

enum kw_result set_loadplugin(struct loader *ld, const struct keyword *kw,
			      struct str value)
{
	struct str package, path = STR_NONE, rest = value;
	bool known, try = strcmp(kw->name, "tryplugin") == 0;

	if (!value.n)
		return KW_MISSING;
	str_next_word(&rest, &package);
	if (!is_class_name(package) ||
	    (str_next_word(&rest, &path) && !str_iends(path, STR(".pm"))) ||
	    str_trim(rest).n)
		return load_expected(ld, "a plug-in's name and maybe a .pm "
				     "file");
	package = plugin_current_name(package);
	known = str_starts(package, STR(PREFIX)) &&
		plugin_known(str_from(package, sizeof(PREFIX) - 1));
	if (map_has(&ld->rs->plugins, package))
		return KW_OK;
	if ((known && !path.n) || foreign_load(ld, package, path, known, try)) {
		log_debug("plugin", "loading %.*s", STR_ARG(package));
		map_set(&ld->rs->plugins, str_dup(ld->a, package), ld->rs);
	}
	return KW_OK;
}

enum kw_result set_compat(struct loader *ld, const struct keyword *kw,
			  struct str value)
{
	(void)kw;
	if (!value.n)
		return KW_MISSING;
	for (size_t i = 0; i < value.n; i++)
		if (!is_word((unsigned char)value.p[i]) || i == 128)
			return load_expected(ld, "a name of letters, digits "
					     "and underscores");
	map_set(&ld->rs->compat, str_dup(ld->a, value), ld->rs);
	return KW_OK;
}
