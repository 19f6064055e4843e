-- The error of the budget is caught, and the loop begun again.
--! spent
rspamd_config.HOSTILE = function(task)
	while true do
		pcall(function()
			while true do end
		end)
	end
end
