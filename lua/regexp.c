/*
 * rspamd_regexp: regexes for scripts. An object holds the pattern's text; the
 * compiled form is a thing that is made where it is needed and may be made
 * again: while loading in the arena of the configuration (with JIT), by
 * create() during a scan in that of the message, by create_cached() in a
 * cache that starts anew when it is full. So an object that a script keeps
 * never refers to memory that is gone, and a million of them are bounded.
 */
#include "lua/regexp_int.h"

#include "base/log.h"

/* Distinct regexes that scripts may make while loading, and that the cache
 * holds. */
#define MAX_LOADED 20000
#define MAX_CACHED 512
#define MAX_PATTERN 65536

/* What compiling costs besides the octets of the pattern. */
#define COMPILE_COST 2000

/* Compiled regexes by "flags:pattern". */
struct store {
	struct map loaded;
	struct arena *cache;
	struct map cached;
	uint64_t generation;	/* of the cache */
	uint64_t epoch;		/* of the message's map */
	struct map brief;
};

static void free_store(void *p)
{
	struct store *s = p;

	arena_free(&s->cache);
}

static struct store *store_of(lua_State *L)
{
	static const char key;
	struct lua_vm *vm = lua_vm_of(L);
	struct store *s;

	lua_rawgetp(L, LUA_REGISTRYINDEX, &key);
	s = lua_touserdata(L, -1);
	lua_pop(L, 1);
	if (s)
		return s;
	s = arena_alloc(vm->arena, sizeof(*s));
	s->loaded = MAP_IN(vm->arena);
	s->cache = arena_new();
	s->cached = MAP_IN(s->cache);
	s->generation = 1;
	arena_on_free(vm->arena, free_store, s);
	lua_pushlightuserdata(L, s);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &key);
	return s;
}

/* Where a regex goes now. */
static enum home home_now(lua_State *L, bool cached)
{
	const struct lua_vm *vm = lua_vm_of(L);

	if (!vm->sealed)
		return HOME_CONFIG;
	return cached || !vm->run ? HOME_CACHE : HOME_MESSAGE;
}

static struct map *map_of_home(lua_State *L, struct store *s, enum home home)
{
	struct lua_vm *vm = lua_vm_of(L);

	switch (home) {
	case HOME_CONFIG:
		return &s->loaded;
	case HOME_CACHE:
		if (s->cached.n >= MAX_CACHED) {
			arena_reset(s->cache);
			s->cached = MAP_IN(s->cache);
			s->generation++;
		}
		return &s->cached;
	default:
		if (s->epoch != vm->epoch) {
			s->epoch = vm->epoch;
			s->brief = MAP_IN(vm->run->arena);
		}
		return &s->brief;
	}
}

static uint64_t epoch_of_home(lua_State *L, const struct store *s,
			      enum home home)
{
	return home == HOME_CONFIG ? 0 : home == HOME_CACHE ? s->generation :
		lua_vm_of(L)->epoch;
}

/* The key of a pattern, on the top of the stack. */
static struct str push_key(lua_State *L, struct str pattern, unsigned flags)
{
	size_t n;
	const char *p;

	lua_pushfstring(L, "%d:", (int)flags);
	lua_pushlstring(L, pattern.p ? pattern.p : "", pattern.n);
	lua_concat(L, 2);
	p = lua_tolstring(L, -1, &n);
	return str_make(p, n);
}

/* The compiled form, from the store or made now; NULL and err if the pattern
 * is refused. */
static const struct regex *compiled(lua_State *L, struct str pattern,
				    unsigned flags, enum home home,
				    struct err *err)
{
	struct store *s = store_of(L);
	struct map *map = map_of_home(L, s, home);
	struct str key = push_key(L, pattern, flags);
	struct regex *re = map_get(map, key);

	lua_spend(L, pattern.n);
	if (!re) {
		lua_spend(L, COMPILE_COST + 16 * pattern.n);
		if (home == HOME_CONFIG && map->n >= MAX_LOADED)
			luaL_error(L, "more than %d regexes", MAX_LOADED);
		re = regex_compile_pcre(map->arena, pattern, flags |
					(home == HOME_MESSAGE ? REGEX_BRIEF :
					 0), err);
		if (re)
			map_set(map, str_dup(map->arena, key), re);
	}
	lua_pop(L, 1);
	return re;
}

