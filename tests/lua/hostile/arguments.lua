-- Methods get arguments of every wrong kind, and objects of others.
--! warns
rspamd_config.HOSTILE = function(task)
	local junk = { nil, false, 0 / 0, -1, 2 ^ 53, 1e308, '', ('x'):rep(10000), '\0', {}, print, task, coroutine.create(print) }
	for _, m in ipairs{ 'get_header', 'get_header_full', 'get_from', 'get_recipients', 'has_symbol', 'get_symbol',
		'get_urls', 'get_date', 'cache_get', 'get_request_header', 'has_flag', 'get_header_count' } do
		for i = 1, 13 do
			pcall(function() return task[m](task, junk[i], junk[14 - i]) end)
			pcall(function() return task[m](junk[i], junk[i]) end)
		end
	end
end
