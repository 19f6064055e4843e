/*
 * ExtractText's decisions; see extract_text.h.
 */
#include "eval/extract_text.h"

#include "base/arena.h"
#include "conf/ruleset.h"
#include "eval/eval.h"
#include "eval/plugin.h"
#include "mail/message.h"
#include "mail/part.h"
#include "match/regex.h"

#define PLUGIN "ExtractText"

/* Names and types longer than this are nobody's. */
#define NAME_MAX_ASKED 8192

struct extract_match {
	struct regex *re;
	bool by_type;
	uint32_t program;
};

struct extract_plan {
	struct extract_match *v;
	size_t n;
	const struct programs *programs;
};

/* Anchored at both ends, in any case. */
static struct regex *compile(struct arena *a, struct ruleset *rs,
			     const struct extract_use *use)
{
	struct str text = str_printf(a, "^(?i)%.*s$", STR_ARG(use->pattern));
	struct err err;
	struct regex *re = regex_compile_brief(a, text, STR(""), &err);

	if (!re)
		diag_add(&rs->diags, DIAG_ERROR, use->file, use->line,
			 "extracttext_use: '%.*s' is no regex: %s",
			 STR_ARG(use->pattern), err.text);
	return re;
}

static void *load(struct arena *a, struct ruleset *rs)
{
	struct extract_plan *plan = arena_alloc(a, sizeof(*plan));

	plan->programs = &rs->programs;
	plan->v = arena_alloc(a, rs->extract.n * sizeof(*plan->v));
	for (size_t i = 0; i < rs->extract.n; i++) {
		const struct extract_use *use = &rs->extract.v[i];
		struct extract_match *m = &plan->v[plan->n];
		int program = programs_find(&rs->programs, PLUGIN, use->tool);

		/* A pattern is looked at even if no tool wants it. */
		m->re = compile(a, rs, use);
		if (!m->re || program < 0)
			continue;
		m->by_type = use->by_type;
		m->program = (uint32_t)program;
		plan->n++;
	}
	return plan->n ? plan : NULL;
}

const struct eval_plugin plugin_extract_text = {
	.name = PLUGIN,
	.load = load,
};

const struct extract_plan *extract_plan(const struct eval_plugins *p)
{
	const struct eval_ctx c = { .plugins = p };

	return eval_plugin_data(&c, PLUGIN);
}

static bool is_for(const struct extract_match *m, const struct part *p)
{
	struct str text = m->by_type ? p->declared_type : p->name;

	return text.p && text.n <= NAME_MAX_ASKED && regex_hits(m->re, text);
}

size_t extract_programs(const struct extract_plan *plan, struct part *p,
			const uint32_t **programs_r, struct arena *a)
{
	uint32_t *list = arena_alloc(a, plan->n * sizeof(*list));
	size_t n = 0;

	*programs_r = list;
	part_render(p);
	if (p->rendered_type.p)
		return 0;
	for (size_t i = 0; i < plan->n; i++) {
		uint32_t program = plan->v[i].program;
		size_t k = 0;

		while (k < n && list[k] != program)
			k++;
		if (k == n && is_for(&plan->v[i], p))
			list[n++] = program;
	}
	return n;
}

void extract_limits_read(const struct settings *s,
			 struct extract_limits *out_r)
{
	struct str text = settings_option(s, STR("extracttext_timeout"));
	struct str one, all = STR("0");
	long n;

	*out_r = (struct extract_limits){ .one = 5, .all = 10 };
	out_r->parts = (long)settings_number(s, STR("extracttext_maxparts"));
	if (!str_next_word(&text, &one) || !str_to_long(one, &n))
		return;
	str_next_word(&text, &all);
	out_r->one = (double)n;
	/* However long all of them may take: SpamAssassin's precedence of ||
	 * and ?: makes it the time of one. */
	if (n > 10 || !str_eq(all, STR("0")))
		out_r->all = n;
}

/* The fields that Perl's split(/\W+/) makes, less one. */
static long count_words(struct str text)
{
	long fields = 0;
	size_t i = 0;

	/* A separator in front makes an empty field, if a word follows. */
	while (i < text.n && !is_word((unsigned char)text.p[i]))
		i++;
	if (i > 0 && i < text.n)
		fields++;
	while (i < text.n) {
		fields++;
		while (i < text.n && is_word((unsigned char)text.p[i]))
			i++;
		while (i < text.n && !is_word((unsigned char)text.p[i]))
			i++;
	}
	return fields - 1;
}

