-- Octets that are no UTF-8.
--! ends
rspamd_config.HOSTILE = function(task)
	for _, s in ipairs{ '\xff', '\xc0\x80', '\xed\xa0\x80', ('\x80'):rep(1000), '\xf8\x88\x80\x80\x80' } do
		pcall(utf8.len, s)
		pcall(utf8.codepoint, s, 1, -1)
		pcall(utf8.offset, s, 5)
		pcall(function() for _ in utf8.codes(s) do end end)
	end
	pcall(utf8.char, -1, 2 ^ 40)
end
