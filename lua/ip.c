/*
 * rspamd{ip}: an IPv4 or IPv6 address, perhaps with a port. from_string()
 * always gives an object, as rspamd's does, and is_valid() tells whether the
 * text was an address; what C pushes is either a valid one or nil. Objects
 * are immutable: apply_mask() and copy() give new ones.
 *
 * rspamd also takes the path of a Unix socket for a valid address; here a
 * path is none.
 */
#include "lua/ip.h"

#include <arpa/inet.h>

struct ip {
	struct ip_addr addr;
	bool valid;
	unsigned port;
};

/* An address with its port, in brackets if it is an IPv6 address. */
#define IP_TEXT_MAX 80

static struct ip *push_ip(lua_State *L)
{
	return lua_object_new(L, &lua_ip_class, sizeof(struct ip));
}

static struct ip *get_ip(lua_State *L, int idx)
{
	return lua_object_get(L, idx, &lua_ip_class);
}

/* The digits at the front of s as a port; rspamd, too, looks no further. */
static unsigned port_of(struct str s)
{
	unsigned port = 0;

	for (size_t i = 0; i < s.n && i < 5 && is_digit(s.p[i]); i++)
		port = port * 10 + (unsigned)(s.p[i] - '0');
	return port & 0xffff;
}

/* "address", "[address]", "v4:port", "[v6]:port". */
static bool parse(struct str s, bool brackets_v4, struct ip *ip_r)
{
	ssize_t colon = str_chr(s, ':'), close = str_chr(s, ']');

	ip_r->port = 0;
	if (s.n > 0 && s.p[0] == '[') {
		if (close < 0 || ((size_t)close + 1 < s.n &&
				  s.p[close + 1] != ':'))
			return false;
		ip_r->port = port_of(str_from(s, (size_t)close + 2));
		s = str_make(s.p + 1, (size_t)close - 1);
		return ip_parse(s, &ip_r->addr) &&
		       (brackets_v4 || str_chr(s, ':') >= 0);
	}
	if (colon >= 0 && str_rchr(str_head(s, (size_t)colon), '.') > 0) {
		ip_r->port = port_of(str_from(s, (size_t)colon + 1));
		s = str_head(s, (size_t)colon);
	}
	return ip_parse(s, &ip_r->addr);
}

void lua_ip_push(lua_State *L, struct str text)
{
	struct ip ip = { .valid = true };

	if (text.p && parse(text, true, &ip))
		*push_ip(L) = ip;
	else
		lua_pushnil(L);
}

bool lua_ip_at(lua_State *L, int idx, struct ip_addr *ip_r)
{
	const struct ip *ip = lua_object_test(L, idx, &lua_ip_class);
	struct ip parsed;

	if (!ip && lua_type(L, idx) == LUA_TSTRING) {
		parsed.valid = parse(lua_str_arg(L, idx), true, &parsed);
		ip = &parsed;
	}
	if (!ip || !ip->valid)
		return false;
	*ip_r = ip->addr;
	return true;
}

static const char *to_text(const struct ip *ip, bool pretty,
			   char out[IP_TEXT_MAX])
{
	char text[INET6_ADDRSTRLEN];

	inet_ntop(ip->addr.v4 ? AF_INET : AF_INET6,
		  ip->addr.bytes + (ip->addr.v4 ? 12 : 0), text, sizeof(text));
	if (pretty)
		snprintf(out, IP_TEXT_MAX, ip->addr.v4 ? "%s:%u" : "[%s]:%u",
			 text, ip->port);
	else
		snprintf(out, IP_TEXT_MAX, "%s", text);
	return out;
}

/* Its octets: four or sixteen. */
static const uint8_t *octets(const struct ip *ip, int *n_r)
{
	*n_r = ip->addr.v4 ? 4 : 16;
	return ip->addr.bytes + 16 - *n_r;
}

/* ip:is_valid() -> boolean
 * Whether this is an address at all: from_string() of any other text gives an
 * object that is not.
 * > local rspamd_ip = require "rspamd_ip"
 * > assert(rspamd_ip.from_string("192.0.2.1"):is_valid())
 * > assert(not rspamd_ip.from_string("example.com"):is_valid())
 */
