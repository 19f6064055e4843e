/*
 * Lists whose entries stand in the store beside those of the files: a line
 * `store_list own_domains mekiki:own_domains` adds the members of that Redis
 * set to the list. Who asks the store fills them in; here is only how.
 */
#ifndef MEKIKI_CONF_KEPT_LISTS_H
#define MEKIKI_CONF_KEPT_LISTS_H

#include "conf/ruleset.h"

struct kept_list {
	struct str list;	/* "own_domains", "welcomelist_from", ... */
	struct str key;		/* of the set */
	const struct addr_list *fixed;	/* what the files say; NULL: nothing */
};

/* The lists that store_list lines name, in a; their number. */
size_t kept_lists(struct arena *a, const struct ruleset *rs,
		  struct kept_list **out_r);

/* Makes the site's list what the files say and these members. Everything new
 * lives in a, which must then live until the next refill. Members that are no
 * entries are left out and counted. Never while a message is scanned. */
size_t kept_list_refill(struct ruleset *rs, struct arena *a,
			const struct kept_list *list,
			const struct strs *members);

#endif
