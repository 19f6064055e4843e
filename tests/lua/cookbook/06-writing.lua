-- We read Latin and Japanese writing, and nobody here reads mail in anything
-- else. A text that is mostly in another writing is unwelcome, and so is a
-- character set that only others use, whatever is written in it.
local charsets = { ["koi8-r"] = true, ["windows-1251"] = true, ["gb2312"] = true, ["gbk"] = true,
	["gb18030"] = true, ["big5"] = true, ["euc-kr"] = true, ["windows-1256"] = true }
local ours = {	-- first and last character of each block
	{ 0x0000, 0x024f }, { 0x1e00, 0x20cf }, { 0x2100, 0x2bff },	-- Latin, signs
	{ 0x3000, 0x30ff }, { 0x4e00, 0x9fff }, { 0xff00, 0xffef },	-- Japanese
	{ 0x1f000, 0x1faff }, { 0xfe00, 0xfe0f },			-- emoji
}

local function is_ours(c)
	for _, block in ipairs(ours) do
		if c >= block[1] and c <= block[2] then return true end
	end
	return false
end

rspamd_config.FOREIGN_CHARSET = {
	score = 1.5, description = "A character set that nobody here uses",
	callback = function(task)
		for _, part in ipairs(task:get_parts()) do
			local _, _, parameters = part:get_type_full()
			local charset = parameters and parameters.charset
			if charset and charsets[charset:lower()] then return true, 1.0, charset end
		end
		return false
	end,
}

rspamd_config.FOREIGN_WRITING = {
	score = 2.0, description = "Mostly in a writing that nobody here reads",
	callback = function(task)
		local letters, foreign = 0, 0
		for _, part in ipairs(task:get_text_parts()) do
			local text = tostring(part:get_content()):sub(1, 4000)
			for c in text:gmatch("[\xc2-\xf4][\x80-\xbf]+") do
				letters = letters + 1
				if utf8.len(c) == 1 and not is_ours(utf8.codepoint(c)) then foreign = foreign + 1 end
			end
			letters = letters + select(2, text:gsub("%a", ""))
		end
		return foreign >= 20 and foreign * 2 > letters
	end,
}
