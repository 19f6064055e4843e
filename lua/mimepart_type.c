/*
 * What a MIME part is: by its declaration, by its octets, by where it stands.
 */
#include "lua/parts.h"

#include "lua/re_message.h"
#include "mail/detect.h"
#include "mail/part.h"
#include "mail/text_part.h"

/* A PDF with more objects is told to be large. */
#define PDF_OBJECTS_MANY 10000

static struct mime_node *self(lua_State *L)
{
	return lua_handle_get(L, 1, &lua_mimepart_class);
}

/* mimepart:get_type() -> string, string
 * The declared type and subtype, in lower case; text and plain if there is no
 * declaration.
 * > local t, s = task:get_parts()[6]:get_type()
 * > assert(t == "image" and s == "png")
 */
int mimepart_get_type(lua_State *L)
{
	const struct mime_node *node = self(L);

	lua_push_str(L, node->type.type);
	lua_push_str(L, node->type.subtype);
	return 2;
}

/* mimepart:get_type_full() -> string, string, table
 * The same and the parameters of the declaration.
 * > local t, s, params = task:get_parts()[4]:get_type_full()
 * > assert(t == "text" and s == "plain" and params.charset == "UTF-8")
 */
int mimepart_get_type_full(lua_State *L)
{
	const struct mime_node *node = self(L);

	mimepart_get_type(L);
	lua_createtable(L, 0, (int)node->type.n);
	for (size_t i = 0; i < node->type.n; i++) {
		lua_push_str(L, node->type.params[i].name);
		lua_push_str(L, node->type.params[i].value);
		lua_rawset(L, -3);
	}
	return 3;
}

/* The kind of file that the node's octets are, or NULL. */
static const struct detect_kind *detected(struct lua_run *run,
					  const struct mime_node *node)
{
	const struct detect_kind *k;

	if (!part_is_leaf(node->part))
		return NULL;
	k = detect_file(lua_node_content(run, node));
	if (node->text && (!k || k->class == DETECT_OTHER))
		return detect_ext(node->text->html ? STR("html") : STR("txt"));
	if (!k && str_eq(node->type.type, STR("text")))
		return detect_ext(node->type.subtype);
	return k;
}

/* mimepart:get_detected_type() -> string, string or nil
 * Type and subtype by the octets themselves, where they tell.
 * > local t, s = task:get_parts()[7]:get_detected_type()
 * > assert(t == "application" and s == "pdf")
 */
int mimepart_get_detected_type(lua_State *L)
{
	const struct detect_kind *k = detected(lua_run_of(L), self(L));

	if (!k)
		return 0;
	lua_pushstring(L, k->type);
	lua_pushstring(L, k->subtype);
	return 2;
}

/* mimepart:get_detected_type_full() -> string, string, table or nil
 * The same and an empty table: octets have no parameters.
 * > local _, s, params = task:get_parts()[6]:get_detected_type_full()
 * > assert(s == "png" and next(params) == nil)
 */
int mimepart_get_detected_type_full(lua_State *L)
{
	if (!mimepart_get_detected_type(L))
		return 0;
	lua_newtable(L);
	return 3;
}

/* mimepart:get_detected_ext() -> string or nil
 * The extension that a file of these octets would bear.
 * > assert(task:get_parts()[6]:get_detected_ext() == "png")
 * > assert(task:get_parts()[1]:get_detected_ext() == nil)
 */
int mimepart_get_detected_ext(lua_State *L)
{
	const struct detect_kind *k = detected(lua_run_of(L), self(L));

	lua_pushstring(L, k ? k->ext : NULL);
	return 1;
}

/* mimepart:get_cte() -> string
 * The transfer encoding, in lower case ("binary" is "8bit"); where none is
 * declared, that of the multipart around it, else "8bit" or "7bit" by the
 * first 128 octets; "unknown" for a part that holds others and declares none.
 * > assert(task:get_parts()[7]:get_cte() == "base64")
 * > assert(task:get_parts()[1]:get_cte() == "unknown")
 */
int mimepart_get_cte(lua_State *L)
{
	lua_push_str(L, re_encoding(self(L)->part));
	return 1;
}

bool lua_is_attachment(struct lua_run *run, const struct mime_node *node)
{
	struct str cd = part_header(node->part, STR("content-disposition"));

	if (!part_is_leaf(node->part))
		return false;
	if (str_istarts(str_trim(cd), STR("attachment")))
		return true;
	/* What has a name is a file, unless the text shows it. */
	return mime_node_name(run->arena, node).p &&
	       !headers_last(&node->part->headers, STR("content-id"));
}

/* mimepart:is_attachment() -> boolean
 * Declared an attachment, or a file that no text refers to.
 * > assert(task:get_parts()[7]:is_attachment())
 * > assert(not task:get_parts()[6]:is_attachment())
 */
