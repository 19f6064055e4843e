-- require("global_functions")() makes globals of what older rules take for
-- granted; what is there already stays.

local function late(module, name)
	return function(...) return require(module)[name](...) end
end

local functions = {
	rspamd_str_split = late('lua_util', 'rspamd_str_split'),
	rspamd_parse_redis_server = late('lua_redis', 'parse_redis_server'),
	parse_redis_server = late('lua_redis', 'parse_redis_server'),
	rspamd_redis_make_request = late('lua_redis', 'redis_make_request'),
	redis_make_request = late('lua_redis', 'redis_make_request'),
	rspamd_map_add = late('lua_maps', 'map_add'),
}

return setmetatable({}, {
	__index = functions,
	__call = function()
		for name, f in pairs(functions) do
			if _G[name] == nil then _G[name] = f end
		end
	end,
})
