-- table.concat with a long separator.
--! spent
rspamd_config.HOSTILE = function(task)
	local t = {}
	for i = 1, 100000 do t[i] = 'abcdefghij' end
	while true do table.concat(t, ('-'):rep(1000)) end
end
