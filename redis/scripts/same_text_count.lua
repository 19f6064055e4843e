-- A message with this text came: who got it is noted with the time. What is
-- older than the window goes, and of each kind of member ("domain:", ...) the
-- oldest ones above the limit, so that one kind cannot crowd out another.
-- Done twice it changes nothing.
--
-- KEYS: the text. ARGV: now, window in seconds, limit, members.
-- Answers the seconds that the key is kept.
local key, now = KEYS[1], tonumber(ARGV[1])
local window, limit = tonumber(ARGV[2]), tonumber(ARGV[3])

redis.call("ZREMRANGEBYSCORE", key, "-inf",
	string.format("%d", now - window))
for i = 4, #ARGV do
	-- A message that comes late does not make a member older.
	redis.call("ZADD", key, "GT", ARGV[1], ARGV[i])
end

-- Looking at all members is put off until they are so many that some must go.
if redis.call("ZCARD", key) > 3 * limit then
	local count = {}
	for _, member in ipairs(redis.call("ZREVRANGE", key, "0", "-1")) do
		local kind = string.match(member, "^(%a+):") or ""
		count[kind] = (count[kind] or 0) + 1
		if count[kind] > limit then
			redis.call("ZREM", key, member)
		end
	end
end
redis.call("EXPIRE", key, ARGV[2])
return tonumber(ARGV[2])
