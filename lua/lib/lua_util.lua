-- What rules written for rspamd take from its lua_util: text, tables,
-- addresses, links. Other modules are required where they are used, so that
-- this one can be loaded first.

local util = {}

-- Strings as they are, texts and numbers as strings.
local function text_of(x, what)
	local kind = type(x)
	if kind == 'string' then return x end
	if kind == 'userdata' or kind == 'number' then return tostring(x) end
	error(string.format('%s: a text was expected, got %s', what, kind), 3)
end

-- The class of Lua's patterns that holds exactly these octets.
local function class_of(octets)
	return '[' .. octets:gsub('%p', '%%%0') .. ']'
end

-- ---- text ----

-- lua_util.str_split(text [, delimiters]) -> list
-- The pieces between single delimiters, empty ones too. Each octet of
-- `delimiters` is one; without any it is white space.
-- > local t = lua_util.str_split("a,b;c", ",;")
-- > assert(#t == 3 and t[3] == "c")
-- > assert(#lua_util.str_split("a,,b", ",") == 3)
function util.str_split(text, delimiters)
	text = text_of(text, 'str_split')
	local class = '%s'
	if delimiters then
		delimiters = text_of(delimiters, 'str_split')
		if delimiters == '' then return { text } end
		class = class_of(delimiters)
	end
	local pieces = {}
	local from = 1
	while true do
		local at = text:find(class, from)
		pieces[#pieces + 1] = text:sub(from, (at or 0) - 1)
		if not at then return pieces end
		from = at + 1
	end
end

-- lua_util.str_trim(text) -> string
-- Without white space at both ends.
-- > assert(lua_util.str_trim(" a b\r\n") == "a b")
function util.str_trim(text)
	text = text_of(text, 'str_trim')
	local first = text:find('%S')
	if not first then return '' end
	local last = #text
	while text:find('^%s', last) do last = last - 1 end
	return text:sub(first, last)
end

-- lua_util.str_startswith(text, prefix) -> boolean
-- > assert(lua_util.str_startswith("abc", "ab"))
function util.str_startswith(text, prefix)
	return text:sub(1, #prefix) == prefix
end

-- lua_util.str_endswith(text, suffix) -> boolean
-- > assert(lua_util.str_endswith("abc", "bc"))
function util.str_endswith(text, suffix)
	return suffix == '' or text:sub(-#suffix) == suffix
end

-- lua_util.round(number [, places]) -> number
-- To so many decimal places (0); halves go away from zero.
-- > assert(lua_util.round(2.5) == 3 and lua_util.round(1.25, 1) == 1.3)
function util.round(number, places)
	local scale = 10 ^ (places or 0)
	local rounded = math.floor(math.abs(number) * scale + 0.5) / scale
	if number < 0 and rounded ~= 0 then rounded = -rounded end
	return math.tointeger(rounded) or rounded
end

-- lua_util.template(text, values) -> string
-- $name and ${name} are replaced by values.name; by the name itself if there is
-- no such value.
-- > assert(lua_util.template("$a-${b}", { a = 1, b = "x" }) == "1-x")
function util.template(text, values)
	local function value_of(open, name, close)
		if open ~= '' and close == '' then return nil end
		local value = values[name]
		if value == nil then value = name end
		return tostring(value) .. (open == '' and close or '')
	end
	return (text:gsub('%$({?)([%w_]+)(}?)', value_of))
end

-- lua_util.jinja_template(text, values) -> string
-- {= name =} and {= name.field =} are replaced by values, {# ... #} by nothing.
-- Statements ({% ... %}), filters and calculations are not supported: an error.
-- > assert(lua_util.jinja_template("Hi {= who.name =}!", { who = { name = "A" } }) == "Hi A!")
function util.jinja_template(text, values)
	if text:find('{%', 1, true) then
		error('jinja_template: statements {% %} are not supported', 2)
	end
	local function value_of(path)
		path = util.str_trim(path)
		if not path:find('^[%a_][%w_%.]*$') then
			error('jinja_template: only names are supported, not ' .. path, 4)
		end
		local value = values
		for name in path:gmatch('[%w_]+') do
			if type(value) ~= 'table' then return '' end
			local number = math.tointeger(tonumber(name))
			value = value[number or name]
		end
		return value == nil and '' or tostring(value)
	end
	return (text:gsub('{#.-#}', ''):gsub('{=(.-)=}', value_of))
end

-- The number that a text begins with, and the letters right behind it.
local function number_and_unit(text, what)
	if type(text) == 'number' then return text, '' end
	local digits, unit = text_of(text, what):match('^([+-]?%d*%.?%d*)(%a*)')
	local number = tonumber(digits)
	return number, number and unit:lower() or ''
end

local seconds_in = {
	s = 1, m = 60, h = 3600, d = 86400, w = 7 * 86400, y = 365 * 86400,
}

-- lua_util.parse_time_interval(text) -> number or nil
-- Seconds: "90", "5m", "2h", "1d", "1w", "1y"; only the first letter of the unit
-- counts.
-- > assert(lua_util.parse_time_interval("1.5h") == 5400)
-- > assert(lua_util.parse_time_interval("soon") == nil)
function util.parse_time_interval(text)
	local number, unit = number_and_unit(text, 'parse_time_interval')
	return number and number * (seconds_in[unit:sub(1, 1)] or 1)
end

local thousands_in = { k = 1, m = 2, g = 3 }

-- lua_util.dehumanize_number(text) -> number or nil
-- "2k" is 2000, "2kb" 2048; also m and g.
-- > assert(lua_util.dehumanize_number("10mb") == 10 * 1024 * 1024)
function util.dehumanize_number(text)
	local number, unit = number_and_unit(text, 'dehumanize_number')
	if not number then return nil end
	local power = thousands_in[unit:sub(1, 1)] or 0
	local base = unit:sub(2, 2) == 'b' and 1024 or 1000
	local value = number * base ^ power
	return math.tointeger(value) or value
end

-- lua_util.toboolean(value) -> boolean [, error]
-- Of "true", "false", "1", "0" and numbers.
-- > assert(lua_util.toboolean("true") and not lua_util.toboolean(0))
function util.toboolean(value)
	local known = { ['true'] = true, ['false'] = false, ['1'] = true, ['0'] = false }
	if type(value) == 'boolean' then return value end
	if type(value) == 'number' then return value ~= 0 end
	if type(value) == 'string' and known[value:lower()] ~= nil then
		return known[value:lower()]
	end
	return false, string.format('cannot convert "%s" to boolean', tostring(value))
end

-- lua_util.unhex(text) -> string
-- Pairs of hexadecimal digits as octets; other pairs stay.
-- > assert(lua_util.unhex("6162") == "ab")
function util.unhex(text)
	return (text:gsub('..', function(pair)
		if pair:find('^%x%x$') then return string.char(tonumber(pair, 16)) end
	end))
end

-- lua_util.maybe_smtp_quote_value(text) -> string
-- In quotes if it holds a character that a header's parameter may not.
-- > assert(lua_util.maybe_smtp_quote_value("a b") == '"a b"')
function util.maybe_smtp_quote_value(text)
	if text:find('[()<>,;:\\"/%[%]?= \t\v]') then
		return '"' .. text:gsub('"', '\\"') .. '"'
	end
	return text
end

-- lua_util.callback_from_string(text) -> boolean, function or error
-- The function that a text is, with or without a leading "return".
-- > local ok, f = lua_util.callback_from_string("return function(x) return x + 1 end")
-- > assert(ok and f(1) == 2)
function util.callback_from_string(text)
	if type(text) ~= 'string' or text == '' then
		return false, 'invalid or empty string'
	end
	if not text:find('^%s*return%s') then text = 'return ' .. text end
	local chunk, fault = load(text, 'callback', 't')
	if not chunk then return false, fault end
	local ok, f = pcall(chunk)
	if not ok then return false, f end
	if type(f) ~= 'function' then return false, 'no function, but a ' .. type(f) end
	return true, f
end

-- ---- tables ----

-- lua_util.unpack(list) -> values
-- > assert(select("#", lua_util.unpack({ 1, 2 })) == 2)
function util.unpack(list)
	return table.unpack(list)
end

-- lua_util.flatten(list) -> list
-- The elements of a list of lists in one list.
-- > assert(#lua_util.flatten({ { 1, 2 }, { 3 } }) == 3)
function util.flatten(list)
	local flat = {}
	for _, element in ipairs(list) do
		if type(element) == 'table' then
			table.move(element, 1, #element, #flat + 1, flat)
		else
			flat[#flat + 1] = element
		end
	end
	return flat
end

-- The pairs of a table, or of the generator of a `for`.
local function all_pairs(x, param, state)
	if type(x) == 'table' then return pairs(x) end
	return x, param, state
end

-- lua_util.keys(table) -> list
-- > assert(lua_util.keys({ a = 1 })[1] == "a")
function util.keys(x, param, state)
	local list = {}
	for key in all_pairs(x, param, state) do list[#list + 1] = key end
	return list
end

-- lua_util.values(table) -> list
-- > assert(lua_util.values({ a = 1 })[1] == 1)
function util.values(x, param, state)
	local list = {}
	for _, value in all_pairs(x, param, state) do list[#list + 1] = value end
	return list
end

-- lua_util.nkeys(table) -> number
-- How many keys it has.
-- > assert(lua_util.nkeys({ "a", x = 1 }) == 2)
function util.nkeys(x, param, state)
	local n = 0
	for _ in all_pairs(x, param, state) do n = n + 1 end
	return n
end

-- lua_util.list_to_hash(list) -> table or nil
-- A table in which every element is a key with the value true. A table that is
-- one already stays as it is.
-- > assert(lua_util.list_to_hash({ "a", "b" }).b)
-- > assert(lua_util.list_to_hash("x").x)
function util.list_to_hash(list)
	if type(list) == 'string' then return { [list] = true } end
	if type(list) ~= 'table' then return nil end
	if list[1] == nil then return list end
	local set = {}
	for _, element in ipairs(list) do set[element] = true end
	return set
end

-- Tables that contain themselves end here.
local deepest = 64

local function too_deep(what)
	error(what .. ': the table is nested too deeply', 0)
end

-- lua_util.table_cmp(a, b) -> boolean
-- Do two tables hold the same, inner tables included?
-- > assert(lua_util.table_cmp({ 1, { 2 } }, { 1, { 2 } }))
function util.table_cmp(a, b, depth)
	depth = depth or 0
	if type(a) ~= 'table' or type(b) ~= 'table' then return a == b end
	if rawequal(a, b) then return true end
	if depth > deepest then too_deep('table_cmp') end
	for key, value in pairs(a) do
		if not util.table_cmp(value, b[key], depth + 1) then return false end
	end
	for key in pairs(b) do
		if a[key] == nil then return false end
	end
	return true
end

-- lua_util.override_defaults(defaults, given) -> table
-- The defaults with what is given over them, inner tables too.
-- > local s = lua_util.override_defaults({ a = 1, b = { c = 1 } }, { b = { d = 2 } })
-- > assert(s.a == 1 and s.b.c == 1 and s.b.d == 2)
function util.override_defaults(defaults, given, depth)
	depth = depth or 0
	if type(given) ~= 'table' then return defaults end
	if type(defaults) ~= 'table' then return given end
	if depth > deepest then too_deep('override_defaults') end
	local merged = util.shallowcopy(defaults)
	for key, value in pairs(given) do
		if type(value) == 'table' and type(defaults[key]) == 'table' then
			value = util.override_defaults(defaults[key], value, depth + 1)
		end
		merged[key] = value
	end
	return merged
end

-- lua_util.shallowcopy(value) -> value
-- A table with the same keys and values; anything else is itself.
-- > local t = { 1, 2 }
-- > assert(lua_util.shallowcopy(t) ~= t and #lua_util.shallowcopy(t) == 2)
function util.shallowcopy(value)
	if type(value) ~= 'table' then return value end
	local copy = {}
	for key, element in pairs(value) do copy[key] = element end
	return copy
end

-- lua_util.deepcopy(value) -> value
-- A copy of a table and of all tables in it; one that stands there twice is
-- copied once.
-- > local t = { { 1 } }
-- > assert(lua_util.deepcopy(t)[1] ~= t[1] and lua_util.deepcopy(t)[1][1] == 1)
function util.deepcopy(value, known, depth)
	if type(value) ~= 'table' then return value end
	known, depth = known or {}, depth or 0
	if known[value] then return known[value] end
	if depth > deepest then too_deep('deepcopy') end
	local copy = {}
	known[value] = copy
	for key, element in pairs(value) do
		key = util.deepcopy(key, known, depth + 1)
		copy[key] = util.deepcopy(element, known, depth + 1)
	end
	local meta = getmetatable(value)
	if type(meta) == 'table' then setmetatable(copy, meta) end
	return copy
end

local function by_kind_and_value(a, b)
	if type(a) ~= type(b) then return type(a) < type(b) end
	if type(a) == 'table' then return false end
	return a < b
end

-- lua_util.deepsort(list [, less])
-- Sorts a list in its place, and the lists in it.
-- > local t = { 3, 1, 2 }
-- > lua_util.deepsort(t)
-- > assert(t[1] == 1 and t[3] == 3)
function util.deepsort(list, less, depth)
	depth = depth or 0
	if type(list) ~= 'table' then return end
	if depth > deepest then too_deep('deepsort') end
	table.sort(list, less or by_kind_and_value)
	for _, element in pairs(list) do util.deepsort(element, nil, depth + 1) end
end

-- lua_util.spairs(table [, less] [, limit]) -> iterator
-- The pairs in order of their keys, or of less(table, key, key); no more than
-- limit.
-- > local keys = ""
-- > for k in lua_util.spairs({ b = 1, a = 2 }) do keys = keys .. k end
-- > assert(keys == "ab")
function util.spairs(t, less, limit)
	local keys = util.keys(t)
	table.sort(keys, less and function(a, b) return less(t, a, b) end or
		by_kind_and_value)
	local i = 0
	return function()
		i = i + 1
		local key = keys[i]
		if key ~= nil and (not limit or i <= limit) then return key, t[key] end
	end
end

-- lua_util.shuffle(list) -> list
-- The same list in an order of chance.
-- > assert(#lua_util.shuffle({ 1, 2, 3 }) == 3)
function util.shuffle(list)
	for i = #list, 2, -1 do
		local j = math.random(i)
		list[i], list[j] = list[j], list[i]
	end
	return list
end

-- lua_util.distance_sorted(a, b) -> number
-- How far two sorted lists are from each other: elements that only one has, the
-- larger of the two counts.
-- > assert(lua_util.distance_sorted({ 1, 2 }, { 2, 3 }) == 1)
function util.distance_sorted(a, b)
	local i, j, only_a, only_b = 1, 1, 0, 0
	while a[i] ~= nil and b[j] ~= nil do
		if a[i] == b[j] then
			i, j = i + 1, j + 1
		elseif a[i] < b[j] then
			i, only_a = i + 1, only_a + 1
		else
			j, only_b = j + 1, only_b + 1
		end
	end
	only_a = only_a + math.max(#a - i + 1, 0)
	only_b = only_b + math.max(#b - j + 1, 0)
	return math.max(only_a, only_b)
end

-- lua_util.table_digest(table) -> string
-- A digest (base32) of all that a table holds, in the order of its keys.
-- > assert(lua_util.table_digest({ "a", b = 1 }) == lua_util.table_digest({ b = 1, "a" }))
function util.table_digest(t)
	local hash = require('rspamd_cryptobox_hash').create()
	local function add(value, depth)
		if type(value) ~= 'table' then
			hash:update(tostring(value))
			return
		end
		if depth > deepest then too_deep('table_digest') end
		for key, element in util.spairs(value) do
			hash:update(tostring(key))
			add(element, depth + 1)
		end
	end
	add(t, 0)
	return hash:base32()
end

-- ---- addresses and messages ----

-- Domains whose users may write dots as they like, and their proper name.
local dotless = { ['gmail.com'] = 'gmail.com', ['googlemail.com'] = 'gmail.com' }

-- lua_util.remove_email_aliases(address) -> string or nil, list or nil
-- Changes an address as task:get_from gives it: user+tag becomes user, at Gmail
-- without dots. Returns the new user (nil if nothing had to change) and the tags.
-- > local a = { user = "jo.e+list", domain = "gmail.com", addr = "jo.e+list@gmail.com" }
-- > assert(lua_util.remove_email_aliases(a) == "joe" and a.addr == "joe@gmail.com")
function util.remove_email_aliases(address)
	if not address or not address.user then return nil end
	local user, tags = address.user, nil
	local domain = address.domain and dotless[address.domain]
	if domain then user = user:gsub('%.', '') end
	local plus = user:find('+', 2, true)
	if plus and user:sub(1, 1) ~= '+' then
		tags = util.str_split(user:sub(plus), '+')
		user = user:sub(1, plus - 1)
	end
	local changed = user ~= address.user
	if not changed and (not domain or domain == address.domain) then
		return nil
	end
	address.user = user
	address.domain = domain or address.domain
	address.addr = user .. '@' .. (address.domain or '')
	if address.name and address.name ~= '' then
		address.raw = string.format('"%s" <%s>', address.name, address.addr)
	else
		address.raw = '<' .. address.addr .. '>'
	end
	if changed then return user, tags or {} end
	return nil
end

-- lua_util.is_rspamc_or_controller(task) -> boolean
-- Was the message sent by rspamd's own client? Told by the request's headers.
-- > assert(not lua_util.is_rspamc_or_controller(task))
function util.is_rspamc_or_controller(task)
	local agent = task:get_request_header('User-Agent')
	return agent ~= nil and tostring(agent):lower() == 'rspamc'
end

-- lua_util.config_check_local_or_authed(config, section [, local, authed]) -> list
-- { check_local, check_authed } of a section of the options, else of "options",
-- else as given.
-- > local c = lua_util.config_check_local_or_authed(rspamd_config, "no-such", true)
-- > assert(c[1] == true and c[2] == false)
function util.config_check_local_or_authed(config, section, def_local, def_authed)
	local result = { def_local or false, def_authed or false }
	for _, name in ipairs({ section, 'options' }) do
		local options = config:get_all_opt(name)
		local found = false
		for i, key in ipairs({ 'check_local', 'check_authed' }) do
			local value = type(options) == 'table' and options[key]
			if type(options) == 'table' and type(value) == 'boolean' then
				result[i] = value
				found = found or options[key] ~= nil
			end
		end
		if found then break end
	end
	return result
end

-- lua_util.is_skip_local_or_authed(task, checks [, ip]) -> boolean
-- Should a check leave this message alone, because its sender logged in or is of
-- the local network? `checks` comes from config_check_local_or_authed.
-- > assert(type(lua_util.is_skip_local_or_authed(task, { false, false })) == "boolean")
function util.is_skip_local_or_authed(task, checks, ip)
	checks = checks or { false, false }
	ip = ip or task:get_from_ip()
	if not checks[2] and task:get_user() then return true end
	return not checks[1] and type(ip) == 'userdata' and ip:is_local() or false
end

-- lua_util.get_task_verdict(task) -> string [, number]
-- "spam", "ham" or "passthrough" (a rule forced the result), and the score. Only
-- in idempotent rules.
-- > assert(type(lua_util.get_task_verdict(task)) == "string")
function util.get_task_verdict(task)
	if task:has_pre_result() then return 'passthrough', nil end
	local score = task:get_metric_score()
	if type(score) ~= 'table' then return 'uncertain', nil end
	return score[1] >= score[2] and 'spam' or 'ham', score[1]
end

-- lua_util.maybe_obfuscate_string(text, settings, prefix) -> string
-- The text, "???" if it is no UTF-8, or its hash if settings.PREFIX_privacy says
-- so (PREFIX_privacy_alg, _privacy_prefix, _privacy_length).
-- > assert(lua_util.maybe_obfuscate_string("a", {}, "subject") == "a")
function util.maybe_obfuscate_string(text, settings, prefix)
	if not text or text == '' then return text end
	if not utf8.len(text) then return '???' end
	local function setting(name) return settings[prefix .. '_privacy' .. name] end
	if not setting('') then return text end
	local hash = require('rspamd_cryptobox_hash')
	local hex = hash.create_specific(setting('_alg') or 'blake2', text):hex()
	local length = setting('_length')
	if length and length > 0 then hex = hex:sub(1, length) end
	local mark = setting('_prefix')
	if mark and mark ~= '' then hex = mark .. ':' .. hex end
	return hex
end

-- lua_util.fold_header(task, name, value [, stop_chars]) -> string
-- A header's value folded into lines.
-- > assert(lua_util.fold_header(task, "X-A", "b") == "b")
function util.fold_header(task, name, value, stop_chars)
	return require('rspamd_util').fold_header(name, value, 'lf', stop_chars)
end

-- What makes a link worth a question before others, most telling first.
local interest = { 'phished', 'obscured', 'subject', 'redirected', 'html_displayed' }

local function rank_of(url)
	local flags = url:get_flags()
	for rank, flag in ipairs(interest) do
		if flags[flag] then return rank end
	end
	return #interest + 1
end

-- lua_util.filter_specific_urls(urls, params) -> list
-- No more than params.limit of the links, the most telling ones first (phished,
-- obscured, of the subject, redirected, shown as text), and no more than
-- params.esld_limit of one domain; only those for which params.filter(url) holds.
-- > local urls = lua_util.filter_specific_urls(task:get_urls() or {}, { limit = 1 })
-- > assert(#urls <= 1)
function util.filter_specific_urls(urls, params)
	local limit, per_domain = params.limit or 9999, params.esld_limit or 9999
	local ranked = {}
	for i, url in ipairs(urls) do
		if not params.filter or params.filter(url) then
			ranked[#ranked + 1] = { url = url, rank = rank_of(url), at = i }
		end
	end
	table.sort(ranked, function(a, b)
		if a.rank ~= b.rank then return a.rank < b.rank end
		return a.at < b.at
	end)
	local chosen, seen = {}, {}
	for _, one in ipairs(ranked) do
		local domain = one.url:get_tld() or one.url:get_host() or ''
		seen[domain] = (seen[domain] or 0) + 1
		if seen[domain] <= per_domain then chosen[#chosen + 1] = one.url end
		if #chosen >= limit then break end
	end
	return chosen
end

-- lua_util.extract_specific_urls(params) -> list
-- The same for all links of params.task (with params.need_emails those to
-- addresses, too). Also extract_specific_urls(task, limit, need_emails, filter).
-- > assert(#lua_util.extract_specific_urls({ task = task, limit = 2 }) <= 2)
function util.extract_specific_urls(params, limit, need_emails, filter)
	if type(params) == 'userdata' then
		params = { task = params, limit = limit, need_emails = need_emails,
			filter = filter }
	end
	local urls = params.task:get_urls(params.need_emails and
		{ 'http', 'https', 'ftp', 'mailto' } or { 'http', 'https', 'ftp' })
	local plain = {}
	for _, url in ipairs(urls or {}) do
		if not (params.ignore_redirected and url:is_redirected()) then
			plain[#plain + 1] = url
		end
	end
	return util.filter_specific_urls(plain, params)
end

-- ---- log and modules ----

local aliases = {}

-- lua_util.debugm(module, [object,] format, ...)
-- A line of the debug log, in the channel of that name.
-- > lua_util.debugm("mine", task, "seen %s", 5)
function util.debugm(module, ...)
	return require('rspamd_logger').debugm(aliases[module] or module, ...)
end

-- lua_util.add_debug_alias(module, alias)
-- What is logged for `alias` belongs to the channel of `module`. Only while
-- files are loaded.
-- > assert(type(lua_util.add_debug_alias) == "function")
function util.add_debug_alias(module, alias)
	aliases[alias] = module
end

-- lua_util.disable_module(name [, why] [, reason])
-- Notes in the debug log that a module switched itself off.
-- > lua_util.disable_module("mine", "config")
function util.disable_module(name, why, reason)
	util.debugm('config', 'module %s is disabled: %s', name, reason or why or 'by itself')
end

-- The names of rspamd's older versions.
for old, new in pairs({ rspamd_str_split = 'str_split', rspamd_str_trim = 'str_trim' }) do
	util[old] = util[new]
end

-- Experimental modules are never on, and debug channels are a setting of the
-- program (-D), not of a script.
for _, name in ipairs({ 'check_experimental', 'init_debug_logging',
	'enable_debug_logging', 'enable_debug_modules', 'disable_debug_logging' }) do
	util[name] = function() return false end
end

-- lua_util.symbols_priorities
-- Words for the priorities of pre- and postfilters.
-- > assert(lua_util.symbols_priorities.top == 10)
util.symbols_priorities = { top = 10, high = 9, medium = 5, low = 0 }

return util
