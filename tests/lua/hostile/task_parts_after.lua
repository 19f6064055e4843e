-- What belongs to the message before: a part, an URL, a text.
--! any
local kept = {}
rspamd_config.HOSTILE = function(task)
	for _, o in ipairs(kept) do
		pcall(tostring, o)
		pcall(function() return #o end)
		pcall(function() return o .. 'x' end)
		pcall(function() return o == task end)
		for _, m in ipairs{ 'get_content', 'get_host', 'lower', 'get_type', 'str', 'get_urls', 'get_mimepart' } do
			pcall(function() return tostring(o[m](o)) end)
		end
	end
	kept = { task }
	for _, m in ipairs{ 'get_urls', 'get_parts', 'get_text_parts', 'get_received_headers', 'get_from' } do
		local ok, list = pcall(function() return task[m](task) end)
		if ok and type(list) == 'table' then
			for _, o in ipairs(list) do kept[#kept + 1] = o end
		end
	end
	for _, m in ipairs{ 'get_content', 'get_rawbody', 'get_raw_headers', 'get_from_ip', 'get_mempool' } do
		local ok, o = pcall(function() return task[m](task) end)
		if ok and o then kept[#kept + 1] = o end
	end
end
