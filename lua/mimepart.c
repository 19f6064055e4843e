/*
 * A part of the message: an element of task:get_parts(). It may be a leaf
 * with octets, or hold other parts.
 */
#include "lua/parts.h"

#include "base/codec.h"
#include "base/digest.h"
#include "mail/part.h"
#include "mail/text_part.h"

static struct mime_node *self(lua_State *L)
{
	return lua_handle_get(L, 1, &lua_mimepart_class);
}

static struct part *sent_part(lua_State *L)
{
	return self(L)->part;
}

/* mimepart:get_filename() -> string or nil
 * The file name, decoded, from Content-Disposition or Content-Type.
 * > local parts = task:get_parts()
 * > assert(parts[6]:get_filename() == "logo.png")
 * > assert(parts[4]:get_filename() == nil)
 */
static int mimepart_get_filename(lua_State *L)
{
	lua_push_str(L, mime_node_name(lua_run_of(L)->arena, self(L)));
	return 1;
}

/* mimepart:get_content() -> text
 * The octets behind the transfer encoding; of a text they are in its own
 * charset. Empty for a part that holds others.
 * > local pdf = task:get_parts()[7]
 * > assert(tostring(pdf:get_content()):sub(1, 5) == "%PDF-")
 * > assert(#task:get_parts()[1]:get_content() == 0)
 */
static int mimepart_get_content(lua_State *L)
{
	lua_text_push(L, lua_node_content(lua_run_of(L), self(L)));
	return 1;
}

/* mimepart:get_raw_content() -> text
 * The octets as they were sent, lines ending in LF. Empty for a part that
 * holds others.
 * > local pdf = task:get_parts()[7]
 * > assert(tostring(pdf:get_raw_content()):sub(1, 4) == "JVBE")
 */
static int mimepart_get_raw_content(lua_State *L)
{
	struct mime_node *node = self(L);

	lua_text_push(L, node->text ? node->text->raw :
		      part_sent(lua_run_of(L)->arena, node->part));
	return 1;
}

/* mimepart:get_length() -> number
 * The length of get_content().
 * > assert(task:get_parts()[7]:get_length() == 77)
 */
static int mimepart_get_length(lua_State *L)
{
	struct str s = lua_node_content(lua_run_of(L), self(L));

	lua_pushinteger(L, (lua_Integer)s.n);
	return 1;
}

/* mimepart:get_boundary() -> string or nil
 * The boundary of a multipart, or the one that a leaf stands between.
 * > assert(task:get_parts()[1]:get_boundary() == "outer")
 */
static int mimepart_get_boundary(lua_State *L)
{
	const struct mime_node *node = self(L);
	struct str b = ctype_param(&node->type, STR("boundary"));

	while (!b.p && node->parent) {
		node = node->parent;
		b = ctype_param(&node->type, STR("boundary"));
	}
	lua_push_str(L, b);
	return 1;
}

/* mimepart:get_digest() -> string
 * The BLAKE2b hash of get_content(), 128 hexadecimal digits; zeros for a part
 * that holds others.
 * > local digest = task:get_parts()[7]:get_digest()
 * > assert(#digest == 128 and digest:match("^%x+$"))
 * > assert(digest:sub(1, 8) == "1f59cf9f")
 */
static int mimepart_get_digest(lua_State *L)
{
	const struct mime_node *node = self(L);
	struct str s = lua_node_content(lua_run_of(L), node);
	uint8_t hash[DIGEST_MAX] = { 0 };
	char hex[2 * DIGEST_MAX];
	struct digest d;

	lua_spend(L, s.n * 2);
	if (!node->nchildren) {
		digest_begin(&d, DIGEST_BLAKE2B, STR_NONE);
		digest_add(&d, s);
		digest_end(&d, hash);
	}
	lua_pushlstring(L, hex, hex_encode(str_make((const char *)hash,
						    sizeof(hash)), hex));
	return 1;
}

/* mimepart:get_id() -> number
 * The place of the part in task:get_parts(), from 0.
 * > assert(task:get_parts()[3]:get_id() == 2)
 */
static int mimepart_get_id(lua_State *L)
{
	lua_pushinteger(L, (lua_Integer)self(L)->id);
	return 1;
}

/* mimepart:get_text() -> text part or nil
 * The text that the part is.
 * > local parts = task:get_parts()
 * > assert(parts[4]:get_text():get_words_count() > 0)
 * > assert(parts[7]:get_text() == nil)
 */
static int mimepart_get_text(lua_State *L)
{
	lua_handle_push(L, &lua_textpart_class, self(L)->text);
	return 1;
}

/* mimepart:get_image() -> image or nil
 * > assert(task:get_parts()[6]:get_image():get_width() == 200)
 * > assert(task:get_parts()[7]:get_image() == nil)
 */
