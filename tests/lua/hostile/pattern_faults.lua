-- Patterns that are none.
--! ends
rspamd_config.HOSTILE = function(task)
	for _, p in ipairs{ '[', '%', '(', ')', '%b', '%f', '[^', '(()', '%9', ('('):rep(100), ('%'):rep(99) } do
		pcall(string.find, 'a(b)c', p)
		pcall(string.gsub, 'a(b)c', p, '%1')
	end
end
