-- An option of eight megabytes.
--! spent
rspamd_config.HOSTILE = function(task)
	return true, 1.0, ('x'):rep(8e6)
end
