-- Compiled code is not loaded, and cannot be made.
--! error nil value
rspamd_config.HOSTILE = function(task)
	assert(not string.dump)
	assert(not load('\27Lua\x54\0\x19\x93\r\n\x1a\n', 'x', 'b'))
	local once = '\27Lua'
	assert(not load(function()
		local piece = once
		once = nil
		return piece
	end))
	local f = load('\27Lua\x54', 'x', 'bt')
	f()
end
