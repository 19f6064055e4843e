/*
 * Fuzzes the reader of rule files: the input is a site's file, and then the
 * same bytes are a user's preferences over it. What comes out must be whole:
 * every rule has a name and a place, every meta can be evaluated.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/arena.h"
#include "conf/meta.h"
#include "conf/ruleset.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PLUGIN(name) "loadplugin Mail::SpamAssassin::Plugin::" name

static const char *const pre[] = {
	PLUGIN("URIDNSBL"), PLUGIN("SPF"), PLUGIN("MIMEHeader"),
	PLUGIN("ReplaceTags"), PLUGIN("DKIM"), PLUGIN("URIDetail"),
	PLUGIN("Bayes"), PLUGIN("FreeMail"), PLUGIN("AskDNS"),
	PLUGIN("HashBL"), PLUGIN("WelcomeListSubject"), PLUGIN("VBounce"),
	PLUGIN("Shortcircuit"), PLUGIN("TextCat"), NULL
};

static double one(void *ctx, unsigned id)
{
	const struct ruleset *rs = ctx;

	if (id != META_UNDEFINED && id >= rs->nrules)
		abort();
	return id & 1;
}

static void look_at(const struct ruleset *rs, const struct settings *s)
{
	for (size_t i = 0; i < rs->nrules; i++) {
		const struct rule *r = &rs->rules[i];

		if (r->name.n == 0 || !r->file || r->id != i ||
		    ruleset_find(rs, r->name) != r)
			abort();
		if (r->meta)
			meta_eval(r->meta, false, one, (void *)rs);
		settings_score(s, r->id, 3);
		settings_describe(s, r->name);
		settings_addr_listed(s, STR("welcomelist_from"), r->name, NULL);
		settings_uri_host_listed(s, STR("BLOCK"), r->name, NULL);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	const char *cf[] = { arena_strndup(a, (const char *)data, size),
			     NULL };
	struct load_options opt = {
		.rules_dir = "/nonexistent", .site_dir = "/nonexistent",
		.pre_lines = pre, .cf_lines = cf,
		.lint = size & 1, .lang = "en_US",
	};
	struct ruleset *rs = ruleset_load(a, &opt);
	struct diags d = { .arena = a };
	struct settings *s;

	look_at(rs, rs->site);
	s = settings_overlay_text(a, rs, str_make((const char *)data, size),
				  "prefs", &d);
	look_at(rs, s);
	arena_free(&a);
	return 0;
}
