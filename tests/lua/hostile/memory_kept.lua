-- Ten megabytes more are kept after each message.
--! any
local kept = {}
rspamd_config.HOSTILE = function(task)
	local t = {}
	for i = 1, 100 do t[i] = ('x'):rep(100000) .. #kept .. i end
	kept[#kept + 1] = t
	return true
end
