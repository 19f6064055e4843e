-- Learns a message as spam ('s') or ham ('h'), or forgets it ('f'): the
-- marker of its id decides whether there is anything to do, so that doing it
-- twice counts once. Fields, names and order of steps are SpamAssassin's.
--
-- KEYS  totals (NSPAM, NHAM, DB_VERSION, TOKEN_FORMAT; or none of them: one
--       tag's share on a cluster), markers of the message's ids, tokens
-- ARGV  s|h|f, 1 if the other kind may be taken back, seconds to live of
--       markers and of tokens (0: for ever), how many totals, how many markers
local op, relearn = ARGV[1], ARGV[2] == '1'
local seen_ttl, token_ttl = ARGV[3], ARGV[4]
local totals, ids = tonumber(ARGV[5]), tonumber(ARGV[6])
local call = redis.call

local function change(kind, by)
	if totals > 0 then
		call('INCRBY', kind == 's' and KEYS[1] or KEYS[2], by)
	end
	for i = totals + ids + 1, #KEYS do
		local left = call('HINCRBY', KEYS[i], kind, by)
		if left <= 0 then
			call('HDEL', KEYS[i], kind)
		elseif token_ttl ~= '0' then
			call('EXPIRE', KEYS[i], token_ttl)
		end
	end
end

if totals > 0 then
	local version = call('GET', KEYS[3])
	if not version or version == '' or version == '0' then
		call('SET', KEYS[3], '3')
		call('SET', KEYS[1], '0')
		call('SET', KEYS[2], '0')
		call('SET', KEYS[4], '2')
	elseif version ~= '3' then
		return 'version ' .. version
	else
		local form = call('GET', KEYS[4]) or '0'
		if (tonumber(form) or 0) < 2 then
			return 'format ' .. form
		end
	end
end

local was, at
for i = totals + 1, totals + ids do
	was = call('GET', KEYS[i])
	if was then
		at = KEYS[i]
		break
	end
end
local known = was == 's' or was == 'h'

if op == 'f' then
	if not known then
		return 'unknown'
	end
	call('DEL', at)
	change(was, '-1')
	return 'forgotten'
end
if was == op or (known and not relearn) then
	return 'already'
end
-- The marker first: should a key turn out to be of a wrong type, a repeat must
-- not count what came before it again.
if known then
	call('DEL', at)
end
if seen_ttl ~= '0' then
	call('SETEX', KEYS[totals + 1], seen_ttl, op)
else
	call('SET', KEYS[totals + 1], op)
end
if known then
	change(was, '-1')
end
change(op, '1')
return 'learned'
