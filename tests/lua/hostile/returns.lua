-- As many results as fit.
--! any
rspamd_config.HOSTILE = function(task)
	local t = {}
	for i = 1, 90000 do t[i] = 'option' .. i end
	return true, 1.0, table.unpack(t)
end
