-- Sets one token: what it had before is gone.
-- ARGV  messages of spam and of ham, seconds to live (0: for ever)
local call, key = redis.call, KEYS[1]
call('DEL', key)
if ARGV[1] ~= '0' then
	call('HSET', key, 's', ARGV[1])
end
if ARGV[2] ~= '0' then
	call('HSET', key, 'h', ARGV[2])
end
if ARGV[3] ~= '0' then
	call('EXPIRE', key, ARGV[3])
end
return 'set'
