-- A function that calls itself.
--! spent
rspamd_config.HOSTILE = function(task)
	local function f() return 1 + f() end
	return f()
end
