-- What a person says of one message, for one address or domain it had. It
-- takes the place of the machine's verdict, or of what was said before, and
-- counts once however often it is told.
--
-- KEYS: the key; the marker of this message at this key, of the same slot.
-- ARGV: now, now as text, "spam", "ham" or "nothing" (takes back), weight of
-- people, message, half-life, places (prior), lifetime, and what is known of
-- the machine's verdict: "spam", "ham" or "unknown", its weight, its time.
-- Answers 1 if that changed anything, else 0.
local key, marker = KEYS[1], KEYS[2]
local now, time, told = tonumber(ARGV[1]), ARGV[2], ARGV[3]
local weight, message = tonumber(ARGV[4]), ARGV[5]
local half_life, places = tonumber(ARGV[6]), tonumber(ARGV[7])

local had = redis.call("HMGET", key, "spam", "ham", "people_spam",
	"people_ham", "recent_spam", "recent_ham", "last", "first", "seen",
	"message_1", "message_2", "message_3", "message_4", "message_5",
	"message_6", "message_7", "message_8",
	"verdict_1", "verdict_2", "verdict_3", "verdict_4", "verdict_5",
	"verdict_6", "verdict_7", "verdict_8")
local function number(i)
	return tonumber(had[i] or 0) or 0
end
local function whole(v)
	return string.format("%d", math.floor(v))
end

-- What was told before: "WORD since TIME weight W, machine WORD since TIME
-- weight W". It means nothing if the key has been forgotten since.
local before = { told = "nothing", machine = "unknown" }
local text = had[8] and redis.call("GET", marker)
if text then
	local t, ts, tw, m, ms, mw = string.match(text,
		"^(%a+) since (%d+) weight (%S+), " ..
		"machine (%a+) since (%d+) weight (%S+)$")
	if t then
		before = { told = t, since = tonumber(ts),
			weight = tonumber(tw), machine = m,
			machine_since = tonumber(ms),
			machine_weight = tonumber(mw) }
	end
end
if before.told == told then
	return 0
end

local machine = { spam = number(1), ham = number(2) }
local people = { spam = number(3), ham = number(4) }
local recent = { spam = number(5), ham = number(6) }
local last = math.max(number(7), now)

local function faded(w, since)
	return w * 2 ^ (math.min(0, since - last) / half_life)
end
local function place(what, w)
	local all = recent.spam + recent.ham
	w = math.min(w, places)
	if all > 0 and all + w > places then
		local room = (places - w) / all
		recent.spam, recent.ham = recent.spam * room,
			recent.ham * room
	end
	recent[what] = recent[what] + w
end
local function remove(what, w)
	recent[what] = math.max(0, recent[what] - w)
end

recent.spam = faded(recent.spam, number(7))
recent.ham = faded(recent.ham, number(7))

-- The line of this message among the last verdicts, if it is there.
local line
for i = 1, 8 do
	local m = had[9 + i]
	if m and string.sub(m, 1, #message) == message then
		line = i
	end
end

if before.told == "nothing" then
	-- The machine's verdict goes. The key's own line knows it best.
	local m = { what = ARGV[9], weight = tonumber(ARGV[10]),
		since = tonumber(ARGV[11]) }
	if line and had[17 + line] then
		local s, w = string.match(had[9 + line],
					  " at (%d+) weight (%S+)")
		local v = string.match(had[17 + line], "^%S+ (%a+)")
		if s and (v == "spam" or v == "ham") then
			m = { what = v, weight = tonumber(w),
				since = tonumber(s) }
		end
	end
	before.machine, before.machine_since, before.machine_weight =
		"unknown", 0, 0
	if machine[m.what] and machine[m.what] > 0 then
		machine[m.what] = machine[m.what] - 1
		remove(m.what, faded(m.weight, m.since))
		before.machine, before.machine_since, before.machine_weight =
			m.what, m.since, m.weight
	end
else
	people[before.told] = math.max(0, people[before.told] - 1)
	remove(before.told, faded(before.weight, before.since))
end

if told ~= "nothing" then
	people[told] = people[told] + 1
	place(told, faded(weight, now))
elseif before.machine ~= "unknown" then
	machine[before.machine] = machine[before.machine] + 1
	place(before.machine, faded(before.machine_weight,
				    before.machine_since))
end

if told == "nothing" and number(9) == 0 and
   people.spam + people.ham == 0 then
	redis.call("DEL", key, marker)
	return 1
end

local fields = {
	"spam", whole(machine.spam), "ham", whole(machine.ham),
	"people_spam", whole(people.spam), "people_ham", whole(people.ham),
	"recent_spam", string.format("%.6g", recent.spam),
	"recent_ham", string.format("%.6g", recent.ham),
	"score", string.format("%.3f", (recent.spam - recent.ham) / places),
	"told", time .. " " .. told .. " " .. message,
	"last", whole(last),
}
local function set(name, value)
	fields[#fields + 1] = name
	fields[#fields + 1] = value
end
if now >= number(7) then
	set("last_time", time)
end
if not had[8] then
	set("first", whole(now))
	set("first_time", time)
end
if line and had[17 + line] then
	local verdict = string.match(had[17 + line], "^[^,]*")
	if told ~= "nothing" then
		verdict = verdict .. ", told " .. told
	end
	set("verdict_" .. whole(line), verdict)
end
redis.call("HSET", key, (table.unpack or unpack)(fields))
redis.call("EXPIRE", key, ARGV[8])
if told == "nothing" then
	redis.call("DEL", marker)
else
	redis.call("SET", marker, told .. " since " .. ARGV[1] ..
		" weight " .. ARGV[4] .. ", machine " .. before.machine ..
		" since " .. whole(before.machine_since) .. " weight " ..
		string.format("%.6g", before.machine_weight), "EX", ARGV[8])
end
return 1
