-- Lets tokens live ARGV[1] seconds from now; those that are gone stay gone.
local call, ttl = redis.call, ARGV[1]
for i = 1, #KEYS do
	call('EXPIRE', KEYS[i], ttl)
end
return string.format('%d', #KEYS)
