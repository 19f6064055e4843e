-- rspamd's way to Redis, over the site's store (rspamd_redis). Servers that
-- options name mean nothing here; of their settings there are prefix, timeout
-- and expand_keys.

local rspamd_redis = require 'rspamd_redis'
local rspamd_util = require 'rspamd_util'

local redis = {}

local outside = 'rules ask the store only while a message is scanned'

-- ---- parameters ----

-- What rspamd gives rules in place of a server, and they give to logs.
local address = setmetatable({
	to_string = function() return 'the store' end,
	get_port = function() return 0 end,
}, { __tostring = function() return 'the store' end })
local upstream = setmetatable({
	ok = function() end,
	fail = function() end,
	get_addr = function() return address end,
	get_name = function() return 'the store' end,
	get_port = function() return 0 end,
}, { __tostring = function() return 'the store' end })
local function the_one() return upstream end
local upstreams = {
	get_upstream_by_hash = the_one,
	get_upstream_round_robin = the_one,
	get_upstream_master_slave = the_one,
	all_upstreams = function() return { upstream } end,
}

local function names_server(options)
	return options.servers or options.server or options.read_servers or options.write_servers
end

-- The first of the sections that says something wins.
local function parameters(...)
	local params = {
		read_servers = upstreams, write_servers = upstreams, read_only = false,
		read_servers_str = 'the store', write_servers_str = 'the store', hash = 'the store',
		expand_keys = false,
	}
	for i = select('#', ...), 1, -1 do
		local section = select(i, ...)
		if type(section) == 'table' then
			local timeout = tonumber(section.timeout)
			if timeout then params.timeout = timeout end
			if section.prefix then params.prefix = tostring(section.prefix) end
			if type(section.expand_keys) == 'boolean' then
				params.expand_keys = section.expand_keys
			end
			local db = section.db or section.dbname or section.database
			if db then params.db = tostring(db) end
		end
	end
	return params
end

local function is_disabled(module, section)
	local list = section and section.disabled_modules
	if type(list) ~= 'table' then return list == module end
	for _, name in ipairs(list) do
		if name == module then return true end
	end
	return false
end

-- lua_redis.parse_redis_server(module [, options [, no_fallback]]) -> table or nil
-- The parameters for redis_make_request: whatever servers the options name, they
-- stand for the site's store. From options, or the section of the module, or the
-- section `redis`: timeout, prefix, expand_keys. nil if the site has no store
-- (`store none`), if the section `redis` has the module among its
-- disabled_modules, or with no_fallback if the module names no server.
-- > local params = lua_redis.parse_redis_server("mine", { prefix = "lua:mine:" })
-- > assert(not params or params.prefix == "lua:mine:" and params.timeout == nil)
function redis.parse_redis_server(module, options, no_fallback)
	if not rspamd_redis.is_configured() then return nil end
	local own = options or rspamd_config:get_all_opt(module) or {}
	local inner = type(own.redis) == 'table' and own.redis or {}
	if names_server(own) or names_server(inner) then
		return parameters(inner, own, rspamd_config:get_all_opt('redis'))
	end
	local shared = rspamd_config:get_all_opt('redis') or {}
	if no_fallback or is_disabled(module, shared) then return nil end
	return parameters(inner, own, shared[module], shared)
end

-- lua_redis.try_load_redis_servers(options [, config [, no_fallback [, module]]]) -> table or nil
-- The same for a section that names servers; nil if it names none.
-- > local params = lua_redis.try_load_redis_servers({ servers = "127.0.0.1", timeout = 0.5 })
-- > assert(not params or params.timeout == 0.5)
-- > assert(lua_redis.try_load_redis_servers({ prefix = "x" }) == nil)
function redis.try_load_redis_servers(options, _, no_fallback)
	if not rspamd_redis.is_configured() or not names_server(options) then return nil end
	return parameters(options, not no_fallback and rspamd_config:get_all_opt('redis') or nil)
end

-- ---- keys that name a property of the message ----

local function part(list, field)
	return list and list[1] and list[1][field]
end

local function domain_of(addr)
	return addr and addr:match('.*@(.*)')
end

