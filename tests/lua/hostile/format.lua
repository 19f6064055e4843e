-- Widths, places and conversions that are none.
--! ends
rspamd_config.HOSTILE = function(task)
	for _, f in ipairs{ '%1000d', '%.1000f', '%-+ #0-+ #0d', '%n', '%*d', '%', '%99.99f', '%99.99s', '%ll', '%q' } do
		pcall(string.format, f, 1e308)
		pcall(string.format, f, ('x'):rep(1000))
		pcall(string.format, f)
	end
	pcall(string.format, ('%s'):rep(1e5), 1)
	pcall(string.format, ('%99.99f'):rep(1000), 1e308)
end
