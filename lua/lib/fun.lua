-- Lists, maps and sequences worked on as a whole: fun.filter(...):map(...). The
-- interface is the one that rules written for rspamd know; the inside is ours.
--
-- A sequence here is a way to begin: begin() gives a function that returns true
-- and the next values, or nil at the end. So one and the same sequence can be
-- walked again and again, and nothing is kept of it but closures. A list gives
-- its elements, a table without a list part its pairs (key, value), a string its
-- octets; functions of more than one value get all of them.

local fun = {}
local methods = {}
local sequence = { __index = methods }

sequence.__tostring = function() return '<generator>' end

local function nothing() return nil end

-- `for _, value in seq do`: the first value says only that there is one.
sequence.__call = function(self, pull)
	return (pull or self.begin())()
end

local function new(begin)
	return setmetatable({ begin = begin }, sequence)
end

-- What functions give to their caller: the sequence, and a first walk over
-- it for a generic `for`.
local function give(seq)
	return seq, seq.begin(), true
end

local function is_sequence(x)
	return type(x) == 'table' and getmetatable(x) == sequence
end

local function over_list(list)
	return new(function()
		local i = 0
		return function()
			i = i + 1
			local value = list[i]
			if value ~= nil then return true, value end
		end
	end)
end

local function over_pairs(map)
	return new(function()
		local step, state, key = pairs(map)
		local value
		return function()
			key, value = step(state, key)
			if key ~= nil then return true, key, value end
		end
	end)
end

local function over_string(s)
	return new(function()
		local i = 0
		return function()
			i = i + 1
			if i <= #s then return true, s:sub(i, i) end
		end
	end)
end

-- A generator as `for` takes it: what it returns first is its next state.
local function over_generator(step, param, first)
	return new(function()
		local state = first
		local function keep(new_state, ...)
			if new_state == nil then return nil end
			state = new_state
			return true, ...
		end
		return function() return keep(step(param, state)) end
	end)
end

local function to_sequence(x, param, state)
	local kind = type(x)
	if is_sequence(x) then return x end
	if kind == 'table' then
		if #x > 0 then return over_list(x) end
		return over_pairs(x)
	elseif kind == 'string' then
		return over_string(x)
	elseif kind == 'function' then
		return over_generator(x, param, state)
	end
	error(string.format('object %s of type "%s" is not iterable',
			tostring(x), kind), 4)
end

-- Defines a function of `nargs` arguments and a sequence, under one or more
-- names, as fun.NAME(args..., sequence) and as sequence:NAME(args...).
local function define(names, nargs, body)
	local plain, method
	if nargs == 0 then
		plain = function(x, p, s) return body(to_sequence(x, p, s)) end
		method = function(seq) return body(seq) end
	else
		plain = function(arg, x, p, s)
			return body(arg, to_sequence(x, p, s))
		end
		method = function(seq, arg) return body(arg, seq) end
	end
	for name in names:gmatch('%S+') do
		fun[name] = plain
		methods[name] = method
	end
end

-- The same for what begins a sequence: no method.
local function source(names, body)
	for name in names:gmatch('%S+') do fun[name] = body end
end

-- fun.iter(x) -> sequence
-- The elements of a list, the pairs of a map, the octets of a string, or what a
-- generator of a `for` loop gives.
-- > local n = 0
-- > for _, v in fun.iter({ 1, 2, 3 }) do n = n + v end
-- > assert(n == 6)
source('iter', function(x, p, s) return give(to_sequence(x, p, s)) end)

-- fun.wrap(generator, param, state) -> sequence
-- A sequence from the three values that a generic `for` takes.
-- > local function below(n, i) if i < n then return i + 1, i end end
-- > assert(fun.wrap(below, 3, 0):sum() == 3)
source('wrap', function(step, p, s)
	if is_sequence(step) then return give(step) end
	return give(over_generator(step, p, s))
end)

function methods.unwrap(seq) return seq.begin(), nil, nil end

-- fun.range([first,] last [, step]) -> sequence
-- Numbers from first (1) to last; downwards when last is below first.
-- > assert(table.concat(fun.range(3):totable(), ",") == "1,2,3")
-- > assert(table.concat(fun.range(5, 1, -2):totable(), ",") == "5,3,1")
source('range', function(first, last, step)
	if last == nil then
		if first == 0 then return give(new(function() return nothing end)) end
		first, last = first > 0 and 1 or -1, first
	end
	step = step or (first <= last and 1 or -1)
	if step == 0 then error('step must not be zero', 2) end
	return give(new(function()
		local at = first - step
		return function()
			local value = at + step
			if step > 0 and value > last or step < 0 and value < last then
				return nil
			end
			at = value
			return true, value
		end
	end))
end)

