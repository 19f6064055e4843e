/*
 * Who is speaking in headers and reports: version, host, time.
 */
#ifndef MEKIKI_SCAN_IDENTITY_H
#define MEKIKI_SCAN_IDENTITY_H

#include <time.h>

#include "base/str.h"

struct arena;

/* The SpamAssassin version whose verdicts are given; what _VERSION_ says, so
 * that programs that read it keep working. */
struct str identity_version(void);

/* _SUBVERSION_: this program's own name and version. */
struct str identity_subversion(void);

/* The fully qualified name of this host, found out once: call it before
 * workers are fenced, since it may have to ask the resolver. */
struct str identity_hostname(void);

/* "Tue, 24 Nov 2026 13:00:00 +0000", local time. */
struct str identity_date(struct arena *a, time_t t);

#endif
