-- A hundred thousand numbers are sorted, over and over.
--! spent
rspamd_config.HOSTILE = function(task)
	local t = {}
	for i = 1, 100000 do t[i] = (i * 7919) % 100003 end
	while true do
		t[1] = t[1] + 1
		table.sort(t, function(a, b) return a > b end)
	end
end
