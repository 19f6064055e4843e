/*
 * Dates of any bytes: an answer is a time between 1970 and 2037, give or take
 * the zone.
 */
#include <stdint.h>
#include <stdlib.h>

#include "mail/date.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	time_t t;

	if (date_parse(str_make((const char *)data, size), &t) &&
	    (t < 0 || t > 2145916799 + 100 * 3600))
		abort();
	return 0;
}
