/*
 * URILocalBL where the network is asked: which names a rule would want the
 * addresses of, and what these say. c->rule is the rule that is asked about.
 */
#ifndef MEKIKI_EVAL_URI_LOCAL_BL_H
#define MEKIKI_EVAL_URI_LOCAL_BL_H

#include <stdbool.h>

#include "base/str.h"

struct eval_ctx;

/* True if the rule has its answer without any name: *hit_r. Else *names_r are
 * the hosts whose addresses would give it one; a name may come twice. */
bool uri_local_bl_names(struct eval_ctx *c, struct strs *names_r, bool *hit_r);

/* What the addresses of host say. True if the rule has its answer: *hit_r (an
 * excluded address ends it without a hit). */
bool uri_local_bl_ask(struct eval_ctx *c, struct str host,
		      const struct strs *ips, bool *hit_r);

#endif
