/*
 * From the text of a file to directives: comments, escapes, `lang`, the
 * preprocessor's own words, and then the table of keywords. SpamAssassin has
 * no continuation lines; keys are lower-cased and their dashes read as
 * underscores, so that `unsafe-report` works.
 *
 * One quirk is kept: `include` works even inside a false `if`, and closes
 * all open ones (surprise 24).
 */
#include <regex.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/limits.h"
#include "conf/loader.h"
#include "conf/setters.h"

#define ENGINE_VERSION "4.000001"

/* A line as a fault shows it: cut, control bytes made visible. */
static struct str shown(struct loader *ld, struct str line)
{
	struct buf b;

	buf_in(&b, ld->a, 1024);
	for (size_t i = 0; i < line.n && i < 160; i++) {
		int c = (unsigned char)line.p[i];

		if (c >= 0x20 && c != 0x7f)
			buf_addc(&b, c);
		else
			buf_addf(&b, "\\x%02x", c);
	}
	if (line.n > 160)
		buf_addf(&b, "...");
	return buf_str(&b);
}

void load_fault(struct loader *ld, enum diag_level level, const char *fmt, ...)
{
	char text[512];
	struct str s;
	va_list ap;

	if (++ld->file_faults > LIMIT_FILE_FAULTS) {
		if (level == DIAG_ERROR)
			ld->diags->nerrors++;
		if (ld->file_faults == LIMIT_FILE_FAULTS + 1)
			diag_add(ld->diags, DIAG_WARN, ld->file, ld->line,
				 "more faults in this file are not listed");
		return;
	}
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	s = shown(ld, ld->raw);
	if (s.n)
		diag_add(ld->diags, level, ld->file, ld->line, "%s, in: %.*s",
			 text, STR_ARG(s));
	else
		diag_add(ld->diags, level, ld->file, ld->line, "%s", text);
}

enum kw_result load_expected(struct loader *ld, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	ld->expected = str_dup(ld->a, str_cstr(text));
	return KW_INVALID;
}

/* Cuts the comment off and takes the backslash from each `\#`. */
static struct str uncomment(struct loader *ld, struct str line)
{
	ssize_t hash = str_chr(line, '#');
	char *out;
	size_t n = 0;

	if (hash < 0)
		return line;
	for (size_t i = (size_t)hash; i < line.n; i++)
		if (line.p[i] == '#' && (i == 0 || line.p[i - 1] != '\\')) {
			line = str_head(line, i);
			break;
		}
	if (str_find(line, STR("\\#")) < 0)
		return line;
	out = arena_text(ld->a, line.n);
	for (size_t i = 0; i < line.n; i++) {
		if (line.p[i] == '\\' && i + 1 < line.n && line.p[i + 1] == '#')
			continue;
		out[n++] = line.p[i];
	}
	return str_make(out, n);
}

/* True if each byte stands for itself in a regex. */
static bool is_plain(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_word((unsigned char)s.p[i]) && s.p[i] != '-')
			return false;
	return true;
}

/* `lang XX rest`: XX begins, without regard to case, the language in use. It
 * is a regex to SpamAssassin; what anybody would write there means the same to
 * POSIX. Counted repetition is left out, since a user's file could make it
 * cost any amount of memory. */
static bool lang_fits(const struct loader *ld, struct str want)
{
	struct str pattern = str_cat(ld->a, STR("^"), want);
	regex_t re;
	bool fits;

	if (is_plain(want))
		return str_istarts(ld->lang, want);
	if (want.n > 100 || str_chr(want, '{') >= 0 ||
	    regcomp(&re, arena_strndup(ld->a, pattern.p, pattern.n),
		    REG_EXTENDED | REG_ICASE | REG_NOSUB) != 0)
		return false;
	fits = regexec(&re, arena_strndup(ld->a, ld->lang.p, ld->lang.n), 0,
		       NULL, 0) == 0;
	regfree(&re);
	return fits;
}

