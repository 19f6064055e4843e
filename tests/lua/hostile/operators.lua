-- Operators that do not end.
--! spent
rspamd_config.HOSTILE = function(task)
	local function loop() while true do end end
	local meta = { __eq = loop, __concat = loop, __lt = loop, __len = loop, __add = loop, __call = loop }
	local a, b = setmetatable({}, meta), setmetatable({}, meta)
	pcall(function() return a == b end)
	pcall(function() return a .. b end)
	pcall(function() return a < b end)
	pcall(function() return #a end)
	pcall(function() return a + b end)
	return a()
end
