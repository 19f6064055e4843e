-- Each coroutine loops until it is stopped; there is always another.
--! spent
rspamd_config.HOSTILE = function(task)
	while true do
		pcall(coroutine.wrap(function() while true do end end))
		coroutine.resume(coroutine.create(function() while true do end end))
	end
end
