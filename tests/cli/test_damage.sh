#!/bin/sh
# Damaged rule files: every fault is named by file and line, the rest is in force,
# nothing takes long; and a file without faults has none.
set -eu
cd "$(dirname "$0")/../.."
build=${MEKIKI_BUILD:-build}
mekiki=$build/mekiki
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
failed=0
bad=$work/bad
mkdir "$bad" "$work/good"
options="-L --no-own-rules --siteconfigpath tests/cases/site"

fail()
{
	echo "$*"
	failed=1
}

# A fault a line; the lines that have none end in a # comment.
cat >"$bad/30_faults.cf" <<'END'
nonsense
body
body NAME_ONLY
body BAD_REGEX /one(two/
body NO_END /one
body BAD-NAME /x/
body TWICE /x/g
body BAD_RANGE /[z-a]/
header BAD_HEADER Subject /x/
header BAD_OP Subject =! /x/
header BAD_MOD Subject:nonsense =~ /x/
meta BAD_META (A && 
meta BAD_META2 A B
meta BAD_META3 1 / 0 +
meta
score
score BAD_SCORE abc
score TWO_SCORES 1 2
score NO_NUMBER
if (version > 
endif
endif
else
ifplugin
describe
tflags
priority X abc
eval FOO
header UNKNOWN_EVAL eval:no_such_function()
header NO_PLUGIN eval:check_for_spf_pass()
body WRONG_KIND eval:check_for_missing_to_header()
body BAD_EVAL eval:check_for_mime(
replace_tag
replace_rules
include
include /nonexistent/file.cf
loadplugin Mail::SpamAssassin::Plugin::NoSuch
required_score many
report_safe 7
trusted_networks 300.1.2.3
rewrite_header Nothing x
add_header
add_header some Name value
body GOOD /\btest\b/		# good
body EXPLODES /^(?:x+x+)+y$/	# good
score GOOD 1.5			# good
meta OF_BAD GOOD && !BAD_REGEX	# good
if (1)
END
head -c 20000 "$mekiki" >"$bad/10_binary.cf"
perl -e 'print "body LONG_LINE /", "x" x 3_000_000, "/\nbody AFTER_LONG /test/\n"' >"$bad/20_long.cf"
echo 'include 40_loop.cf' >"$bad/40_loop.cf"
printf 'include 51_b.cf\nbody IN_A /test/\n' >"$bad/50_a.cf"
printf 'include 50_a.cf\nbody IN_B /test/\n' >"$bad/51_b.cf"
perl -e 'print "include 61_x.cf\n" x 1000' >"$bad/60_includes.cf"
perl -e 'print "if (1)\n" x 20_000' >"$bad/70_deep.cf"
printf 'body NUL_IN\0SIDE /x/\nbody AFTER_NUL /test/\n' >"$bad/80_nul.cf"
perl -e '
	my $n = 100_000;
	print "(" x $n, "\n", "if ", "(" x $n, "1", ")" x $n, "\nendif\n";
	print "meta DEEP_META ", "(" x $n, "GOOD", ")" x $n, "\n";
	print "meta LONG_META ", join(" + ", ("GOOD") x $n), " > 0\n";
	print "meta NOTS ", "!" x $n, "GOOD\n";
	print "body DEEP_RE /", "(" x $n, "x", ")" x $n, "/\n";
	print "describe GOOD ", "d" x $n, "\n", "score GOOD2 ", "1 " x $n, "\n";
	print "body LARGE_RE /(?:x{1000}){1000}/\n";
	print "replace_tag A0 xxxxxxxxxx\n";
	print "replace_tag A$_ ", ("<A" . ($_ - 1) . ">") x 10, "\n" for 1 .. 9;
	print "replace_tag SELF <SELF><SELF>\n";
	print "body BOMB /<A9>/\nbody SELF /<SELF>/\nreplace_rules BOMB SELF\n";
' >"$bad/90_abuse.cf"
printf '%s\n' 'body LAST /\btest\b/' >"$bad/99_last.cf"

case $build in
*san-*) ;;
*) ulimit -v 1500000 ;;
esac
status=0
# shellcheck disable=SC2086 # a list of options
timeout 120 "$mekiki" lint $options -C "$bad" >"$work/lint" 2>&1 || status=$?
[ $status = 1 ] || fail "lint of bad files exits with $status"
n=0
while read -r line; do
	n=$((n + 1))
	case $line in
	*'# good') grep -aq "30_faults.cf:$n:" "$work/lint" && fail "a good line is blamed: $line" ;;
	endif) [ $n != 21 ] && { grep -aq "30_faults.cf:$n:" "$work/lint" || fail "not blamed: line $n, $line"; } ;;
	*) grep -aq "30_faults.cf:$n:" "$work/lint" || fail "not blamed: line $n, $line" ;;
	esac
done <"$bad/30_faults.cf"
for place in 10_binary.cf: 20_long.cf:1: 70_deep.cf: 80_nul.cf:1: 90_abuse.cf:1: 90_abuse.cf:2: 90_abuse.cf:4: \
	90_abuse.cf:5: 90_abuse.cf:6: 90_abuse.cf:7: 90_abuse.cf:9:; do
	grep -aq "$place" "$work/lint" || fail "not blamed: $place"
done
[ "$(wc -l <"$work/lint")" -lt 2000 ] || fail "lint repeats itself: $(wc -l <"$work/lint") lines"

# What is not damaged works; what explodes is a miss, said once.
{
	printf 'Subject: x\nMessage-ID: <1@example.com>\n\ntest\n\n'
	printf '%060dy!\n' 0 | tr 0 x
} >"$work/message"
echo "$work/message" >"$work/list"
# shellcheck disable=SC2086
timeout 120 "$mekiki" masscheck $options -C "$bad" "$work/list" >"$work/answer" 2>"$work/log" ||
	fail "masscheck with bad files fails: $(tail -n 3 "$work/log")"
[ "$(cut -f 3 "$work/answer")" = AFTER_LONG,AFTER_NUL,GOOD,IN_A,IN_B,LAST,OF_BAD ] ||
	fail "unexpected hits: $(cut -f 3 "$work/answer")"
[ "$(grep -c EXPLODES "$work/log")" = 1 ] || fail "EXPLODES is said $(grep -c EXPLODES "$work/log") times"

printf 'body GOOD /test/\nscore GOOD 1\n' >"$work/good/rules.cf"
# shellcheck disable=SC2086
"$mekiki" lint $options -C "$work/good" >"$work/lint" 2>&1 || fail "lint of good files: $(cat "$work/lint")"
exit $failed
