-- tostring calls tostring.
--! error overflow
rspamd_config.HOSTILE = function(task)
	return tostring(setmetatable({}, { __tostring = tostring }))
end
