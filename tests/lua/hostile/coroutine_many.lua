-- Coroutines that nobody finishes.
--! spent
rspamd_config.HOSTILE = function(task)
	local t = {}
	while true do
		local co = coroutine.create(function() coroutine.yield(1) end)
		coroutine.resume(co)
		t[#t + 1] = co
	end
end
