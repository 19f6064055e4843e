/*
 * The plug-ins that look at messages or read files of their own, one row each;
 * see plugin.h.
 */
#include "eval/plugin.h"

#include <string.h>

#include "base/arena.h"
#include "conf/ruleset.h"
#include "eval/eval.h"

/* In the order in which they look: SpamAssassin's is that of loading, and
 * no two of them read what another sets. */
static const struct eval_plugin *const known[] = {
	&plugin_extract_text,
	&eval_plugin_pdf,
	&eval_plugin_ole,
	&eval_relay_country_plugin,
	&eval_uri_local_bl_plugin,
	&eval_phishing_plugin,
	&eval_phish_tag_plugin,
	&eval_textcat_plugin,	/* last: it reads the body */
	NULL,
};

struct eval_plugins *eval_plugins_load(struct arena *a, struct ruleset *rs)
{
	struct eval_plugins *p = arena_alloc(a, sizeof(*p));
	size_t max = sizeof(known) / sizeof(known[0]);

	p->v = arena_alloc(a, max * sizeof(*p->v));
	p->data = arena_alloc(a, max * sizeof(*p->data));
	for (size_t i = 0; known[i]; i++) {
		if (!ruleset_has_plugin(rs, known[i]->name))
			continue;
		p->v[p->n] = known[i];
		p->data[p->n++] = known[i]->load ? known[i]->load(a, rs)
						 : NULL;
	}
	return p;
}

void eval_plugins_look(const struct eval_plugins *p, struct eval_ctx *c)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct eval_plugin *one = p->v[i];

		if (one->look && (p->data[i] || !one->load))
			one->look(c, p->data[i]);
	}
}

void *eval_plugin_data(const struct eval_ctx *c, const char *name)
{
	const struct eval_plugins *p = c->plugins;

	for (size_t i = 0; p && i < p->n; i++)
		if (strcmp(p->v[i]->name, name) == 0)
			return p->data[i];
	return NULL;
}