static void add_once(struct arena *a, struct strs *list, struct str s)
{
	if (!strs_has(list, s))
		strs_add(a, list, str_dup(a, s));
}

/* Behind the last dot, with no slash in it. */
static void add_ending(struct extract_found *f, struct arena *a,
		       struct str name)
{
	struct str line = name;
	ssize_t dot;

	/* A name may end in one newline. */
	if (line.n && line.p[line.n - 1] == '\n')
		line.n--;
	dot = str_rchr(line, '.');
	if (dot < 0)
		return;
	line = str_from(line, (size_t)dot + 1);
	if (line.n && str_chr(line, '/') < 0 && str_chr(line, '\\') < 0 &&
	    !str_eq(line, STR("0")))
		add_once(a, &f->endings, line);
}

static bool is_blank(struct str text)
{
	for (size_t i = 0; i < text.n; i++)
		if (!is_space((unsigned char)text.p[i]))
			return false;
	return true;
}

/* In a text without '>': <a, attributes, href="...". Later ones begin inside
 * of what the first one may take for attributes. */
static bool has_anchor_here(struct str part)
{
	const struct str href = STR("href=\"");
	ssize_t at;

	do {
		at = str_find(part, STR("<a"));
		if (at < 0)
			return false;
		part = str_from(part, (size_t)at + 2);
	} while (!part.n || !is_space((unsigned char)part.p[0]));
	while ((at = str_find(part, href)) >= 0) {
		bool apart = at > 0 && is_space((unsigned char)part.p[at - 1]);

		part = str_from(part, (size_t)at + href.n);
		if (apart)
			return str_chr(part, '"') >= 0;
	}
	return false;
}

static bool has_anchor(struct str text)
{
	struct str part;

	while (str_next(&text, '>', &part))
		if (has_anchor_here(part))
			return true;
	return false;
}

static void look_at_text(struct extract_found *f, struct arena *a,
			 struct str text)
{
	const struct str mark = STR("QR-Code:");
	ssize_t at = str_find(text, mark);

	if (has_anchor(text)) {
		/* Which link it is stays SpamAssassin's secret. */
		add_once(a, &f->flags, STR("ActionURI"));
		add_once(a, &f->uris, STR(""));
	} else if (at >= 0) {
		struct str uri = str_from(text, (size_t)at + mark.n);
		size_t n = 0;

		while (n < uri.n && !is_space((unsigned char)uri.p[n]))
			n++;
		add_once(a, &f->flags, STR("QR-Code"));
		add_once(a, &f->uris, str_head(uri, n));
	}
	if (str_find(text, STR("NoText")) >= 0)
		add_once(a, &f->flags, STR("NoText"));
}

void extract_add(struct extract_found *f, struct arena *a, struct part *p,
		 struct str name, struct str text)
{
	add_once(a, &f->tools, name);
	add_once(a, &f->types, p->declared_type.p ? p->declared_type : STR(""));
	if (p->name.p)
		add_ending(f, a, p->name);
	if (is_blank(text)) {
		add_once(a, &f->flags, STR("NoText"));
		return;
	}
	look_at_text(f, a, text);
	f->chars += (long)text.n;
	f->words += count_words(text);
	p->rendered_made = true;
	p->rendered_type = STR("text/plain");
	p->rendered = p->visible = text;
	p->invisible = STR("");
	p->rendered_utf8 = false;
}

static void tell(struct message *m, struct map *tags, const char *what,
		 struct str value)
{
	struct arena *a = m->arena;
	struct str name = str_printf(a, "X-ExtractText-%s", what);
	struct str *kept;

	message_set_metadata(m, name, value);
	if (!tags)
		return;
	kept = arena_alloc(a, sizeof(*kept));
	*kept = value;
	map_set(tags, str_upper(a, str_printf(a, "EXTRACTTEXT%s", what)),
		kept);
}

void extract_tell(const struct extract_found *f, struct message *m,
		  struct map *tags)
{
	struct arena *a = m->arena;
	const struct str blank = STR(" ");

	if (!f->tools.n)
		return;
	tell(m, tags, "Words", str_printf(a, "%ld", f->words));
	tell(m, tags, "Chars", str_printf(a, "%ld", f->chars));
	tell(m, tags, "Tools", strs_join(a, &f->tools, blank));
	tell(m, tags, "Types", strs_join(a, &f->types, blank));
	tell(m, tags, "Extensions", strs_join(a, &f->endings, blank));
	tell(m, tags, "Flags", strs_join(a, &f->flags, blank));
	tell(m, tags, "Uris", strs_join(a, &f->uris, blank));
}
