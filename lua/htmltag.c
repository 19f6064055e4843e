/*
 * An element of the HTML of a text part.
 */
#include "lua/parts.h"

#include "mail/dom.h"
#include "mail/html_tag.h"
#include "mail/link.h"

static struct dom_node *self(lua_State *L)
{
	return lua_handle_get(L, 1, &lua_htmltag_class);
}

/* tag:get_type() -> string or nil
 * The name of the element, in lower case; nil if HTML 4 has no such element.
 * > task:get_text_parts()[2]:get_html():foreach_tag("p", function(tag)
 * >   assert(tag:get_type() == "p")
 * > end)
 */
static int tag_get_type(lua_State *L)
{
	struct dom_node *node = self(L);

	lua_push_str(L, html_tag_find(node->name) == HTML_TAG_NONE ?
		     STR_NONE : node->name);
	return 1;
}

/* tag:get_parent() -> tag or nil
 * The element that holds this one; nil for that of the document.
 * > task:get_text_parts()[2]:get_html():foreach_tag("a", function(tag)
 * >   assert(tag:get_parent():get_type() == "p")
 * > end)
 */
static int tag_get_parent(lua_State *L)
{
	struct dom_node *parent = self(L)->parent;

	/* <html> itself stands in nothing. */
	if (parent && !parent->parent &&
	    str_eq(self(L)->name, STR("html")))
		parent = NULL;
	lua_handle_push(L, &lua_htmltag_class, parent);
	return 1;
}

/* tag:get_extra() -> url, table or nil
 * What the element leads to: the url of a link, form or frame; the table of an
 * image (see html:get_images()).
 * > local hosts = {}
 * > task:get_text_parts()[2]:get_html():foreach_tag("a", function(tag)
 * >   hosts[#hosts + 1] = tag:get_extra():get_host()
 * > end)
 * > assert(hosts[1] == "www.example.org" and hosts[2] == "login.example.co.uk")
 */
static int tag_get_extra(lua_State *L)
{
	struct dom_node *node = self(L);

	if (node->image)
		lua_htmlimage_push(L, node);
	else
		lua_url_push(L, node->link);
	return 1;
}

/* tag:get_flags() -> list of strings
 * "href" (leads somewhere), "closed", "block".
 * > task:get_text_parts()[2]:get_html():foreach_tag("a", function(tag)
 * >   local flags = tag:get_flags()
 * >   assert(flags[1] == "href" and flags[2] == "closed")
 * > end)
 */
static int tag_get_flags(lua_State *L)
{
	const struct dom_node *node = self(L);
	const struct {
		const char *name;
		bool set;
	} flags[] = {
		{ "href", node->link != NULL }, { "closed", node->closed },
		{ "block", node->block },
	};
	lua_Integer n = 0;

	lua_newtable(L);
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		if (!flags[i].set)
			continue;
		lua_pushstring(L, flags[i].name);
		lua_rawseti(L, -2, ++n);
	}
	return 1;
}

/* tag:get_content() -> text or nil
 * The text inside of the element; nil if there is none.
 * > task:get_text_parts()[2]:get_html():foreach_tag("a", function(tag)
 * >   assert(tostring(tag:get_content()) == "our news")
 * >   return true
 * > end)
 */
static int tag_get_content(lua_State *L)
{
	struct str s = dom_content(self(L));

	if (s.n == 0)
		return 0;
	lua_text_push(L, s);
	return 1;
}

/* tag:get_content_length() -> number
 * > task:get_text_parts()[2]:get_html():foreach_tag("a", function(tag, length)
 * >   assert(tag:get_content_length() == length)
 * > end)
 */
static int tag_get_content_length(lua_State *L)
{
	lua_pushinteger(L, (lua_Integer)dom_content(self(L)).n);
	return 1;
}

static void field_color(lua_State *L, const char *key, const uint8_t c[4])
{
	lua_createtable(L, 4, 0);
	for (int i = 0; i < 4; i++) {
		lua_pushinteger(L, c[i]);
		lua_rawseti(L, -2, i + 1);
	}
	lua_setfield(L, -2, key);
}

/* tag:get_style() -> table
 * How the text of the element is shown: `color` and `bgcolor` (lists of red,
 * green, blue and opacity, from 0 to 255; nil if nothing sets them),
 * `font_size` (pixels; nil if nothing sets it), `visible`, and `transparent`:
 * hardly to be told from what is behind it.
 * > task:get_text_parts()[2]:get_html():foreach_tag("font", function(tag)
 * >   local style = tag:get_style()
 * >   assert(style.color[1] == 255 and style.color[3] == 254)
 * >   assert(style.transparent and not style.visible)
 * > end)
 */
static int tag_get_style(lua_State *L)
{
	const struct dom_style *st = &self(L)->style;

	lua_createtable(L, 0, 5);
	if (st->has_color)
		field_color(L, "color", st->color);
	if (st->has_background)
		field_color(L, "bgcolor", st->background);
	if (st->has_size)
		lua_field_int(L, "font_size", st->font_size);
	lua_field_bool(L, "visible", st->visible);
	lua_field_bool(L, "transparent", st->transparent);
	return 1;
}

/* tag:get_attribute(name) -> string or nil
 * The value of an attribute, decoded.
 * > task:get_text_parts()[2]:get_html():foreach_tag("a", function(tag)
 * >   assert(tag:get_attribute("title") == "news")
 * >   return true
 * > end)
 */
static int tag_get_attribute(lua_State *L)
{
	struct dom_node *node = self(L);
	struct str name = lua_str_arg(L, 2);

	lua_spend(L, node->nattrs * 8);
	lua_push_str(L, dom_attribute(node, name));
	return 1;
}

static const struct lua_row methods[] = {
	{ "get_type", tag_get_type },
	{ "get_parent", tag_get_parent },
	{ "get_extra", tag_get_extra },
	{ "get_flags", tag_get_flags },
	{ "get_content", tag_get_content },
	{ "get_content_length", tag_get_content_length },
	{ "get_style", tag_get_style },
	{ "get_attribute", tag_get_attribute },
	{ 0 },
};

const struct lua_class lua_htmltag_class = {
	.name = "rspamd{html_tag}", .methods = methods,
};
