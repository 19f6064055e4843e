-- Warnings of ours fill the log.
--! warns
rspamd_config.HOSTILE = function(task)
	for i = 1, 1e6 do task:insert_result('NO_SUCH_SYMBOL_' .. i, 1.0) end
end
