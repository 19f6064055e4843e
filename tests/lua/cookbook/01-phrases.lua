-- Phrases that our spam has in common, each with its own score. The words are
-- looked for in the decoded subject, the sender's display name and the text.
-- Add a line to add a phrase; write it in lower case.
local phrases = {
	{ symbol = "PHRASE_INVOICE", score = 1.5, where = "subject",
	  words = { "overdue invoice", "unpaid invoice", "未払い" } },
	{ symbol = "PHRASE_SUPPORT_NAME", score = 1.0, where = "name",
	  words = { "helpdesk", "it support", "webmail admin" } },
	{ symbol = "PHRASE_ACCOUNT", score = 2.0, where = "body",
	  words = { "verify your account", "mailbox is full", "アカウントを確認" } },
}

-- The texts that phrases are looked for in, in lower case.
local function texts(task)
	local from = task:get_from("mime")
	local body = {}
	for _, part in ipairs(task:get_text_parts()) do
		body[#body + 1] = tostring(part:get_content()):lower():gsub("%s+", " ")
	end
	return {
		subject = (task:get_subject() or ""):lower(),
		name = (from and from[1].name or ""):lower(),
		body = table.concat(body, "\n"),
	}
end

local id = rspamd_config:register_symbol{
	name = "PHRASES", type = "callback",
	callback = function(task)
		local text = texts(task)
		for _, phrase in ipairs(phrases) do
			for _, word in ipairs(phrase.words) do
				if text[phrase.where]:find(word, 1, true) then
					task:insert_result(phrase.symbol, 1.0, word)
					break
				end
			end
		end
	end,
}
for _, phrase in ipairs(phrases) do
	rspamd_config:register_symbol{
		name = phrase.symbol, type = "virtual", parent = id, score = phrase.score,
		description = "A phrase of ours in the " .. phrase.where,
	}
end
