-- Answers go to another domain than the sender's, often a free mail service,
-- and the mail is about money: the usual form of fraud by invoice.
local rspamd_util = require "rspamd_util"
local rspamd_regexp = require "rspamd_regexp"

local finance = rspamd_regexp.create([[/\b(?:invoice|payment|wire transfer|bank (?:account|details)|IBAN|overdue|]] ..
	[[remittance|gift cards?)\b|請求書|振込|送金|口座/iu]])
local free = { ["gmail.com"] = true, ["outlook.com"] = true, ["yahoo.com"] = true, ["proton.me"] = true }

rspamd_config.FINANCE_REPLY_ELSEWHERE = {
	score = 2.5, description = "It is about money, and answers go to another domain",
	callback = function(task)
		local from = task:get_from("mime")
		local reply = rspamd_util.parse_mail_address(task:get_header("Reply-To") or "", task:get_mempool())
		if not from or not reply or not reply[1] then return false end
		local there = reply[1].domain:lower()
		if rspamd_util.get_tld(there) == rspamd_util.get_tld(from[1].domain) then return false end
		if task:has_header("List-Id") then return false end	-- lists do that
		local talks = finance:match(task:get_subject() or "")
		for _, part in ipairs(task:get_text_parts()) do
			talks = talks or finance:match(part:get_content())
		end
		if not talks then return false end
		return true, free[there] and 1.5 or 1.0, there
	end,
}
