-- The same in gsub and gmatch, caught and tried again.
--! spent
rspamd_config.HOSTILE = function(task)
	local s, p = ('a'):rep(300), ('a*'):rep(20) .. 'b'
	while true do
		pcall(string.gsub, s, p, '')
		pcall(function() for _ in s:gmatch(p) do end end)
	end
end
