-- What a scan or a lesson changes in one record of AWL or TxRep.
--
-- KEYS: the record; of a lesson, the marker that says it was done.
-- ARGV: now, now as text, lifetime, event, step, value, count, epoch,
-- dilution.
-- Answers 1 if it counted, 0 if it was done before.
local key, marker = KEYS[1], KEYS[2]
local now, time, lifetime = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3])
local event, step, value = ARGV[4], ARGV[5], tonumber(ARGV[6])
local epoch, dilution = tonumber(ARGV[8]), tonumber(ARGV[9])

local had = redis.call("HMGET", key, "count", "total", "epoch", "first",
	"changes", "event_1", "event_2", "event_3", "event_4")
if marker then
	if redis.call("EXISTS", marker) == 1 then
		return 0
	end
	redis.call("SET", marker, time, "EX", "691200")
end
for i = 6, 9 do
	if had[i] and string.sub(had[i], -#event - 1) == " " .. event then
		return 0
	end
end
if step == "delete" then
	redis.call("DEL", key)
	return 1
end

local function number(i)
	local v = tonumber(had[i] or 0) or 0
	if v ~= v or v - v ~= 0 then
		return 0
	end
	return v
end
local function exact(v)
	return string.format("%.15g", v)
end
local count, total, changes = number(1), number(2), number(5) + 1
if count < 0 then
	count, total = 0, 0
end
local first = had[4]
if epoch > number(3) then
	count, total, first = 0, 0, nil
end

local mean = count > 0 and math.abs(total / count) or 0
local function deep(v)
	return v > 0 and v + mean or v < 0 and v - mean or v
end
local function add(v)
	if count > 0 and dilution < 1 then
		total = (count + 1) * (dilution * total + v) /
			(dilution * count + 1)
	else
		total = total + v
	end
	count = count + 1
end
local function remove(v)
	count = count > 2 and count - 2 or 0
	total = total - v
	count = count + 1
end

if step == "add" then
	add(value)
elseif step == "learn" then
	add(deep(value))
elseif step == "learn_message" then
	add(deep(value))
	if count == 1 then
		add(value)
	end
elseif step == "remove" then
	remove(value)
elseif step == "unlearn" then
	remove(deep(value))
elseif step == "set" then
	count, total, first = tonumber(ARGV[7]), value, nil
elseif step == "clear" then
	count, total, first = 0, 0, nil
end

local function whole(v)
	return string.format("%d", math.floor(v))
end
local fields = {
	"count", exact(count),
	"total", exact(total),
	"mean", string.format("%.3f", count > 0 and total / count or 0),
	"last", whole(now),
	"last_time", time,
	"changes", whole(changes),
	"event_" .. whole((changes - 1) % 4 + 1),
		time .. " " .. step .. " " .. string.format("%.3f", value) ..
		" " .. event,
}
local function set(name, v)
	fields[#fields + 1] = name
	fields[#fields + 1] = v
end
if not first then
	set("first", whole(now))
	set("first_time", time)
end
if epoch > 0 then
	set("epoch", string.format("%.0f", epoch))
end
redis.call("HSET", key, (table.unpack or unpack)(fields))
if lifetime > 0 then
	redis.call("EXPIRE", key, whole(lifetime))
else
	redis.call("PERSIST", key)
end
return 1
