-- __index does not end.
--! spent
rspamd_config.HOSTILE = function(task)
	local t = setmetatable({}, { __index = function() while true do end end })
	return t.x
end
