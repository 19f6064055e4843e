-- Exceptions by recipient: sales wants every offer, abuse@ wants the spam that
-- others report. An exception holds only if all recipients of the message have
-- it: what also goes to somebody else is judged as ever.
local exceptions = {
	["sales@example.net"] = { PHRASE = -2.0 },
	["abuse@example.net"] = { ANY = -20.0 },
}

-- The exception that all recipients share: a name and the weakest score.
local function shared(task, name)
	local recipients = task:get_recipients("smtp") or task:get_recipients("mime")
	local score
	for _, recipient in ipairs(recipients or {}) do
		local own = exceptions[recipient.addr:lower()]
		if not own or not own[name] then return nil end
		score = math.max(score or own[name], own[name])
	end
	return score
end

rspamd_config.RECIPIENT_WANTS_ALL = {
	score = 1.0, description = "All recipients want whatever comes",
	callback = function(task)
		local score = shared(task, "ANY")
		return score ~= nil, score
	end,
}

-- After all others: gives back what a rule has added.
rspamd_config:register_symbol{
	name = "RECIPIENT_WANTS_OFFERS", type = "postfilter", score = 1.0,
	description = "All recipients want offers",
	callback = function(task)
		local score = shared(task, "PHRASE")
		return score ~= nil and task:has_symbol("OFFER_WORDS"), score
	end,
}

config["regexp"]["OFFER_WORDS"] = {
	re = "Subject=/\\b(?:special offer|discount)\\b/i{header}",
	score = 2.0, description = "The subject offers something",
}
