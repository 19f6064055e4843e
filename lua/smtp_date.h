/*
 * Dates of mail headers by the letter, as rspamd's parse_smtp_date reads them.
 */
#ifndef MEKIKI_LUA_SMTP_DATE_H
#define MEKIKI_LUA_SMTP_DATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

/* "Mon, 1 Jan 2024 00:00:00 +0000" to seconds since 1970. False for anything
 * else; *at_r is then the place of the first character that does not fit. */
bool smtp_date_parse(struct str s, int64_t *time_r, size_t *at_r);

#endif