static int mimepart_get_image(lua_State *L)
{
	return lua_image_push(L, self(L));
}

/* mimepart:get_archive() -> archive or nil
 * > assert(task:get_parts()[7]:get_archive() == nil)
 */
static int mimepart_get_archive(lua_State *L)
{
	return lua_archive_push(L, self(L));
}

/* mimepart:get_parent() -> MIME part or nil
 * The part that holds this one.
 * > local parts = task:get_parts()
 * > assert(parts[4]:get_parent() == parts[3])
 * > assert(parts[1]:get_parent() == nil)
 */
static int mimepart_get_parent(lua_State *L)
{
	lua_handle_push(L, &lua_mimepart_class, self(L)->parent);
	return 1;
}

/* mimepart:get_children() -> list of MIME parts or nil
 * What the part holds; nil for a leaf.
 * > local children = task:get_parts()[3]:get_children()
 * > assert(#children == 2 and children[2]:get_text():is_html())
 * > assert(task:get_parts()[4]:get_children() == nil)
 */
static int mimepart_get_children(lua_State *L)
{
	const struct mime_node *node = self(L);

	if (part_is_leaf(node->part))
		return 0;
	lua_spend(L, node->nchildren * 64);
	lua_createtable(L, (int)node->nchildren, 0);
	for (size_t i = 0; i < node->nchildren; i++) {
		lua_handle_push(L, &lua_mimepart_class, node->children[i]);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	return 1;
}

/* mimepart:get_urls([what]) -> list of urls
 * The links in this part, if it is a text; `what` as for task:get_urls().
 * > assert(#task:get_parts()[4]:get_urls() == 1)
 * > assert(#task:get_parts()[7]:get_urls() == 0)
 */
static int mimepart_get_urls(lua_State *L)
{
	return lua_part_urls_push(L, self(L)->text, 2);
}

/* mimepart:get_stats() -> table
 * Counts of octets: `length` of the content, `raw_length` as sent, `lines`
 * as sent.
 * > local stats = task:get_parts()[7]:get_stats()
 * > assert(stats.length == 77 and stats.lines == 3)
 */
static int mimepart_get_stats(lua_State *L)
{
	struct lua_run *run = lua_run_of(L);
	struct part *p = sent_part(L);
	struct str raw = part_sent(run->arena, p), line;
	struct str content = lua_node_content(run, self(L));
	long lines = 0, length = (long)raw.n;

	lua_spend(L, raw.n);
	while (str_next_line(&raw, &line))
		lines++;
	lua_createtable(L, 0, 3);
	lua_field_int(L, "length", (long)content.n);
	lua_field_int(L, "raw_length", length);
	lua_field_int(L, "lines", lines);
	return 1;
}

static const struct lua_row methods[] = {
	{ "get_header", mimepart_get_header },
	{ "get_header_raw", mimepart_get_header_raw },
	{ "get_header_full", mimepart_get_header_full },
	{ "get_header_count", mimepart_get_header_count },
	{ "has_header", mimepart_has_header },
	{ "headers_foreach", mimepart_headers_foreach },
	{ "get_raw_headers", mimepart_get_raw_headers },
	{ "get_type", mimepart_get_type },
	{ "get_type_full", mimepart_get_type_full },
	{ "get_detected_type", mimepart_get_detected_type },
	{ "get_detected_type_full", mimepart_get_detected_type_full },
	{ "get_detected_ext", mimepart_get_detected_ext },
	{ "get_cte", mimepart_get_cte },
	{ "is_attachment", mimepart_is_attachment },
	{ "is_text", mimepart_is_text },
	{ "is_multipart", mimepart_is_multipart },
	{ "is_message", mimepart_is_message },
	{ "is_image", mimepart_is_image },
	{ "is_archive", mimepart_is_archive },
	{ "is_broken", mimepart_is_broken },
	{ "is_specific", mimepart_is_specific },
	{ "get_specific", mimepart_get_specific },
	{ "get_filename", mimepart_get_filename },
	{ "get_content", mimepart_get_content },
	{ "get_raw_content", mimepart_get_raw_content },
	{ "get_length", mimepart_get_length },
	{ "get_boundary", mimepart_get_boundary },
	{ "get_digest", mimepart_get_digest },
	{ "get_id", mimepart_get_id },
	{ "get_text", mimepart_get_text },
	{ "get_image", mimepart_get_image },
	{ "get_archive", mimepart_get_archive },
	{ "get_parent", mimepart_get_parent },
	{ "get_children", mimepart_get_children },
	{ "get_urls", mimepart_get_urls },
	{ "get_stats", mimepart_get_stats },
	{ 0 },
};

const struct lua_class lua_mimepart_class = {
	.name = "rspamd{mimepart}", .methods = methods,
};
