-- A thousand brackets, and functions in functions.
--! ends
rspamd_config.HOSTILE = function(task)
	load('return ' .. ('('):rep(10000) .. '1' .. (')'):rep(10000))
	load(('return function() '):rep(2500) .. (' end'):rep(2500))
	load(('do '):rep(3000) .. (' end'):rep(3000))
	load('return ' .. ('{'):rep(5000) .. ('}'):rep(5000))
	load('return ' .. ('-'):rep(30000) .. '1')
end
