-- Who did how much good or bad on a day: adds to their balances, and keeps as
-- many at either end of the list as the limit says.
--
-- KEYS: the list. ARGV: limit, lifetime in seconds, then name and balance by
-- turns.
local key, limit = KEYS[1], tonumber(ARGV[1])

for i = 3, #ARGV, 2 do
	redis.call("ZINCRBY", key, ARGV[i + 1], ARGV[i])
end
redis.call("ZREMRANGEBYRANK", key, ARGV[1],
	string.format("%d", -limit - 1))
redis.call("EXPIRE", key, ARGV[2])
return 1
