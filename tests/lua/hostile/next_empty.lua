-- next steps over a million empty places, over and over.
--! spent
rspamd_config.HOSTILE = function(task)
	local t = {}
	for i = 1, 200000 do t['k' .. i] = i end
	for k in pairs(t) do t[k] = nil end
	while true do next(t) end
end
