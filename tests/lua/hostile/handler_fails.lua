-- An error in the error handler, again and again.
--! ends
rspamd_config.HOSTILE = function(task)
	local function handler(e) error(handler) end
	xpcall(error, handler)
	return pcall(xpcall, error, handler) and nil
end