static int ip_is_valid(lua_State *L)
{
	lua_pushboolean(L, get_ip(L, 1)->valid);
	return 1;
}

/* Networks that rspamd counts as local where nothing else is configured,
 * besides the loopback ones. */
static const struct network {
	uint8_t bytes[2];
	int bits;
	bool v4;
} local_networks[] = {
	{ { 10 }, 8, true }, { { 192, 168 }, 16, true },
	{ { 172, 16 }, 12, true }, { { 169, 254 }, 16, true },
	{ { 0xfd }, 8, false },
};

static bool in_network(const struct ip *ip, const struct network *net)
{
	int n, bits = net->bits;
	const uint8_t *b = octets(ip, &n);

	if (net->v4 != ip->addr.v4)
		return false;
	for (int i = 0; bits > 0; i++, bits -= 8) {
		int mask = bits >= 8 ? 0xff : 0xff << (8 - bits);

		if ((b[i] ^ net->bytes[i]) & mask)
			return false;
	}
	return true;
}

static bool is_own_host(const struct ip *ip)
{
	static const uint8_t loopback[16] = { [15] = 1 };
	const uint8_t *b = ip->addr.bytes;

	if (ip->addr.v4)
		return b[12] == 127;
	return memcmp(b, loopback, sizeof(loopback)) == 0 ||
	       (b[0] == 0xfe && (b[1] & 0x80));	/* link- and site-local */
}

/* ip:is_local([networks]) -> boolean or nil
 * Whether the address is of this host or its link, or of a private network;
 * with false, private networks do not count.
 * > local rspamd_ip = require "rspamd_ip"
 * > assert(rspamd_ip.from_string("127.0.0.1"):is_local())
 * > assert(rspamd_ip.from_string("10.1.2.3"):is_local())
 * > assert(not rspamd_ip.from_string("10.1.2.3"):is_local(false))
 * > assert(not rspamd_ip.from_string("198.51.100.1"):is_local())
 */
static int ip_is_local(lua_State *L)
{
	const struct ip *ip = get_ip(L, 1);
	bool local;

	if (!ip->valid) {
		lua_pushnil(L);
		return 1;
	}
	local = is_own_host(ip);
	if (lua_isnoneornil(L, 2) || lua_toboolean(L, 2)) {
		for (size_t i = 0; i < sizeof(local_networks) /
				       sizeof(*local_networks); i++)
			local = local || in_network(ip, &local_networks[i]);
	}
	lua_pushboolean(L, local);
	return 1;
}

/* ip:to_string([port]) -> string
 * The address as text; with true, the port is added. Also called tostring().
 * > local rspamd_ip = require "rspamd_ip"
 * > assert(rspamd_ip.from_string("2001:DB8:0:0::1"):to_string() == "2001:db8::1")
 * > assert(rspamd_ip.from_string("192.0.2.1:25"):to_string(true) == "192.0.2.1:25")
 */
static int ip_to_string(lua_State *L)
{
	const struct ip *ip = get_ip(L, 1);
	char text[IP_TEXT_MAX];

	if (!ip->valid)
		return luaL_error(L, "this rspamd_ip is no valid address");
	lua_pushstring(L, to_text(ip, lua_toboolean(L, 2), text));
	return 1;
}

/* The metamethod gets more arguments than one sees. */
static int ip_tostring(lua_State *L)
{
	lua_settop(L, 1);
	return ip_to_string(L);
}

/* ip:to_number() -> integer, ... or nil
 * An IPv4 address as one number, an IPv6 address as four of 32 bits.
 * > local rspamd_ip = require "rspamd_ip"
 * > assert(rspamd_ip.from_string("1.2.3.4"):to_number() == 16909060)
 */
static int ip_to_number(lua_State *L)
{
	const struct ip *ip = get_ip(L, 1);
	int n;
	const uint8_t *b = octets(ip, &n);

	if (!ip->valid) {
		lua_pushnil(L);
		return 1;
	}
	for (int i = 0; i < n; i += 4)
		lua_pushinteger(L, (lua_Integer)((uint32_t)b[i] << 24 |
						 (uint32_t)b[i + 1] << 16 |
						 (uint32_t)b[i + 2] << 8 |
						 b[i + 3]));
	return n / 4;
}

