-- The machine's globals are overwritten while files are loaded.
--! any
for _, name in ipairs{ 'ipairs', 'string', 'pcall', 'rspamd_config', 'require', 'tostring', 'type' } do
	pcall(function() _G[name] = false end)
	pcall(rawset, _G, name, false)
	pcall(load('local n = ... ' .. name .. ' = nil'))
end
for _, lib in ipairs{ string, table, math, os, io, coroutine, bit, utf8 } do
	for name in pairs(lib) do
		pcall(function() lib[name] = nil end)
		pcall(rawset, lib, name, error)
		pcall(table.insert, lib, error)
	end
end
