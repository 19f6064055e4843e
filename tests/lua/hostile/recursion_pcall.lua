-- pcall in pcall in pcall.
--! spent
rspamd_config.HOSTILE = function(task)
	local function f()
		pcall(f)
		return f()
	end
	return f()
end
