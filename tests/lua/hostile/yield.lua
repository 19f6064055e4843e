-- A yield that nobody will resume.
--! error yield
rspamd_config.HOSTILE = function(task)
	coroutine.yield('for ever')
	return true
end
