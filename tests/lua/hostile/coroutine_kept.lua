-- A coroutine of one message is resumed in the next.
--! any
local co
rspamd_config.HOSTILE = function(task)
	if not co then
		co = coroutine.wrap(function(t)
			while true do
				pcall(t.get_subject, t)
				coroutine.yield(t:get_subject())
			end
		end)
	end
	co(task)
end