local function endless(...)
	local values = table.pack(...)
	return give(new(function()
		return function()
			return true, table.unpack(values, 1, values.n)
		end
	end))
end

-- fun.duplicate(...) -> sequence
-- The same values again and again, without an end.
-- > assert(table.concat(fun.duplicate("a"):take(3):totable()) == "aaa")
source('duplicate replicate xrepeat', endless)
source('zeros', function() return endless(0) end)
source('ones', function() return endless(1) end)

-- fun.tabulate(f) -> sequence
-- f(0), f(1), f(2), ... without an end.
-- > local squares = fun.tabulate(function(x) return x * x end)
-- > assert(squares:take(4):sum() == 14)
source('tabulate', function(f)
	return give(new(function()
		local i = -1
		return function()
			i = i + 1
			return true, f(i)
		end
	end))
end)

-- fun.rands([first, last]) -> sequence
-- Random numbers: between 0 and 1, or whole ones from first to below last.
-- > assert(fun.rands(1, 3):take(9):all(function(x) return x == 1 or x == 2 end))
source('rands', function(first, last)
	if first and not last then first, last = 0, first end
	return give(new(function()
		return function()
			if not first then return true, math.random() end
			return true, math.random(first, last - 1)
		end
	end))
end)

-- ---- what looks at every element ----

local function call_if(f, more, ...)
	if more then f(...) end
	return more
end

-- fun.each(f, sequence)
-- Calls f with every element: f(value) for lists, f(key, value) for maps.
-- > local seen = {}
-- > fun.each(function(k, v) seen[k] = v end, { a = 1, b = 2 })
-- > assert(seen.a == 1 and seen.b == 2)
define('each for_each foreach', 1, function(f, seq)
	local pull = seq.begin()
	while call_if(f, pull()) do end
end)

