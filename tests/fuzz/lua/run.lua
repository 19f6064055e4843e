-- For fuzz_lua.c: the body of the message is a script, run with the task.
rspamd_config.FUZZ = {
  score = 1,
  callback = function(task)
    local script = load(tostring(task:get_rawbody()))
    if script then return script(task) end
  end
}
rspamd_config.HONEST = { score = 2, callback = function() return true end }
