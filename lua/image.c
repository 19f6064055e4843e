/*
 * Images and archives among the parts: what their first octets and their
 * directories tell. Nothing is decoded or unpacked.
 */
#include "lua/parts.h"

#include "mail/detect.h"
#include "mail/text_part.h"

struct file {
	const struct mime_node *node;
	struct str data;
	const char *kind;	/* "PNG", "zip" */
	unsigned width, height;
	struct zip_listing zip;
};

bool lua_image_push(lua_State *L, struct mime_node *node)
{
	struct lua_run *run = lua_run_of(L);
	struct file *f;

	if (!lua_is_image(run, node))
		return false;
	f = arena_alloc(run->arena, sizeof(*f));
	f->node = node;
	f->data = lua_node_content(run, node);
	if (!detect_image_size(f->data, &f->kind, &f->width, &f->height))
		f->kind = "unknown";
	lua_handle_push(L, &lua_image_class, f);
	return true;
}

bool lua_archive_push(lua_State *L, struct mime_node *node)
{
	struct lua_run *run = lua_run_of(L);
	struct file *f;

	if (!lua_is_archive(run, node))
		return false;
	f = arena_alloc(run->arena, sizeof(*f));
	f->node = node;
	f->data = lua_node_content(run, node);
	f->kind = detect_file(f->data)->ext;
	if (str_eq(str_cstr(f->kind), STR("zip")) ||
	    str_eq(str_cstr(f->kind), STR("jar")) ||
	    str_eq(str_cstr(f->kind), STR("apk"))) {
		lua_spend(L, f->data.n < 65536 ? f->data.n : 65536);
		zip_list(run->arena, f->data, &f->zip);
	} else {
		f->zip.unreadable = true;
	}
	lua_handle_push(L, &lua_archive_class, f);
	return true;
}

static struct file *image(lua_State *L)
{
	return lua_handle_get(L, 1, &lua_image_class);
}

static struct file *archive(lua_State *L)
{
	return lua_handle_get(L, 1, &lua_archive_class);
}

/* image:get_width() -> number
 * In pixels; 0 if it is of a kind whose size is not read.
 * > assert(task:get_images()[1]:get_width() == 200)
 */
static int image_get_width(lua_State *L)
{
	lua_pushinteger(L, image(L)->width);
	return 1;
}

/* image:get_height() -> number
 * > assert(task:get_images()[1]:get_height() == 100)
 */
static int image_get_height(lua_State *L)
{
	lua_pushinteger(L, image(L)->height);
	return 1;
}

/* image:get_type() -> string
 * "PNG", "JPEG", "GIF", "BMP" or "unknown".
 * > assert(task:get_images()[1]:get_type() == "PNG")
 */
static int image_get_type(lua_State *L)
{
	lua_pushstring(L, image(L)->kind);
	return 1;
}

/* image:get_filename() -> string or nil
 * > assert(task:get_images()[1]:get_filename() == "logo.png")
 */
static int image_get_filename(lua_State *L)
{
	lua_push_str(L, mime_node_name(lua_run_of(L)->arena, image(L)->node));
	return 1;
}

/* image:get_size() -> number
 * In octets.
 * > assert(task:get_images()[1]:get_size() == 70)
 */
static int image_get_size(lua_State *L)
{
	lua_pushinteger(L, (lua_Integer)image(L)->data.n);
	return 1;
}

/* archive:get_type() -> string
 * "zip", "rar", "7z", "gz", "tar" and so on. Only of ZIP files the contents
 * are known.
 * > for _, archive in ipairs(task:get_archives()) do
 * >   assert(archive:get_type() ~= "")
 * > end
 */
static int archive_get_type(lua_State *L)
{
	lua_pushstring(L, archive(L)->kind);
	return 1;
}

/* archive:get_filename() -> string or nil
 * > for _, archive in ipairs(task:get_archives()) do
 * >   assert(archive:get_filename())
 * > end
 */
static int archive_get_filename(lua_State *L)
{
	lua_push_str(L, mime_node_name(lua_run_of(L)->arena,
				       archive(L)->node));
	return 1;
}

/* archive:get_size() -> number
 * In octets.
 * > for _, archive in ipairs(task:get_archives()) do
 * >   assert(archive:get_size() > 0)
 * > end
 */
