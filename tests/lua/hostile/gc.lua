-- Finalizers would run on anybody's account.
--! error __gc
rspamd_config.HOSTILE = function(task)
	setmetatable({}, { __gc = function() while true do end end })
end