/* Takes `lang XX` off *line. False if the line is for another language. */
static bool take_lang(const struct loader *ld, struct str *line)
{
	struct str rest = *line, word, lang;

	if (!str_next_word(&rest, &word) || !str_eq(word, STR("lang")))
		return true;
	if (!str_next_word(&rest, &lang) || str_trim(rest).n == 0)
		return true;
	*line = str_trim(rest);
	return lang_fits(ld, lang);
}

static struct str key_of(struct loader *ld, struct str word)
{
	char *p = arena_strndup(ld->a, word.p, word.n);

	for (size_t i = 0; i < word.n; i++)
		p[i] = p[i] == '-' ? '_' : (char)to_lower((unsigned char)p[i]);
	return str_make(p, word.n);
}

/* The words of the preprocessor. True if key was one. */
static bool preprocess(struct loader *ld, struct str key, struct str value)
{
	bool alone = str_eq(key, STR("endif")) || str_eq(key, STR("else"));
	bool needs = str_eq(key, STR("if")) || str_eq(key, STR("ifplugin")) ||
		str_eq(key, STR("include")) || str_eq(key, STR("file"));

	if (!alone && !needs)
		return false;
	if (alone && value.n)
		load_fault(ld, DIAG_ERROR, "'%.*s' must stand alone",
			   STR_ARG(key));
	else if (needs && !value.n)
		load_fault(ld, DIAG_ERROR, "'%.*s' lacks its value",
			   STR_ARG(key));
	else if (str_eq(key, STR("endif")))
		cond_end(ld);
	else if (str_eq(key, STR("else")))
		cond_else(ld);
	else if (str_eq(key, STR("if")))
		cond_begin(ld, "if", value);
	else if (str_eq(key, STR("ifplugin")))
		cond_begin(ld, "ifplugin", value);
	else if (str_eq(key, STR("file")))
		load_fault(ld, DIAG_WARN, "'file' is a word of SpamAssassin's "
			   "own and means nothing here");
	else if (ld->user)
		load_fault(ld, DIAG_WARN, "include is not followed in a "
			   "user's preferences");
	else {
		cond_close_all(ld);
		load_include(ld, value);
	}
	return true;
}

/* `require_version`: another version makes the rest of the file void. */
static void require_version(struct loader *ld, struct str value)
{
	if (!value.n)
		load_fault(ld, DIAG_ERROR, "'require_version' lacks its value: "
			   "expected " ENGINE_VERSION);
	else if (!str_eq(value, STR("@@VERSION@@")) &&
		 !str_eq(value, STR(ENGINE_VERSION))) {
		load_fault(ld, DIAG_ERROR, "the file requires version %.*s of "
			   "SpamAssassin, this engine reads rules of "
			   ENGINE_VERSION ": the rest of the file is skipped",
			   STR_ARG(value));
		ld->skip = true;
	}
}

/* A directive of somebody else's plug-in is named once. */
static void foreign_line(struct loader *ld, struct str key, struct str owner)
{
	if (map_has(&ld->rs->named, key))
		return;
	map_set(&ld->rs->named, str_dup(ld->a, key), ld->rs);
	load_fault(ld, DIAG_WARN, "'%.*s' belongs to the plug-in %.*s, which "
		   "is not known here: it is ignored", STR_ARG(key),
		   STR_ARG(owner));
}

static void unknown_line(struct loader *ld, struct str key)
{
	const char *plugin = keyword_plugin(ld->rs, key);
	struct str owner = foreign_owner(ld->rs, key);

	if (owner.p)
		foreign_line(ld, key, owner);
	else if (plugin && str_eq(key, STR("ok_languages")))
		load_fault(ld, DIAG_WARN, "'ok_languages' belongs to the "
			   "plug-in TextCat, which no .pre file loads");
	else if (plugin)
		load_fault(ld, DIAG_ERROR, "'%.*s' belongs to the plug-in %s, "
			   "which no .pre file loads", STR_ARG(key), plugin);
	else
		load_fault(ld, DIAG_ERROR, "unknown directive '%.*s'",
			   STR_ARG(shown(ld, str_head(key, 60))));
}

