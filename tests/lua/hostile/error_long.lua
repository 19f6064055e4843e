-- An error message of megabytes, with line ends and terminal codes.
--! any
rspamd_config.HOSTILE = function(task)
	error(('\27[2J\r\n'):rep(1e5) .. '\0')
end
