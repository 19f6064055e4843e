-- rspamd's way to Redis, while there is none here: rules that ask for it load
-- and learn, in the way they expect, that it is not configured.

local redis = {}
local reason = 'redis is not configured'
local told = false

-- Once in the log, not for every rule and message.
local function tell(module)
	if told then return end
	told = true
	require('rspamd_logger').infox(rspamd_config, '%s (asked for by %s)', reason,
		tostring(module))
end

-- lua_redis.parse_redis_server(module [, options]) -> table or nil
-- The parameters for redis_make_request; nil while Redis is not configured.
-- > assert(lua_redis.parse_redis_server("mine") == nil)
function redis.parse_redis_server(module)
	tell(module)
	return nil
end

-- lua_redis.redis_make_request(task, params, key, is_write, callback, command, args) -> boolean
-- Sends a command; callback(error, data) gets the answer. While Redis is not
-- configured: false, and an error for the callback.
-- > local said
-- > local sent = lua_redis.redis_make_request(task, nil, "k", false,
-- >   function(err, data) said = err end, "GET", { "k" })
-- > assert(sent == false and said == "redis is not configured")
function redis.redis_make_request(_, _, _, _, callback)
	if type(callback) == 'function' then callback(reason, nil) end
	return false, nil, nil
end

-- lua_redis.redis_make_request_taskless(ev_base, config, params, key, is_write, callback, command, args) -> boolean
-- The same outside of a message.
-- > assert(lua_redis.redis_make_request_taskless() == false)
function redis.redis_make_request_taskless(_, _, _, _, _, callback)
	if type(callback) == 'function' then callback(reason, nil) end
	return false, nil, nil
end

-- lua_redis.request(params, attributes, command) -> boolean, error
-- The same with attributes.callback, or without a callback.
-- > local ok, err = lua_redis.request(nil, { task = task }, { "PING" })
-- > assert(ok == false and err == "redis is not configured")
function redis.request(_, attributes)
	local callback = type(attributes) == 'table' and attributes.callback
	if type(callback) == 'function' then callback(reason, nil) end
	return false, reason
end

-- Scripts get a number, so that a rule can keep it; running one fails.
local scripts = 0

-- lua_redis.add_redis_script(script, params) -> number
-- Keeps a script for exec_redis_script.
-- > assert(type(lua_redis.add_redis_script("return 1", {})) == "number")
function redis.add_redis_script()
	scripts = scripts + 1
	return scripts
end

-- lua_redis.exec_redis_script(id, params, callback, keys, args) -> boolean
-- > assert(lua_redis.exec_redis_script(1, {}, function() end, {}) == false)
function redis.exec_redis_script(_, _, callback)
	if type(callback) == 'function' then callback(reason, nil) end
	return false
end

-- What only configures or connects.
for _, name in ipairs({ 'connect', 'redis_connect_sync', 'register_prefix',
	'try_load_redis_servers' }) do
	redis[name] = function() return false, reason end
end
for _, name in ipairs({ 'parse_redis_server', 'redis_make_request',
	'redis_make_request_taskless' }) do
	redis['rspamd_' .. name] = redis[name]
end

return redis
