/*
 * A user's own lines over the site's settings, and, where the site allows it,
 * the user's own rules.
 *
 * Rules are the site's and immutable, so a user who defines some gets a ruleset
 * of his own: a copy of the table of rules to which his are added, or in which
 * his stand in the place of the site's. It is made when the first line needs
 * it, and costs nothing to those who have no rules. What the rules are made of
 * (texts, patterns) is not copied; what is worked out over all of them (metas,
 * priorities) is worked out anew, since a user's rule may be one that a meta of
 * the site's has waited for.
 */
#include "conf/finish.h"
#include "conf/loader.h"
#include "conf/setters.h"

#include "base/limits.h"

/* A settings that begins as a copy of the site's plain fields and looks into
 * it for everything else. */
static struct settings *overlay_new(struct arena *a, const struct ruleset *rs)
{
	const struct settings *base = rs->site;
	struct settings *s = settings_new(a, rs);

	s->base = base;
	s->scores = base->scores;
	s->mail = base->mail;
	s->headers = arena_alloc(a, (base->nheaders + 1) *
				 sizeof(s->headers[0]));
	if (base->nheaders)
		memcpy(s->headers, base->headers,
		       base->nheaders * sizeof(s->headers[0]));
	s->nheaders = base->nheaders;
	s->headers_cap = base->nheaders + 1;
	map_init_copy(a, &s->rewrite_header, &base->rewrite_header);
	map_init_copy(a, &s->subjprefix, &base->subjprefix);
	return s;
}

/* The overlay's loader: it may only read the ruleset, whatever its type
 * says, until it has one of its own. */
static void overlay_begin(struct loader *ld, struct arena *a,
			  const struct ruleset *rs, struct diags *diags)
{
	loader_init(ld, a, (struct ruleset *)rs, overlay_new(a, rs), diags);
	ld->user = true;
	ld->site = rs;
	ld->lang = load_language(a, NULL);
	buf_adds(&ld->report, rs->site->report_template);
	buf_adds(&ld->unsafe_report, rs->site->unsafe_report_template);
}

bool overlay_may_define(struct loader *ld)
{
	if (!ld->user || ld->nuser_rules++ < LIMIT_USER_RULES)
		return true;
	load_fault(ld, DIAG_WARN, "a user may define %d rules",
		   LIMIT_USER_RULES);
	return false;
}

void overlay_own_rules(struct loader *ld)
{
	const struct ruleset *site = ld->site;
	struct arena *a = ld->a;
	struct ruleset *rs;

	if (!ld->user || ld->rs != site)
		return;
	rs = arena_alloc(a, sizeof(*rs));
	*rs = *site;
	rs->arena = a;
	rs->diags = (struct diags){ .arena = a };
	rs->rules_cap = site->nrules + 16;
	rs->rules = arena_alloc(a, rs->rules_cap * sizeof(*rs->rules));
	if (site->nrules)
		memcpy(rs->rules, site->rules,
		       site->nrules * sizeof(*rs->rules));
	/* Full, so that the first addition moves them. */
	rs->redirectors_cap = rs->site_redirectors = rs->nredirectors;
	rs->net_lines_cap = rs->nnet_lines;
	map_init_copy(a, &rs->uri_blocks, &site->uri_blocks);
	for (size_t i = 0; i < rs->nrules; i++)
		map_set(&ld->ids, rs->rules[i].name, (void *)(i + 1));
	map_init_copy(a, &ld->replace_tag, &site->replace_tag);
	map_init_copy(a, &ld->replace_pre, &site->replace_pre);
	map_init_copy(a, &ld->replace_inter, &site->replace_inter);
	map_init_copy(a, &ld->replace_post, &site->replace_post);
	ld->rs = rs;
	ld->set->rules = rs;
}

/* What was worked out over all rules found faults of the site's again: only
 * those in the user's own lines are news. */
static void take_diags(struct loader *ld, struct diags *diags)
{
	const struct diags *all = ld->diags;

	for (size_t i = 0; i < all->n; i++)
		if (all->v[i].file == ld->rules_file)
			diag_add(diags, all->v[i].level, all->v[i].file,
				 all->v[i].line, "%.*s",
				 STR_ARG(all->v[i].text));
	ld->diags = diags;
}

static void own_rules_finish(struct loader *ld)
{
	struct diags *diags = ld->diags;
	struct ruleset *rs = ld->rs;

	ld->diags = &rs->diags;
	user_tflags_finish(ld);
	scores_finish(ld);
	metas_finish(ld);
	priorities_finish(ld);
	evals_finish(ld);
	replace_finish(ld);
	unlive_finish(ld);
	rs->by_name = MAP_IN(ld->a);
	for (size_t i = 0; i < rs->nrules; i++)
		map_set(&rs->by_name, rs->rules[i].name, &rs->rules[i]);
	take_diags(ld, diags);
}

static struct settings *overlay_finish(struct loader *ld)
{
	if (ld->rs != ld->site)
		own_rules_finish(ld);
	else
		scores_finish(ld);
	nets_finish(ld);
	settings_finish(ld);
	return ld->set;
}

struct settings *settings_overlay_texts(struct arena *a,
					const struct ruleset *rs,
					const struct overlay_text *texts,
					size_t n, struct diags *diags,
					struct ruleset **rules_r)
{
	bool allowed = rules_r && settings_bool(rs->site,
						STR("allow_user_rules"));
	struct loader ld;

	overlay_begin(&ld, a, rs, diags);
	for (size_t i = 0; i < n; i++) {
		const char *name = arena_strndup(a, texts[i].name,
						 strlen(texts[i].name));

		ld.rules_allowed = allowed && texts[i].rules;
		if (ld.rules_allowed)
			ld.rules_file = name;
		load_text(&ld, texts[i].text, name);
	}
	overlay_finish(&ld);
	if (rules_r)
		*rules_r = ld.rs != rs ? ld.rs : NULL;
	return ld.set;
}

struct settings *settings_overlay_text(struct arena *a,
				       const struct ruleset *rs,
				       struct str text, const char *name,
				       struct diags *diags)
{
	const struct overlay_text one = { .text = text, .name = name };

	return settings_overlay_texts(a, rs, &one, 1, diags, NULL);
}

struct settings *settings_overlay(struct arena *a, const struct ruleset *rs,
				  const char *file, struct diags *diags)
{
	struct loader ld;

	overlay_begin(&ld, a, rs, diags);
	load_path(&ld, str_cstr(file), ".cf");
	return overlay_finish(&ld);
}