local words = {
	principal_recipient = function(task) return task:get_principal_recipient() end,
	principal_recipient_domain = function(task)
		return domain_of(task:get_principal_recipient())
	end,
	ip = function(task)
		local ip = task:get_from_ip()
		return ip and ip:is_valid() and ip:to_string()
	end,
	from = function(task) return part(task:get_from('smtp'), 'addr') end,
	from_domain = function(task) return part(task:get_from('smtp'), 'domain') end,
	from_domain_or_helo_domain = function(task)
		local domain = part(task:get_from('smtp'), 'domain')
		return domain and domain ~= '' and domain or task:get_helo()
	end,
	mime_from = function(task) return part(task:get_from('mime'), 'addr') end,
	mime_from_domain = function(task) return part(task:get_from('mime'), 'domain') end,
}

-- "$word" and "${word}"; "esld_..." is the registered domain.
local function expand(task, key)
	local function value(word)
		word = word:lower():gsub('^smtp_', ''):gsub('^esld_smtp_', 'esld_')
		local plain = word:match('^esld_(.*)')
		local say = words[plain or word]
		local text = say and say(task)
		if not text then return '' end
		return plain and rspamd_util.get_tld(text) or text
	end
	return (key:gsub('%${([%w_]+)}', value):gsub('%$([%w_]+)', value))
end

local function expanded(task, params, command, args)
	if not params.expand_keys or type(args) ~= 'table' then return args end
	local copy, last = {}, 1
	command = command:upper()
	for i, arg in ipairs(args) do copy[i] = arg end
	if command == 'MGET' or command == 'DEL' or command == 'EXISTS' then last = #copy end
	for i = 1, last do
		if type(copy[i]) == 'string' then copy[i] = expand(task, copy[i]) end
	end
	return copy
end

-- ---- requests ----

-- lua_redis.redis_make_request(task, params, key, is_write, callback, command, args) -> boolean, connection, upstream
-- Sends a command to the store; callback(err, data) gets the answer, as that of
-- rspamd_redis.make_request. params are those of parse_redis_server; key and
-- is_write mean nothing here. false if something is missing.
-- > local params = lua_redis.parse_redis_server("mine")
-- > if params then
-- >   local key = "lua:seen:" .. task:get_from("mime")[1].domain
-- >   assert(lua_redis.redis_make_request(task, params, key, true, function(err, data)
-- >     assert(err or data >= 1)
-- >   end, "INCR", { key }))
-- > end
function redis.redis_make_request(task, params, _, _, callback, command, args, options)
	if not task or not params or not callback or not command then return false, nil, nil end
	local request = {}
	for name, value in pairs(options or {}) do request[name] = value end
	request.task, request.cmd = task, command
	request.args = expanded(task, params, command, args)
	request.timeout = request.timeout or params.timeout
	request.callback = function(err, data) callback(err, data, upstream) end
	local sent, conn = rspamd_redis.make_request(request)
	return sent, sent and conn or nil, upstream
end

-- lua_redis.redis_make_request_taskless(ev_base, config, params, key, is_write, callback, command, args) -> boolean, nil, nil, error
-- In rspamd the same outside of a message. Here nothing is sent then: false, and
-- the callback gets an error that says so.
-- > local said
-- > local sent = lua_redis.redis_make_request_taskless(nil, nil, {}, "lua:k", false,
-- >   function(err) said = err end, "GET", { "lua:k" })
-- > assert(sent == false and said == "rules ask the store only while a message is scanned")
function redis.redis_make_request_taskless(_, _, _, _, _, callback)
	if type(callback) == 'function' then callback(outside, nil) end
	return false, nil, nil, outside
end

-- lua_redis.request(params, attributes, command) -> boolean, data or connection
-- command is a list, its name first, or the name alone. With attributes.callback
-- (called with err, data) the result is true and a connection; without one the
-- rule waits: true and the data, or false and an error. attributes.task is the
-- message.
-- > local params = lua_redis.parse_redis_server("mine") or {}
-- > local ok, data = lua_redis.request(params, { task = task }, { "GET", "lua:k" })
-- > assert(ok or type(data) == "string")
function redis.request(params, attributes, command)
	if not params or not attributes or not command then return false, nil, nil end
	if not attributes.task then return false, outside, nil end
	local request, args = {}, {}
	for name, value in pairs(attributes) do request[name] = value end
	if type(command) == 'table' then
		for i = 2, #command do args[i - 1] = command[i] end
		command = command[1]
	end
	request.cmd = command
	request.args = expanded(attributes.task, params, command, args)
	request.timeout = request.timeout or params.timeout
	if not attributes.callback then return rspamd_redis.make_request_sync(request) end
	request.callback = function(err, data) attributes.callback(err, data, upstream) end
	local sent, conn = rspamd_redis.make_request(request)
	return sent, conn, upstream
end

