-- Asks a service of our own about the sender's domain. The rule goes on when
-- the answer is there; the message waits for it, but no longer than its time
-- limit, and a service that is down costs nothing but its vote. Local and
-- private addresses may only be asked if a .cf file says so:
--	lua_http_allow 127.0.0.1
local rspamd_http = require "rspamd_http"
local rspamd_logger = require "rspamd_logger"
local ucl = require "ucl"

rspamd_config.SENDER_KNOWN_BAD = {
	score = 3.0, description = "Our reputation service knows the sender's domain",
	callback = function(task)
		local from = task:get_from("mime")
		if not from then return false end
		local function answered(err, code, body)
			if err or code ~= 200 then
				rspamd_logger.infox(task, "no answer about %s: %s", from[1].domain, err or code)
				return
			end
			local parser = ucl.parser()
			if not parser:parse_string(tostring(body)) then return end
			local answer = parser:get_object()
			if answer.verdict == "bad" then
				task:insert_result("SENDER_KNOWN_BAD", 1.0, answer.reason or "no reason")
			end
		end
		rspamd_http.request{
			task = task, url = "http://127.0.0.1:8080/domain/" .. from[1].domain:lower(),
			timeout = 2.0, callback = answered,
		}
		return false
	end,
}
