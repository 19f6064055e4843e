-- A table without an end.
--! spent
rspamd_config.HOSTILE = function(task)
	local t = {}
	while true do t[#t + 1] = {} end
end
