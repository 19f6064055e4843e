-- A close handler that does not end.
--! spent
rspamd_config.HOSTILE = function(task)
	local x <close> = setmetatable({}, { __close = function() while true do end end })
	while true do end
end
