/*
 * The directives of URILocalBL; see uri_block.h. As in SpamAssassin, what of a
 * line was read before its fault counts if another line makes the rule.
 */
#include "conf/uri_block.h"

#include "conf/loader.h"
#include "conf/setters.h"
#include "mail/network.h"

static void *const there = (void *)1;

const struct uri_block *uri_block_of(const struct ruleset *rs, struct str name)
{
	return map_get(&rs->uri_blocks, name);
}

static void add_net(struct loader *ld, struct uri_block *b, struct str net)
{
	if (!b->nets)
		b->nets = netset_new(ld->a);
	strs_add(ld->a, &b->cidrs, str_dup(ld->a, net));
	/* One that cannot be is left out silently. */
	netset_add(b->nets, b->cidrs.v[b->cidrs.n - 1], NULL);
}

/* The rule's, ready to be changed: a user's lines change a copy. */
static struct uri_block *block_for_change(struct loader *ld, struct str name)
{
	struct map *all = &ld->rs->uri_blocks;
	const struct uri_block *old = map_get(all, name);
	struct uri_block *b;

	if (old && old->owner == ld->a)
		return (struct uri_block *)old;
	b = arena_alloc(ld->a, sizeof(*b));
	if (old)
		*b = *old;
	map_init_copy(ld->a, &b->countries, old ? &old->countries : NULL);
	map_init_copy(ld->a, &b->continents, old ? &old->continents : NULL);
	map_init_copy(ld->a, &b->isps, old ? &old->isps : NULL);
	map_init_copy(ld->a, &b->exclusions, old ? &old->exclusions : NULL);
	/* A set of networks has no copy, but it can be made again. */
	b->nets = NULL;
	b->cidrs = (struct strs){ 0 };
	for (size_t i = 0; old && i < old->cidrs.n; i++)
		add_net(ld, b, old->cidrs.v[i]);
	b->owner = ld->a;
	all->arena = ld->a;
	map_set(all, str_dup(ld->a, name), b);
	return b;
}

/* "US", "!US": two octets, letters but for the second of a country's. */
static bool add_code(struct loader *ld, struct map *codes, struct str word,
		     bool digits, bool *neg, bool *pos)
{
	bool not = word.n && word.p[0] == '!';

	word = str_from(word, not);
	if (word.n != 2 || !is_alpha((unsigned char)word.p[0]) ||
	    !(digits ? is_alnum((unsigned char)word.p[1]) :
	      is_alpha((unsigned char)word.p[1])))
		return false;
	map_set(codes, str_upper(ld->a, word), there);
	*(not ? neg : pos) = true;
	return true;
}

static enum kw_result add_countries(struct loader *ld, struct uri_block *b,
				    struct str text)
{
	struct str word;

	while (str_next_word(&text, &word))
		if (!add_code(ld, &b->countries, word, true,
			      &b->countries_neg, &b->countries_pos))
			return load_expected(ld, "codes of countries, each "
					     "with a ! or none");
	if (b->countries_neg && b->countries_pos)
		return load_expected(ld, "all codes with a !, or none");
	return KW_OK;
}

static enum kw_result add_continents(struct loader *ld, struct uri_block *b,
				     struct str text)
{
	struct str word;

	while (str_next_word(&text, &word))
		if (!add_code(ld, &b->continents, word, false,
			      &b->continents_neg, &b->continents_pos))
			return load_expected(ld, "codes of continents, each "
					     "with a ! or none");
	if (b->continents_neg && b->continents_pos)
		return load_expected(ld, "all codes with a !, or none");
	return KW_OK;
}

/* The end of the name that begins at i: "with blanks", or a run without; i:
 * there is none. */
static size_t isp_end(struct str text, size_t i)
{
	ssize_t quote = text.p[i] == '"' ?
			str_chr(str_from(text, i + 1), '"') : -1;
	size_t end = i;

	if (quote >= 0)
		return i + 2 + (size_t)quote;
	if (i > 0 && text.p[i - 1] == '"')
		return i;
	while (end < text.n && !is_space((unsigned char)text.p[end]))
		end++;
	return end;
}

/* Without quotes; upper case, without white space. */
static struct str isp_key(struct arena *a, struct str name)
{
	struct buf b;

	buf_in(&b, a, name.n);
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] != '"' && !is_space((unsigned char)name.p[i]))
			buf_addc(&b, to_upper((unsigned char)name.p[i]));
	return buf_str(&b);
}

static enum kw_result add_isps(struct loader *ld, struct uri_block *b,
			       struct str text)
{
	for (size_t i = 0; i < text.n; ) {
		size_t end = isp_end(text, i);
		struct str name = str_head(str_from(text, i), end - i);

		if (end > i)
			map_set(&b->isps, isp_key(ld->a, name), there);
		i = end > i ? end : i + 1;
	}
	return b->isps.n ? KW_OK : load_expected(ld, "names of providers");
}

/* An address, and maybe "/" and up to three digits. */
static bool is_network(struct str word)
{
	ssize_t slash = str_chr(word, '/');
	struct str bits = slash < 0 ? STR("0") :
			  str_from(word, (size_t)slash + 1);
	struct ip_addr ip;

	for (size_t i = 0; i < bits.n; i++)
		if (!is_digit((unsigned char)bits.p[i]))
			return false;
	return bits.n > 0 && bits.n <= 3 && word.p[0] != '[' &&
	       ip_parse(slash < 0 ? word : str_head(word, (size_t)slash), &ip);
}

static enum kw_result add_nets(struct loader *ld, struct uri_block *b,
			       struct str text)
{
	struct str word;

	while (str_next_word(&text, &word)) {
		if (!is_network(word))
			return load_expected(ld, "addresses or networks");
		add_net(ld, b, word);
	}
	return KW_OK;
}

static enum kw_result add_exclusions(struct loader *ld, struct uri_block *b,
				     struct str text)
{
	struct str word;

	while (str_next_word(&text, &word))
		map_set(&b->exclusions, str_lower(ld->a, word), there);
	return KW_OK;
}

static const struct {
	const char *keyword;
	enum kw_result (*add)(struct loader *ld, struct uri_block *b,
			      struct str text);
} kinds[] = {
	{ "uri_block_cc", add_countries }, { "uri_block_cont", add_continents },
	{ "uri_block_isp", add_isps }, { "uri_block_cidr", add_nets },
	{ "uri_block_exclude", add_exclusions },
};

enum kw_result set_uri_block(struct loader *ld, const struct keyword *kw,
			     struct str value)
{
	struct rule def = { .kind = RULE_BODY_EVAL, .source = value };
	struct str name, rest = value;
	enum kw_result rc = KW_OK;

	if (!rule_take_name(&rest, &name) || !rule_name_ok(name))
		return load_expected(ld, "a rule name and what to look for");
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (str_eq(str_cstr(kw->name), str_cstr(kinds[i].keyword)))
			rc = kinds[i].add(ld, block_for_change(ld, name), rest);
	if (rc != KW_OK)
		return rc;
	def.eval.function = STR("check_uri_local_bl");
	if (rule_define(ld, name, &def))
		rule_set_priority(ld, name, -100);
	return KW_OK;
}
