/*
 * The targets of PhishTag (see phish_tag.h), from `trigger_target RULE ADDRESS`
 * lines and from the file that `trigger_config` names. In that file
 *
 *	target http://example.com/
 *	RULE_ONE
 *	RULE_TWO
 *
 * names an address and the rules that must all hit, up to a blank line or the
 * next target; lines that begin with # are comments.
 *
 * SpamAssassin reads the file with each message, here it is read when rules are
 * loaded. A file that cannot be read leaves the plug-in without any target,
 * those of trigger_target lines included, as it does there.
 */
#include "eval/phish_tag.h"

#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/map.h"
#include "conf/loader.h"
#include "conf/ruleset.h"
#include "eval/plugin.h"

static struct phish_target *add_target(struct arena *a, struct str address,
				       struct phish_targets *out)
{
	struct phish_target *t;

	out->v = arena_grow(a, out->v, out->n, &out->cap, sizeof(*out->v));
	t = &out->v[out->n++];
	*t = (struct phish_target){ .address = address };
	return t;
}

/* A line's text without any white space: what is left is one name. */
static struct str squeezed(struct arena *a, struct str line)
{
	char *p = arena_text(a, line.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < line.n; i++)
		if (!is_space((unsigned char)line.p[i]))
			p[n++] = line.p[i];
	return str_make(p, n);
}

/* "target ADDRESS"; STR_NONE: the line is none of these. */
static struct str target_of(struct str line)
{
	struct str word = STR_NONE, rest;

	if (!str_starts(line, STR("target")))
		return STR_NONE;
	rest = str_from(line, STR("target").n);
	if (!rest.n || !is_space((unsigned char)rest.p[0]))
		return STR_NONE;
	rest = str_ltrim(rest);
	return rest.n && str_next_word(&rest, &word) ? word : STR_NONE;
}

void phish_targets_parse(struct arena *a, struct str text,
			 struct phish_targets *out)
{
	bool inside = false;
	struct str line;

	while (str_next_line(&text, &line)) {
		struct str begin = str_ltrim(line), address;

		if (!begin.n)
			inside = false;
		if (!begin.n || begin.p[0] == '#')
			continue;
		address = target_of(line);
		if (address.p) {
			add_target(a, address, out);
			inside = true;
		} else if (inside) {
			strs_add(a, &out->v[out->n - 1].triggers,
				 squeezed(a, line));
		}
	}
}

/* False: the file that is named cannot be read. */
static bool read_config(struct arena *a, struct ruleset *rs,
			struct phish_targets *out)
{
	struct str path = settings_option(rs->site, STR("trigger_config"));
	struct str text;

	if (!str_trim(path).n)
		return true;
	path = str_dup(a, path);
	if (load_slurp(a, path.p, &text) < 0) {
		diag_add(&rs->diags, DIAG_WARN, "", 0, "trigger_config: %s "
			 "cannot be read, PhishTag does nothing: %s", path.p,
			 strerror(errno));
		return false;
	}
	phish_targets_parse(a, text, out);
	return true;
}

/* "RULE ADDRESS" each; of one rule the last line counts. */
static void read_lines(struct arena *a, struct ruleset *rs,
		       struct phish_targets *out)
{
	const struct strs *lines = settings_list(rs->site,
						 STR("trigger_target"));
	struct map seen = MAP_IN(a);

	for (size_t i = lines ? lines->n : 0; i > 0; i--) {
		struct str line = lines->v[i - 1], rule;
		struct phish_target *t;

		if (!str_next_word(&line, &rule) || map_has(&seen, rule))
			continue;
		map_set(&seen, rule, out);
		t = add_target(a, str_ltrim(line), out);
		strs_add(a, &t->triggers, rule);
	}
}

static void *load(struct arena *a, struct ruleset *rs)
{
	struct phish_targets *t = arena_alloc(a, sizeof(*t));

	t->ratio = settings_number(rs->site, STR("trigger_ratio"));
	if (!read_config(a, rs, t))
		return NULL;
	read_lines(a, rs, t);
	return t->n ? t : NULL;
}

const struct eval_plugin eval_phish_tag_plugin = {
	.name = "PhishTag",
	.load = load,
};
