-- More arguments with each call.
--! spent
rspamd_config.HOSTILE = function(task)
	local function f(...) return f(1, ...) end
	return f()
end
