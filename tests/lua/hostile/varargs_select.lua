-- Many arguments, passed on and on.
--! spent
rspamd_config.HOSTILE = function(task)
	local t = {}
	for i = 1, 90000 do t[i] = i end
	local function f(...) return select('#', ...), select(2, ...) end
	while true do f(table.unpack(t)) end
end