/* ip:to_table() -> {integer, ...} or nil
 * The octets: 4 or 16 numbers.
 * > local rspamd_ip = require "rspamd_ip"
 * > assert(table.concat(rspamd_ip.from_string("1.2.3.4"):to_table(), " ") == "1 2 3 4")
 */
static int ip_to_table(lua_State *L)
{
	const struct ip *ip = get_ip(L, 1);
	int n;
	const uint8_t *b = octets(ip, &n);

	if (!ip->valid) {
		lua_pushnil(L);
		return 1;
	}
	lua_createtable(L, n, 0);
	for (int i = 0; i < n; i++) {
		lua_pushinteger(L, b[i]);
		lua_rawseti(L, -2, i + 1);
	}
	return 1;
}

/* Pushes the pieces of a name in a DNS list, in this order or the other. */
static int push_pieces(lua_State *L, bool inversed)
{
	const struct ip *ip = get_ip(L, 1);
	int n, pieces;
	const uint8_t *b = octets(ip, &n);

	if (!ip->valid) {
		lua_pushnil(L);
		return 1;
	}
	pieces = ip->addr.v4 ? n : n * 2;
	lua_createtable(L, pieces, 0);
	for (int i = 0; i < pieces; i++) {
		int at = inversed ? pieces - 1 - i : i;

		if (ip->addr.v4)
			lua_pushfstring(L, "%d", b[at]);
		else
			lua_pushfstring(L, "%c", "0123456789abcdef"
				[at % 2 ? b[at / 2] & 15 : b[at / 2] >> 4]);
		lua_rawseti(L, -2, i + 1);
	}
	return 1;
}

/* ip:inversed_str_octets() -> {string, ...} or nil
 * The octets (nibbles of an IPv6 address) from the last to the first, as DNS
 * lists want them.
 * > local ip = require("rspamd_ip").from_string("192.0.2.1")
 * > assert(table.concat(ip:inversed_str_octets(), ".") == "1.2.0.192")
 */
static int ip_inversed_str_octets(lua_State *L)
{
	return push_pieces(L, true);
}

/* ip:str_octets() -> {string, ...} or nil
 * The octets (nibbles of an IPv6 address) from the first to the last.
 * > local ip = require("rspamd_ip").from_string("2001:db8::1")
 * > assert(#ip:str_octets() == 32 and ip:str_octets()[1] == "2")
 */
static int ip_str_octets(lua_State *L)
{
	return push_pieces(L, false);
}

/* ip:get_version() -> 4, 6 or nil
 * > assert(require("rspamd_ip").from_string("192.0.2.1"):get_version() == 4)
 * > assert(require("rspamd_ip").from_string("::1"):get_version() == 6)
 */
static int ip_get_version(lua_State *L)
{
	const struct ip *ip = get_ip(L, 1);

	if (ip->valid)
		lua_pushinteger(L, ip->addr.v4 ? 4 : 6);
	else
		lua_pushnil(L);
	return 1;
}

/* ip:get_port() -> integer or nil
 * The port that stood behind the address, or 0.
 * > assert(require("rspamd_ip").from_string("[::1]:25"):get_port() == 25)
 * > assert(require("rspamd_ip").from_string("192.0.2.1"):get_port() == 0)
 */
static int ip_get_port(lua_State *L)
{
	const struct ip *ip = get_ip(L, 1);

	if (ip->valid)
		lua_pushinteger(L, (lua_Integer)ip->port);
	else
		lua_pushnil(L);
	return 1;
}

/* ip:apply_mask(bits) -> ip or nil
 * A new address that keeps the first bits and has zeros behind them: the
 * network with a prefix of that length.
 * > local ip = require("rspamd_ip").from_string("192.0.2.129")
 * > assert(tostring(ip:apply_mask(24)) == "192.0.2.0")
 * > assert(tostring(ip:apply_mask(25)) == "192.0.2.128")
 * > assert(ip:apply_mask(0) == nil)
 */
static int ip_apply_mask(lua_State *L)
{
	const struct ip *ip = get_ip(L, 1);
	lua_Number bits = lua_tonumber(L, 2);
	struct ip *masked;
	int keep;

	if (!ip->valid || !(bits >= 1)) {
		lua_pushnil(L);
		return 1;
	}
	keep = bits > 128 ? 128 : (int)bits;
	if (ip->addr.v4)
		keep = 96 + (keep > 32 ? 32 : keep);
	masked = push_ip(L);
	*masked = *ip;
	for (int i = keep; i < 128; i++)
		masked->addr.bytes[i / 8] &= (uint8_t)~(0x80 >> i % 8);
	return 1;
}

