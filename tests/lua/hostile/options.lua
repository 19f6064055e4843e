-- A result with a million options.
--! any
rspamd_config.HOSTILE = function(task)
	local t = {}
	for i = 1, 1e5 do t[i] = 'o' .. i end
	task:insert_result('HOSTILE', 1.0, t)
	return true, 1.0, t, t, t
end
