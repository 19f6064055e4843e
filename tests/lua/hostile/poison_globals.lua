-- Globals are overwritten while a message is scanned.
--! any
rspamd_config.HOSTILE = function(task)
	for name in pairs(_G) do
		pcall(function() _G[name] = false end)
		pcall(rawset, _G, name, false)
	end
	honest_helper = nil
	honest_helper = function() error('poisoned') end
	HONEST_TABLE = 5
end
