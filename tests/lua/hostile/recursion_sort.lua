-- Each comparison sorts.
--! error overflow
rspamd_config.HOSTILE = function(task)
	local function less()
		table.sort({ 3, 2, 1 }, less)
		return true
	end
	less()
end
