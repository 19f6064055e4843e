-- The globals get a metatable.
--! error ipairs
pcall(setmetatable, _G, { __index = error })
rspamd_config.HOSTILE = function(task)
	rawset(_G, 'ipairs', nil)
end
