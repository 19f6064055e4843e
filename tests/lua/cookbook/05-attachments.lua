-- Attachments that nobody should get by mail: programs by their name, also
-- behind a harmless first ending, also inside of archives, and attachments
-- whose content is a program whatever they are called.
local bad = { exe = true, scr = true, com = true, pif = true, bat = true, cmd = true, js = true,
	jse = true, vbs = true, vbe = true, wsf = true, hta = true, lnk = true, iso = true, img = true }
local harmless = { pdf = true, doc = true, docx = true, xls = true, xlsx = true, jpg = true,
	png = true, txt = true, zip = true }

-- The last two endings of a name, in lower case.
local function endings(name)
	name = name:lower():gsub("[%s.]+$", "")
	return name:match("%.(%w+)$"), name:match("%.(%w+)%s*%.%w+$")
end

local id = rspamd_config:register_symbol{
	name = "BAD_ATTACHMENT", score = 6.0, description = "An attachment that is a program",
	callback = function(task)
		local bad_names = {}
		local function look(name)
			local last, before = endings(name)
			if last and bad[last] then
				bad_names[#bad_names + 1] = name
				if before and harmless[before] then
					task:insert_result("DOUBLE_EXTENSION", 1.0, name)
				end
			end
		end
		for _, part in ipairs(task:get_parts()) do
			local name = part:get_filename()
			if name then look(name) end
			if part:is_archive() then
				for _, inside in ipairs(part:get_archive():get_files()) do look(inside) end
			end
			local content = part:get_content()
			if content and part:is_attachment() and tostring(content:sub(1, 2)) == "MZ" then
				bad_names[#bad_names + 1] = "a Windows program"
			end
		end
		return #bad_names > 0, 1.0, bad_names
	end,
}
rspamd_config:register_symbol{
	name = "DOUBLE_EXTENSION", type = "virtual", parent = id, score = 2.0,
	description = "A program whose name pretends to be a document",
}
