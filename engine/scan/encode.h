/*
 * RFC 2047 for the headers we add.
 */
#ifndef MEKIKI_SCAN_ENCODE_H
#define MEKIKI_SCAN_ENCODE_H

#include "base/str.h"

struct arena;

/* text (lines of a folded value) with what is not printable ASCII as encoded
 * words in UTF-8, Q or B by length, a line at a time. */
struct str header_encode(struct arena *a, struct str text);

#endif
