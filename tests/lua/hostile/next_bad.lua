-- next with keys that are none, and a table that changes under it.
--! any
rspamd_config.HOSTILE = function(task)
	pcall(next, {}, 'x')
	pcall(next, {}, 0 / 0)
	pcall(next, _G, {})
	pcall(next, string, 'none')
	local t = { a = 1, b = 2, c = 3 }
	pcall(function()
		for k in pairs(t) do
			t[k] = nil
			for i = 1, 100 do t[k .. i] = i end
			if #tostring(k) > 20 then break end
		end
	end)
end
