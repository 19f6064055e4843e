#!/bin/sh
# Attached documents in the daemon, whose workers can open no file: what they
# need for reading PDF files and archives must be there before the fence. Their
# verdicts must be those of the command, which has no fence.
set -eu
cd "$(dirname "$0")/../.."
build=${MEKIKI_BUILD:-build}
work=$(mktemp -d)
daemon=
clean() { [ -z "$daemon" ] || kill "$daemon" 2>/dev/null || true; rm -rf "$work"; }
trap clean EXIT
trap 'exit 1' HUP INT TERM
mkdir "$work/mail"
perl tests/cases/ole/make.pl "$work/mail" '^(?:doc|zip|odd|mhtml|redirect|csv)'
perl tests/cases/pdf/make.pl "$work/mail" '^(?:plain|uris|values|picture)'
cat tests/cases/pdf/site/init.pre tests/cases/ole/site/init.pre |
	sort -u | grep '^loadplugin' >"$work/init.pre"
cp tests/cases/ole/site/tlds.cf "$work/tlds.cf"
mkdir "$work/rules"
cp tests/cases/ole/rules.cf "$work/rules/ole.cf"
cp tests/cases/pdf/rules.cf "$work/rules/pdf.cf"

"$build/mekikid" -L --no-own-rules -C "$work/rules" --siteconfigpath "$work" \
	--socketpath="$work/socket" >"$work/log" 2>&1 &
daemon=$!
for _ in $(seq 100); do
	[ ! -S "$work/socket" ] || break
	sleep 0.1
done
find "$work/mail" -name '*.eml' | sort >"$work/list"
"$build/mekiki" masscheck -L --no-own-rules -C "$work/rules" --siteconfigpath "$work" \
	"$work/list" | cut -f1,3 >"$work/command"
while read -r mail; do
	printf '%s\t%s\n' "$mail" "$(spamc -U "$work/socket" -y <"$mail" | tr -d '\n')"
done <"$work/list" >"$work/daemon"
order() { awk -F '\t' '{ n = split($2, v, ","); line = $1 "\t"; for (k = 1; k <= n; k++) print $1 "\t" v[k] }' "$1" | sort; }
order "$work/command" >"$work/a"
order "$work/daemon" >"$work/b"
diff "$work/a" "$work/b"
hits=$(grep -c '	.*_' "$work/b")
echo "$(wc -l <"$work/list") messages, $hits hits, the same in the daemon"
[ "$hits" -gt 100 ]
