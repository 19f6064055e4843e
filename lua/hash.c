/*
 * rspamd{cryptobox_hash}: a digest of octets that come piece by piece, by
 * default BLAKE2b with 64 octets, as in rspamd. Once the result was asked for,
 * nothing can be added; asking again gives it again.
 *
 * rspamd's fast hashes (xxh64, mum, t1ha and kin) are not here: scripts use
 * them for keys of its own caches.
 */
#include "lua/hash.h"

#include "base/codec.h"
#include "base/digest.h"
#include "lua/text.h"

struct hash {
	struct digest digest;
	struct digest fresh;		/* as it was begun, for reset() */
	bool ended;
	uint8_t result[DIGEST_MAX];
	size_t n;
};

static struct hash *get_hash(lua_State *L)
{
	return lua_object_get(L, 1, &lua_hash_class);
}

/* Octets at idx, if there are any: what rspamd hashes from the start. */
static void add_optional(lua_State *L, struct hash *h, int idx)
{
	struct str s;

	if (lua_type(L, idx) != LUA_TSTRING && !lua_is_text(L, idx))
		return;
	s = lua_str_arg(L, idx);
	lua_spend(L, s.n);
	digest_add(&h->digest, s);
}

static enum digest_kind kind_arg(lua_State *L, int idx)
{
	enum digest_kind kind = DIGEST_BLAKE2B;
	struct str name = lua_str_arg(L, idx);

	if (!digest_named(name, &kind))
		luaL_error(L, "invalid hash type: %s (there are md5, sha1, "
			   "sha256, sha384, sha512 and blake2)",
			   lua_tostring(L, idx));
	return kind;
}

/* Pushes a hash with the key at idx (0: none). */
static struct hash *push_hash(lua_State *L, enum digest_kind kind, int idx)
{
	struct str key = idx ? lua_str_arg(L, idx) : STR_NONE;
	struct hash *h = lua_object_new(L, &lua_hash_class, sizeof(*h));

	lua_spend(L, key.n);
	digest_begin(&h->fresh, kind, key);
	h->digest = h->fresh;
	return h;
}

/* rspamd_cryptobox_hash.create([octets]) -> hash
 * A BLAKE2b digest of the octets so far.
 * > local hash = require "rspamd_cryptobox_hash"
 * > assert(hash.create("abc"):hex():sub(1, 16) == "ba80a53f981c4d0d")
 */
static int hash_create(lua_State *L)
{
	add_optional(L, push_hash(L, DIGEST_BLAKE2B, 0), 1);
	return 1;
}

/* rspamd_cryptobox_hash.create_specific(kind [, octets]) -> hash
 * A digest of another kind: "md5", "sha1", "sha256", "sha384", "sha512" or
 * "blake2".
 * > local hash = require "rspamd_cryptobox_hash"
 * > assert(hash.create_specific("md5", "abc"):hex() == "900150983cd24fb0d6963f7d28e17f72")
 * > assert(not pcall(hash.create_specific, "crc32"))
 */
static int hash_create_specific(lua_State *L)
{
	add_optional(L, push_hash(L, kind_arg(L, 1), 0), 2);
	return 1;
}

/* rspamd_cryptobox_hash.create_keyed(key [, octets]) -> hash
 * A BLAKE2b digest with a key.
 * > local hash = require "rspamd_cryptobox_hash"
 * > assert(hash.create_keyed("key", "abc"):hex():sub(1, 16) == "5c6a9a4ae911c02f")
 */
static int hash_create_keyed(lua_State *L)
{
	add_optional(L, push_hash(L, DIGEST_BLAKE2B, 1), 2);
	return 1;
}

/* rspamd_cryptobox_hash.create_specific_keyed(key, kind [, octets]) -> hash
 * The HMAC of another kind of digest.
 * > local hash = require "rspamd_cryptobox_hash"
 * > local h = hash.create_specific_keyed("key", "md5", "abc")
 * > assert(h:hex() == "d2fe98063f876b03193afb49b4979591")
 */
static int hash_create_specific_keyed(lua_State *L)
{
	add_optional(L, push_hash(L, kind_arg(L, 2), 1), 3);
	return 1;
}

/* hash:update(octets [, length]) -> hash
 * Adds octets, all of them or that many, and returns the same object.
 * > local hash = require("rspamd_cryptobox_hash").create_specific("md5")
 * > assert(hash:update("ab"):update("cd", 1):hex() == "900150983cd24fb0d6963f7d28e17f72")
 * > assert(not pcall(hash.update, hash, "d"))
 */
