-- An archive that no scanner can open, with its password in the text.
local rspamd_regexp = require "rspamd_regexp"

local password = rspamd_regexp.create([[/\b(?:password|passwort|passcode|pin)\b\W{0,3}(?:is|:|=)?\s*\S{3,20}|]] ..
	[[(?:パスワード|解凍|暗証)\S{0,10}[::は]\s*\S{3,20}/iu]])

rspamd_config.LOCKED_ARCHIVE_WITH_KEY = {
	score = 4.0, description = "An encrypted archive, and its password in the text",
	callback = function(task)
		local locked
		for _, part in ipairs(task:get_parts()) do
			local archive = part:is_archive() and part:get_archive()
			if archive and archive:is_encrypted() then locked = part:get_filename() or "?" end
		end
		if not locked then return false end
		for _, part in ipairs(task:get_text_parts()) do
			if password:match(part:get_content()) then return true, 1.0, locked end
		end
		return false
	end,
}
