/*
 * Lists: address patterns, hosts of URIs, top-level domains, networks, plain
 * strings. A user's overlay takes a copy of a list when it first changes it,
 * so that what is removed there stays in the site's.
 *
 * Address patterns are globs, lower-cased; as with SpamAssassin a backslash
 * or an opening bracket in one becomes an underscore.
 */
#include "base/err.h"
#include "conf/loader.h"
#include "conf/setters.h"
#include "mail/domain.h"
#include "mail/network.h"

void map_init_copy(struct arena *a, struct map *to, const struct map *from)
{
	struct map_entry *e;
	size_t i = 0;

	*to = MAP_IN(a);
	while (from && (e = map_next(from, &i)))
		map_set(to, e->key, e->value);
}

struct addr_list *list_for_change(struct loader *ld, struct str name)
{
	struct settings *s = ld->set;
	struct addr_list *list = map_get(&s->addr_lists, name);
	const struct addr_list *old;

	if (list)
		return list;
	list = arena_alloc(ld->a, sizeof(*list));
	old = s->base ? settings_addrs(s->base, name) : NULL;
	if (old && old->n) {
		list->v = arena_alloc(ld->a, old->n * sizeof(list->v[0]));
		memcpy(list->v, old->v, old->n * sizeof(list->v[0]));
		list->n = list->cap = old->n;
		map_init_copy(ld->a, &list->index, &old->index);
	} else {
		list->index = MAP_IN(ld->a);
	}
	map_set(&s->addr_lists, str_dup(ld->a, name), list);
	return list;
}

static struct str glob_text(struct loader *ld, struct str s)
{
	char *p = arena_strndup(ld->a, s.p, s.n);

	for (size_t i = 0; i < s.n; i++)
		p[i] = p[i] == '\\' || p[i] == '(' || p[i] == '\0' ? '_' :
			(char)to_lower((unsigned char)p[i]);
	return str_make(p, s.n);
}

static bool same_entry(const struct addr_entry *e, struct str glob,
		       struct str rcvd)
{
	return str_eq(e->glob, glob) && str_eq(e->rcvd, rcvd);
}

void list_add_glob(struct loader *ld, struct str name, struct str glob,
		   struct str rcvd)
{
	struct addr_list *list = list_for_change(ld, name);
	struct str key;

	glob = glob_text(ld, glob);
	rcvd = rcvd.p ? str_lower(ld->a, rcvd) : STR_NONE;
	key = rcvd.p ? str_printf(ld->a, "%.*s %.*s", STR_ARG(glob),
				  STR_ARG(rcvd)) : glob;
	if (map_has(&list->index, key))
		return;
	map_set(&list->index, key, list);
	list->v = arena_grow(ld->a, list->v, list->n, &list->cap,
			     sizeof(list->v[0]));
	list->v[list->n++] = (struct addr_entry){ .glob = glob, .rcvd = rcvd };
}

/* Takes the entries of glob away; all of them, or those with this rcvd. */
static void list_remove(struct loader *ld, struct str name, struct str glob,
			const struct str *rcvd)
{
	struct addr_list *list = list_for_change(ld, name);
	size_t kept = 0;

	glob = glob_text(ld, glob);
	for (size_t i = 0; i < list->n; i++) {
		struct addr_entry e = list->v[i];

		if (rcvd ? same_entry(&e, glob, *rcvd) : str_eq(e.glob, glob)) {
			map_del(&list->index, e.rcvd.p
				? str_printf(ld->a, "%.*s %.*s",
					     STR_ARG(e.glob), STR_ARG(e.rcvd))
				: e.glob);
			continue;
		}
		list->v[kept++] = e;
	}
	list->n = kept;
}

void list_remove_glob(struct loader *ld, struct str name, struct str glob)
{
	list_remove(ld, name, glob, NULL);
}

void list_clear_globs(struct loader *ld, struct str name)
{
	struct addr_list *list = list_for_change(ld, name);

	list->n = 0;
	list->index = MAP_IN(ld->a);
}

/* ADDRESS RELAY, for the _rcvd lists. */
enum kw_result add_rcvd(struct loader *ld, const struct keyword *kw,
			struct str value)
{
	struct str addr, relay;

	if (!value.n)
		return KW_MISSING;
	if (!str_next_word(&value, &addr) || !str_next_word(&value, &relay) ||
	    str_trim(value).n)
		return load_expected(ld, "an address and the relay it comes "
				     "through");
	list_add_glob(ld, str_cstr(kw->name), addr, relay);
	return KW_OK;
}

/* Addresses off the lists named by the row. */
enum kw_result remove_addrs(struct loader *ld, const struct keyword *kw,
			    struct str value)
{
	struct str lists, list, word;

	if (!value.n)
		return KW_MISSING;
	while (str_next_word(&value, &word)) {
		lists = str_cstr(kw->arg);
		while (str_next_word(&lists, &list))
			list_remove(ld, list, word, NULL);
	}
	return KW_OK;
}

