-- A table that says it is endless.
--! any
rspamd_config.HOSTILE = function(task)
	local t = setmetatable({}, { __len = function() return 1e15 end, __index = function() return 'x' end })
	pcall(table.concat, t)
	pcall(table.insert, t, 1, 1)
	pcall(table.remove, t)
	pcall(table.sort, t)
	pcall(table.move, t, 1, 1e15, 2)
	pcall(table.unpack, t, 1, 1e15)
	for _ in ipairs(t) do end
end
