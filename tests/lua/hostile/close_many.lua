-- Thousands of close handlers, each with an endless loop.
--! spent
rspamd_config.HOSTILE = function(task)
	local meta = { __close = function() while true do end end }
	local function deep(n)
		local x <close> = setmetatable({}, meta)
		if n > 0 then return 1 + deep(n - 1) end
		while true do end
	end
	pcall(deep, 5000)
	return true
end
