-- A regular expression that backtracks for years.
--! any
rspamd_config.HOSTILE = function(task)
	local rspamd_regexp = require 'rspamd_regexp'
	local re = rspamd_regexp.create('/^(a+)+$/')
	local s = ('a'):rep(5000) .. 'b'
	for _ = 1, 1000 do re:match(s) end
end