/* ip:copy() -> ip
 * > local ip = require("rspamd_ip").from_string("192.0.2.1")
 * > assert(ip:copy() == ip)
 */
static int ip_copy(lua_State *L)
{
	const struct ip *ip = get_ip(L, 1);

	*push_ip(L) = *ip;
	return 1;
}

/* IPv4 comes before IPv6, then the octets decide, then the port. */
static int compare(const struct ip *a, const struct ip *b)
{
	int order;

	if (a->valid != b->valid)
		return a->valid ? 1 : -1;
	if (a->addr.v4 != b->addr.v4)
		return a->addr.v4 ? -1 : 1;
	order = memcmp(a->addr.bytes, b->addr.bytes, 16);
	return order ? order : (int)a->port - (int)b->port;
}

static int ip_eq(lua_State *L)
{
	const struct ip *a = lua_object_test(L, 1, &lua_ip_class);
	const struct ip *b = lua_object_test(L, 2, &lua_ip_class);

	lua_pushboolean(L, a && b && compare(a, b) == 0);
	return 1;
}

static int ip_lt(lua_State *L)
{
	lua_pushboolean(L, compare(get_ip(L, 1), get_ip(L, 2)) < 0);
	return 1;
}

static int ip_le(lua_State *L)
{
	lua_pushboolean(L, compare(get_ip(L, 1), get_ip(L, 2)) <= 0);
	return 1;
}

/* rspamd_ip.from_string(text) -> ip
 * Reads an address; a port may stand behind it. Never nil: ask is_valid().
 * Also called fromstring().
 * > local rspamd_ip = require "rspamd_ip"
 * > assert(tostring(rspamd_ip.from_string("[2001:db8::1]:25")) == "2001:db8::1")
 * > assert(rspamd_ip.from_string("192.0.2.1") < rspamd_ip.from_string("192.0.2.2"))
 * > assert(rspamd_ip.from_string("::ffff:192.0.2.1") == rspamd_ip.from_string("192.0.2.1"))
 */
static int module_from_string(lua_State *L)
{
	struct str text = lua_str_arg(L, 1);
	struct ip *ip = push_ip(L);

	ip->valid = parse(text, false, ip);
	return 1;
}

/* rspamd_ip.from_ip(ip) -> ip
 * A copy. Also called fromip().
 * > local rspamd_ip = require "rspamd_ip"
 * > assert(rspamd_ip.from_ip(rspamd_ip.from_string("::1")):is_local())
 */
static int module_from_ip(lua_State *L)
{
	return ip_copy(L);
}

static const struct lua_row methods[] = {
	{ "apply_mask", ip_apply_mask },
	{ "copy", ip_copy },
	{ "get_port", ip_get_port },
	{ "get_version", ip_get_version },
	{ "inversed_str_octets", ip_inversed_str_octets },
	{ "is_local", ip_is_local },
	{ "is_valid", ip_is_valid },
	{ "str_octets", ip_str_octets },
	{ "to_number", ip_to_number },
	{ "to_string", ip_to_string },
	{ "to_table", ip_to_table },
	{ "tonumber", ip_to_number },
	{ "tostring", ip_to_string },
	{ "totable", ip_to_table },
	{ NULL, NULL },
};

static const struct lua_row meta[] = {
	{ "__eq", ip_eq },
	{ "__lt", ip_lt },
	{ "__le", ip_le },
	{ "__tostring", ip_tostring },
	{ NULL, NULL },
};

static const struct lua_row functions[] = {
	{ "from_ip", module_from_ip },
	{ "from_string", module_from_string },
	{ "fromip", module_from_ip },
	{ "fromstring", module_from_string },
	{ NULL, NULL },
};

const struct lua_class lua_ip_class = {
	.name = "rspamd{ip}",
	.methods = methods,
	.meta = meta,
};

const struct lua_module lua_ip_module = {
	.name = "rspamd_ip",
	.functions = functions,
};
