-- Somebody outside speaks as the mail service of one of our own domains, and
-- wants a link clicked that leads neither to us nor to where the mail is from.
-- Which domains are ours: own_domains in a .cf file, else the recipients'.
-- Add words as they come; to change what it counts, write in a .cf file:
--   score OWN_DOMAIN_CLICK 2.0
local rspamd_regexp = require 'rspamd_regexp'

local service = 'メール ?(?:サービス|サーバ|ボックス|管理|システム)|ウェブメール|サポート|管理者|' ..
  [[\b(?:web)?mail ?(?:service|server|system|box|admin)|\b(?:support|security|admin\w*|it) ?(?:team|desk)|help ?desk]]
local recover = rspamd_regexp.create('/回復|復旧|復元|再開|解除|保留|停止|期限|認証|' ..
  [[\b(?:restore|recover|re-?activate|unlock|release|verify|renew|keep)\b/iu]])
local click = rspamd_regexp.create('/(?:以下|下記|次の|こちら).{0,20}(?:リンク|URL|クリック)|(?:リンク|URL).{0,20}(?:クリック|から)|' ..
  [[\b(?:click|follow|visit|use)\b.{0,30}\b(?:link|here|below|button)\b/iu]])

-- Does a word of a mail service stand within a few words of the domain?
local function speaks_for(domain, text)
  local name = domain:gsub('%W', '\\%0')
  local near = '/(?:' .. service .. ').{0,40}' .. name .. '|' .. name .. '.{0,20}(?:' .. service .. ')/iu'
  return rspamd_regexp.create_cached(near):match(text)
end

rspamd_config.OWN_DOMAIN_CLICK = {
  score = 3.5,
  description = 'Speaks as the mail service of our own domain, wants a link clicked',
  callback = function(task)
    local from = task:get_from('mime')
    local sender = from and from[1].domain:lower() or ''
    if task:is_own_domain(sender) or #task:get_relays('external') == 0 then return false end
    local text = table.concat(task:get_body(), '\n')
    if not (recover:match(text) and click:match(text)) then return false end
    for _, domain in ipairs(task:get_own_domains()) do
      for _, link in ipairs(speaks_for(domain, text) and task:get_uri_domains() or {}) do
        if not task:is_own_domain(link) and not sender:find(link, 1, true) then return true, 1.0, domain, link end
      end
    end
  end
}