/* A directive that a user's file may not use. True if it was refused. */
static bool refused(struct loader *ld, const struct keyword *kw)
{
	if (!ld->user || !(kw->flags & (KW_ADMIN | KW_PRIV)) ||
	    (!(kw->flags & KW_ADMIN) && ld->rules_allowed))
		return false;
	load_fault(ld, DIAG_WARN, kw->flags & KW_ADMIN
		   ? "'%s' is an administrator's setting, not one for a "
		     "user's preferences"
		   : "'%s' is not allowed in a user's preferences: "
		     "allow_user_rules is 0", kw->name);
	return true;
}

/* Does SpamAssassin not read this line? */
static bool is_hidden(const struct loader *ld)
{
	bool ours = str_starts(str_cstr(ld->file), STR(OWN_SITE_DIR "/")) ||
		    ld->file[0] == '(';	/* --pre and --cf */

	for (size_t i = 0; i < ld->nifs; i++)
		ours |= ld->ifs[i].ours;
	return ours;
}

static void directive(struct loader *ld, struct str key, struct str value)
{
	const struct keyword *kw;

	if (str_eq(key, STR("require_version"))) {
		require_version(ld, value);
		return;
	}
	kw = keyword_find(ld->rs, key);
	if (!kw) {
		if (!list_directive(ld, key, value))
			unknown_line(ld, key);
		return;
	}
	if (refused(ld, kw))
		return;
	if (kw->flags & KW_PRIV)
		overlay_own_rules(ld);
	if ((kw->flags & KW_OWN) && !is_hidden(ld))
		load_fault(ld, DIAG_WARN, "SpamAssassin does not know '%s': "
			   "expected it inside 'ifplugin Mekiki' ... 'endif' "
			   "or in " OWN_SITE_DIR, kw->name);
	ld->expected = STR_NONE;
	switch (keyword_set(ld, kw, value)) {
	case KW_OK:
	case KW_SAID:
		break;
	case KW_MISSING:
		load_fault(ld, DIAG_ERROR, "'%.*s' lacks its value",
			   STR_ARG(key));
		break;
	case KW_INVALID:
		load_fault(ld, DIAG_ERROR, "invalid value for '%.*s'%s%.*s",
			   STR_ARG(key), ld->expected.n ? ": expected " : "",
			   STR_ARG(ld->expected));
		break;
	}
}

/* `# UPDATE version N` tells which sa-update the rules come from. */
static void note_update(struct loader *ld, struct str line)
{
	struct str n;

	if (!str_starts(line, STR("# UPDATE version ")))
		return;
	n = str_from(line, 17);
	for (size_t i = 0; i < n.n; i++)
		if (!is_digit((unsigned char)n.p[i]))
			return;
	if (n.n && !ld->user)
		ld->rs->rules_version = n;
}

static void load_line(struct loader *ld, struct str line)
{
	struct str key, value;

	if (line.n > LIMIT_RULE_LINE) {
		ld->raw = str_head(line, 60);
		load_fault(ld, DIAG_ERROR, "the line is longer than %zu bytes "
			   "and is skipped", (size_t)LIMIT_RULE_LINE);
		return;
	}
	note_update(ld, line);
	line = str_trim(uncomment(ld, line));
	ld->raw = line;
	if (line.n == 0 || str_eq(line, STR("0")) || !take_lang(ld, &line))
		return;
	value = line;
	str_next_word(&value, &key);
	value = str_trim(value);
	key = key_of(ld, key);
	if (!preprocess(ld, key, value) && !ld->skip)
		directive(ld, key, value);
}

void load_text(struct loader *ld, struct str text, const char *file)
{
	const char *outer = ld->file;
	size_t outer_faults = ld->file_faults;
	int outer_line = ld->line;
	struct str line;

	ld->file = file;
	ld->line = 0;
	ld->file_faults = 0;
	ld->depth++;
	while (str_next(&text, '\n', &line)) {
		ld->line++;
		load_line(ld, line);
	}
	ld->raw = STR_NONE;
	cond_close_all(ld);
	ld->depth--;
	ld->file = outer;
	ld->line = outer_line;
	ld->file_faults = outer_faults;
}
