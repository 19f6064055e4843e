-- A chain of __index that bites its tail, and a long one.
--! any
rspamd_config.HOSTILE = function(task)
	local t = {}
	for _ = 1, 100000 do t = setmetatable({}, { __index = t }) end
	local loop = {}
	setmetatable(loop, { __index = loop })
	pcall(function() return loop.x end)
	return t.x
end
