-- The ways out: none of these is there.
--! ends
rspamd_config.HOSTILE = function(task)
	for _, name in ipairs{ 'debug', 'package', 'getfenv', 'setfenv', 'newproxy', 'jit', 'ffi', 'module' } do
		assert(_G[name] == nil, name)
	end
	assert(not (os.execute or os.exit or os.getenv or os.remove or os.rename or os.tmpname or os.setlocale))
	assert(not (io.popen or io.write or io.output or io.stdout or io.tmpfile))
	for _, name in ipairs{ 'ffi', 'debug', 'os', 'io', 'posix', '../x', '/etc/passwd' } do
		local ok, m = pcall(require, name)
		assert(not ok or not (m.execute or m.popen or m.getinfo), name)
	end
	assert(not io.open('/etc/passwd'))
	assert(not pcall(io.lines, '/etc/passwd'))
	assert(not pcall(dofile, '/etc/passwd'))
end
