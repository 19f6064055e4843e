-- The coroutine that was ended is kept, and closed in the next message.
--! any
local kept
rspamd_config.HOSTILE = function(task)
	if kept then
		coroutine.close(kept)
		return true
	end
	kept = coroutine.create(function()
		local x <close> = setmetatable({}, { __close = function() while true do end end })
		while true do end
	end)
	coroutine.resume(kept)
end