/* Pushes an object for a pattern, or nil if it is refused. */
static int push_regexp(lua_State *L, struct str pattern, unsigned flags,
		       bool cached)
{
	enum home home = home_now(L, cached);
	struct err err = { "" };
	const struct regex *re;
	struct regexp *o;

	if (pattern.n > MAX_PATTERN)
		return luaL_error(L, "regex of more than %d octets",
				  MAX_PATTERN);
	re = compiled(L, pattern, flags, home, &err);
	if (!re) {
		log_warn("lua: regex /%.*s/ refused: %s",
			 STR_ARG(str_head(pattern, 200)), err.text);
		lua_pushnil(L);
		return 1;
	}
	o = lua_object_new(L, &lua_regexp_class, sizeof(*o) + pattern.n + 1);
	o->re = re;
	o->home = home;
	o->epoch = epoch_of_home(L, store_of(L), home);
	o->flags = flags;
	o->n = pattern.n;
	if (pattern.n)
		memcpy(o->pattern, pattern.p, pattern.n);
	return 1;
}

/* The arguments text and flags of a constructor. False: they are refused. */
static bool read_spec(lua_State *L, struct re_text *t)
{
	struct str text = lua_str_arg(L, 1);

	if (lua_isnoneornil(L, 2)) {
		if (!re_text_split(text, t))
			return false;
		if (t->rest.n)
			log_warn("lua: unknown flag '%c' of regex %.*s",
				 t->rest.p[0], STR_ARG(str_head(text, 200)));
		return true;
	}
	*t = (struct re_text){ .pattern = text };
	t->flags = re_flags(lua_str_arg(L, 2), &t->rest);
	return t->rest.n == 0;
}

static int create(lua_State *L, bool cached)
{
	struct re_text t;

	if (!read_spec(L, &t)) {
		lua_pushnil(L);
		return 1;
	}
	return push_regexp(L, t.pattern, t.flags, cached);
}

/* rspamd_regexp.create(pattern [, flags]) -> rspamd_regexp or nil
 * Compiles a regex: `/re/flags`, or just `re` (then flags may be given apart).
 * Flags: `i` ignores case (of ASCII letters; of all letters with `u`), `m` lets
 * `^` and `$` match at lines, `s` lets `.` match line ends, `x` ignores white
 * space in the pattern, `u` matches characters of UTF-8 instead of octets.
 * `m{re}` must match the whole text. Nil if the pattern is faulty.
 * > local rspamd_regexp = require "rspamd_regexp"
 * > local re = rspamd_regexp.create("/hel+o/i")
 * > assert(re:match("Hello world"))
 * > assert(rspamd_regexp.create("hel+o", "i"):match("HELLO"))
 * > assert(rspamd_regexp.create("/(/") == nil)
 */
static int re_create(lua_State *L)
{
	return create(L, false);
}

/* rspamd_regexp.create_cached(pattern [, flags]) -> rspamd_regexp or nil
 * As `create`, but the compiled form is kept from message to message: right
 * for a pattern that a callback uses each time.
 * > local rspamd_regexp = require "rspamd_regexp"
 * > local re = rspamd_regexp.create_cached("/^re:/i")
 * > assert(re:match("Re: Hello"))
 */
static int re_create_cached(lua_State *L)
{
	return create(L, true);
}

/* rspamd_regexp.get_cached(pattern [, flags]) -> rspamd_regexp or nil
 * A regex that `create_cached` made before; nil if there is none.
 * > local rspamd_regexp = require "rspamd_regexp"
 * > rspamd_regexp.create_cached("/known/i")
 * > assert(rspamd_regexp.get_cached("/known/i"):match("Known"))
 * > assert(rspamd_regexp.get_cached("/unknown/") == nil)
 */
