-- A string without an end.
--! spent
rspamd_config.HOSTILE = function(task)
	local s = 'x'
	while true do s = s .. s end
end
