/*
 * Looking directives up and applying them. The rows are in keywords_core.c,
 * keywords_plugins.c and keywords_own.c.
 */
#include "conf/keywords.h"

#include <regex.h>

#include "base/arena.h"
#include "conf/loader.h"
#include "conf/setters.h"

static void index_rows(struct ruleset *rs, const struct keyword *rows,
		       size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct keyword *kw = &rows[i];

		/* Of two rows with one name the first counts here; see
		 * loaded_twin. */
		if (!map_has(&rs->keywords, str_cstr(kw->name)))
			map_set(&rs->keywords, str_cstr(kw->name),
				(void *)kw);
		if (kw->alias && !map_has(&rs->keywords, str_cstr(kw->alias)))
			map_set(&rs->keywords, str_cstr(kw->alias),
				(void *)kw);
	}
}

void keywords_index(struct ruleset *rs)
{
	size_t n;
	const struct keyword *rows = keywords_core(&n);

	index_rows(rs, rows, n);
	rows = keywords_plugins(&n);
	index_rows(rs, rows, n);
	rows = keywords_own(&n);
	index_rows(rs, rows, n);
}

static bool is_loaded(const struct ruleset *rs, const struct keyword *kw)
{
	char full[100];
	struct str prefix = STR("Mail::SpamAssassin::Plugin::");
	size_t n;

	if (!kw->plugin)
		return true;
	n = strlen(kw->plugin);
	if (prefix.n + n > sizeof(full))
		return false;
	memcpy(full, prefix.p, prefix.n);
	memcpy(full + prefix.n, kw->plugin, n);
	return map_has(&rs->plugins, str_make(full, prefix.n + n));
}

/* AWL and TxRep share names: the row of the same name whose plug-in is
 * loaded. */
static const struct keyword *loaded_twin(const struct ruleset *rs,
					 const struct keyword *kw)
{
	size_t n;
	const struct keyword *rows = keywords_plugins(&n);

	for (size_t i = 0; i < n; i++)
		if (strcmp(rows[i].name, kw->name) == 0 &&
		    is_loaded(rs, &rows[i]))
			return &rows[i];
	return NULL;
}

const struct keyword *keyword_find(const struct ruleset *rs, struct str name)
{
	const struct keyword *kw = map_get(&rs->keywords, name);

	if (!kw || is_loaded(rs, kw))
		return kw;
	return loaded_twin(rs, kw);
}

const char *keyword_plugin(const struct ruleset *rs, struct str name)
{
	const struct keyword *kw = map_get(&rs->keywords, name);

	return kw ? kw->plugin : NULL;
}

/* The shapes are our own, few, and met a few times in a configuration. */
static bool has_shape(struct loader *ld, const char *shape, struct str value)
{
	regex_t re;
	bool fits;

	must(regcomp(&re, shape, REG_EXTENDED | REG_ICASE | REG_NOSUB) == 0);
	fits = regexec(&re, arena_strndup(ld->a, value.n ? value.p : "",
					  value.n), 0, NULL, 0) == 0;
	regfree(&re);
	return fits;
}

enum kw_result keyword_set(struct loader *ld, const struct keyword *kw,
			   struct str value)
{
	static kw_setter *const by_type[] = {
		[KW_STRING] = set_string, [KW_BOOL] = set_bool,
		[KW_NUMERIC] = set_numeric, [KW_HASH] = add_line,
		[KW_ADDRLIST] = set_addrlist, [KW_TEMPLATE] = set_template,
		[KW_NOARGS] = set_noargs, [KW_STRINGLIST] = set_stringlist,
		[KW_IPADDRLIST] = set_ipaddrs, [KW_DURATION] = set_duration,
	};

	if (kw->shape && !has_shape(ld, kw->shape, value))
		return value.n ? load_expected(ld, "%.*s",
					       (int)strlen(kw->doc) - 1,
					       kw->doc) : KW_MISSING;
	return (kw->code ? kw->code : by_type[kw->type])(ld, kw, value);
}