static int archive_get_size(lua_State *L)
{
	lua_pushinteger(L, (lua_Integer)archive(L)->data.n);
	return 1;
}

/* How many files to list: argument 2, or all. */
static size_t listed(lua_State *L, const struct zip_listing *zip)
{
	lua_Integer max = luaL_optinteger(L, 2, (lua_Integer)zip->n);

	return max < 0 ? 0 : (size_t)max < zip->n ? (size_t)max : zip->n;
}

/* archive:get_files([max]) -> list of strings
 * The names of the files inside of a ZIP archive.
 * > for _, archive in ipairs(task:get_archives()) do
 * >   for _, name in ipairs(archive:get_files(100)) do
 * >     assert(not name:match("%.exe$"))
 * >   end
 * > end
 */
static int archive_get_files(lua_State *L)
{
	const struct zip_listing *zip = &archive(L)->zip;
	size_t n = listed(L, zip);

	lua_spend(L, n * 64);
	lua_createtable(L, (int)n, 0);
	for (size_t i = 0; i < n; i++) {
		lua_push_str(L, zip->v[i].name);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	return 1;
}

/* archive:get_files_full([max]) -> list of tables
 * The same with `name`, `compressed_size`, `uncompressed_size` and
 * `encrypted` of each.
 * > for _, archive in ipairs(task:get_archives()) do
 * >   for _, file in ipairs(archive:get_files_full()) do
 * >     assert(file.uncompressed_size < 1000 * file.compressed_size)
 * >   end
 * > end
 */
static int archive_get_files_full(lua_State *L)
{
	const struct zip_listing *zip = &archive(L)->zip;
	size_t n = listed(L, zip);

	lua_spend(L, n * 256);
	lua_createtable(L, (int)n, 0);
	for (size_t i = 0; i < n; i++) {
		lua_createtable(L, 0, 4);
		lua_field_str(L, "name", zip->v[i].name);
		lua_field_int(L, "compressed_size", (long)zip->v[i].packed);
		lua_field_int(L, "uncompressed_size", (long)zip->v[i].size);
		lua_field_bool(L, "encrypted", zip->v[i].encrypted);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	return 1;
}

/* archive:is_encrypted() -> boolean
 * Whether a file inside needs a password.
 * > for _, archive in ipairs(task:get_archives()) do
 * >   assert(not archive:is_encrypted())
 * > end
 */
static int archive_is_encrypted(lua_State *L)
{
	lua_pushboolean(L, archive(L)->zip.encrypted);
	return 1;
}

/* archive:is_unreadable() -> boolean
 * Whether the names of its files could not be read.
 * > for _, archive in ipairs(task:get_archives()) do
 * >   assert(not archive:is_unreadable())
 * > end
 */
static int archive_is_unreadable(lua_State *L)
{
	lua_pushboolean(L, archive(L)->zip.unreadable);
	return 1;
}

/* archive:is_obfuscated() -> boolean
 * Always false: rspamd finds out about odd RAR files with it.
 * > for _, archive in ipairs(task:get_archives()) do
 * >   assert(not archive:is_obfuscated())
 * > end
 */
static int archive_is_obfuscated(lua_State *L)
{
	archive(L);
	lua_pushboolean(L, false);
	return 1;
}

static const struct lua_row image_methods[] = {
	{ "get_width", image_get_width },
	{ "get_height", image_get_height },
	{ "get_type", image_get_type },
	{ "get_filename", image_get_filename },
	{ "get_size", image_get_size },
	{ 0 },
};

static const struct lua_row archive_methods[] = {
	{ "get_type", archive_get_type },
	{ "get_filename", archive_get_filename },
	{ "get_size", archive_get_size },
	{ "get_files", archive_get_files },
	{ "get_files_full", archive_get_files_full },
	{ "is_encrypted", archive_is_encrypted },
	{ "is_unreadable", archive_is_unreadable },
	{ "is_obfuscated", archive_is_obfuscated },
	{ 0 },
};

const struct lua_class lua_image_class = {
	.name = "rspamd{image}", .methods = image_methods,
};

const struct lua_class lua_archive_class = {
	.name = "rspamd{archive}", .methods = archive_methods,
};
