/*
 * Version, host and time; see identity.h.
 */
#include "scan/identity.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"

struct str identity_version(void)
{
	return STR("4.0.1");
}

struct str identity_subversion(void)
{
	return STR("mekiki " MEKIKI_VERSION);
}

struct str identity_hostname(void)
{
	static char name[256];
	struct addrinfo hints = { .ai_flags = AI_CANONNAME }, *res = NULL;

	if (name[0])
		return str_cstr(name);
	if (gethostname(name, sizeof(name) - 1) != 0)
		snprintf(name, sizeof(name), "localhost");
	if (strchr(name, '.') || getaddrinfo(name, NULL, &hints, &res) != 0)
		return str_cstr(name);
	if (res->ai_canonname && strchr(res->ai_canonname, '.'))
		snprintf(name, sizeof(name), "%s", res->ai_canonname);
	freeaddrinfo(res);
	return str_cstr(name);
}

struct str identity_date(struct arena *a, time_t t)
{
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct tm tm;
	long offset;

	localtime_r(&t, &tm);
	offset = tm.tm_gmtoff / 60;
	return str_printf(a, "%.3s, %02d %.3s %4d %02d:%02d:%02d %c%02ld%02ld",
			  days + 3 * tm.tm_wday, tm.tm_mday,
			  months + 3 * tm.tm_mon, tm.tm_year + 1900,
			  tm.tm_hour, tm.tm_min, tm.tm_sec,
			  offset < 0 ? '-' : '+', labs(offset) / 60,
			  labs(offset) % 60);
}
