-- Login codes that our old address forwards to us must arrive, and at once:
-- forwarding breaks what would tell that they are genuine. The forwarder is
-- known by the relay that brought the mail, the service by its domain, and the
-- mail by a code and by having no link to anywhere else.
local rspamd_util = require "rspamd_util"

local forwarders = { ["forward.example.org"] = true }
local services = { ["example.com"] = true, ["example.net"] = true }

local function has_code(text)
	text = text:lower()
	if not (text:find("code", 1, true) or text:find("認証", 1, true) or
		text:find("ワンタイム", 1, true)) then return false end
	return text:find("%f[%w]%d%d%d%d%d?%d?%d?%d?%f[%W]") ~= nil
end

rspamd_config.FORWARDED_LOGIN_CODE = {
	score = -4.0, description = "A login code, forwarded by our old address",
	flags = "nice",
	callback = function(task)
		local from = task:get_from("mime")
		local service = from and rspamd_util.get_tld(from[1].domain)
		if not service or not services[service] then return false end
		local last = task:get_received_headers()[1]
		if not last or not forwarders[last.real_hostname or ""] then return false end
		for _, url in ipairs(task:get_urls()) do
			if url:get_tld() ~= service then return false end
		end
		for _, part in ipairs(task:get_text_parts()) do
			if has_code(tostring(part:get_content())) then return true, 1.0, service end
		end
		return false
	end,
}
