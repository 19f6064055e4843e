/*
 * Dates of mail headers in the many forms SpamAssassin understands.
 */
#ifndef MEKIKI_MAIL_DATE_H
#define MEKIKI_MAIL_DATE_H

#include <stdbool.h>
#include <time.h>

#include "base/str.h"

/* RFC 822 and its wild relatives to seconds since 1970, as SpamAssassin's
 * parse_rfc822_date answers. False where it gives none. */
bool date_parse(struct str s, time_t *time_r);

#endif