int mimepart_is_attachment(lua_State *L)
{
	lua_pushboolean(L, lua_is_attachment(lua_run_of(L), self(L)));
	return 1;
}

/* mimepart:is_text() -> boolean
 * > assert(task:get_parts()[5]:is_text() and not task:get_parts()[6]:is_text())
 */
int mimepart_is_text(lua_State *L)
{
	lua_pushboolean(L, self(L)->text != NULL);
	return 1;
}

/* mimepart:is_multipart() -> boolean
 * > assert(task:get_parts()[1]:is_multipart())
 */
int mimepart_is_multipart(lua_State *L)
{
	const struct mime_node *node = self(L);

	lua_pushboolean(L, !part_is_leaf(node->part) &&
			str_eq(node->type.type, STR("multipart")));
	return 1;
}

/* mimepart:is_message() -> boolean
 * A mail inside of the mail.
 * > assert(not task:get_parts()[1]:is_message())
 */
int mimepart_is_message(lua_State *L)
{
	const struct mime_node *node = self(L);

	lua_pushboolean(L, str_eq(node->type.type, STR("message")) &&
			(str_eq(node->type.subtype, STR("rfc822")) ||
			 str_eq(node->type.subtype, STR("global"))));
	return 1;
}

bool lua_is_image(struct lua_run *run, const struct mime_node *node)
{
	const struct detect_kind *k = detected(run, node);

	return k && k->class == DETECT_IMAGE;
}

bool lua_is_archive(struct lua_run *run, const struct mime_node *node)
{
	const struct detect_kind *k = detected(run, node);

	return k && k->class == DETECT_ARCHIVE;
}

/* mimepart:is_image() -> boolean
 * An image by its octets.
 * > assert(task:get_parts()[6]:is_image() and not task:get_parts()[7]:is_image())
 */
int mimepart_is_image(lua_State *L)
{
	lua_pushboolean(L, lua_is_image(lua_run_of(L), self(L)));
	return 1;
}

/* mimepart:is_archive() -> boolean
 * An archive (zip, rar, 7z, gz, ...) by its octets. Office documents, which
 * are ZIP files too, are none.
 * > assert(not task:get_parts()[7]:is_archive())
 */
int mimepart_is_archive(lua_State *L)
{
	lua_pushboolean(L, lua_is_archive(lua_run_of(L), self(L)));
	return 1;
}

/* mimepart:is_broken() -> boolean
 * Whether the declared type has no subtype.
 * > assert(not task:get_parts()[6]:is_broken())
 */
int mimepart_is_broken(lua_State *L)
{
	lua_pushboolean(L, self(L)->type.broken);
	return 1;
}

static bool is_pdf(struct lua_run *run, const struct mime_node *node)
{
	const struct detect_kind *k = detected(run, node);

	return k && str_eq(str_cstr(k->ext), STR("pdf"));
}

/* mimepart:is_specific() -> boolean
 * Whether get_specific() knows something: of PDF files.
 * > assert(task:get_parts()[7]:is_specific())
 */
int mimepart_is_specific(lua_State *L)
{
	lua_pushboolean(L, is_pdf(lua_run_of(L), self(L)));
	return 1;
}

/* mimepart:get_specific() -> table or nil
 * Of a PDF file: `tag` ("pdf"), and where it is so, `encrypted`, `scripts`,
 * `openaction` (true) and `many_objects` (a number). Only what stands in the
 * file in plain is seen; nothing is unpacked.
 * > local pdf = task:get_parts()[7]:get_specific()
 * > assert(pdf.tag == "pdf" and not pdf.encrypted)
 * > assert(task:get_parts()[6]:get_specific() == nil)
 */
int mimepart_get_specific(lua_State *L)
{
	struct lua_run *run = lua_run_of(L);
	const struct mime_node *node = self(L);
	struct pdf_facts pdf;
	struct str s;

	if (!is_pdf(run, node))
		return 0;
	s = lua_node_content(run, node);
	lua_spend(L, s.n * 4);
	pdf_look(s, &pdf);
	lua_createtable(L, 0, 6);
	lua_field_str(L, "tag", STR("pdf"));
	lua_newtable(L);
	lua_setfield(L, -2, "flags");
	if (pdf.encrypted)
		lua_field_bool(L, "encrypted", true);
	if (pdf.scripts)
		lua_field_bool(L, "scripts", true);
	if (pdf.openaction)
		lua_field_bool(L, "openaction", true);
	if (pdf.objects > PDF_OBJECTS_MANY)
		lua_field_int(L, "many_objects", (long)pdf.objects);
	return 1;
}
