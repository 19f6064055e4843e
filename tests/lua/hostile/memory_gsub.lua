-- gsub makes more of its own result.
--! spent
rspamd_config.HOSTILE = function(task)
	local s = ('x'):rep(1000)
	while true do s = s:gsub('x', 'xx') end
end
