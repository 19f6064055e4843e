-- The sender's domain looks like one of ours but is none: one letter more,
-- less or different, letters exchanged, 0 for o, rn for m, or our name with
-- another ending. What is ours is told by own_domains (without it, the
-- recipients' domains are taken).
local rspamd_util = require "rspamd_util"

-- What looks alike becomes the same letter.
local function skeleton(name)
	return (name:lower():gsub("rn", "m"):gsub("vv", "w"):gsub("[0oq]", "o"):gsub("[1il|]", "l"):gsub("%-", ""))
end

local function looks_like(domain, own)
	local name, own_name = domain:match("^[^.]+"), own:match("^[^.]+")
	if #own_name < 5 then return false end	-- short names are near to everything
	if skeleton(name) == skeleton(own_name) then return true end
	return math.abs(#name - #own_name) <= 1 and
		rspamd_util.levenshtein_distance(name:lower(), own_name:lower()) <= 1
end

rspamd_config.FROM_LOOKS_LIKE_US = {
	score = 3.0, description = "The sender's domain looks like ours",
	callback = function(task)
		local from = task:get_from("mime")
		if not from or task:is_own_domain(from[1].domain) then return false end
		local domain = rspamd_util.get_tld(from[1].domain) or from[1].domain
		for _, own in ipairs(task:get_own_domains()) do
			if looks_like(domain, own) then
				return true, 1.0, domain .. " for " .. own
			end
		end
		return false
	end,
}