-- lua_redis.connect(params, attributes) -> boolean, connection, upstream
-- A connection of rspamd_redis.connect with attributes.callback, else of
-- connect_sync.
-- > local ok, conn = lua_redis.connect({}, { task = task })
-- > assert(ok and conn.exec)
function redis.connect(params, attributes)
	if not params or not attributes then return false, nil, nil end
	if not attributes.task then return false, outside, nil end
	local connect = attributes.callback and rspamd_redis.connect or rspamd_redis.connect_sync
	local ok, conn = connect({ task = attributes.task,
		timeout = attributes.timeout or params.timeout })
	return ok, conn, upstream
end

-- lua_redis.redis_connect_sync(params) -> boolean, connection, upstream
-- A connection of rspamd_redis.connect_sync.
-- > local ok, conn = lua_redis.redis_connect_sync(lua_redis.parse_redis_server("mine"), true)
-- > assert(not ok or conn:add_cmd("GET", { "lua:k" }))
function redis.redis_connect_sync(params)
	if not params then return false, nil end
	local ok, conn = rspamd_redis.connect_sync({ timeout = params.timeout })
	return ok, conn, upstream
end

-- ---- scripts ----

local scripts = {}

-- lua_redis.add_redis_script(script, params) -> number
-- Keeps a script for exec_redis_script. The store runs it; it may touch the same
-- keys as other commands, and no commands but theirs. (cjson, cmsgpack and bit are
-- there in Redis, not in the embedded store.)
-- > local id = lua_redis.add_redis_script("return #ARGV", {})
-- > assert(type(id) == "number")
function redis.add_redis_script(script, params)
	scripts[#scripts + 1] = { text = tostring(script), params = params }
	return #scripts
end

-- lua_redis.load_redis_script_from_file(path, params) -> number
-- The same with the text of a file, while rules are loaded. A path that does not
-- begin with "/" is seen from the file that says it.
-- > -- while loading
-- > assert(not pcall(lua_redis.load_redis_script_from_file, "no_such_script.lua", {}))
function redis.load_redis_script_from_file(path, params)
	local file = assert(io.open(path))
	local text = file:read('*a')
	file:close()
	return redis.add_redis_script(text, params)
end

-- lua_redis.exec_redis_script(id, params, callback, keys [, args]) -> boolean
-- Has the store run a script (EVAL); callback(err, data) gets the answer.
-- params.task is the message. On a cluster all keys must share a slot.
-- > local id = lua_redis.add_redis_script("return tonumber(ARGV[1]) + 1",
-- >   lua_redis.parse_redis_server("mine"))
-- > lua_redis.exec_redis_script(id, { task = task }, function(err, data)
-- >   assert(err or data == 2)
-- > end, { "lua:k" }, { "1" })
function redis.exec_redis_script(id, params, callback, keys, args)
	local script = scripts[id]
	if not script then return false end
	if not script.params then
		callback('no redis servers defined', nil)
		return true
	end
	if not params.task then
		callback(outside, nil)
		return true
	end
	local list = { script.text, #keys }
	for _, key in ipairs(keys) do list[#list + 1] = key end
	for _, arg in ipairs(args or {}) do list[#list + 1] = arg end
	return (redis.redis_make_request(params.task, script.params, params.key, params.is_write,
		function(err, data) callback(err, data) end, 'EVAL', list))
end

-- ---- prefixes ----

local prefixes = {}

-- lua_redis.register_prefix(prefix, module, description [, more])
-- Notes for other scripts what a module's keys begin with. It opens nothing: that
-- is the setting lua_redis_keys.
-- > lua_redis.register_prefix("lua:mine:", "mine", "my counters")
-- > assert(lua_redis.prefixes("mine")["lua:mine:"].description == "my counters")
function redis.register_prefix(prefix, module, description, more)
	local entry = { module = module, description = description }
	for name, value in pairs(more or {}) do entry[name] = value end
	prefixes[prefix] = entry
end

-- lua_redis.prefixes([module]) -> table
-- What was noted, of one module or all: prefix = { module =, description = }.
-- > assert(type(lua_redis.prefixes()) == "table")
function redis.prefixes(module)
	local found = {}
	for prefix, entry in pairs(prefixes) do
		if not module or entry.module == module then found[prefix] = entry end
	end
	return found
end

for _, name in ipairs({ 'parse_redis_server', 'redis_make_request',
	'redis_make_request_taskless' }) do
	redis['rspamd_' .. name] = redis[name]
end

return redis
