/*
 * Users' own files, which only the keeper may open: a name from the network
 * chooses the file, and the file is the user's to make a trap of.
 */
#ifndef MEKIKI_SERVE_PREFS_H
#define MEKIKI_SERVE_PREFS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "serve/daemon_options.h"

/* Opens the preferences of a user as spamd would find them: in the home
 * directory, or (with -x) where --virtual-config-dir says. The descriptor, for
 * reading, of a regular file of bounded size; or -1. *unknown_r: there is no
 * such user. */
int prefs_open(const struct daemon_options *o, struct str user,
	       bool *unknown_r);

/* The path that --virtual-config-dir means for a user, the file name
 * included. When the pattern has %x, domain says which of its two meanings is
 * wanted. False if it is too long or not absolute. */
bool prefs_virtual_path(const char *pattern, struct str user, bool domain,
			char *out, size_t size);

#endif
