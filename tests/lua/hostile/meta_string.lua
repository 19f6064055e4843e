-- The metatable of strings.
--! error read-only
rspamd_config.HOSTILE = function(task)
	assert(not getmetatable(''))
	pcall(rawset, string, 'find', nil)
	string.find = function() return nil end
end
