-- Nothing, repeated for ever.
--! ends
rspamd_config.HOSTILE = function(task)
	assert(string.rep('', 1e18) == '')
	assert(string.rep('', 1e18, '') == '')
	assert(string.rep('x', -1) == '')
end