/* ADDRESS [SDID]: without one the author's own domain must have signed. */
static bool take_dkim(struct loader *ld, struct str value, struct str *addr_r,
		      struct str *sdid_r)
{
	if (!str_next_word(&value, addr_r))
		return false;
	if (str_next_word(&value, sdid_r))
		*sdid_r = str_lower(ld->a, *sdid_r);
	else
		*sdid_r = STR("");
	return str_trim(value).n == 0;
}

enum kw_result add_dkim(struct loader *ld, const struct keyword *kw,
			struct str value)
{
	struct str addr, sdid;

	if (!value.n)
		return KW_MISSING;
	if (!take_dkim(ld, value, &addr, &sdid))
		return load_expected(ld, "an address and maybe a signing "
				     "domain");
	list_add_glob(ld, str_cstr(kw->name), addr, sdid);
	return KW_OK;
}

enum kw_result remove_dkim(struct loader *ld, const struct keyword *kw,
			   struct str value)
{
	struct str addr, sdid, lists = str_cstr(kw->arg), list;

	if (!value.n)
		return KW_MISSING;
	if (!take_dkim(ld, value, &addr, &sdid))
		return load_expected(ld, "an address and maybe a signing "
				     "domain");
	while (str_next_word(&lists, &list))
		list_remove(ld, list, addr, &sdid);
	return KW_OK;
}

/* The whole value is one glob; spaces included. */
enum kw_result add_subject(struct loader *ld, const struct keyword *kw,
			   struct str value)
{
	list_add_glob(ld, str_cstr(kw->name), value, STR_NONE);
	return KW_OK;
}

/* "(NAME) rest": the name; *value is left at the rest. */
static struct str take_list_name(struct str *value)
{
	ssize_t close = str_find(*value, STR(")"));
	struct str name;

	if (!value->n || value->p[0] != '(' || close < 2)
		return STR_NONE;
	name = str_head(str_from(*value, 1), (size_t)close - 1);
	*value = str_from(*value, (size_t)close + 1);
	if (!value->n || !is_space((unsigned char)value->p[0]))
		return STR_NONE;
	*value = str_trim(*value);
	return value->n ? name : STR_NONE;
}

/* A map of hosts in ld->set, ready to be changed. */
static struct map *hosts_for_change(struct loader *ld, struct str name)
{
	struct settings *s = ld->set;
	struct map *hosts = map_get(&s->uri_host_lists, name);
	const struct map *old;

	if (hosts)
		return hosts;
	hosts = arena_alloc(ld->a, sizeof(*hosts));
	old = s->base ? map_get(&s->base->uri_host_lists, name) : NULL;
	map_init_copy(ld->a, hosts, old);
	map_set(&s->uri_host_lists, str_dup(ld->a, name), hosts);
	return hosts;
}

/* Hosts, "!host" for an exception, into a list or off it. */
static void change_hosts(struct loader *ld, struct str list, struct str words,
			 bool add)
{
	struct map *hosts = hosts_for_change(ld, list);
	struct str word;

	while (str_next_word(&words, &word)) {
		bool except = word.p[0] == '!';

		word = str_lower(ld->a, str_from(word, except));
		if (add)
			map_set(hosts, word, except ? NULL : hosts);
		else
			map_del(hosts, word);
	}
}

enum kw_result enlist_uri_host(struct loader *ld, const struct keyword *kw,
			       struct str value)
{
	struct str list = take_list_name(&value);

	(void)kw;
	if (!list.p)
		return load_expected(ld, "(LISTNAME) and hosts");
	change_hosts(ld, list, value, true);
	return KW_OK;
}

enum kw_result fixed_uri_host(struct loader *ld, const struct keyword *kw,
			      struct str value)
{
	change_hosts(ld, str_cstr(kw->arg), value, true);
	return KW_OK;
}

enum kw_result delist_uri_host(struct loader *ld, const struct keyword *kw,
			       struct str value)
{
	struct str list = take_list_name(&value);

	(void)kw;
	if (list.p) {
		change_hosts(ld, list, value, false);
		return KW_OK;
	}
	if (!value.n)
		return KW_MISSING;
	for (const struct settings *s = ld->set; s; s = s->base) {
		struct map_entry *e;
		size_t i = 0;

		while ((e = map_next(&s->uri_host_lists, &i)))
			change_hosts(ld, e->key, value, false);
	}
	return KW_OK;
}

enum kw_result enlist_addrlist(struct loader *ld, const struct keyword *kw,
			       struct str value)
{
	struct str list = take_list_name(&value), word;

	(void)kw;
	if (!list.p)
		return load_expected(ld, "(LISTNAME) and addresses");
	list = str_cat(ld->a, STR("addrlist:"), list);
	while (str_next_word(&value, &word))
		list_add_glob(ld, list, word, STR_NONE);
	return KW_OK;
}

/* util_rb_tld, _2tld, _3tld: names of exactly so many labels. */
enum kw_result set_tld(struct loader *ld, const struct keyword *kw,
		       struct str value)
{
	int level = kw->arg[0] - '0';
	struct str rest = value, word, label;

