-- A comparison that lies, one that changes the table, one that fails.
--! any
rspamd_config.HOSTILE = function(task)
	local t = {}
	for i = 1, 1000 do t[i] = i end
	table.sort(t, function() return true end)
	table.sort(t, function(a, b)
		t[#t + 1] = 1
		t[1] = nil
		return a and b and a < b
	end)
	table.sort({ 1, 'x', {} })
end
