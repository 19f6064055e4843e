-- A coroutine that the budget ended is closed, its handler loops.
--! spent
rspamd_config.HOSTILE = function(task)
	local co = coroutine.create(function()
		local x <close> = setmetatable({}, { __close = function() while true do end end })
		while true do end
	end)
	kept = co
	coroutine.resume(co)
	coroutine.close(co)
end