static int re_get_cached(lua_State *L)
{
	struct store *s = store_of(L);
	struct re_text t;
	struct str key;

	if (read_spec(L, &t)) {
		key = push_key(L, t.pattern, t.flags);
		if (map_has(&s->cached, key) || map_has(&s->loaded, key))
			return push_regexp(L, t.pattern, t.flags, true);
	}
	lua_pushnil(L);
	return 1;
}

/* Characters that get a backslash in a plain pattern. */
static bool is_special(int c)
{
	return c && strchr("\\^$.[]|()?*+{}-,# \t\n", c);
}

/* Pushes text as a pattern; with glob, '*', '?' and '+' are wild. */
static struct str push_quoted(lua_State *L, struct str text, bool glob)
{
	static const char hex[] = "0123456789abcdef";
	luaL_Buffer b;
	size_t n;
	const char *p;

	lua_spend(L, text.n);
	luaL_buffinit(L, &b);
	for (size_t i = 0; i < text.n; i++) {
		int c = (unsigned char)text.p[i];

		if (glob && c && strchr("*?+", c)) {
			luaL_addchar(&b, '.');
		} else if (c >= 0x80 || c == '\0') {
			luaL_addstring(&b, "\\x");
			luaL_addchar(&b, hex[c >> 4]);
			luaL_addchar(&b, hex[c & 15]);
			continue;
		} else if (is_special(c)) {
			luaL_addchar(&b, '\\');
		}
		luaL_addchar(&b, (char)c);
	}
	luaL_pushresult(&b);
	p = lua_tolstring(L, -1, &n);
	return str_make(p, n);
}

static int import_text(lua_State *L, bool glob)
{
	struct str text = lua_str_arg(L, 1), rest = STR("");
	unsigned flags = 0;

	if (!lua_isnoneornil(L, 2))
		flags = re_flags(lua_str_arg(L, 2), &rest);
	/* Its octets are named one by one, which UTF mode would read as
	 * characters. */
	flags &= ~(unsigned)REGEX_UTF;
	if (rest.n) {
		lua_pushnil(L);
		return 1;
	}
	return push_regexp(L, push_quoted(L, text, glob), flags, false);
}

/* rspamd_regexp.import_glob(pattern [, flags]) -> rspamd_regexp or nil
 * A regex of a pattern in which `*` stands for any text and `?` for at most
 * one character; it may match anywhere in a text.
 * > local rspamd_regexp = require "rspamd_regexp"
 * > local re = rspamd_regexp.import_glob("*.example.com", "i")
 * > assert(re:match("WWW.Example.com"))
 * > assert(not re:match("www.example.org"))
 */
static int re_import_glob(lua_State *L)
{
	return import_text(L, true);
}

/* rspamd_regexp.import_plain(text [, flags]) -> rspamd_regexp or nil
 * A regex that matches this text and nothing else.
 * > local rspamd_regexp = require "rspamd_regexp"
 * > local re = rspamd_regexp.import_plain("1+1=2")
 * > assert(re:match("so 1+1=2") and not re:match("11=2"))
 */
static int re_import_plain(lua_State *L)
{
	return import_text(L, false);
}

const struct regex *regexp_compiled(lua_State *L, struct regexp *o)
{
	struct store *s = store_of(L);
	enum home home = o->home;

	if (o->epoch == epoch_of_home(L, s, home) &&
	    !(home == HOME_MESSAGE && !lua_vm_of(L)->run))
		return o->re;
	if (home != HOME_CONFIG)
		home = home_now(L, home == HOME_CACHE);
	o->re = compiled(L, str_make(o->pattern, o->n), o->flags, home, NULL);
	if (!o->re)
		luaL_error(L, "regex refused");
	o->home = home;
	o->epoch = epoch_of_home(L, s, home);
	return o->re;
}

static const struct lua_row functions[] = {
	{ "create", re_create },
	{ "create_cached", re_create_cached },
	{ "get_cached", re_get_cached },
	{ "import_glob", re_import_glob },
	{ "import_plain", re_import_plain },
	{ NULL, NULL },
};

const struct lua_module lua_regexp_module = {
	"rspamd_regexp", functions, NULL,
};
