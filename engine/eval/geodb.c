/*
 * MaxMind's databases; see geodb.h. This is the only file that knows
 * libmaxminddb. A city's record holds its country, too, so a database of
 * cities stands for one of countries; a file that cannot be read leaves its
 * kind out.
 */
#include "eval/geodb.h"

#include <arpa/inet.h>
#include <maxminddb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/log.h"
#include "conf/ruleset.h"
#include "mail/network.h"

struct geodb {
	MMDB_s city, country, isp;
	bool has_city, has_country, has_isp;
};

static const char *const folders[] = {
	"/usr/local/share/GeoIP", "/usr/share/GeoIP", "/var/lib/GeoIP",
	"/opt/share/GeoIP",
};

/* A kind of database: its option, and the names that are searched for. */
struct kind {
	const char *option;
	const char *files[5];
};

static const struct kind city = {
	"geodb:city",
	{ "GeoIP2-City.mmdb", "GeoLite2-City.mmdb", "dbip-city.mmdb",
	  "dbip-city-lite.mmdb", NULL },
};
static const struct kind country = {
	"geodb:country",
	{ "GeoIP2-Country.mmdb", "GeoLite2-Country.mmdb", "dbip-country.mmdb",
	  "dbip-country-lite.mmdb", NULL },
};
static const struct kind isp = {
	"geodb:isp",
	{ "GeoIP2-ISP.mmdb", "GeoLite2-ISP.mmdb", NULL },
};

static bool is_file(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

static void default_folders(struct arena *a, struct strs *out)
{
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		strs_add(a, out, str_cstr(folders[i]));
}

static const char *search(struct arena *a, const struct ruleset *rs,
			  const struct kind *k)
{
	const struct strs *dirs = settings_list(rs->site,
						STR("geodb_search_path"));
	struct strs own = { 0 };

	if (!dirs) {
		default_folders(a, &own);
		dirs = &own;
	}
	for (size_t d = 0; d < dirs->n; d++)
		for (size_t f = 0; k->files[f]; f++) {
			struct str path = str_printf(a, "%.*s/%s",
						     STR_ARG(dirs->v[d]),
						     k->files[f]);

			if (is_file(path.p))
				return path.p;
		}
	return NULL;
}

static bool open_kind(struct arena *a, struct ruleset *rs,
		      const struct kind *k, MMDB_s *db)
{
	struct str said = settings_option(rs->site, str_cstr(k->option));
	const char *path = said.n ? str_dup(a, said).p : search(a, rs, k);
	int rc;

	if (!path)
		return false;
	if (!is_file(path)) {
		diag_add(&rs->diags, DIAG_WARN, path, 0,
			 "geodb: there is no such file");
		return false;
	}
	rc = MMDB_open(path, MMDB_MODE_MMAP, db);
	if (rc != MMDB_SUCCESS)
		diag_add(&rs->diags, DIAG_WARN, path, 0,
			 "geodb: cannot be read: %s", MMDB_strerror(rc));
	else
		log_debug("geodb", "%s is %s", k->option, path);
	return rc == MMDB_SUCCESS;
}

static void close_all(void *obj)
{
	struct geodb *db = obj;

	if (db->has_city)
		MMDB_close(&db->city);
	if (db->has_country)
		MMDB_close(&db->country);
	if (db->has_isp)
		MMDB_close(&db->isp);
}

/* A module that reads formats of its own. */
static bool is_other_module(struct str module)
{
	return module.n && str_find(module, STR("geoip2")) < 0 &&
	       !str_eq(module, STR("maxmind::db::reader"));
}

static struct geodb *open_all(struct arena *a, struct ruleset *rs)
{
	struct geodb *db = arena_alloc(a, sizeof(*db));

	db->has_city = open_kind(a, rs, &city, &db->city);
	/* It holds what a database of countries would. */
	if (!db->has_city)
		db->has_country = open_kind(a, rs, &country, &db->country);
	if (ruleset_has_plugin(rs, "URILocalBL") ||
	    ruleset_has_plugin(rs, "ASN"))
		db->has_isp = open_kind(a, rs, &isp, &db->isp);
	arena_on_free(a, close_all, db);
	return db;
}

struct geodb *geodb_open(struct arena *a, struct ruleset *rs)
{
	struct str module = settings_option(rs->site, STR("geodb_module"));

	if (rs->geodb)
		return rs->geodb->has_city || rs->geodb->has_country ||
		       rs->geodb->has_isp ? rs->geodb : NULL;
	if (is_other_module(module)) {
		rs->geodb = arena_alloc(a, sizeof(*rs->geodb));
		diag_add(&rs->diags, DIAG_WARN, "", 0,
			 "geodb_module %.*s: only files of MaxMind's format "
			 "(geoip2) are read here: no country is known",
			 STR_ARG(module));
		return NULL;
	}
	rs->geodb = open_all(a, rs);
	if (rs->geodb->has_city || rs->geodb->has_country ||
	    rs->geodb->has_isp)
		return rs->geodb;
	diag_add(&rs->diags, DIAG_WARN, "", 0,
		 "geodb: no database of countries (*.mmdb) was found: "
		 "RelayCountry and URILocalBL find nothing");
	return NULL;
}

bool geodb_has_country(const struct geodb *db)
{
	return db->has_city || db->has_country;
}

bool geodb_has_isp(const struct geodb *db)
{
	return db->has_isp;
}

static bool look_up(const MMDB_s *db, struct str text, MMDB_entry_s *entry_r)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	MMDB_lookup_result_s found;
	struct ip_addr ip;
	int rc;

	/* Brackets and prefixes are no address to SpamAssassin's reader. */
	if (!text.n || (!is_xdigit((unsigned char)text.p[0]) &&
			text.p[0] != ':') || !ip_parse(text, &ip))
		return false;
	memcpy(&v4.sin_addr, ip.bytes + 12, 4);
	memcpy(&v6.sin6_addr, ip.bytes, 16);
	found = MMDB_lookup_sockaddr(db, str_chr(text, ':') < 0 ?
				     (const struct sockaddr *)&v4 :
				     (const struct sockaddr *)&v6, &rc);
	*entry_r = found.entry;
	return rc == MMDB_SUCCESS && found.found_entry;
}

