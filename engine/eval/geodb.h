/*
 * Databases of countries and providers by address, in MaxMind's format
 * (GeoIP2 and whatever else is written so), for RelayCountry and URILocalBL.
 * They are found as SpamAssassin finds them (geodb_options,
 * geodb_search_path), mapped into memory when the rules are loaded, and read
 * from there: workers open nothing. A newer file counts after a reload; it must
 * be moved into place, not written over the old one, as MaxMind's own tools do.
 */
#ifndef MEKIKI_EVAL_GEODB_H
#define MEKIKI_EVAL_GEODB_H

#include <stdbool.h>

#include "base/str.h"

struct arena;
struct geodb;
struct ruleset;

/* The databases, opened by the first plug-in that asks for them; NULL if there
 * is none, which is then a warning of rs's. */
struct geodb *geodb_open(struct arena *a, struct ruleset *rs);

bool geodb_has_country(const struct geodb *db);
bool geodb_has_isp(const struct geodb *db);

/* The country of an address: two letters, "**" for private addresses, "XX" if
 * it is not known. "" if ip is, or if there is no such database. */
struct str geodb_country(const struct geodb *db, struct str ip);

/* The continent ("EU"), "XX" if it is not known; "" as above. */
struct str geodb_continent(const struct geodb *db, struct str ip);

/* The provider's name, STR_NONE if it is not known. */
struct str geodb_isp(const struct geodb *db, struct str ip);

#endif