-- fun.foldl(f, first, sequence) -> value
-- f(...f(f(first, x1), x2)..., xn).
-- > assert(fun.foldl(function(n, s) return n + #s end, 0, { "a", "bcd" }) == 4)
local function foldl(f, value, seq)
	local pull = seq.begin()
	local function step(more, ...)
		if more then value = f(value, ...) end
		return more
	end
	while step(pull()) do end
	return value
end

for _, name in ipairs({ 'foldl', 'reduce' }) do
	fun[name] = function(f, value, x, p, s)
		return foldl(f, value, to_sequence(x, p, s))
	end
	methods[name] = function(seq, f, value) return foldl(f, value, seq) end
end

-- fun.length(sequence) -> number
-- How many elements it has.
-- > assert(fun.length({ a = 1, b = 2 }) == 2)
define('length', 0, function(seq)
	return foldl(function(n) return n + 1 end, 0, seq)
end)

-- fun.sum(sequence) -> number
-- All elements added; 0 if there is none.
-- > assert(fun.sum({ 1, 2, 4 }) == 7)
define('sum', 0, function(seq)
	return foldl(function(a, b) return a + b end, 0, seq)
end)

-- fun.product(sequence) -> number
-- All elements multiplied; 1 if there is none.
-- > assert(fun.product({ 2, 3 }) == 6)
define('product', 0, function(seq)
	return foldl(function(a, b) return a * b end, 1, seq)
end)

-- fun.any(f, sequence) -> boolean
-- Does f hold for at least one element?
-- > assert(fun.any(function(x) return x > 2 end, { 1, 3 }))
-- > assert(not fun.any(function() return true end, {}))
define('any some', 1, function(f, seq)
	local pull = seq.begin()
	local found = false
	local function ask(more, ...)
		if more and f(...) then found = true end
		return more and not found
	end
	while ask(pull()) do end
	return found
end)

-- fun.all(f, sequence) -> boolean
-- Does f hold for every element?
-- > assert(not fun.all(function(x) return x > 2 end, { 1, 3 }))
-- > assert(fun.all(function() return false end, {}))
define('all every', 1, function(f, seq)
	local pull = seq.begin()
	local holds = true
	local function ask(more, ...)
		if more and not f(...) then holds = false end
		return more and holds
	end
	while ask(pull()) do end
	return holds
end)

-- fun.is_null(sequence) -> boolean
-- Is it empty?
-- > assert(fun.is_null({}) and not fun.is_null({ 1 }))
define('is_null', 0, function(seq)
	return not (seq.begin())()
end)

-- fun.totable(sequence) -> list
-- The elements as a list; of elements with several values the first (so of a
-- map its keys).
-- > local t = fun.map(string.upper, { "a", "b" }):totable()
-- > assert(#t == 2 and t[2] == "B")
define('totable', 0, function(seq)
	local list = {}
	local pull = seq.begin()
	local function add(more, value)
		if more then list[#list + 1] = value end
		return more
	end
	while add(pull()) do end
	return list
end)

-- fun.tomap(sequence) -> table
-- A table of the pairs that the sequence gives.
-- > local m = fun.tomap(fun.map(function(s) return s, #s end, { "a", "bcd" }))
-- > assert(m.a == 1 and m.bcd == 3)
define('tomap', 0, function(seq)
	local map = {}
	local pull = seq.begin()
	local function add(more, key, value)
		if more then map[key] = value end
		return more
	end
	while add(pull()) do end
	return map
end)

-- The element that `better(new, best)` prefers to all others.
local function best(name, better, seq)
	local pull = seq.begin()
	local more, value = pull()
	if not more then error(name .. ': iterator is empty', 0) end
	while true do
		local next_more, candidate = pull()
		if not next_more then return value end
		if better(candidate, value) then value = candidate end
	end
end

-- fun.min(sequence) -> value
-- The smallest element; an error if there is none.
-- > assert(fun.min({ 3, 1, 2 }) == 1)
define('min minimum', 0, function(seq)
	return best('min', function(a, b) return a < b end, seq)
end)

-- fun.max(sequence) -> value
-- The largest element; an error if there is none.
-- > assert(fun.max({ 3, 1, 2 }) == 3)
define('max maximum', 0, function(seq)
	return best('max', function(a, b) return a > b end, seq)
end)

-- fun.min_by(choose, sequence) -> value
-- Goes through the elements and keeps what choose(kept, element) returns.
-- > local function shorter(a, b) if #b < #a then return b end return a end
-- > assert(fun.min_by(shorter, { "abc", "x", "yz" }) == "x")
local function chosen(name)
	return function(choose, seq)
		local pull = seq.begin()
		local more, value = pull()
		if not more then error(name .. ': iterator is empty', 0) end
		local candidate
		while true do
			more, candidate = pull()
			if not more then return value end
			value = choose(value, candidate)
		end
	end
end

define('min_by minimum_by', 1, chosen('min'))
define('max_by maximum_by', 1, chosen('max'))

-- fun.is_prefix_of(a, b) -> boolean
-- Does b begin with the elements of a?
-- > assert(fun.is_prefix_of({ 1, 2 }, { 1, 2, 3 }))
define('is_prefix_of', 1, function(a, b)
	local left, right = to_sequence(a).begin(), b.begin()
	while true do
		local more, value = left()
		if not more then return true end
		local other_more, other = right()
		if not other_more or other ~= value then return false end
	end
end)

methods.is_prefix_of = function(seq, other)
	return fun.is_prefix_of(seq, other)
end

-- ---- single elements ----

local function values_of(name, more, ...)
	if not more then error(name .. ': iterator is empty', 0) end
	return ...
end

-- fun.head(sequence) -> value
-- The first element; an error if there is none.
-- > assert(fun.head({ "a", "b" }) == "a")
define('head car', 0, function(seq)
	return values_of('head', (seq.begin())())
end)

-- fun.nth(n, sequence) -> value or nil
-- The nth element.
-- > assert(fun.nth(2, { "a", "b" }) == "b" and fun.nth(3, { "a" }) == nil)
local function or_nil(more, ...)
	if more then return ... end
	return nil
end

define('nth', 1, function(n, seq)
	if n <= 0 then error('invalid first argument to nth', 0) end
	local pull = seq.begin()
	for _ = 2, n do
		if not pull() then return nil end
	end
	return or_nil(pull())
end)

-- fun.index(x, sequence) -> number or nil
-- At which place x stands first.
-- > assert(fun.index("b", { "a", "b" }) == 2)
define('index index_of elem_index', 1, function(x, seq)
	local pull = seq.begin()
	local i = 0
	while true do
		local more, value = pull()
		if not more then return nil end
		i = i + 1
		if value == x then return i end
	end
end)

-- fun.indexes(x, sequence) -> sequence
-- All places at which x stands.
-- > assert(table.concat(fun.indexes("a", { "a", "b", "a" }):totable(), ",") == "1,3")
define('indexes indices elem_indexes elem_indices', 1, function(x, seq)
	return give(new(function()
		local pull = seq.begin()
		local i = 0
		return function()
			while true do
				local more, value = pull()
				if not more then return nil end
				i = i + 1
				if value == x then return true, i end
			end
		end
	end))
end)

-- ---- sequences of sequences ----

local function mapped(f, more, ...)
	if more then return true, f(...) end
end

-- fun.map(f, sequence) -> sequence
-- f of every element.
-- > assert(fun.map(function(x) return x * 2 end, { 1, 2 }):sum() == 6)
define('map', 1, function(f, seq)
	return give(new(function()
		local pull = seq.begin()
		return function() return mapped(f, pull()) end
	end))
end)

local function numbered(i, more, ...)
	if more then return true, i, ... end
end

-- fun.enumerate(sequence) -> sequence
-- Every element with its number before it.
-- > assert(fun.enumerate({ "a", "b" }):tomap()[2] == "b")
define('enumerate', 0, function(seq)
	return give(new(function()
		local pull = seq.begin()
		local i = 0
		return function()
			i = i + 1
			return numbered(i, pull())
		end
	end))
end)

-- fun.intersperse(x, sequence) -> sequence
-- x after every element (rspamd's too adds one after the last).
-- > assert(table.concat(fun.intersperse("-", { "a", "b" }):totable()) == "a-b-")
define('intersperse', 1, function(x, seq)
	return give(new(function()
		local pull = seq.begin()
		local between = false
		local function element(more, ...)
			between = more
			return more, ...
		end
		return function()
			if between then
				between = false
				return true, x
			end
			return element(pull())
		end
	end))
end)

local function passing(f, pull, more, ...)
	if not more then return nil end
	if f(...) then return true, ... end
	return passing(f, pull, pull())
end

local function filter(f, seq)
	return give(new(function()
		local pull = seq.begin()
		return function() return passing(f, pull, pull()) end
	end))
end

-- fun.filter(f, sequence) -> sequence
-- The elements for which f holds.
-- > local odd = fun.filter(function(x) return x % 2 == 1 end, { 1, 2, 3 })
-- > assert(odd:length() == 2)
define('filter remove_if', 1, filter)

-- fun.grep(what, sequence) -> sequence
-- The strings that match a pattern; or as filter, if `what` is a function.
-- > assert(fun.grep("^a", { "ab", "b", "ac" }):length() == 2)
define('grep', 1, function(what, seq)
	if type(what) == 'string' then
		return filter(function(s) return s:find(what) end, seq)
	end
	return filter(what, seq)
end)

-- fun.partition(f, sequence) -> sequence, sequence
-- Those for which f holds, and the others.
-- > local odd, even = fun.partition(function(x) return x % 2 == 1 end, { 1, 2, 3 })
-- > assert(odd:length() == 2 and even:head() == 2)
define('partition', 1, function(f, seq)
	local holds = filter(f, seq)
	local others = filter(function(...) return not f(...) end, seq)
	return holds, others
end)

local function take_n(n, seq)
	if n < 0 then error('invalid first argument to take_n', 0) end
	return give(new(function()
		local pull = seq.begin()
		local left = n
		return function()
			if left <= 0 then return nil end
			left = left - 1
			return pull()
		end
	end))
end

local function take_while(f, seq)
	return give(new(function()
		local pull = seq.begin()
		local over = false
		local function check(more, ...)
			if more and f(...) then return true, ... end
			over = true
		end
		return function()
			if not over then return check(pull()) end
		end
	end))
end

local function drop_n(n, seq)
	if n < 0 then error('invalid first argument to drop_n', 0) end
	return give(new(function()
		local pull = seq.begin()
		for _ = 1, n do
			if not pull() then return nothing end
		end
		return pull
	end))
end

local function drop_while(f, seq)
	return give(new(function()
		local pull = seq.begin()
		local begun = false
		local function skip(more, ...)
			if more and f(...) then return skip(pull()) end
			begun = true
			return more, ...
		end
		return function()
			if begun then return pull() end
			return skip(pull())
		end
	end))
end

-- fun.take(n_or_f, sequence) -> sequence
-- The first n elements, or those before the first for which f does not hold.
-- > assert(fun.take(2, { 1, 2, 3 }):length() == 2)
-- > assert(fun.take(function(x) return x < 3 end, { 1, 2, 3, 1 }):length() == 2)
local function by_number(with_number, with_function)
	return function(what, seq)
		if type(what) == 'number' then return with_number(what, seq) end
		return with_function(what, seq)
	end
end

define('take', 1, by_number(take_n, take_while))
define('take_n', 1, take_n)
define('take_while', 1, take_while)

-- fun.drop(n_or_f, sequence) -> sequence
-- What fun.take leaves.
-- > assert(fun.drop(2, { 1, 2, 3 }):head() == 3)
define('drop', 1, by_number(drop_n, drop_while))
define('drop_n', 1, drop_n)
define('drop_while', 1, drop_while)

-- fun.tail(sequence) -> sequence
-- All but the first element.
-- > assert(fun.tail({ 1, 2, 3 }):head() == 2)
define('tail cdr', 0, function(seq) return drop_n(1, seq) end)

-- fun.split(n_or_f, sequence) -> sequence, sequence
-- fun.take and fun.drop at once.
-- > local a, b = fun.split(1, { 1, 2, 3 })
-- > assert(a:length() == 1 and b:length() == 2)
define('split span split_at', 1, function(what, seq)
	local number = type(what) == 'number'
	local first = (number and take_n or take_while)(what, seq)
	local rest = (number and drop_n or drop_while)(what, seq)
	return first, rest
end)

-- The sequences among a call's arguments; what generic `for` values follow
-- one is passed over.
local function sequences(...)
	local all = {}
	local args = table.pack(...)
	local i = 1
	while i <= args.n do
		all[#all + 1] = to_sequence(args[i])
		if is_sequence(args[i]) and args[i + 2] == true and
		   type(args[i + 1]) == 'function' then
			i = i + 3
		else
			i = i + 1
		end
	end
	return all
end

-- fun.chain(sequence, ...) -> sequence
-- One after the other.
-- > assert(fun.chain({ 1, 2 }, { 3 }):sum() == 6)
function fun.chain(...)
	local all = sequences(...)
	return give(new(function()
		local i = 0
		local pull = nothing
		local function element(more, ...)
			if more then return true, ... end
			i = i + 1
			if not all[i] then
				pull = nothing
				return nil
			end
			pull = all[i].begin()
			return element(pull())
		end
		return function() return element(pull()) end
	end))
end
methods.chain = fun.chain

-- fun.zip(sequence, ...) -> sequence
-- The first elements together, then the second, as long as all have one.
-- > assert(fun.zip({ "a", "b" }, { 1, 2, 3 }):tomap().b == 2)
function fun.zip(...)
	local all = sequences(...)
	return give(new(function()
		local pulls = {}
		for i, seq in ipairs(all) do pulls[i] = seq.begin() end
		return function()
			local values = {}
			for i, pull in ipairs(pulls) do
				local more, value = pull()
				if not more then return nil end
				values[i] = value
			end
			if #pulls == 0 then return nil end
			return true, table.unpack(values, 1, #pulls)
		end
	end))
end
methods.zip = fun.zip

-- fun.cycle(sequence) -> sequence
-- Again and again, without an end.
-- > assert(fun.cycle({ "a", "b" }):take(5):nth(5) == "a")
define('cycle', 0, function(seq)
	return give(new(function()
		local pull = nothing
		local function element(fresh, more, ...)
			if more or fresh then return more, ... end
			pull = seq.begin()
			return element(true, pull())
		end
		return function() return element(false, pull()) end
	end))
end)

-- fun.op
-- Operators as functions, for map, foldl and filter: lt, le, eq, ne, ge, gt,
-- add, sub, mul, div, mod, pow, neg, concat, len, land, lor, lnot, truth.
-- > assert(fun.foldl(fun.op.add, 0, { 1, 2 }) == 3)
fun.op = {
	lt = function(a, b) return a < b end,
	le = function(a, b) return a <= b end,
	eq = function(a, b) return a == b end,
	ne = function(a, b) return a ~= b end,
	ge = function(a, b) return a >= b end,
	gt = function(a, b) return a > b end,
	add = function(a, b) return a + b end,
	sub = function(a, b) return a - b end,
	mul = function(a, b) return a * b end,
	div = function(a, b) return a / b end,
	truediv = function(a, b) return a / b end,
	floordiv = function(a, b) return math.floor(a / b) end,
	mod = function(a, b) return a % b end,
	pow = function(a, b) return a ^ b end,
	neg = function(a) return -a end,
	unm = function(a) return -a end,
	concat = function(a, b) return a .. b end,
	len = function(a) return #a end,
	length = function(a) return #a end,
	land = function(a, b) return a and b end,
	lor = function(a, b) return a or b end,
	lnot = function(a) return not a end,
	truth = function(a) return not not a end,
}
for _, name in ipairs({ 'op', 'operator' }) do
	fun[name] = fun.op
	methods[name] = fun.op
end

-- require("fun")() makes globals of them all, as rspamd's does.
return setmetatable(fun, {
	__call = function(self, into)
		into = into or _G
		for name, f in pairs(self) do into[name] = f end
		return self
	end,
})
