/*
 * Prints the configuration as the engine holds it after loading, in the form
 * of sa_conf.pl and of sa_regex.pl --dump: sections of lines, sorted, fields
 * parted by a TAB, other bytes than printable ASCII as \xNN.
 *
 *   conf_dump SECTION	rules, headers, evals, metas, describe, captures,
 *			regexes or lists
 *
 * SpamAssassin's files are read from the usual places, for local tests.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "conf/meta.h"
#include "conf/ruleset.h"
#include "mail/domain.h"

struct dump {
	struct arena *a;
	const struct ruleset *rs;
	struct strs lines;
};

static struct str escaped(struct arena *a, struct str s)
{
	struct buf b;

	buf_in(&b, a, s.n * 4 + 1);
	for (size_t i = 0; i < s.n; i++) {
		int c = (unsigned char)s.p[i];

		if (c < 0x20 || c > 0x7e || c == '\\')
			buf_addf(&b, "\\x%02x", c);
		else
			buf_addc(&b, c);
	}
	return buf_str(&b);
}

static void add_line(struct dump *d, const struct strs *fields)
{
	struct strs out = { 0 };

	for (size_t i = 0; i < fields->n; i++)
		strs_add(d->a, &out, escaped(d->a, fields->v[i]));
	strs_add(d->a, &d->lines, strs_join(d->a, &out, STR("\t")));
}

static void add2(struct dump *d, struct str x, struct str y)
{
	struct strs f = { 0 };

	strs_add(d->a, &f, x);
	strs_add(d->a, &f, y);
	add_line(d, &f);
}

static void add3(struct dump *d, struct str x, struct str y, struct str z)
{
	struct strs f = { 0 };

	strs_add(d->a, &f, x);
	strs_add(d->a, &f, y);
	strs_add(d->a, &f, z);
	add_line(d, &f);
}

static void rule_line(struct dump *d, const struct rule *r)
{
	struct strs f = { 0 };

	strs_add(d->a, &f, r->name);
	strs_add(d->a, &f, str_cstr(rule_kind_name(r->kind)));
	for (int i = 0; i < 4; i++)
		strs_add(d->a, &f, str_printf(d->a, "%.6g",
				settings_score(d->rs->site, r->id, i)));
	strs_add(d->a, &f, str_printf(d->a, "%d", r->priority));
	strs_add(d->a, &f, r->tflags_text);
	add_line(d, &f);
}

static void header_line(struct dump *d, const struct rule *r)
{
	const struct header_test *t = &r->header;
	struct str selector = t->selector;
	struct strs f = { 0 };

	if (r->kind != RULE_HEADER && r->kind != RULE_MIMEHEADER)
		return;
	for (size_t i = 0; i < t->mods.n; i++)
		selector = str_printf(d->a, "%.*s:%.*s", STR_ARG(selector),
				      STR_ARG(t->mods.v[i]));
	strs_add(d->a, &f, r->name);
	strs_add(d->a, &f, selector);
	strs_add(d->a, &f, t->exists ? STR("exists") :
		 t->negated ? STR("!~") : STR("=~"));
	strs_add(d->a, &f, t->if_unset.p ? t->if_unset : STR(""));
	add_line(d, &f);
}

static void eval_line(struct dump *d, const struct rule *r)
{
	struct strs f = { 0 };

	if (!r->eval.function.n)
		return;
	strs_add(d->a, &f, r->name);
	strs_add(d->a, &f, r->eval.function);
	for (size_t i = 0; i < r->eval.args.n; i++)
		strs_add(d->a, &f, r->eval.args.v[i]);
	add_line(d, &f);
}

static void meta_line(struct dump *d, const struct rule *r)
{
	struct strs names = { 0 };

	if (!r->meta)
		return;
	for (size_t i = 0; i < r->meta->ndeps; i++)
		strs_add(d->a, &names, d->rs->rules[r->meta->deps[i]].name);
	for (size_t i = 0; i < r->meta->undefined.n; i++)
		strs_add(d->a, &names, r->meta->undefined.v[i]);
	strs_sort(&names);
	add2(d, r->name, strs_join(d->a, &names, STR(",")));
}

static void capture_line(struct dump *d, const struct rule *r)
{
	if (r->captures.n)
		add2(d, r->name, STR("capture"));
	for (size_t i = 0; i < r->templates.n; i++)
		add3(d, r->name, STR("template"), r->templates.v[i]);
}

/* The modifiers in one order, each once. */
static struct str ordered(struct arena *a, struct str mods)
{
	static const char letters[] = "imsxn";
	char *out = arena_text(a, sizeof(letters));
	size_t n = 0;

