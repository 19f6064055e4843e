/*
 * SpamAssassin's plug-in RelayCountry: the countries that a message came
 * through, as metadata that rules and Bayes read like headers, and as tags.
 */
#include "base/arena.h"
#include "conf/ruleset.h"
#include "eval/eval.h"
#include "eval/geodb.h"
#include "eval/plugin.h"
#include "mail/message.h"
#include "mail/relay.h"

static void *load(struct arena *a, struct ruleset *rs)
{
	struct geodb *db = geodb_open(a, rs);

	return db && geodb_has_country(db) ? db : NULL;
}

static void add(struct eval_ctx *c, const struct geodb *db,
		const struct relay_list *list, struct strs *out)
{
	for (size_t i = 0; i < list->n; i++)
		strs_add(c->arena, out, geodb_country(db, list->v[i]->ip));
}

/* Of the trusted relays the first that a sender had authenticated to, and
 * those behind it. */
static void add_authenticated(struct eval_ctx *c, const struct geodb *db,
			      const struct relay_list *list, struct strs *out)
{
	bool found = false;

	for (size_t i = 0; i < list->n; i++) {
		found = found || list->v[i]->auth.n > 0;
		if (found)
			strs_add(c->arena, out,
				 geodb_country(db, list->v[i]->ip));
	}
}

static void tell(struct eval_ctx *c, struct str header, struct str tag,
		 const struct strs *countries)
{
	struct str *kept = arena_alloc(c->arena, sizeof(*kept));

	*kept = strs_join(c->arena, countries, STR(" "));
	message_set_metadata(c->msg, header, *kept);
	map_set(c->tags, tag, kept);
}

static void look(struct eval_ctx *c, void *data)
{
	const struct relays *r = message_relays(c->msg);
	const struct geodb *db = data;
	struct strs untrusted = { 0 }, external = { 0 }, auth = { 0 };
	struct strs all = { 0 };

	add(c, db, &r->untrusted, &untrusted);
	add(c, db, &r->external, &external);
	add_authenticated(c, db, &r->trusted, &auth);
	add(c, db, &r->internal, &all);
	add(c, db, &r->external, &all);
	tell(c, STR("X-Relay-Countries"), STR("RELAYCOUNTRY"), &untrusted);
	tell(c, STR("X-Relay-Countries-External"), STR("RELAYCOUNTRYEXT"),
	     &external);
	tell(c, STR("X-Relay-Countries-Auth"), STR("RELAYCOUNTRYAUTH"),
	     &auth);
	tell(c, STR("X-Relay-Countries-All"), STR("RELAYCOUNTRYALL"), &all);
}

const struct eval_plugin eval_relay_country_plugin = {
	.name = "RelayCountry",
	.load = load,
	.look = look,
};
