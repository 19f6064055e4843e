-- The display name is that of one of our executives, the address is foreign.
-- Names are compared without case, in both orders, whatever stands between
-- the words. Private addresses that they do use can be listed.
local executives = {
	["ada lovelace"] = { "ada@lovelace.example" },
	["grace hopper"] = {},
	["山田 太郎"] = {},
}

-- "Lovelace, Ada (CEO)" -> "ada lovelace", "lovelace ada"
local function names_in(text)
	local words = {}
	text = text:lower():gsub("%b()", " "):gsub("　", " ")
	for word in text:gmatch("[^%s,;\"']+") do words[#words + 1] = word end
	if #words ~= 2 then return {} end
	return { words[1] .. " " .. words[2], words[2] .. " " .. words[1] }
end

rspamd_config.EXECUTIVE_FOREIGN_ADDRESS = {
	score = 4.0, description = "An executive's name with a foreign address",
	callback = function(task)
		local from = task:get_from("mime")
		if not from or task:is_own_domain(from[1].domain) then return false end
		for _, name in ipairs(names_in(from[1].name or "")) do
			local known = executives[name]
			if known then
				for _, address in ipairs(known) do
					if from[1].addr:lower() == address then return false end
				end
				return true, 1.0, from[1].addr
			end
		end
		return false
	end,
}