	if (!value.n)
		return KW_MISSING;
	while (str_next_word(&rest, &word)) {
		struct str name = word;
		int labels = 0;

		for (; str_next(&name, '.', &label); labels++)
			if (!label.n)
				labels = 9;
		if (labels != level)
			return load_expected(ld, "names of %d label%s, got "
					     "'%.*s'", level,
					     level == 1 ? "" : "s",
					     STR_ARG(str_head(word, 60)));
	}
	if (!ld->domains) {
		ld->domains = arena_alloc(ld->a, sizeof(*ld->domains));
		ld->domains->tlds = MAP_IN(ld->a);
		ld->domains->two_level = MAP_IN(ld->a);
		ld->domains->three_level = MAP_IN(ld->a);
		ld->set->mail.domains = ld->domains;
	}
	while (str_next_word(&value, &word))
		domains_add(ld->a, ld->domains, level, word);
	return KW_OK;
}

enum kw_result clear_tlds(struct loader *ld, const struct keyword *kw,
			  struct str value)
{
	(void)kw;
	if (value.n)
		return load_expected(ld, "nothing behind it");
	ld->domains = NULL;
	ld->set->mail.domains = NULL;
	return KW_OK;
}

enum kw_result clear_nets(struct loader *ld, const struct keyword *kw,
			  struct str value)
{
	struct net_specs *nets = kw->arg[0] == 't' ? &ld->trusted :
		kw->arg[0] == 'i' ? &ld->internal : &ld->msa;

	if (value.n)
		return load_expected(ld, "nothing behind it");
	nets->n = 0;
	nets->configured = false;
	nets->cleared = true;
	return KW_OK;
}

struct strs *strings_for_change(struct loader *ld, struct str name)
{
	struct settings *s = ld->set;
	struct strs *list = map_get(&s->lists, name);
	const struct strs *old;

	if (list)
		return list;
	list = arena_alloc(ld->a, sizeof(*list));
	old = s->base ? settings_list(s->base, name) : NULL;
	for (size_t i = 0; old && i < old->n; i++)
		strs_add(ld->a, list, old->v[i]);
	map_set(&s->lists, str_dup(ld->a, name), list);
	return list;
}

/* freemail_domains: names, or globs with * and ?. */
static bool freemail_domains(struct loader *ld, struct str value)
{
	struct str word;

	while (str_next_word(&value, &word)) {
		bool good = true;

		for (size_t i = 0; i < word.n; i++)
			good &= is_alnum((unsigned char)word.p[i]) ||
				strchr(".*?-", word.p[i]) != NULL;
		if (good)
			list_add_glob(ld, STR("freemail_domains"), word,
				      STR_NONE);
		else
			load_fault(ld, DIAG_WARN, "'%.*s' is no domain: "
				   "expected letters, digits, '.', '-', * "
				   "and ?", STR_ARG(str_head(word, 80)));
	}
	return true;
}

/* freemail_welcomelist: addresses and domains. */
static bool freemail_welcome(struct loader *ld, struct str value)
{
	struct str word;

	while (str_next_word(&value, &word)) {
		bool good = false;

		for (size_t i = 1; i + 1 < word.n; i++)
			good |= (word.p[i] == '.' || word.p[i] == '@') &&
				is_word((unsigned char)word.p[i - 1]) &&
				is_word((unsigned char)word.p[i + 1]);
		if (good)
			list_add_glob(ld, STR("freemail_welcomelist"), word,
				      STR_NONE);
		else
			load_fault(ld, DIAG_WARN, "'%.*s' is no address and no "
				   "domain", STR_ARG(str_head(word, 80)));
	}
	return true;
}

/* True if the plug-in with this short name is loaded. */
static bool has(struct loader *ld, const char *plugin)
{
	return plugin_loaded(ld->rs, str_printf(ld->a,
				"Mail::SpamAssassin::Plugin::%s", plugin));
}

/* A line kept under its own key. */
static bool keep_line(struct loader *ld, struct str key, struct str value)
{
	strs_add(ld->a, strings_for_change(ld, key), str_dup(ld->a, value));
	return true;
}

bool list_directive(struct loader *ld, struct str key, struct str value)
{
	if (str_eq(key, STR("freemail_domains")) && has(ld, "FreeMail"))
		return freemail_domains(ld, value);
	if ((str_eq(key, STR("freemail_welcomelist")) ||
	     str_eq(key, STR("freemail_whitelist"))) && has(ld, "FreeMail"))
		return freemail_welcome(ld, value);
	if (str_starts(key, STR("hashbl_acl_")) && key.n > 11 &&
	    key.n <= 11 + 32 && has(ld, "HashBL"))
		return keep_line(ld, key, value);
	if (str_starts(key, STR("bayes_stopword_")) && key.n == 17 &&
	    has(ld, "Bayes"))
		return keep_line(ld, key, value);
	if (str_eq(key, STR("extracttext_use")) && !ld->user &&
	    has(ld, "ExtractText"))
		return extract_use(ld, value);
	if (str_eq(key, STR("extracttext_external")) && !ld->user &&
	    has(ld, "ExtractText"))
		return extract_external(ld, value);
	return false;
}
