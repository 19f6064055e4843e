/*
 * io.open and io.lines for reading the site's own files, and only while the
 * configuration is loaded. A file is read as a whole (it must not be large)
 * and closed at once, so no descriptor lives in the machine; the object that
 * scripts get has read, lines, seek and close over the text.
 */
#include "lua/sandbox.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"

#define FILE_MAX ((size_t)16 << 20)

/* An open file, with its text. */
struct reader {
	size_t at, n;
	bool closed;
	char text[];
};

static struct reader *reader_arg(lua_State *L, struct str *text_r)
{
	struct reader *r = lua_object_get(L, 1, &lua_file_class);

	if (r->closed)
		luaL_error(L, "attempt to use a closed file");
	*text_r = str_make(r->text, r->n);
	return r;
}

static int push_line(lua_State *L, struct reader *r, struct str text,
		     bool keep)
{
	struct str rest = str_from(text, r->at), line;

	if (!str_next_line(&rest, &line)) {
		lua_pushnil(L);
		return 1;
	}
	r->at += line.n;
	lua_spend(L, line.n);
	if (!keep && str_ends(line, STR("\n")))
		line.n--;
	lua_pushlstring(L, line.p, line.n);
	return 1;
}

static int push_octets(lua_State *L, struct reader *r, struct str text,
		       size_t n)
{
	struct str rest = str_from(text, r->at);

	if (n > 0 && rest.n == 0) {
		lua_pushnil(L);
		return 1;
	}
	rest = str_head(rest, n);
	r->at += rest.n;
	lua_pushlstring(L, rest.p, rest.n);
	return 1;
}

/* A number, as far as a line has one at its beginning. */
static int push_number(lua_State *L, struct reader *r, struct str text)
{
	struct str rest = str_from(text, r->at);
	size_t space = rest.n - str_ltrim(rest).n, n = 0;
	char buf[64];

	rest = str_from(rest, space);
	while (n < rest.n && n < sizeof(buf) - 1 &&
	       (is_alnum(rest.p[n]) || strchr("+-.", rest.p[n])))
		n++;
	memcpy(buf, rest.p ? rest.p : "", n);
	buf[n] = '\0';
	r->at += space + n;
	if (lua_stringtonumber(L, buf) == 0)
		lua_pushnil(L);
	return 1;
}

static int read_one(lua_State *L, struct reader *r, struct str text, int idx)
{
	const char *what;

	if (lua_type(L, idx) == LUA_TNUMBER) {
		lua_Number n = lua_tonumber(L, idx);

		return push_octets(L, r, text, n > 0 ? (size_t)n : 0);
	}
	what = luaL_optstring(L, idx, "l");
	what += *what == '*';
	switch (*what) {
	case 'a':
		return push_octets(L, r, text, text.n - r->at);
	case 'n':
		return push_number(L, r, text);
	case 'l':
	case 'L':
		return push_line(L, r, text, *what == 'L');
	default:
		return luaL_argerror(L, idx, "invalid format");
	}
}

/* file:read([format...]) -> string, number or nil
 * What io.open gave is read: "l" (the default) a line, "L" with its end, "a"
 * all that is left, "n" a number, or so many octets.
 * > -- while loading
 * > local file = io.open("words.txt")
 * > assert(file:read() == "one" and file:read("a") == "two\nthree\n")
 */
static int file_read(lua_State *L)
{
	struct str text;
	struct reader *r = reader_arg(L, &text);
	int top = lua_gettop(L), n = 0;

	if (top == 1)
		return push_line(L, r, text, false);
	luaL_checkstack(L, top, "too many formats");
	for (int i = 2; i <= top; i++) {
		n += read_one(L, r, text, i);
		if (lua_isnil(L, -1))
			break;
	}
	return n;
}

static int next_line(lua_State *L)
{
	struct str text;

	lua_settop(L, 0);
	lua_pushvalue(L, lua_upvalueindex(1));
	return push_line(L, reader_arg(L, &text), text, false);
}

/* file:lines() -> iterator
 * The lines that are left, one after the other.
 * > -- while loading
 * > local words = {}
 * > for line in io.open("words.txt"):lines() do words[#words + 1] = line end
 * > assert(#words == 3)
 */
