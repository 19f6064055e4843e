-- The metatables of the task, of rspamd_config and of modules.
--! error
pcall(function() rspamd_config.register_symbol = function() end end)
pcall(function() getmetatable(rspamd_config).__index = nil end)
pcall(function() require('rspamd_util').get_tld = nil end)
rspamd_config.HOSTILE = function(task)
	pcall(function() task.get_header = nil end)
	pcall(rawset, require 'rspamd_logger', 'infox', nil)
	getmetatable(task).__index = nil
end
