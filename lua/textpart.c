/*
 * A text of the message: an element of task:get_text_parts(). Whatever its
 * charset was, it is read here in UTF-8; the text of HTML is what a reader
 * sees.
 */
#include "lua/parts.h"
#include "lua/sandbox.h"

#include "mail/part.h"
#include "mail/text_part.h"

static struct text_part *self(lua_State *L)
{
	return lua_handle_get(L, 1, &lua_textpart_class);
}

/* The words, whose making the message pays, not the rule. */
static const struct words *words_of(lua_State *L, struct text_part *tp)
{
	struct lua_run *run = lua_run_of(L);
	int64_t start = lua_meter_pause();
	const struct words *w = text_part_words(run->arena, tp);

	lua_meter_resume(run->vm, start);
	return w;
}

/* textpart:is_html() -> boolean
 * > assert(task:get_text_parts()[2]:is_html())
 */
static int textpart_is_html(lua_State *L)
{
	lua_pushboolean(L, self(L)->html);
	return 1;
}

/* textpart:is_empty() -> boolean
 * Whether there is nothing to read.
 * > assert(not task:get_text_parts()[1]:is_empty())
 */
static int textpart_is_empty(lua_State *L)
{
	lua_pushboolean(L, self(L)->content.n == 0);
	return 1;
}

/* textpart:is_utf() -> boolean
 * Whether the text could be made UTF-8, which always succeeds here.
 * > assert(task:get_text_parts()[1]:is_utf())
 */
static int textpart_is_utf(lua_State *L)
{
	self(L);
	lua_pushboolean(L, true);
	return 1;
}

/* textpart:has_8bit() -> boolean
 * Whether there are octets above 127 behind the transfer encoding.
 * > assert(not task:get_text_parts()[1]:has_8bit())
 */
static int textpart_has_8bit(lua_State *L)
{
	lua_pushboolean(L, self(L)->has_8bit);
	return 1;
}

/* textpart:has_8bit_raw() -> boolean
 * The same of the text as it was sent.
 * > assert(not task:get_text_parts()[1]:has_8bit_raw())
 */
static int textpart_has_8bit_raw(lua_State *L)
{
	lua_pushboolean(L, self(L)->has_8bit_raw);
	return 1;
}

/* textpart:get_length() -> number
 * The length of get_content().
 * > local part = task:get_text_parts()[1]
 * > assert(part:get_length() == #part:get_content())
 */
static int textpart_get_length(lua_State *L)
{
	lua_pushinteger(L, (lua_Integer)self(L)->content.n);
	return 1;
}

/* textpart:get_raw_length() -> number
 * The length of the text as it was sent.
 * > local part = task:get_text_parts()[2]
 * > assert(part:get_raw_length() > part:get_length())
 */
static int textpart_get_raw_length(lua_State *L)
{
	lua_pushinteger(L, (lua_Integer)self(L)->raw.n);
	return 1;
}

/* The text on one line. */
static struct str one_line(struct arena *a, struct str s)
{
	char *out;
	size_t n = 0;

	if (str_chr(s, '\n') < 0)
		return s;
	out = arena_text(a, s.n);
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] != '\n' && s.p[i] != '\r')
			out[n++] = s.p[i];
		else if (n && out[n - 1] != ' ')
			out[n++] = ' ';
	}
	return str_make(out, n);
}

static struct str one_line_of(lua_State *L, struct text_part *tp)
{
	lua_spend(L, tp->content.n);
	return one_line(lua_run_of(L)->arena, tp->content);
}

/* textpart:get_content([kind]) -> text
 * The text in UTF-8; of HTML what is shown of it, blocks on lines of their
 * own. `kind` is "content" (this), "content_oneline" (on one line), "raw" (as
 * sent), "raw_parsed" (behind the transfer encoding), "raw_utf" (the same in
 * UTF-8; of HTML its source).
 * > local part = task:get_text_parts()[2]
 * > assert(tostring(part:get_content()):find("our news", 1, true))
 * > assert(tostring(part:get_content("raw_utf")):find("<p>Dear Bob,</p>", 1, true))
 * > assert(not tostring(part:get_content("content_oneline")):find("\n"))
 */
static int textpart_get_content(lua_State *L)
{
	struct text_part *tp = self(L);
	struct str kind = lua_str_opt(L, 2), s = tp->content;

	if (str_eq(kind, STR("content_oneline")))
		s = one_line_of(L, tp);
	else if (str_eq(kind, STR("raw")))
		s = tp->raw;
	else if (str_eq(kind, STR("raw_parsed")))
		s = tp->parsed;
	else if (str_eq(kind, STR("raw_utf")))
		s = tp->utf8;
	else if (kind.n && !str_eq(kind, STR("content")))
		return luaL_argerror(L, 2, "content, content_oneline, raw, "
				     "raw_parsed or raw_utf expected");
	lua_text_push(L, s.p ? s : STR(""));
	return 1;
}

