-- A file that is none.
--! load
rspamd_config.HOSTILE = function(task return true end
