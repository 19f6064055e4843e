-- A thousand questions to the world.
--! spent
rspamd_config.HOSTILE = function(task)
	local rspamd_http = require 'rspamd_http'
	for i = 1, 1000 do
		pcall(rspamd_http.request, {
			task = task, url = 'http://127.0.0.1:1/' .. i, timeout = 0.1,
			callback = function() while true do end end,
		})
	end
end
