-- Lua and .cf rules together: Lua says what no regex can (here: the text has
-- more links than sentences), and a meta in 12-meta.cf puts it together with
-- other rules. The Lua rule has no score of its own, so it is named __.
rspamd_config.__MORE_LINKS_THAN_SENTENCES = function(task)
	local sentences = 0
	for _, part in ipairs(task:get_text_parts()) do
		local text = tostring(part:get_content())
		local n = select(2, text:gsub("[.!?]%s", "")) + select(2, text:gsub("。", "")) + 1
		sentences = math.max(sentences, n)
	end
	local links = #task:get_urls()
	return links > 2 and links > sentences
end

-- The other way round: Lua asks for what a .cf rule has said. The dependency
-- makes sure that it has been answered by then.
rspamd_config.PRIZE_TO_MANY = {
	score = 1.5, description = "A prize, to many recipients",
	callback = function(task)
		if not task:has_symbol("__PRIZE") then return false end
		local recipients = task:get_recipients("mime")
		return recipients and #recipients > 5
	end,
}
rspamd_config:register_dependency("PRIZE_TO_MANY", "__PRIZE")
