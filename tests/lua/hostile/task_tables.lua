-- What the task gives is changed.
--! ends
rspamd_config.HOSTILE = function(task)
	local function spoil(v, depth)
		if type(v) ~= 'table' or depth > 4 then return end
		for k, x in pairs(v) do
			spoil(x, depth + 1)
			pcall(function() v[k] = function() error('spoilt') end end)
		end
		pcall(setmetatable, v, { __index = error })
	end
	for _, m in ipairs{ 'get_from', 'get_recipients', 'get_received_headers', 'get_urls', 'get_parts', 'get_text_parts',
		'get_symbols_all', 'get_header_full' } do
		local ok, v = pcall(function() return task[m](task, m:find('header_full') and 'Subject' or nil) end)
		if ok then spoil(v, 0) end
	end
end
