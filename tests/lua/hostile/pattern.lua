-- A pattern that backtracks for years.
--! spent
rspamd_config.HOSTILE = function(task)
	return ('a'):rep(30):find(('.-'):rep(30) .. 'b')
end
