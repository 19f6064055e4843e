-- A million results at once.
--! error too many results
rspamd_config.HOSTILE = function(task)
	return table.unpack({}, 1, 1e6)
end
