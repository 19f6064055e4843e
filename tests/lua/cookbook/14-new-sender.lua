-- Somebody of whom nobody has heard writes in our own name that something must
-- be clicked to recover, unlock or verify. Each of the three is common; the
-- three together are a theft. "New" is what is remembered of the domain in From:
-- where nothing is remembered, or the store does not answer, the rule says
-- nothing.
local rspamd_regexp = require "rspamd_regexp"

local wanted = rspamd_regexp.create(
	"/\\b(?:click|tap|press|follow|log ?in)\\b.{0,60}\\b(?:recover|restore|unlock|verify|confirm|avoid)/is")

-- One of our domains, or the word before its first dot, as a word of the name.
local function names_us(task, name)
	for _, domain in ipairs(task:get_own_domains()) do
		local word = domain:match("^[^.]+")
		if name:find(domain, 1, true) or
				(#word >= 4 and (" " .. name .. " "):find("%W" .. word:gsub("%W", "%%%0") .. "%W")) then
			return domain
		end
	end
	return nil
end

rspamd_config.NEW_SENDER_IN_OUR_NAME = {
	score = 5.0, description = "A sender never seen before, in our name, wants a click",
	callback = function(task)
		local sender = task:get_reputation("from")[1]
		if not sender or sender.seen > 0 then return false end
		local from = task:get_from("mime")
		if not from or task:is_own_domain(from[1].domain) then return false end
		local domain = names_us(task, (from[1].name or ""):lower())
		if not domain then return false end
		for _, paragraph in ipairs(task:get_body()) do
			if wanted:match(paragraph) then return true, 1.0, sender.name, domain end
		end
		return false
	end,
}
