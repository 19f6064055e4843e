-- Links to domains that are on a list: newly seen ones, reported ones, ... The
-- file is read again when it changes; nothing has to be restarted. One entry a
-- line, comments begin with #.
local rspamd_util = require "rspamd_util"

local new_domains = rspamd_config:add_map{
	url = "/etc/mekiki/new-domains.map", type = "set",
	description = "domains seen for the first time in the last days",
}

rspamd_config.LINK_TO_NEW_DOMAIN = {
	score = 2.5, description = "A link to a newly seen domain",
	callback = function(task)
		local found = {}
		for _, url in ipairs(task:get_urls()) do
			local domain = rspamd_util.get_tld(url:get_host() or "")
			if domain and new_domains:get_key(domain) then
				found[#found + 1] = domain
			end
		end
		return #found > 0, 1.0, found
	end,
}
