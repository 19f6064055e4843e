/*
 * What selector.c, selector_mods.c and match_mimeheader.c share.
 */
#ifndef MEKIKI_MATCH_SELECTOR_INT_H
#define MEKIKI_MATCH_SELECTOR_INT_H

#include <stdbool.h>

#include "base/str.h"

struct arena;
struct headers;
struct mail_settings;
struct message;

/* Modifiers as bits. */
enum selector_mod {
	SEL_RAW = 1 << 0, SEL_ADDR = 1 << 1, SEL_NAME = 1 << 2,
	SEL_HOST = 1 << 3, SEL_DOMAIN = 1 << 4, SEL_IP = 1 << 5,
	SEL_REVIP = 1 << 6, SEL_FIRST = 1 << 7, SEL_LAST = 1 << 8,
};

/* All headers as "Name: value\n" in their order, decoded or raw and unfolded;
 * without X-Spam-* if hide. Ends at SpamAssassin's 64 KB. */
void selector_all(struct arena *a, const struct mail_settings *ms,
		  struct headers *hs, bool raw, bool hide, struct strs *out);

/* True for the headers that rules do not see in the message. */
bool selector_hidden(struct str name);

/* Applies :first/:last, :addr/:name, :host/:domain/:ip/:revip. */
void selector_modify(struct message *m, unsigned mods, struct strs *values);

#endif
