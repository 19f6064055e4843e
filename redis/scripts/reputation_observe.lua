-- What the machine's verdict on one message says of one address or domain.
-- Counts a message once as long as it is among the last eight of the key, and
-- not at all if it is the one that a person told of last.
--
-- KEYS: the key. ARGV: now, now as text, "spam" or "ham", weight, message,
-- score, deciding rules, 1 if the sender was proved, half-life, places
-- (prior), lifetime, least lifetime.
-- Answers the seconds that the key is kept from now on, 0 if this message was
-- counted before.
local key = KEYS[1]
local now, time, verdict = tonumber(ARGV[1]), ARGV[2], ARGV[3]
local weight, message = tonumber(ARGV[4]), ARGV[5]
local half_life, places = tonumber(ARGV[9]), tonumber(ARGV[10])
local longest, least = tonumber(ARGV[11]), tonumber(ARGV[12])

local had = redis.call("HMGET", key, "seen", verdict, "authenticated",
	"recent_spam", "recent_ham", "last", "first", "people_spam",
	"people_ham", "message_1", "message_2", "message_3", "message_4",
	"message_5", "message_6", "message_7", "message_8", "told")
for i = 10, 17 do
	if had[i] and string.sub(had[i], 1, #message) == message then
		return 0
	end
end
if had[18] and string.sub(had[18], -#message) == message and
   not string.find(had[18], " nothing ", 1, true) then
	return 0
end

local function number(i)
	return tonumber(had[i] or 0) or 0
end
local function whole(v)
	return string.format("%d", math.floor(v))
end
local seen, last = number(1) + 1, number(6)
local recent = { spam = number(4), ham = number(5) }

-- What is known fades up to now; a message that comes late has faded itself.
if now >= last then
	local left = 2 ^ ((last - now) / half_life)
	recent.spam, recent.ham = recent.spam * left, recent.ham * left
	last = now
else
	weight = weight * 2 ^ ((now - last) / half_life)
	time = false
end

-- The message takes its place; what is known makes room if none is free.
local all = recent.spam + recent.ham
if all > 0 and all + weight > places then
	local room = (places - weight) / all
	recent.spam, recent.ham = recent.spam * room, recent.ham * room
end
recent[verdict] = recent[verdict] + weight

local slot = whole((seen - 1) % 8 + 1)
local fields = {
	"seen", whole(seen),
	verdict, whole(number(2) + 1),
	"recent_spam", string.format("%.6g", recent.spam),
	"recent_ham", string.format("%.6g", recent.ham),
	"score", string.format("%.3f", (recent.spam - recent.ham) / places),
	"verdict_" .. slot, ARGV[2] .. " " .. verdict .. " " .. ARGV[6],
	"message_" .. slot, message .. " at " .. ARGV[1] .. " weight " ..
		string.format("%.4g", tonumber(ARGV[4])),
	"rules_" .. slot, ARGV[7],
}
local function set(name, value)
	fields[#fields + 1] = name
	fields[#fields + 1] = value
end
if time then
	set("last", whole(last))
	set("last_time", time)
end
if not had[7] then
	set("first", whole(now))
	set("first_time", ARGV[2])
end
if ARGV[8] == "1" then
	set("authenticated", whole(number(3) + 1))
end
redis.call("HSET", key, (table.unpack or unpack)(fields))

-- The more is known, the longer it is worth keeping; people's words always.
local known = math.min(1, (recent.spam + recent.ham) / places)
if number(8) + number(9) > 0 then
	known = 1
end
local seconds = whole(least + (longest - least) * known)
redis.call("EXPIRE", key, seconds)
return tonumber(seconds)