	for (const char *c = letters; *c; c++)
		if (str_chr(mods, *c) >= 0)
			out[n++] = *c;
	return str_make(out, n);
}

static void regex_line(struct dump *d, const struct rule *r)
{
	bool header = r->kind == RULE_HEADER || r->kind == RULE_MIMEHEADER;
	const struct regex_text *re = header ? &r->header.re : &r->re;

	if (!re->pattern.p)
		return;
	add3(d, r->name, ordered(d->a, re->mods), re->pattern);
}

static void describe_lines(struct dump *d)
{
	struct map_entry *e;
	size_t i = 0;

	while ((e = map_next(&d->rs->site->describe, &i)))
		add2(d, e->key, *(const struct str *)e->value);
}

static void domain_lines(struct dump *d, const char *name,
			 const struct map *map)
{
	struct map_entry *e;
	size_t i = 0;

	while ((e = map_next(map, &i)))
		add2(d, str_cstr(name), e->key);
}

static void list_lines(struct dump *d)
{
	const struct settings *s = d->rs->site;
	struct map_entry *e, *h;
	size_t i = 0;

	while ((e = map_next(&s->addr_lists, &i))) {
		const struct addr_list *l = e->value;
		struct str name = e->key;

		if (str_starts(name, STR("addrlist:")))
			name = str_from(name, 9);
		/* FreeMail keeps its own where sa_conf.pl cannot see it. */
		for (size_t j = 0; j < l->n; j++)
			if (!str_starts(name, STR("freemail_")))
				add2(d, name, l->v[j].glob);
	}
	i = 0;
	while ((e = map_next(&s->uri_host_lists, &i))) {
		size_t j = 0;

		while ((h = map_next(e->value, &j)))
			add3(d, STR("uri_host_lists"), e->key, h->key);
	}
	domain_lines(d, "valid_tlds", &s->mail.domains->tlds);
	domain_lines(d, "two_level_domains", &s->mail.domains->two_level);
	domain_lines(d, "three_level_domains", &s->mail.domains->three_level);
}

static const struct {
	const char *name;
	void (*each)(struct dump *d, const struct rule *r);
	void (*all)(struct dump *d);
} sections[] = {
	{ "rules", rule_line, NULL }, { "headers", header_line, NULL },
	{ "evals", eval_line, NULL }, { "metas", meta_line, NULL },
	{ "captures", capture_line, NULL }, { "regexes", regex_line, NULL },
	{ "describe", NULL, describe_lines }, { "lists", NULL, list_lines },
};

int main(int argc, char **argv)
{
	struct load_options opt = { .local_only = true };
	struct dump d = { .a = arena_new() };

	if (argc != 2) {
		fprintf(stderr, "usage: conf_dump SECTION\n");
		return 64;
	}
	d.rs = ruleset_load(d.a, &opt);
	for (size_t k = 0; k < sizeof(sections) / sizeof(sections[0]); k++) {
		if (strcmp(argv[1], sections[k].name) != 0)
			continue;
		for (size_t i = 0; sections[k].each && i < d.rs->nrules; i++)
			sections[k].each(&d, &d.rs->rules[i]);
		if (sections[k].all)
			sections[k].all(&d);
	}
	strs_sort(&d.lines);
	strs_uniq(&d.lines);
	for (size_t i = 0; i < d.lines.n; i++)
		printf("%.*s\n", STR_ARG(d.lines.v[i]));
	arena_free(&d.a);
	return 0;
}
