-- An error object that contains itself.
--! error
rspamd_config.HOSTILE = function(task)
	local e = {}
	e.e = e
	setmetatable(e, { __tostring = function() return error(e) end, __index = e })
	error(e)
end
