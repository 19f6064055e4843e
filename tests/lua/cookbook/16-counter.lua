-- Counts of our own in the store: how many messages one sender has sent within
-- an hour. The script runs inside of the store, so that two messages at once
-- are two; its keys begin with "lua:", which rules may use without a setting
-- (lua_redis_keys opens others). Where there is no store, or it does not
-- answer, the rule says nothing.
local lua_redis = require "lua_redis"
local rspamd_logger = require "rspamd_logger"

local most = 50
local params = lua_redis.parse_redis_server("busy_sender")
local count = lua_redis.add_redis_script([[
local n = redis.call("INCR", KEYS[1])
if n == 1 then redis.call("EXPIRE", KEYS[1], ARGV[1]) end
return n
]], params)

rspamd_config.BUSY_SENDER = {
	score = 1.5, description = "Many messages of one sender within an hour",
	callback = function(task)
		local from = task:get_from("smtp")
		if not from or from[1].addr == "" then return false end
		local function counted(err, n)
			if err then
				rspamd_logger.infox(task, "not counted: %s", err)
			elseif n > most then
				task:insert_result("BUSY_SENDER", 1.0, n .. " messages")
			end
		end
		lua_redis.exec_redis_script(count, { task = task, is_write = true }, counted,
			{ "lua:busy:" .. from[1].addr:lower() }, { 3600 })
		return false
	end,
}
