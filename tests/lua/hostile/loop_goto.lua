-- The same with goto, which makes no call and no loop.
--! spent
rspamd_config.HOSTILE = function(task)
	::again::
	goto again
end
