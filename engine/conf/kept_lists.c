/*
 * Lists that are kept in the store; see kept_lists.h. A refill is like a
 * user's file over the site's: a copy of what the files say, to which entries
 * are added by the same functions that read lines.
 */
#include "conf/kept_lists.h"

#include "conf/keywords.h"
#include "conf/loader.h"
#include "conf/setters.h"

#define LINES STR("store_list")
#define OWN STR("own_domains")

enum kw_result set_store_list(struct loader *ld, const struct keyword *kw,
			      struct str value)
{
	const struct keyword *list;
	struct str name, key, line = value;

	if (!str_next_word(&value, &name))
		return KW_MISSING;
	list = keyword_find(ld->rs, name);
	if (!str_eq(name, OWN) && (!list || list->type != KW_ADDRLIST))
		return load_expected(ld, "own_domains or a list of addresses "
				     "such as welcomelist_from, then a key");
	if (!str_next_word(&value, &key) || str_trim(value).n)
		return load_expected(ld, "a list and one key of the store");
	return add_line(ld, kw, line);
}

size_t kept_lists(struct arena *a, const struct ruleset *rs,
		  struct kept_list **out_r)
{
	const struct strs *lines = settings_list(rs->site, LINES);
	size_t n = lines ? lines->n : 0;

	*out_r = arena_alloc(a, (n + 1) * sizeof(**out_r));
	for (size_t i = 0; i < n; i++) {
		struct kept_list *l = &(*out_r)[i];
		struct str line = lines->v[i];
		const struct keyword *kw;

		str_next_word(&line, &l->list);
		str_next_word(&line, &l->key);
		kw = keyword_find(rs, l->list);
		if (kw && !str_eq(l->list, OWN))
			l->list = str_cstr(kw->name);
		l->fixed = settings_addrs(rs->site, l->list);
	}
	return n;
}

size_t kept_list_refill(struct ruleset *rs, struct arena *a,
			const struct kept_list *list,
			const struct strs *members)
{
	struct settings files = { .addr_lists = MAP_IN(a) };
	struct settings filled = { .base = &files, .addr_lists = MAP_IN(a) };
	struct loader ld = { .a = a, .rs = rs, .set = &filled };
	size_t refused = 0;

	if (list->fixed)
		map_set(&files.addr_lists, list->list,
			(struct addr_list *)(uintptr_t)list->fixed);
	for (size_t i = 0; i < members->n; i++) {
		struct str member = str_trim(members->v[i]);

		if (str_eq(list->list, OWN))
			refused += !own_domains_add(&ld, member);
		else if (member.n && !memchr(member.p, ' ', member.n))
			list_add_glob(&ld, list->list, member, STR_NONE);
		else
			refused++;
	}
	map_set(&rs->site->addr_lists, list->list,
		list_for_change(&ld, list->list));
	return refused;
}
