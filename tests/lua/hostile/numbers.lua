-- Numbers of a million digits.
--! spent
rspamd_config.HOSTILE = function(task)
	local s = ('1'):rep(4e6)
	while true do
		local _ = s + 1, s * 2, tonumber(s), tonumber(s, 10)
	end
end
