-- A million lines for the log.
--! spent
rspamd_config.HOSTILE = function(task)
	for _ = 1, 1e6 do print(('x'):rep(200)) end
end