/* textpart:get_content_oneline() -> text
 * The text on one line.
 * > local line = task:get_text_parts()[1]:get_content_oneline()
 * > assert(tostring(line):sub(1, 16) == "Dear Bob, please")
 */
static int textpart_get_content_oneline(lua_State *L)
{
	lua_text_push(L, one_line_of(L, self(L)));
	return 1;
}

/* textpart:get_raw_content() -> text
 * The text as it was sent.
 * > local part = task:get_text_parts()[1]
 * > assert(#part:get_raw_content() == part:get_raw_length())
 */
static int textpart_get_raw_content(lua_State *L)
{
	lua_text_push(L, self(L)->raw);
	return 1;
}

enum word_form { FORM_NORM, FORM_RAW, FORM_FULL };

static enum word_form form_arg(lua_State *L, int idx)
{
	struct str how = lua_str_opt(L, idx);

	if (str_eq(how, STR("raw")))
		return FORM_RAW;
	if (str_eq(how, STR("full")))
		return FORM_FULL;
	if (how.p && !str_eq(how, STR("norm")) && !str_eq(how, STR("stem")))
		luaL_argerror(L, idx, "stem, norm, raw or full expected");
	return FORM_NORM;
}

/* Pushes one word; false (nothing pushed) if it has not this form. */
static bool push_word(lua_State *L, const struct word *w, enum word_form form)
{
	if (form == FORM_RAW) {
		lua_push_str(L, w->raw);
		return true;
	}
	if (form == FORM_NORM) {
		if (w->is_link || w->norm.n == 0)
			return false;
		lua_push_str(L, w->norm);
		return true;
	}
	lua_createtable(L, 4, 0);
	lua_push_str(L, w->norm);
	lua_rawseti(L, -2, 1);
	lua_push_str(L, w->norm);
	lua_rawseti(L, -2, 2);
	lua_push_str(L, w->raw);
	lua_rawseti(L, -2, 3);
	lua_newtable(L);
	lua_pushstring(L, w->is_link ? "exception" : "text");
	lua_rawseti(L, -2, 1);
	if (!w->is_link) {
		lua_pushliteral(L, "normalised");
		lua_rawseti(L, -2, 2);
	}
	lua_rawseti(L, -2, 4);
	return true;
}

/* textpart:get_words([how]) -> list
 * The words of the text. `how` is "stem" or "norm" (lower case, letters and
 * digits only; no stemming is done), "raw" (as written; links count as words,
 * which are their hosts), or "full": a table {stem, norm, raw, {flags}} each.
 * > local words = task:get_text_parts()[1]:get_words()
 * > assert(words[1] == "dear" and words[#words] == "alice")
 * > assert(task:get_text_parts()[1]:get_words("raw")[1] == "Dear")
 * > assert(task:get_text_parts()[1]:get_words("full")[1][3] == "Dear")
 */
static int textpart_get_words(lua_State *L)
{
	enum word_form form = form_arg(L, 2);
	const struct words *w = words_of(L, self(L));
	lua_Integer n = 0;

	lua_createtable(L, (int)w->n, 0);
	for (size_t i = 0; i < w->n; i++) {
		lua_spend(L, 16);
		if (push_word(L, &w->v[i], form))
			lua_rawseti(L, -2, ++n);
	}
	return 1;
}

/* textpart:filter_words(regex [, how [, max]]) -> list
 * The words (as by get_words(how)) that the regex matches, at most max.
 * > local re = require("rspamd_regexp").create("/^al/")
 * > local words = task:get_text_parts()[1]:filter_words(re, "norm", 1)
 * > assert(#words == 1 and words[1] == "alice")
 */
static int textpart_filter_words(lua_State *L)
{
	struct text_part *tp = self(L);
	enum word_form form = form_arg(L, 3);
	lua_Integer max = luaL_optinteger(L, 4, LUA_MAXINTEGER), n = 0;
	const struct words *w = words_of(L, tp);

	luaL_checkany(L, 2);
	lua_newtable(L);
	for (size_t i = 0; i < w->n && n < max; i++) {
		const struct word *word = &w->v[i];

		lua_spend(L, 16);
		if (word->is_link && form != FORM_RAW)
			continue;
		lua_getfield(L, 2, "match");
		lua_pushvalue(L, 2);
		lua_push_str(L, form == FORM_RAW ? word->raw : word->norm);
		lua_call(L, 2, 1);
		if (lua_toboolean(L, -1) && push_word(L, word, form)) {
			lua_rawseti(L, -3, ++n);
		}
		lua_pop(L, 1);
	}
	return 1;
}

/* textpart:get_words_count() -> number
 * How many words there are besides links.
 * > assert(task:get_text_parts()[1]:get_words_count() == 11)
 */
static int textpart_get_words_count(lua_State *L)
{
	const struct words *w = words_of(L, self(L));

	lua_pushinteger(L, (lua_Integer)(w->n - w->nlinks));
	return 1;
}

/* textpart:get_lines_count() -> number
 * How many ends of lines there are before the last line.
 * > assert(task:get_text_parts()[1]:get_lines_count() == 6)
 */
