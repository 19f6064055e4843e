#!/bin/sh
# mekiki lint and mekiki rules as programs: what they print and how they exit.
set -eu
cd "$(dirname "$0")/../.."
mekiki=${MEKIKI_BUILD:-build}/mekiki
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

mkdir "$work/rules" "$work/site"
cat >"$work/rules/10.cf" <<'RULES'
header SUBJ Subject =~ /x/
body __SUB /x/
body T_TEST /x/
meta BOTH SUBJ && __SUB
header LIST eval:check_rbl('a','b.example.')
reuse NAME
score SUBJ 0
RULES
run() {
	command=$1
	shift
	"$mekiki" "$command" --no-own-rules -L -C "$work/rules" \
		--siteconfigpath "$work/site" "$@"
}

# A clean configuration.
run lint >"$work/out"
grep -q '^1 files, 6 rules: 0 errors, 0 warnings$' "$work/out"

# Faults: file, line, level; a regex that only its compiler refuses too.
printf 'body GOOD /x/\nnonsense\nbody BAD /(/\nmeta BAD2 (\nuse_dcc 1\n' >"$work/bad.cf"
printf '\001\002\377garbage\n' >>"$work/bad.cf"
if run lint --quiet "$work/bad.cf" >"$work/out"; then
	echo "lint of a faulty file exits 0"
	exit 1
fi
for line in 2 3 4 5 6; do
	grep -q "^$work/bad.cf:$line: error: " "$work/out" || {
		echo "no fault named at line $line:"
		cat "$work/out"
		exit 1
	}
done
[ "$(wc -l <"$work/out")" -eq 5 ]
if run lint /nonexistent.cf >"$work/out"; then
	echo "lint of a missing file exits 0"
	exit 1
fi

# Rules, and why those that cannot hit cannot.
run rules >"$work/out"
[ "$(wc -l <"$work/out")" -eq 6 ]
grep -Eq '^BOTH +meta +1 +live$' "$work/out"
grep -Eq '^SUBJ +header +0 +scores 0$' "$work/out"
grep -Eq '^LIST +rbl eval +1 +needs the network: rbl eval$' "$work/out"
grep -Eq '^NAME +empty +1 +it has no test$' "$work/out"
grep -Eq '^T_TEST +body +0.01 +live$' "$work/out"
run rules --unlive >"$work/out"
[ "$(wc -l <"$work/out")" -eq 2 ]
run rules '*S*B*' >"$work/out"
[ "$(wc -l <"$work/out")" -eq 2 ]
if run rules NOBODY >"$work/out"; then
	echo "rules of an unknown name exits 0"
	exit 1
fi
run rules --counts >"$work/out"
grep -Eq '^header +1 +0 +0 +1$' "$work/out"
grep -Eq '^total +6 +1 +1 +4$' "$work/out"
grep -Eq '^0, neither network nor Bayes +5 +4$' "$work/out"

# Our own rules: with the others, left out by a line in a .pre file, which is
# warned of unless SpamAssassin skips it.
mkdir "$work/own"
echo 'body OWN_RULE /x/' >"$work/own/10.cf"
own() {
	command=$1
	shift
	"$mekiki" "$command" -L -C "$work/rules" --own-rules "$work/own" \
		--siteconfigpath "$work/site" "$@"
}
own rules OWN_RULE >"$work/out"
echo 'own_rules 0' >"$work/site/own.pre"
if own rules OWN_RULE >"$work/out"; then
	echo "own_rules 0 does not leave them out"
	exit 1
fi
own lint --quiet >"$work/out" || true
grep -q "own.pre:1: warning: SpamAssassin does not know 'own_rules'" "$work/out"
printf 'ifplugin Mekiki\nown_rules 0\nendif\n' >"$work/site/own.pre"
own lint --quiet >"$work/out" || true
[ ! -s "$work/out" ]
if own rules OWN_RULE >"$work/out"; then
	echo "own_rules 0 inside ifplugin Mekiki does not leave them out"
	exit 1
fi
echo "lint and rules print and exit as they should"
