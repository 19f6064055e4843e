-- A string of a thousand million octets, and the error caught.
--! spent
rspamd_config.HOSTILE = function(task)
	pcall(string.rep, 'x', 1e9)
	pcall(string.rep, 'x', 1e18)
	return string.rep('xy', 1e9, 'z')
end
