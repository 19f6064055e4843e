-- Each replacement calls gsub.
--! error overflow
rspamd_config.HOSTILE = function(task)
	local function f() return (('x'):gsub('x', f)) end
	return f()
end
