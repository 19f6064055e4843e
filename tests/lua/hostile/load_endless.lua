-- A function that gives load one piece more for ever.
--! spent
rspamd_config.HOSTILE = function(task)
	load(function() return ' ' end)
	return true
end
