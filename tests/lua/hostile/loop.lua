-- A loop without an end.
--! spent
rspamd_config.HOSTILE = function(task)
	while true do end
end