/* A text of the record at path; STR_NONE. */
static struct str text_at(const MMDB_s *db, struct str ip,
			  const char *const *path)
{
	MMDB_entry_s entry;
	MMDB_entry_data_s data;

	if (!look_up(db, ip, &entry) ||
	    MMDB_aget_value(&entry, &data, path) != MMDB_SUCCESS ||
	    !data.has_data || data.type != MMDB_DATA_TYPE_UTF8_STRING)
		return STR_NONE;
	return str_make(data.utf8_string, data.data_size);
}

static struct str place_of(const struct geodb *db, struct str ip,
			   const char *const *path)
{
	struct str s;

	if (!geodb_has_country(db))
		return STR("");
	s = text_at(db->has_city ? &db->city : &db->country, ip, path);
	return s.n && !str_eq(s, STR("0")) ? s : STR("XX");
}

struct str geodb_country(const struct geodb *db, struct str ip)
{
	static const char *const path[] = { "country", "iso_code", NULL };

	if (!str_trim(ip).n)
		return STR("");
	return ip_is_private(ip) ? STR("**") : place_of(db, ip, path);
}

struct str geodb_continent(const struct geodb *db, struct str ip)
{
	static const char *const path[] = { "continent", "code", NULL };

	return str_trim(ip).n ? place_of(db, ip, path) : STR("");
}

struct str geodb_isp(const struct geodb *db, struct str ip)
{
	static const char *const path[] = { "isp", NULL };

	return db->has_isp ? text_at(&db->isp, ip, path) : STR_NONE;
}
