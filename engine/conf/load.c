/*
 * A whole configuration: all files through the loader, then what can only be
 * done when every line is known, in SpamAssassin's order: scores by tflags,
 * metas, priorities, eval arguments, networks, replacement tags. A user's
 * lines go the same way: see overlay.c.
 */
#include <stdlib.h>

#include "conf/finish.h"
#include "conf/loader.h"
#include "conf/setters.h"

#define TEMPLATE_MAX ((size_t)1 << 20)

/* The language that `lang` lines are compared with. */
struct str load_language(struct arena *a, const char *given)
{
	static const char *const vars[] = { "LANGUAGE", "LC_ALL",
					    "LC_MESSAGES", "LANG" };
	const char *text = given;
	struct str lang;
	size_t n = 0;

	for (size_t i = 0; i < 4 && (!text || !*text); i++)
		text = getenv(vars[i]);
	lang = str_dup(a, str_cstr(text ? text : ""));
	if (lang.n == 0 || str_eq(lang, STR("C")) ||
	    str_eq(lang, STR("POSIX")))
		return STR("en_US");
	while (n < lang.n && !strchr("@.+,:", lang.p[n]))
		n++;
	return str_head(lang, n);
}

void loader_init(struct loader *ld, struct arena *a, struct ruleset *rs,
		 struct settings *set, struct diags *diags)
{
	*ld = (struct loader){ .a = a, .rs = rs, .set = set, .diags = diags,
			       .file = "" };
	ld->read = MAP_IN(a);
	ld->conds = MAP_IN(a);
	ld->ids = MAP_IN(a);
	ld->tflags = MAP_IN(a);
	ld->priority = MAP_IN(a);
	ld->scores = MAP_IN(a);
	ld->replace_tag = MAP_IN(a);
	ld->replace_pre = MAP_IN(a);
	ld->replace_inter = MAP_IN(a);
	ld->replace_post = MAP_IN(a);
	ld->script_defaults = MAP_IN(a);
	buf_in(&ld->report, a, TEMPLATE_MAX);
	buf_in(&ld->unsafe_report, a, TEMPLATE_MAX);
}

struct settings *settings_new(struct arena *a, const struct ruleset *rs)
{
	struct settings *s = arena_alloc(a, sizeof(*s));

	s->arena = a;
	s->rules = rs;
	mail_settings_init(&s->mail);
	s->describe = MAP_IN(a);
	s->addr_lists = MAP_IN(a);
	s->uri_host_lists = MAP_IN(a);
	s->options = MAP_IN(a);
	s->lists = MAP_IN(a);
	s->rewrite_header = MAP_IN(a);
	s->subjprefix = MAP_IN(a);
	return s;
}

static void index_rules(struct ruleset *rs)
{
	for (size_t i = 0; i < rs->nrules; i++)
		map_set(&rs->by_name, rs->rules[i].name, &rs->rules[i]);
}

struct ruleset *ruleset_load(struct arena *a, const struct load_options *opt)
{
	struct ruleset *rs = arena_alloc(a, sizeof(*rs));
	struct loader ld;

	rs->arena = a;
	rs->diags.arena = a;
	rs->local_only = opt->local_only;
	rs->rules_dir = opt->rules_dir;
	rs->site_dir = opt->site_dir;
	rs->by_name = MAP_IN(a);
	rs->plugins = MAP_IN(a);
	rs->foreign = MAP_IN(a);
	rs->named = MAP_IN(a);
	rs->compat = MAP_IN(a);
	rs->keywords = MAP_IN(a);
	rs->site = settings_new(a, rs);
	keywords_index(rs);
	loader_init(&ld, a, rs, rs->site, &rs->diags);
	ld.lint = opt->lint;
	ld.lang = load_language(a, opt->lang);
	templates_init(&ld);

	load_all(&ld, opt);
	if (opt->scripts)
		opt->scripts(opt->scripts_ctx, &ld);

	tflags_finish(&ld);
	scores_finish(&ld);
	metas_finish(&ld);
	priorities_finish(&ld);
	evals_finish(&ld);
	nets_finish(&ld);
	replace_finish(&ld);
	unlive_finish(&ld);
	settings_finish(&ld);
	rs->replace_tag = ld.replace_tag;
	rs->replace_pre = ld.replace_pre;
	rs->replace_inter = ld.replace_inter;
	rs->replace_post = ld.replace_post;
	index_rules(rs);
	return rs;
}

struct rule *ruleset_find(const struct ruleset *rs, struct str name)
{
	return map_get(&rs->by_name, name);
}