static int file_lines(lua_State *L)
{
	struct str text;

	reader_arg(L, &text);
	lua_settop(L, 1);
	lua_pushcclosure(L, next_line, 1);
	return 1;
}

/* file:seek([whence [, offset]]) -> integer
 * Moves to an offset from the start ("set"), from here ("cur", the default) or
 * from the end ("end"), and tells where that is.
 * > -- while loading
 * > local file = io.open("words.txt")
 * > assert(file:seek("end") == 14 and file:seek("set", 4) == 4 and file:read() == "two")
 */
static int file_seek(lua_State *L)
{
	static const char *const names[] = { "set", "cur", "end", NULL };
	struct str text;
	struct reader *r = reader_arg(L, &text);
	double base[3] = { 0, (double)r->at, (double)text.n };
	double at = base[luaL_checkoption(L, 2, "cur", names)] +
		luaL_optnumber(L, 3, 0);

	if (!(at >= 0))
		return luaL_error(L, "invalid position");
	r->at = at > (double)text.n ? text.n : (size_t)at;
	lua_pushinteger(L, (lua_Integer)r->at);
	return 1;
}

/* file:close() -> boolean
 * Nothing can be read from now on.
 * > -- while loading
 * > local file = io.open("words.txt")
 * > assert(file:close())
 * > assert(not pcall(file.read, file))
 */
static int file_close(lua_State *L)
{
	struct str text;

	reader_arg(L, &text)->closed = true;
	lua_pushboolean(L, 1);
	return 1;
}

/* Pushes a reader of the file at path, or nil and why there is none (false).
 * The memory is taken first: no descriptor may be held where an error can
 * leave the function. */
static bool push_reader(lua_State *L, const char *path)
{
	struct stat st;
	struct reader *r;
	ssize_t got = 1;
	int fd;

	if (stat(path, &st) < 0 || !S_ISREG(st.st_mode) ||
	    (size_t)st.st_size > FILE_MAX) {
		lua_pushnil(L);
		lua_pushfstring(L, "%s: not a file of at most 16 MB", path);
		return false;
	}
	r = lua_object_new(L, &lua_file_class,
			   sizeof(*r) + (size_t)st.st_size);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	while (fd >= 0 && r->n < (size_t)st.st_size && got > 0) {
		got = read(fd, r->text + r->n, (size_t)st.st_size - r->n);
		r->n += got > 0 ? (size_t)got : 0;
	}
	if (fd >= 0) {
		close(fd);
		return true;
	}
	lua_pushnil(L);
	lua_pushfstring(L, "%s: cannot be read", path);
	return false;
}

/* A reader of the file named at 1, pushed; or nil and why not (false). */
static bool open_reader(lua_State *L)
{
	struct lua_vm *vm = lua_vm_of(L);
	struct str path;
	struct err err = { "" };

	path.p = luaL_checklstring(L, 1, &path.n);
	if (vm->loader && !vm->sealed && !memchr(path.p, 0, path.n)) {
		path = lua_path(L, path);
		if (lua_may_read(vm, path, &err))
			return push_reader(L, path.p);
	}
	lua_pushnil(L);
	lua_pushfstring(L, "%s: %s", path.p, err.text[0] ? err.text :
			"files can only be read while rules are loaded");
	return false;
}

/* io.open(path [, mode]) -> file, or nil and an error */
static int io_open(lua_State *L)
{
	const char *mode = luaL_optstring(L, 2, "r");

	if (strcmp(mode, "r") != 0 && strcmp(mode, "rb") != 0) {
		lua_pushnil(L);
		lua_pushliteral(L, "files can only be opened for reading");
		return 2;
	}
	return open_reader(L) ? 1 : 2;
}

/* io.lines(path) */
static int io_lines(lua_State *L)
{
	if (!open_reader(L))
		return lua_error(L);
	lua_pushcclosure(L, next_line, 1);
	return 1;
}

static const struct lua_row methods[] = {
	{ "read", file_read }, { "lines", file_lines },
	{ "seek", file_seek }, { "close", file_close }, { NULL, NULL },
};

const struct lua_class lua_file_class = { .name = "file", .methods = methods };

void lua_open_io(lua_State *L)
{
	static const struct luaL_Reg rows[] = {
		{ "open", io_open }, { "lines", io_lines }, { NULL, NULL },
	};

	lua_newtable(L);
	luaL_setfuncs(L, rows, 0);
}
