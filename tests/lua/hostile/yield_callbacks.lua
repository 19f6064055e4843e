-- Yields from where none can be.
--! any
rspamd_config.HOSTILE = function(task)
	pcall(string.gsub, 'x', 'x', coroutine.yield)
	pcall(table.sort, { 2, 1 }, coroutine.yield)
	pcall(pcall, coroutine.yield)
	for _ in coroutine.yield do end
	return true
end
