/*
 * Which addresses rules may reach: none that is this machine's, a private
 * network's or no host's at all, unless the administrator opens it.
 */
#ifndef MEKIKI_NET_GUARD_H
#define MEKIKI_NET_GUARD_H

#include <stdbool.h>
#include <sys/socket.h>

#include "base/err.h"

struct arena;
struct asker_settings;
struct guard;

/* The guard that s asks for, in a; s must live as long. */
struct guard *guard_new(struct arena *a, const struct asker_settings *s);

/* May a socket be opened to sa? If not, err names the address and the setting
 * that decides. */
bool guard_allows(const struct guard *g, const struct sockaddr *sa,
		  struct err *err);

#endif
