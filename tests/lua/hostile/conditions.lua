-- Twenty conditions, each of which uses up half of the budget.
--! any
rspamd_config.HOSTILE = function(task)
	return true
end

for _ = 1, 20 do
	rspamd_config:add_condition('HOSTILE', function(task)
		local x = 0
		for i = 1, 3e6 do x = x + i end
		return true
	end)
end
