-- The task of the message before.
--! any scan is over
local before
rspamd_config.HOSTILE = function(task)
	local old = before
	before = task
	if old then return old:get_subject() and true end
end
