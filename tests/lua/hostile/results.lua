-- A million results are inserted.
--! spent
rspamd_config.HOSTILE = function(task)
	for i = 1, 1e6 do task:insert_result('HOSTILE', 1.0, 'option ' .. i) end
end
