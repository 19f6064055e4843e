/*
 * Scripts and their rules in the loader; see script.h. The files are only
 * gathered while lines are read. They are run after the last line, when the
 * settings that bound them are known, and before anything that needs all
 * rules to be there.
 */
#include "conf/script.h"

#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/limits.h"
#include "conf/setters.h"

void script_add_path(struct loader *ld, struct str path)
{
	struct str full = load_resolve(ld, path);
	struct stat st;

	if (stat(full.p, &st) < 0)
		load_fault(ld, DIAG_ERROR, "%s: there is no such script",
			   full.p);
	else if (S_ISDIR(st.st_mode) || str_ends(full, STR(".lua")))
		load_path(ld, full, ".lua");
	else
		load_fault(ld, DIAG_ERROR, "%s: expected the path of a folder "
			   "or of a file that ends in .lua", full.p);
}

/* Faults and definitions take their place from the loader. */
static void set_place(struct loader *ld, const char *file, int line,
		      const char **old_file, int *old_line)
{
	*old_file = ld->file;
	*old_line = ld->line;
	ld->file = file;
	ld->line = line;
}

void script_fault(struct loader *ld, enum diag_level level, const char *file,
		  int line, const char *fmt, ...)
{
	const char *old_file;
	int old_line;
	struct str text;
	char buf[2048];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	text = str_cstr(buf);
	set_place(ld, file, line, &old_file, &old_line);
	load_fault(ld, level, "%.*s", STR_ARG(text));
	ld->file = old_file;
	ld->line = old_line;
}

long script_define(struct loader *ld, struct str name, const char *file,
		   int line)
{
	const struct rule *old = rule_of(ld, name);
	struct rule def = { .kind = RULE_LUA, .source = STR("(Lua)") };
	const char *old_file;
	int old_line;
	bool ok;

	if (old && old->kind != RULE_EMPTY && old->kind != RULE_LUA)
		script_fault(ld, DIAG_WARN, file, line, "%.*s replaces the "
			     "rule of that name at %s:%d", STR_ARG(name),
			     old->file, old->line);
	set_place(ld, file, line, &old_file, &old_line);
	ok = rule_define(ld, name, &def);
	ld->file = old_file;
	ld->line = old_line;
	return ok ? (long)rule_of(ld, name)->id : -1;
}

/* A name that no line can have, made of all that the test is. */
static struct str hidden_name(struct loader *ld, const struct rule *def)
{
	struct buf b;

	buf_in(&b, ld->a, LIMIT_RULE_LINE);
	buf_addf(&b, "__ %s ", rule_kind_name(def->kind));
	buf_adds(&b, def->header.selector);
	for (size_t i = 0; i < def->header.mods.n; i++)
		buf_addf(&b, ":%.*s", STR_ARG(def->header.mods.v[i]));
	if (def->kind == RULE_TEXTS)
		buf_addf(&b, "%d:%d:%.*s", def->texts.input, def->texts.exact,
			 STR_ARG(def->texts.header));
	buf_addf(&b, " %d %u %d %u /", def->maxhits, def->tflags,
		 def->re.pcre, def->re.flags);
	buf_adds(&b, def->kind == RULE_HEADER || def->kind == RULE_MIMEHEADER
		 ? def->header.re.pattern : def->re.pattern);
	buf_addc(&b, '/');
	buf_adds(&b, def->kind == RULE_HEADER || def->kind == RULE_MIMEHEADER
		 ? def->header.re.mods : def->re.mods);
	return buf_str(&b);
}

long script_define_hidden(struct loader *ld, const struct rule *def,
			  const char *file, int line)
{
	struct rule copy = *def;
	struct str name = hidden_name(ld, def);
	const struct rule *old = rule_of(ld, name);

	if (old)
		return (long)old->id;
	copy.hidden = true;
	copy.file = file;
	copy.line = line;
	return (long)rule_add(ld, name, &copy);
}

static struct script_defaults *defaults(struct loader *ld, unsigned id)
{
	struct str name = ld->rs->rules[id].name;
	struct script_defaults *d = map_get(&ld->script_defaults, name);

	if (!d) {
		d = arena_alloc(ld->a, sizeof(*d));
		map_set(&ld->script_defaults, name, d);
	}
	return d;
}

void script_score(struct loader *ld, unsigned id, double score)
{
	struct script_defaults *d = defaults(ld, id);

	d->has_score = true;
	d->score = score;
}

/* A copy of text under the rule's name, unless a line said it already. */
static void set_default(struct loader *ld, struct map *m, unsigned id,
			struct str text)
{
	struct str name = ld->rs->rules[id].name;
	struct str *copy;

	if (map_has(m, name))
		return;
	copy = arena_alloc(ld->a, sizeof(*copy));
	*copy = str_dup(ld->a, text);
	map_set(m, name, copy);
}

void script_describe(struct loader *ld, unsigned id, struct str text)
{
	set_default(ld, &ld->set->describe, id, text);
}

void script_tflags(struct loader *ld, unsigned id, struct str text)
{
	set_default(ld, &ld->tflags, id, text);
}

/* The subfolders are rspamd's; in other folders they are not there. */
enum kw_result set_script_path(struct loader *ld, const struct keyword *kw,
			       struct str value)
{
	static const char *const sub[] = { "maps", "selectors", "regexps" };
	struct stat st;

	if (value.n == 0)
		return KW_MISSING;
	for (size_t i = 0; str_eq(str_cstr(kw->name), STR("lua_local_d")) &&
	     i < sizeof(sub) / sizeof(*sub); i++) {
		struct str dir = load_resolve(ld, str_printf(ld->a,
			"%.*s/%s", STR_ARG(value), sub[i]));

		if (stat(dir.p, &st) == 0)
			script_add_path(ld, dir);
	}
	script_add_path(ld, value);
	return KW_OK;
}
