/*
 * SpamAssassin's plug-in URILocalBL: do links of a message lead to a country,
 * a continent, a provider or a network that a rule names? Links with an
 * address are answered here; those with a name need its addresses, which only
 * the network can tell: whoever has them asks uri_local_bl_ask() for them.
 */
#include "eval/uri_local_bl.h"

#include "base/arena.h"
#include "base/buf.h"
#include "conf/rule.h"
#include "conf/ruleset.h"
#include "conf/uri_block.h"
#include "eval/eval.h"
#include "eval/geodb.h"
#include "eval/plugin.h"
#include "mail/html.h"
#include "mail/message.h"
#include "mail/network.h"
#include "mail/uri.h"

#define PLUGIN "URILocalBL"

static void *load(struct arena *a, struct ruleset *rs)
{
	return geodb_open(a, rs);
}

const struct eval_plugin eval_uri_local_bl_plugin = {
	.name = PLUGIN,
	.load = load,
};

/* One host that is asked about. */
struct question {
	struct eval_ctx *c;
	const struct geodb *db;
	const struct uri_block *block;
	struct str host;
};

static bool hits(struct question *q, const char *what, struct str where)
{
	struct eval_ctx *c = q->c;

	if (c->log)
		strs_add(c->arena, c->log,
			 str_printf(c->arena, "Host: %.*s in %s%s%.*s",
				    STR_ARG(q->host), what, where.n ? " " : "",
				    STR_ARG(where)));
	return true;
}

static bool in_country(struct question *q, struct str ip)
{
	struct str cc;

	if (!q->block->countries.n)
		return false;
	cc = geodb_country(q->db, ip);
	return map_has(&q->block->countries, cc) != q->block->countries_neg &&
	       hits(q, "country", cc);
}

static bool on_continent(struct question *q, struct str ip)
{
	struct str cc;

	if (!q->block->continents.n)
		return false;
	cc = geodb_continent(q->db, ip);
	return map_has(&q->block->continents, cc) !=
	       q->block->continents_neg && hits(q, "continent", cc);
}

static bool at_isp(struct question *q, struct str ip)
{
	struct str isp;
	struct buf key;

	if (!q->block->isps.n)
		return false;
	isp = geodb_isp(q->db, ip);
	if (!isp.p)
		return false;
	buf_in(&key, q->c->arena, isp.n);
	for (size_t i = 0; i < isp.n; i++)
		if (!is_space((unsigned char)isp.p[i]))
			buf_addc(&key, to_upper((unsigned char)isp.p[i]));
	return map_has(&q->block->isps, buf_str(&key)) && hits(q, "isp", isp);
}

static bool in_network(struct question *q, struct str ip)
{
	return netset_has(q->block->nets, ip) && hits(q, "cidr", STR(""));
}

static bool (*const tests[])(struct question *q, struct str ip) = {
	in_country, on_continent, at_isp, in_network,
};

/* True if the rule has its answer: *hit_r, or an address is excluded. */
static bool ask(struct question *q, const struct strs *ips, bool *hit_r)
{
	*hit_r = false;
	for (size_t i = 0; i < ips->n; i++)
		if (map_has(&q->block->exclusions, ips->v[i]))
			return true;
	for (size_t t = 0; t < sizeof(tests) / sizeof(tests[0]); t++)
		for (size_t i = 0; i < ips->n; i++)
			if (tests[t](q, ips->v[i]))
				return *hit_r = true;
	return false;
}

/* False if the rule has nothing to ask with. */
static bool begin(struct eval_ctx *c, struct question *q)
{
	*q = (struct question){
		.c = c,
		.db = eval_plugin_data(c, PLUGIN),
		.block = uri_block_of(c->rules, c->rule->name),
	};
	return q->db && q->block;
}

bool uri_local_bl_ask(struct eval_ctx *c, struct str host,
		      const struct strs *ips, bool *hit_r)
{
	struct question q;

	*hit_r = false;
	if (!begin(c, &q))
		return true;
	q.host = host;
	return ask(&q, ips, hit_r);
}

static bool is_link(const struct uri_info *u)
{
	return (u->types & (HTML_URI_A | URI_PARSED)) != 0;
}

static bool is_excluded(const struct uri_block *b, struct arena *a,
			struct str domain)
{
	return b->exclusions.n && map_has(&b->exclusions, str_lower(a, domain));
}

/* The hosts of u that are addresses. True if the rule has its answer. */
static bool ask_addresses(struct question *q, const struct uri_info *u,
			  struct strs *names, bool *hit_r)
{
	struct arena *a = q->c->arena;
	struct ip_addr ip;

	for (size_t i = 0; i < u->hosts.n; i++) {
		struct strs one = { 0 };

		q->host = u->hosts.v[i];
		if (is_excluded(q->block, a, u->domains.v[i]))
			continue;
		if (!ip_parse(q->host, &ip)) {
			if (names)
				strs_add(a, names, q->host);
			continue;
		}
		strs_add(a, &one, q->host);
		if (ask(q, &one, hit_r))
			return true;
	}
	return false;
}

bool uri_local_bl_names(struct eval_ctx *c, struct strs *names_r, bool *hit_r)
{
	const struct uris *uris = message_uris(c->msg);
	const struct map_entry *e;
	struct question q;

	*hit_r = false;
	if (!begin(c, &q))
		return true;
	for (size_t i = 0; (e = map_next(&uris->by_raw, &i)); )
		if (is_link(e->value) &&
		    ask_addresses(&q, e->value, names_r, hit_r))
			return true;
	return names_r->n == 0;
}

/* Names are not asked for: without the network SpamAssassin does not either. */
static int check_uri_local_bl(struct eval_ctx *c, const struct strs *args)
{
	struct strs names = { 0 };
	bool hit;

	(void)args;
	uri_local_bl_names(c, &names, &hit);
	return hit;
}

const struct eval_test eval_uri_local_bl_tests[] = {
	{ "check_uri_local_bl", EVAL_BODY | EVAL_NO_AREA, check_uri_local_bl,
	  NULL,
	  "A link leads to what the rule's uri_block_* lines name." },
	{ NULL, 0, NULL, NULL, NULL },
};
