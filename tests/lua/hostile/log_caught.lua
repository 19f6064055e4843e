-- The same through pcall, with lines of line ends.
--! spent
rspamd_config.HOSTILE = function(task)
	while true do pcall(print, ('\n'):rep(500)) end
end
