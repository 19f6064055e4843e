-- The loop is in the error handler.
--! spent
rspamd_config.HOSTILE = function(task)
	xpcall(error, function()
		while true do end
	end)
	return true
end
