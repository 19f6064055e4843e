/*
 * Between link.c (one link) and link_find.c (links in text).
 */
#ifndef MEKIKI_MAIL_LINK_INT_H
#define MEKIKI_MAIL_LINK_INT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct arena;

/* The length of the known scheme with its colon that s begins with, 0 if it
 * begins with none; *which_r numbers it. */
size_t link_scheme(struct str s, size_t *which_r);

/* Does a host follow the scheme of that number, as in "http://host"? */
bool link_scheme_has_host(size_t which);

/* Does host end in a suffix that the Public Suffix List knows, and has a
 * label before it? *tld_r is the registered piece of it. */
bool link_known_name(struct arena *a, struct str host, struct str *tld_r);

#endif
