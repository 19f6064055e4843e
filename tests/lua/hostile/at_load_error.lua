-- A file that fails half-way.
--! load
rspamd_config.HOSTILE = function(task)
	return true
end

error({})