static int hash_update(lua_State *L)
{
	struct hash *h = get_hash(L);
	struct str s = lua_str_arg(L, 2);
	lua_Integer n = luaL_optinteger(L, 3, -1);

	if (h->ended)
		return luaL_error(L, "hash is already finalized");
	if (n >= 0)
		s = str_head(s, (size_t)n);
	lua_spend(L, s.n);
	digest_add(&h->digest, s);
	lua_settop(L, 1);
	return 1;
}

/* hash:reset() -> hash
 * Begins anew, with the same kind and key.
 * > local hash = require("rspamd_cryptobox_hash").create_specific("md5", "x")
 * > assert(hash:reset():update("abc"):hex() == "900150983cd24fb0d6963f7d28e17f72")
 */
static int hash_reset(lua_State *L)
{
	struct hash *h = get_hash(L);

	h->digest = h->fresh;
	h->ended = false;
	lua_settop(L, 1);
	return 1;
}

/* The result; with a number at idx 2, only its last octets, as rspamd has
 * it. */
static struct str result(lua_State *L)
{
	struct hash *h = get_hash(L);
	struct str all;
	lua_Integer n;

	if (!h->ended) {
		h->n = digest_end(&h->digest, h->result);
		h->ended = true;
	}
	all = str_make((const char *)h->result, h->n);
	if (lua_type(L, 2) != LUA_TNUMBER)
		return all;
	n = luaL_checkinteger(L, 2);
	return n >= 0 && n < (lua_Integer)all.n ?
		str_from(all, all.n - (size_t)n) : all;
}

/* hash:hex([n]) -> string
 * The result in hexadecimal; with a number, only its last n octets.
 * > local hash = require("rspamd_cryptobox_hash").create_specific("md5", "abc")
 * > assert(hash:hex() == "900150983cd24fb0d6963f7d28e17f72")
 * > assert(hash:hex(4) == "28e17f72")
 */
static int hash_hex(lua_State *L)
{
	char out[DIGEST_MAX * 2];

	lua_pushlstring(L, out, hex_encode(result(L), out));
	return 1;
}

/* hash:base32([alphabet]) -> string
 * The result in base32: rspamd's default alphabet, "rfc" or "bleach"; with a
 * number, only its last n octets.
 * > local hash = require("rspamd_cryptobox_hash").create_specific("md5", "abc")
 * > assert(hash:base32() == "ocyyfc1816uymm519j9o1o9x1d")
 */
static int hash_base32(lua_State *L)
{
	enum base32_kind kind = BASE32_ZOOKO;
	char out[DIGEST_MAX * 2];

	if (lua_type(L, 2) == LUA_TSTRING)
		kind = lua_base32_arg(L, 2);
	lua_pushlstring(L, out, base32_encode(result(L), kind, out));
	return 1;
}

/* hash:base64([n]) -> string
 * The result in base64; with a number, only its last n octets.
 * > local hash = require("rspamd_cryptobox_hash").create_specific("sha1", "abc")
 * > assert(hash:base64() == "qZk+NkcGgWq6PiVxeFDCbJzQ2J0=")
 */
static int hash_base64(lua_State *L)
{
	static const struct codec_lines one_line = { 0 };
	char out[DIGEST_MAX * 2];

	lua_pushlstring(L, out, base64_encode(result(L), &one_line, out));
	return 1;
}

/* hash:bin([n]) -> string
 * The result's octets; with a number, only the last n.
 * > assert(#require("rspamd_cryptobox_hash").create("abc"):bin() == 64)
 */
static int hash_bin(lua_State *L)
{
	lua_push_str(L, result(L));
	return 1;
}

static const struct lua_row methods[] = {
	{ "base32", hash_base32 },
	{ "base64", hash_base64 },
	{ "bin", hash_bin },
	{ "hex", hash_hex },
	{ "reset", hash_reset },
	{ "update", hash_update },
	{ NULL, NULL },
};

static const struct lua_row functions[] = {
	{ "create", hash_create },
	{ "create_keyed", hash_create_keyed },
	{ "create_specific", hash_create_specific },
	{ "create_specific_keyed", hash_create_specific_keyed },
	{ NULL, NULL },
};

const struct lua_class lua_hash_class = {
	.name = "rspamd{cryptobox_hash}",
	.methods = methods,
};

const struct lua_module lua_hash_module = {
	.name = "rspamd_cryptobox_hash",
	.functions = functions,
};
