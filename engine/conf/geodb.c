/*
 * Where databases of countries and providers are: geodb_options and its older
 * spellings. Each kind's file becomes an option of its own, "geodb:country"
 * and kin, which is "" where a line said to search for it again.
 */
#include "conf/loader.h"
#include "conf/setters.h"

static const char *const kinds[] = { "country", "city", "isp", NULL };

static bool set_file(struct loader *ld, struct str kind, struct str path)
{
	for (size_t i = 0; kinds[i]; i++) {
		char name[32] = "geodb:";

		if (!str_ieq(kind, str_cstr(kinds[i])))
			continue;
		strncat(name, kinds[i], sizeof(name) - 8);
		/* "0" is false where SpamAssassin looks. */
		option_set(ld, (const char *)str_dup(ld->a, str_cstr(name)).p,
			   str_eq(path, STR("0")) ? STR("") : path);
		return true;
	}
	return false;
}

enum kw_result set_geodb_options(struct loader *ld, const struct keyword *kw,
				 struct str value)
{
	struct str word;

	(void)kw;
	while (str_next_word(&value, &word)) {
		ssize_t colon = str_chr(word, ':');
		struct str kind = colon < 0 ? word :
				  str_head(word, (size_t)colon);
		struct str path = colon < 0 ? STR("") :
				  str_from(word, (size_t)colon + 1);

		if (str_ieq(kind, STR("reset"))) {
			for (size_t i = 0; kinds[i]; i++)
				set_file(ld, str_cstr(kinds[i]), STR(""));
		} else if (!set_file(ld, kind, path)) {
			return load_expected(ld, "country:, city: or isp: and "
					     "a file, or reset");
		}
	}
	return KW_OK;
}

static void warn_old(struct loader *ld, const struct keyword *kw,
		     const char *now)
{
	load_fault(ld, DIAG_WARN, "'%s' is obsolete: use '%s'", kw->name, now);
}

enum kw_result set_geodb_file(struct loader *ld, const struct keyword *kw,
			      struct str value)
{
	warn_old(ld, kw, "geodb_options");
	if (!value.n)
		return load_expected(ld, "a file");
	set_file(ld, str_cstr(kw->arg), value);
	return KW_OK;
}

enum kw_result set_country_db_type(struct loader *ld, const struct keyword *kw,
				   struct str value)
{
	static const struct {
		struct str part;
		const char *module;
	} types[] = {
		{ STR("geoip2"), "geoip2" }, { STR("geo"), "geoip" },
		{ STR("fast"), "fast" },
	};

	warn_old(ld, kw, "geodb_module");
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (str_ifind(value, types[i].part) < 0)
			continue;
		option_set(ld, "geodb_module", str_cstr(types[i].module));
		return KW_OK;
	}
	return load_expected(ld, "GeoIP2");
}
