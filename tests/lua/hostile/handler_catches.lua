-- The error handler is to see the error of the budget and to go on.
--! spent
rspamd_config.HOSTILE = function(task)
	local function handler(e)
		pcall(error, e)
		while true do xpcall(error, handler) end
	end
	while true do
		xpcall(function() while true do end end, handler)
	end
end
