-- Text is compiled again and again.
--! spent
rspamd_config.HOSTILE = function(task)
	local text = ('local x = 1 '):rep(190)
	while true do load(text) end
end
