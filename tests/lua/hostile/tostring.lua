-- __tostring does not end; it is met in tostring, print and format.
--! spent
rspamd_config.HOSTILE = function(task)
	local t = setmetatable({}, { __tostring = function() while true do end end })
	pcall(tostring, t)
	pcall(print, t)
	return string.format('%s', t)
end
