-- Maps from what an option holds: a path, a list of paths, or the entries
-- themselves. The maps are those of rspamd_config:add_map; here is only the
-- reading of the option.

local maps = {}

-- "TYPE;source" says the type in front of the source.
local types = {
	regexp = 'regexp', re = 'regexp', regexp_multi = 'regexp_multi',
	re_multi = 'regexp_multi', glob = 'glob', glob_multi = 'glob_multi',
	radix = 'radix', ipnet = 'radix', set = 'set', hash = 'hash', plain = 'hash',
}

local function without_type(source, kind)
	if kind == 'callback' then return source, kind end
	local word, rest = source:match('^([%a_]+);(.*)$')
	if word and types[word] then return rest, types[word] end
	return source, kind
end

local function is_place(source)
	return source:find('^/%a') or source:find('^file:') or source:find('^https?:')
end

-- A list of texts: places to read, or the entries of the map.
local function from_list(list, kind)
	local plain, chosen = {}, nil
	for i, source in ipairs(list) do
		local rest, its_kind = without_type(tostring(source), kind)
		if its_kind ~= kind then chosen = chosen or its_kind end
		plain[i] = rest
	end
	kind = chosen or kind
	if is_place(plain[1]) then return plain, kind end
	return { url = 'static', data = plain }, kind
end

local known = {}

-- lua_maps.map_add_from_ucl(option, type, description) -> map or nil
-- A map from an option's value: a path ("regexp;/path" says its type), a list of
-- paths, or a list of entries.
-- > -- while loading
-- > local map = lua_maps.map_add_from_ucl({ "a.example", "b.example" }, "set", "ours")
-- > assert(map:get_key("a.example") == true and not map:get_key("c.example"))
function maps.map_add_from_ucl(option, kind, description, callback)
	if option == nil or option == '' then return nil end
	local url, key = option, nil
	if type(option) == 'string' then
		url, kind = without_type(option, kind)
		key = tostring(kind) .. ';' .. url
		if not callback and known[key] then return known[key] end
	elseif type(option) == 'table' and option[1] ~= nil then
		url, kind = from_list(option, kind)
	end
	local map = rspamd_config:add_map{
		type = kind, url = url, description = description, callback = callback,
	}
	if key and not callback then known[key] = map end
	return map
end

-- lua_maps.map_add(section, key, type, description) -> map or nil
-- The same from an option: key of local.d/SECTION.conf or a lua_option line.
-- > -- while loading
-- > assert(lua_maps.map_add("no-such-section", "list", "set", "ours") == nil)
function maps.map_add(section, key, kind, description, callback)
	local options = rspamd_config:get_all_opt(section)
	if type(options) ~= 'table' then return nil end
	return maps.map_add_from_ucl(options[key], kind, description, callback)
end

-- lua_maps.rspamd_maybe_check_map(key, what) -> boolean or value
-- Is key what `what` says: the same text but for case, one of a list, or, for
-- "map:NAME", in the map rspamd_maps[NAME]?
-- > assert(lua_maps.rspamd_maybe_check_map("a", { "B", "A" }))
function maps.rspamd_maybe_check_map(key, what)
	if type(what) == 'table' then
		for _, one in ipairs(what) do
			if maps.rspamd_maybe_check_map(key, one) then return true end
		end
		return false
	end
	local name = what:match('^map:/?/?(.*)$')
	local map = name and type(rspamd_maps) == 'table' and rspamd_maps[name]
	if map then return map:get_key(key) end
	return what:lower() == key
end

-- lua_maps.fill_config_maps(module, options, wanted) -> boolean
-- Puts a map in the place of every option that `wanted` names ({ NAME = { type=,
-- description=, optional= } }); the option itself goes to NAME_orig. False if
-- one is missing or cannot be read.
-- > assert(lua_maps.fill_config_maps("mine", {}, { list = { optional = true } }))
function maps.fill_config_maps(module, options, wanted)
	for name, one in pairs(wanted) do
		local value = options[name]
		local map = value and
			maps.map_add_from_ucl(value, one.type or 'map', one.description)
		if map then
			options[name .. '_orig'] = value
			options[name] = map
		elseif value or not one.optional then
			require('rspamd_logger').errx(rspamd_config,
				'%s: the map %s %s', module, name,
				value and 'cannot be used' or 'is missing')
			return false
		end
	end
	return true
end

for _, name in ipairs({ 'map_add', 'map_add_from_ucl' }) do
	maps['rspamd_' .. name] = maps[name]
end

return maps
