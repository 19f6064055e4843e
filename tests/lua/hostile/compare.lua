-- Strings of megabytes are compared, octet for octet.
--! spent
rspamd_config.HOSTILE = function(task)
	local s = ('x'):rep(4e6)
	local a, b = s .. 'a', s .. 'b'
	while true do
		local _ = a == b, a < b, a > b, a <= b
	end
end
