#!/bin/sh
# Shortcircuit and rules in Lua: a rule in Lua can end the scan, and one behind an
# end is not asked, whatever its stage; idempotent callbacks are.
set -eu
cd "$(dirname "$0")/../.."
mekiki=${MEKIKI_BUILD:-build}/mekiki
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

mkdir "$work/rules" "$work/site"
echo 'loadplugin Mail::SpamAssassin::Plugin::Shortcircuit' >"$work/site/init.pre"
cat >"$work/rules/10.cf" <<'RULES'
header SHORTCIRCUIT eval:check_shortcircuit()
body BY_CF /body ends/
shortcircuit BY_CF spam
priority BY_CF 0
shortcircuit BY_LUA ham
shortcircuit BY_STAYING on
shortcircuit BY_PREFILTER on
body NEXT_TIER /./
priority NEXT_TIER 1
RULES
cat >"$work/rules/20.lua" <<'RULES'
local function said(name, word, kind)
  rspamd_config:register_symbol{
    name = name, type = kind, score = 1.0,
    callback = function(task)
      if word == '' then return true end
      return tostring(task:get_subject()):find(word) ~= nil
    end,
  }
end
said('BY_PREFILTER', 'prefilter', 'prefilter')
said('BY_LUA', 'lua', 'filter')
said('BY_STAYING', 'stay', 'filter')
said('FILTER', '', 'filter')
said('POSTFILTER', '', 'postfilter')
rspamd_config:register_symbol{
  name = 'LAST', type = 'idempotent', score = 0.0,
  callback = function(task)
    print('idempotent: ' .. task:get_metric_score()[1])
  end,
}
RULES

# expect SUBJECT BODY SCORE RULES
expect()
{
	printf 'Subject: %s\n\n%s\n' "$1" "$2" >"$work/mail"
	echo "$work/mail" >"$work/list"
	"$mekiki" masscheck -L --no-own-rules --cf "store none" -C "$work/rules" \
		--siteconfigpath "$work/site" "$work/list" >"$work/out" 2>"$work/log"
	grep -q "idempotent: ${3%00}" "$work/log" || {
		echo "$1, $2: the idempotent callback was not called"
		exit 1
	}
	if [ "$(cut -f2,3 "$work/out")" != "$(printf '%s\t%s' "$3" "$4")" ]; then
		echo "$1, $2: $(cut -f2,3 "$work/out"), and not $3 $4"
		cat "$work/log"
		exit 1
	fi
}

expect x x 3.000 FILTER,NEXT_TIER,POSTFILTER
expect x 'body ends' 101.000 BY_CF,SHORTCIRCUIT
# ham and spam have the priority -200, for a rule in Lua as for any other; on
# leaves it where it is, among the scripts of its tier, and these are one stage.
expect lua x -99.000 BY_LUA,SHORTCIRCUIT
expect stay x 2.000 BY_STAYING,FILTER,SHORTCIRCUIT
expect prefilter x 1.000 BY_PREFILTER,SHORTCIRCUIT
