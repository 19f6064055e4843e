-- The same text, with names, addresses and numbers masked, went to many
-- houses within two hours (same_text_window). A newsletter does that, too: so
-- those whom people here have often got good mail from are left alone.
local domains_at_least = 14

rspamd_config.SAME_TEXT_MANY_DOMAINS = {
	score = 2.5, description = "The same text reached many domains",
	callback = function(task)
		local same = task:get_same_text()
		if not same or same.domains < domains_at_least then return false end
		local sender = task:get_reputation("from")[1]
		if sender and sender.score < -0.3 then return false end
		return true, 1.0, string.format("this text reached %d domains in %d hours",
			same.domains, same.window // 3600)
	end,
}
