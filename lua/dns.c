/*
 * Questions to DNS, and raw connections, while nobody is there to do them:
 * rules that ask load and run, and are told in the way they expect that it is
 * not configured. Nothing is sent.
 */
#include "lua/dns.h"

#define NO_DNS "DNS is not configured"
#define NO_TCP "TCP connections are not available"

/* Pushes the field of the table at 1; or nil. */
static void field(lua_State *L, int idx, const char *key)
{
	if (lua_type(L, idx) == LUA_TTABLE)
		lua_getfield(L, idx, key);
	else
		lua_pushnil(L);
}

/* resolver:resolve_a{task=, name=, callback=} -> boolean
 * Asks for the addresses of a name; callback(resolver, name, results, error)
 * gets a list, or nil and an error. The same for resolve_txt, resolve_ptr,
 * resolve_mx, resolve_ns and others. While DNS is not configured the callback
 * is told so at once.
 * > local said
 * > task:get_resolver():resolve_a{ task = task, name = "example.com",
 * >   callback = function(resolver, name, results, err)
 * >     said = name .. ": " .. err
 * >   end }
 * > assert(said == "example.com: DNS is not configured")
 */
static int resolver_resolve(lua_State *L)
{
	lua_object_get(L, 1, &lua_resolver_class);
	lua_spend_lookup(L);
	lua_settop(L, 6);
	if (lua_type(L, 2) == LUA_TTABLE) {
		field(L, 2, "callback");
		field(L, 2, "name");
	} else {
		/* The older form: session, pool, name, callback. */
		lua_pushvalue(L, 5);
		lua_pushvalue(L, 4);
	}
	if (lua_type(L, 7) == LUA_TFUNCTION) {
		lua_pushvalue(L, 7);
		lua_pushvalue(L, 1);
		lua_pushvalue(L, 8);
		lua_pushnil(L);
		lua_pushliteral(L, NO_DNS);
		lua_call(L, 4, 0);
	}
	lua_pushboolean(L, 1);
	return 1;
}

/* resolver:idna_convert_utf8(name) -> string
 * The name itself.
 * > assert(task:get_resolver():idna_convert_utf8("example.com") == "example.com")
 */
static int resolver_idna(lua_State *L)
{
	lua_object_get(L, 1, &lua_resolver_class);
	lua_push_str(L, lua_str_arg(L, 2));
	return 1;
}

static const struct lua_row methods[] = {
	{ "resolve_a", resolver_resolve },
	{ "resolve_aaaa", resolver_resolve },
	{ "resolve_txt", resolver_resolve },
	{ "resolve_ptr", resolver_resolve },
	{ "resolve_mx", resolver_resolve },
	{ "resolve_ns", resolver_resolve },
	{ "resolve_srv", resolver_resolve },
	{ "resolve_soa", resolver_resolve },
	{ "resolve_cname", resolver_resolve },
	{ "idna_convert_utf8", resolver_idna },
	{ 0 },
};

const struct lua_class lua_resolver_class = {
	.name = "rspamd{resolver}",
	.methods = methods,
};

void lua_resolver_push(lua_State *L)
{
	lua_object_new(L, &lua_resolver_class, 1);
}

/* rspamd_resolver.init(...) -> resolver
 * The resolver; arguments mean nothing here.
 * > assert(rspamd_resolver.init().resolve_a)
 */
static int resolver_init(lua_State *L)
{
	lua_resolver_push(L);
	return 1;
}

/* rspamd_dns.request{task=, type=, name=} -> boolean, results or error
 * Asks and waits. While DNS is not configured: false and an error.
 * > local ok, err = rspamd_dns.request{ task = task, type = "a", name = "example.com" }
 * > assert(ok == false and err == "DNS is not configured")
 */
static int dns_request(lua_State *L)
{
	lua_spend_lookup(L);
	lua_pushboolean(L, 0);
	lua_pushliteral(L, NO_DNS);
	return 2;
}

/* rspamd_tcp.request{task=, host=, port=, callback=} -> boolean
 * Not available: callback(error) is told so at once, and the result is false.
 * > local said
 * > assert(not rspamd_tcp.request{ task = task, host = "192.0.2.1", port = 25,
 * >   callback = function(err) said = err end })
 * > assert(said == "TCP connections are not available")
 */
static int tcp_request(lua_State *L)
{
	lua_spend_lookup(L);
	lua_settop(L, 1);
	field(L, 1, "callback");
	if (lua_type(L, 2) == LUA_TFUNCTION) {
		lua_pushliteral(L, NO_TCP);
		lua_call(L, 1, 0);
	}
	lua_pushboolean(L, 0);
	return 1;
}

/* rspamd_tcp.connect_sync{...} -> boolean, error
 * Not available: false and an error.
 * > local ok, err = rspamd_tcp.connect_sync{ task = task, host = "192.0.2.1", port = 25 }
 * > assert(ok == false and err == "TCP connections are not available")
 */
static int tcp_connect_sync(lua_State *L)
{
	lua_spend_lookup(L);
	lua_pushboolean(L, 0);
	lua_pushliteral(L, NO_TCP);
	return 2;
}

static const struct lua_row resolver_functions[] = {
	{ "init", resolver_init },
	{ 0 },
};

static const struct lua_row dns_functions[] = {
	{ "request", dns_request },
	{ 0 },
};

static const struct lua_row tcp_functions[] = {
	{ "request", tcp_request },
	{ "new", tcp_request },
	{ "connect", tcp_request },
	{ "connect_sync", tcp_connect_sync },
	{ 0 },
};

const struct lua_module lua_resolver_module = {
	.name = "rspamd_resolver",
	.functions = resolver_functions,
};

const struct lua_module lua_dns_module = {
	.name = "rspamd_dns",
	.functions = dns_functions,
};

const struct lua_module lua_tcp_module = {
	.name = "rspamd_tcp",
	.functions = tcp_functions,
};