static int textpart_get_lines_count(lua_State *L)
{
	lua_pushinteger(L, (lua_Integer)self(L)->stats.lines);
	return 1;
}

/* textpart:get_urls_length() -> number
 * How many octets of the text are links.
 * > assert(task:get_text_parts()[1]:get_urls_length() == 65)
 */
static int textpart_get_urls_length(lua_State *L)
{
	lua_pushinteger(L, (lua_Integer)self(L)->links_length);
	return 1;
}

/* textpart:get_html() -> html or nil
 * > assert(task:get_text_parts()[2]:get_html():has_tag("font"))
 * > assert(task:get_text_parts()[1]:get_html() == nil)
 */
static int textpart_get_html(lua_State *L)
{
	lua_handle_push(L, &lua_html_class, self(L)->dom);
	return 1;
}

/* textpart:get_language() -> string or nil
 * The language that the script or the small words of the text tell: "ja",
 * "ru", "en" and so on; nil if neither does.
 * > assert(task:get_text_parts()[1]:get_language() == nil)
 */
static int textpart_get_language(lua_State *L)
{
	struct text_part *tp = self(L);

	words_of(L, tp);
	lua_push_str(L, tp->language);
	return 1;
}

/* textpart:get_languages() -> list of {code, prob}
 * The same as a list, which has one element or none.
 * > assert(#task:get_text_parts()[1]:get_languages() == 0)
 */
static int textpart_get_languages(lua_State *L)
{
	struct text_part *tp = self(L);

	words_of(L, tp);
	lua_newtable(L);
	if (!tp->language.p)
		return 1;
	lua_newtable(L);
	lua_field_str(L, "code", tp->language);
	lua_field_num(L, "prob", 1.0);
	lua_rawseti(L, -2, 1);
	return 1;
}

/* textpart:get_charset() -> string or nil
 * The declared charset, in lower case.
 * > assert(task:get_text_parts()[1]:get_charset() == "utf-8")
 */
static int textpart_get_charset(lua_State *L)
{
	lua_push_str(L, self(L)->part->charset);
	return 1;
}

/* textpart:get_stats() -> table
 * Counts of octets: `lines`, `empty_lines`, `spaces`, `double_spaces`,
 * `non_spaces`, `ascii_characters`, `non_ascii_characters`,
 * `capital_letters`, `numeric_characters`.
 * > local stats = task:get_text_parts()[1]:get_stats()
 * > assert(stats.lines == 6 and stats.empty_lines == 3)
 * > assert(stats.spaces == 9 and stats.non_spaces == 107)
 * > assert(stats.capital_letters == 3 and stats.numeric_characters == 2)
 */
static int textpart_get_stats(lua_State *L)
{
	const struct text_stats *st = &self(L)->stats;

	lua_createtable(L, 0, 9);
	lua_field_int(L, "lines", (long)st->lines);
	lua_field_int(L, "empty_lines", (long)st->empty_lines);
	lua_field_int(L, "spaces", (long)st->spaces);
	lua_field_int(L, "double_spaces", (long)st->double_spaces);
	lua_field_int(L, "non_spaces", (long)st->non_spaces);
	lua_field_int(L, "ascii_characters", (long)st->ascii);
	lua_field_int(L, "non_ascii_characters", (long)st->non_ascii);
	lua_field_int(L, "capital_letters", (long)st->capitals);
	lua_field_int(L, "numeric_characters", (long)st->digits);
	return 1;
}

/* textpart:get_mimepart() -> MIME part
 * > local part = task:get_text_parts()[1]:get_mimepart()
 * > assert(part:get_type() == "text" and part:get_id() == 3)
 */
static int textpart_get_mimepart(lua_State *L)
{
	lua_handle_push(L, &lua_mimepart_class, self(L)->node);
	return 1;
}

static const struct lua_row methods[] = {
	{ "is_html", textpart_is_html },
	{ "is_empty", textpart_is_empty },
	{ "is_utf", textpart_is_utf },
	{ "has_8bit", textpart_has_8bit },
	{ "has_8bit_raw", textpart_has_8bit_raw },
	{ "get_length", textpart_get_length },
	{ "get_raw_length", textpart_get_raw_length },
	{ "get_content", textpart_get_content },
	{ "get_content_oneline", textpart_get_content_oneline },
	{ "get_raw_content", textpart_get_raw_content },
	{ "get_words", textpart_get_words },
	{ "filter_words", textpart_filter_words },
	{ "get_words_count", textpart_get_words_count },
	{ "get_lines_count", textpart_get_lines_count },
	{ "get_urls_length", textpart_get_urls_length },
	{ "get_html", textpart_get_html },
	{ "get_language", textpart_get_language },
	{ "get_languages", textpart_get_languages },
	{ "get_charset", textpart_get_charset },
	{ "get_stats", textpart_get_stats },
	{ "get_mimepart", textpart_get_mimepart },
	{ 0 },
};

const struct lua_class lua_textpart_class = {
	.name = "rspamd{textpart}", .methods = methods,
};
