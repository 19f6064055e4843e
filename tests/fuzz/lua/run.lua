-- For fuzz_lua.c: the body of the message is a script, run with the task. What
-- it registers is called at once, so that rule files are seeds as they are.
local function call(rule, task)
  if type(rule) == 'table' then rule = rule.callback end
  if type(rule) == 'function' then return rule(task) end
end

rspamd_config.FUZZ = {
  score = 1,
  callback = function(task)
    local config = setmetatable({
      register_symbol = function(_, rule) return call(rule, task) end,
    }, {
      __index = rspamd_config,
      __newindex = function(_, _, rule) call(rule, task) end,
    })
    local env = setmetatable({ rspamd_config = config }, { __index = _G })
    local script = load(tostring(task:get_rawbody()), 'fuzz', 't', env)
    if script then return script(task) end
  end
}
rspamd_config.HONEST = { score = 2, callback = function() return true end }
