-- Coroutines inside of coroutines.
--! any
rspamd_config.HOSTILE = function(task)
	local function f() return coroutine.wrap(f)() end
	return f()
end
