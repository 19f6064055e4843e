/*
 * The HTML of a text part, and its elements.
 */
#include "lua/parts.h"

#include "mail/dom.h"
#include "mail/link.h"

static struct dom *self(lua_State *L)
{
	return lua_handle_get(L, 1, &lua_html_class);
}

static void push_tag(lua_State *L, struct dom_node *node)
{
	lua_handle_push(L, &lua_htmltag_class, node);
}

/* html:has_tag(name) -> boolean
 * Whether an element of that name occurs.
 * > local html = task:get_text_parts()[2]:get_html()
 * > assert(html:has_tag("font") and not html:has_tag("table"))
 */
static int html_has_tag(lua_State *L)
{
	struct dom *d = self(L);
	struct str name = str_lower(d->arena, str_head(lua_str_arg(L, 2), 64));

	lua_pushboolean(L, map_has(&d->seen, name));
	return 1;
}

/* html:has_property(name) -> boolean
 * Facts about the HTML: "no_html" (not one tag), "bad_element",
 * "xml", "unknown_element", "duplicate_element", "unbalanced", "data_urls" (an
 * image inside of its address), "too_many_tags".
 * > local html = task:get_text_parts()[2]:get_html()
 * > assert(not html:has_property("data_urls"))
 * > assert(not html:has_property("no_html"))
 */
static int html_has_property(lua_State *L)
{
	static const struct {
		const char *name;
		unsigned flag;
	} properties[] = {
		{ "no_html", DOM_NO_HTML }, { "bad_start", DOM_NO_HTML },
		{ "bad_element", DOM_BAD_ELEMENT }, { "xml", DOM_XML },
		{ "unknown_element", DOM_UNKNOWN_ELEMENT },
		{ "duplicate_element", DOM_DUPLICATE_ELEMENT },
		{ "unbalanced", DOM_UNBALANCED },
		{ "data_urls", DOM_DATA_URLS },
		{ "too_many_tags", DOM_TOO_MANY },
	};
	struct dom *d = self(L);
	struct str name = lua_str_arg(L, 2);
	bool has = false;

	for (size_t i = 0; i < sizeof(properties) / sizeof(properties[0]); i++)
		if (str_eq(name, str_cstr(properties[i].name)))
			has = (d->flags & properties[i].flag) != 0;
	lua_pushboolean(L, has);
	return 1;
}

void lua_htmlimage_push(lua_State *L, struct dom_node *node)
{
	const struct dom_image *im = node->image;
	struct str alt = dom_attribute(node, STR("alt"));

	lua_createtable(L, 0, 8);
	if (im->src.n)
		lua_field_str(L, "src", im->src);
	lua_field_int(L, "width", im->width);
	lua_field_int(L, "height", im->height);
	lua_field_bool(L, "embedded", im->embedded);
	lua_field_bool(L, "data", im->data);
	lua_field_str(L, "alt", alt);
	if (im->link) {
		lua_url_push(L, im->link);
		lua_setfield(L, -2, "url");
	}
	push_tag(L, node);
	lua_setfield(L, -2, "tag");
}

/* html:get_images() -> list of tables
 * The <img> elements: `src` (of "cid:" without it), `url` (if it leads out of
 * the message), `width` and `height` (0 if they are not given as numbers),
 * `embedded` (by "cid:" or "data:"), `data` (by "data:"), `alt` and `tag`.
 * > local images = task:get_text_parts()[2]:get_html():get_images()
 * > assert(#images == 2 and images[1].embedded and images[1].width == 200)
 * > assert(images[1].src == "logo@example.com" and images[1].alt == "logo")
 * > assert(tostring(images[2].url) == "http://img.example.org/pixel.gif")
 * > assert(images[2].tag:get_type() == "img")
 */
static int html_get_images(lua_State *L)
{
	struct dom *d = self(L);

	lua_createtable(L, (int)d->nimages, 0);
	for (size_t i = 0; i < d->nimages; i++) {
		lua_spend(L, 256);
		lua_htmlimage_push(L, d->images[i]->node);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	return 1;
}

/* Pushes a set {name = true} of the names at argument 2; nothing (false) if
 * all are meant. */
static bool push_wanted(lua_State *L)
{
	lua_Integer n;

	if (lua_type(L, 2) != LUA_TTABLE) {
		struct str name = lua_str_arg(L, 2);

		if (str_eq(name, STR("any")))
			return false;
		lua_newtable(L);
		lua_push_str(L, str_lower(self(L)->arena, str_head(name, 64)));
		lua_pushboolean(L, true);
		lua_rawset(L, -3);
		return true;
	}
	n = (lua_Integer)lua_rawlen(L, 2);
	lua_spend(L, (size_t)n * 16);
	lua_newtable(L);
	for (lua_Integer i = 1; i <= n; i++) {
		struct str name;

		lua_rawgeti(L, 2, i);
		name = lua_str_arg(L, -1);
		lua_push_str(L, str_lower(self(L)->arena, str_head(name, 64)));
		lua_pushboolean(L, true);
		lua_rawset(L, -4);
		lua_pop(L, 1);
	}
	return true;
}

static bool is_wanted(lua_State *L, const struct dom_node *node, int set)
{
	bool wanted;

	lua_push_str(L, node->name);
	lua_rawget(L, set);
	wanted = lua_toboolean(L, -1);
	lua_pop(L, 1);
	return wanted;
}

/* html:foreach_tag(name, function(tag, length, is_leaf) -> stop)
 * Calls the function for each element of that name (a list of names, or "any"
 * for all) in the order of the document, with the length of its text and
 * whether it holds no other element, until it returns true.
 * > local html, texts = task:get_text_parts()[2]:get_html(), {}
 * > html:foreach_tag({"a", "font"}, function(tag, length, is_leaf)
 * >   texts[#texts + 1] = tag:get_type() .. length .. tostring(is_leaf)
 * > end)
 * > assert(table.concat(texts, " ") == "a8true a25true font0true")
 */
static int html_foreach_tag(lua_State *L)
{
	struct dom *d = self(L);
	int set = 0;

	luaL_checktype(L, 3, LUA_TFUNCTION);
	lua_settop(L, 3);
	if (push_wanted(L))
		set = lua_gettop(L);
	for (size_t i = 0; i < d->n; i++) {
		struct dom_node *node = d->nodes[i];

		lua_spend(L, 16);
		if (set && !is_wanted(L, node, set))
			continue;
		lua_pushvalue(L, 3);
		push_tag(L, node);
		lua_pushinteger(L, (lua_Integer)(node->end - node->begin));
		lua_pushboolean(L, node->leaf);
		lua_call(L, 3, 1);
		if (lua_toboolean(L, -1))
			break;
		lua_pop(L, 1);
	}
	return 0;
}

/* html:get_invisible() -> text
 * The text of hidden elements.
 * > local html = task:get_text_parts()[2]:get_html()
 * > assert(#html:get_invisible() == 0)
 */
static int html_get_invisible(lua_State *L)
{
	lua_text_push(L, self(L)->hidden);
	return 1;
}

static const struct lua_row methods[] = {
	{ "has_tag", html_has_tag },
	{ "has_property", html_has_property },
	{ "get_images", html_get_images },
	{ "foreach_tag", html_foreach_tag },
	{ "get_invisible", html_get_invisible },
	{ 0 },
};

const struct lua_class lua_html_class = {
	.name = "rspamd{html}", .methods = methods,
};
