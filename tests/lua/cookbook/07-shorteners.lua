-- A short mail in HTML whose link goes through a shortener: the text says
-- nothing, and where the link leads is hidden.
local shorteners = {}
for _, host in ipairs{ "bit.ly", "t.co", "tinyurl.com", "is.gd", "goo.gl", "ow.ly", "cutt.ly",
	"rebrand.ly", "rb.gy", "t.ly", "s.id", "x.gd" } do
	shorteners[host] = true
end

rspamd_config.SHORT_MAIL_SHORTENED_LINK = {
	score = 2.5, description = "A short HTML mail with a shortened link",
	callback = function(task)
		local words, html = 0, false
		for _, part in ipairs(task:get_text_parts()) do
			if part:is_html() then
				html = true
				words = math.max(words, part:get_words_count())
			end
		end
		if not html or words > 60 then return false end
		for _, url in ipairs(task:get_urls()) do
			local host = (url:get_host() or ""):lower():gsub("^www%.", "")
			if shorteners[host] and url:get_path() ~= "" then
				return true, 1.0, url:get_text()
			end
		end
		return false
	end,
}
