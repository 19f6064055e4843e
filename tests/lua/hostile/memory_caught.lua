-- The same, with every error caught.
--! spent
rspamd_config.HOSTILE = function(task)
	local t = {}
	while true do
		pcall(function()
			while true do t[#t + 1] = ('x'):rep(1000) .. #t end
		end)
	end
end
