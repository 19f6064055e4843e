-- A finalizer that is added when the metatable is in use.
--! error __gc
rspamd_config.HOSTILE = function(task)
	local meta = {}
	for _ = 1, 10 do setmetatable({}, meta) end
	meta.__gc = function() while true do end end
	collectgarbage()
	setmetatable({}, meta)
end
