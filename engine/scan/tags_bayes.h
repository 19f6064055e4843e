/*
 * The tags of Bayes, for the table in tags.c.
 */
#ifndef MEKIKI_SCAN_TAGS_BAYES_H
#define MEKIKI_SCAN_TAGS_BAYES_H

#include "base/str.h"

struct scan;

struct str tag_bayes(struct scan *s, struct str arg);
struct str tag_bayestc(struct scan *s, struct str arg);
struct str tag_bayestclearned(struct scan *s, struct str arg);
struct str tag_bayestcspammy(struct scan *s, struct str arg);
struct str tag_bayestchammy(struct scan *s, struct str arg);
struct str tag_spammytokens(struct scan *s, struct str arg);
struct str tag_hammytokens(struct scan *s, struct str arg);
struct str tag_tokensummary(struct scan *s, struct str arg);

#endif
