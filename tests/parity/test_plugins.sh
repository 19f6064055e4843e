#!/bin/sh
# Plug-ins that do not come with SpamAssassin, or are not loaded: the verdict of
# both --lint on rules that need them, and why `mekiki rules` says that they are not
# live. What conditions make of them is tested by tests/cases/plugins.
set -eu
cd "$(dirname "$0")/../.."
mekiki=${MEKIKI_BUILD:-build}/mekiki
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
failed=0

# fragment NAME VERDICT PRE RULES [RULE WHY]...
fragment()
{
	name=$1 verdict=$2
	mkdir -p "$work/$name/rules" "$work/$name/site"
	cp tests/cases/plugins/site/Own.pm "$work/$name/site"
	printf 'loadplugin Mail::SpamAssassin::Plugin::Check\n%b' "$3" >"$work/$name/site/init.pre"
	printf 'util_rb_tld com\nbody ANY /./\n%b' "$4" >"$work/$name/rules/10.cf"
	shift 4
	set -- "$@" --
	if spamassassin --lint -L -p /dev/null -C "$work/$name/rules" --siteconfigpath "$work/$name/site" \
		>"$work/sa" 2>&1; then sa=good; else sa=bad; fi
	"$mekiki" lint -L --no-own-rules -C "$work/$name/rules" --siteconfigpath "$work/$name/site" \
		>"$work/us" 2>&1 || true
	if grep -q ' 0 errors,' "$work/us"; then us=good; else us=bad; fi
	if [ "$sa$us" != "$verdict$verdict" ]; then
		echo "$name: expected $verdict, SpamAssassin says $sa, mekiki $us"
		sed 's/^/    /' "$work/sa" "$work/us"
		failed=1
	fi
	# No plug-in is named twice.
	sed -nE 's/.*(the plug-in [A-Za-z:]+ (is|cannot)).*/\1/p' "$work/us" | sort | uniq -d >"$work/twice"
	if [ -s "$work/twice" ]; then
		echo "$name: named twice: $(cat "$work/twice")"
		failed=1
	fi
	"$mekiki" rules --unlive -L --no-own-rules -C "$work/$name/rules" \
		--siteconfigpath "$work/$name/site" >"$work/unlive" 2>/dev/null
	while [ "$1" != -- ]; do
		if ! grep -Eq "^$1 .*  $2\$" "$work/unlive"; then
			echo "$name: expected $1 to be not live: $2"
			sed 's/^/    /' "$work/unlive"
			failed=1
		fi
		shift 2
	done
}

own='loadplugin House::Own Own.pm\n'
eval='body OWN eval:check_own()\n'
fragment own good "$own" "own_words one\n$eval" OWN 'needs the plug-in House::Own, which is not known here'
fragment own-twice good "$own$own" "$eval$eval" OWN 'needs the plug-in House::Own, which is not known here'
fragment own-not-loaded bad '' "$eval" OWN 'no function check_own..'
fragment own-directive bad '' 'own_words one\n'
fragment own-other-function bad "$own" 'body OTHER eval:check_other()\n' OTHER 'no function check_other..'
fragment own-other-directive bad "$own" 'other_words one\n'
fragment missing-twice good 'loadplugin House::Missing\nloadplugin House::Missing\n' ''
fragment missing-eval bad 'loadplugin House::Missing Missing.pm\n' "$eval"
fragment missing-guarded good 'tryplugin House::Missing\n' "ifplugin House::Missing\nown_words x\n${eval}endif\n"
fragment bad-name bad 'loadplugin House-Own\n' ''
fragment bad-file bad 'loadplugin House::Own Own.pl\n' ''
fragment theirs-not-loaded bad '' 'header H eval:check_for_missing_to_header()\n' \
	H 'needs the plug-in HeaderEval, which no .pre file loads'
fragment theirs-loaded good 'loadplugin Mail::SpamAssassin::Plugin::HeaderEval\n' \
	'header H eval:check_for_missing_to_header()\n'
fragment theirs-directive bad '' 'shortcircuit ANY spam\n'
fragment theirs-wrong-value bad 'loadplugin Mail::SpamAssassin::Plugin::Shortcircuit\n' \
	'shortcircuit ANY maybe\n'
exit $failed
