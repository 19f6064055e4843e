-- Closing a coroutine closes another one, without an end.
--! any
rspamd_config.HOSTILE = function(task)
	local function f()
		local co = coroutine.create(function()
			local x <close> = setmetatable({}, { __close = f })
			coroutine.yield()
		end)
		coroutine.resume(co)
		coroutine.close(co)
	end
	f()
end
