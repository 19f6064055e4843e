#!/bin/sh
# Surprises that are not one message's or one rule's: what a SpamAssassin process
# keeps from message to message, loops, random order, templates as shipped. Each is
# asked of both, also where mekiki differs on purpose (docs/surprises.md).
set -eu
cd "$(dirname "$0")/../.."
mekiki=${MEKIKI_BUILD:-build}/mekiki
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
export LC_ALL=C TZ=UTC
failed=0

# One process for all messages: a line with score and tests for each.
cat >"$work/one.pl" <<'END'
use lib 'tests/parity';
use Judge qw(compiled slurp);
Judge::settle($0, @ARGV);
($Judge::RULES, $Judge::SITE) = splice @ARGV, 0, 2;
my $sa = compiled();
for (@ARGV) {
	my $s = $sa->check($sa->parse(slurp($_)));
	print join(' ', sprintf('%.3f', $s->get_score), $s->get_names_of_tests_hit), "\n";
	print $s->get_report if $ENV{WITH_REPORT};
}
END
# theirs|ours CASE SITE: of the messages $work/CASE.N.
theirs()
{
	perl "$work/one.pl" "$work/$1" "$2" "$work/$1".[0-9] 2>/dev/null
}
ours()
{
	ls "$work/$1".[0-9] >"$work/list"
	"$mekiki" masscheck -L --no-own-rules --cf 'store none' -C "$work/$1" --siteconfigpath "$2" \
		"$work/list" 2>/dev/null | awk -F '\t' '{ print $2 " " $3 }'
}
# same WHAT WANTED GOT
same()
{
	[ "$2" = "$3" ] && return
	printf '%s\n  expected: %s\n  got:      %s\n' "$1" "$2" "$3"
	failed=1
}

# 14: !~ with multiple and without maxhits.
mkdir "$work/loop"
printf 'time_limit 2\nheader LOOP Subject !~ /x/\ntflags LOOP multiple\nscore LOOP 0.5\nbody NEXT /./\nscore TIME_LIMIT_EXCEEDED 0.25\n' >"$work/loop/10.cf"
printf 'Subject: a\n\nb\n' >"$work/loop.1"
theirs loop tests/cases/site >"$work/out"
grep -q 'LOOP.*TIME_LIMIT_EXCEEDED' "$work/out" || same '14, SpamAssassin' 'a time-out' "$(cat "$work/out")"
same '14, mekiki' '1.500 LOOP,NEXT' "$(ours loop tests/cases/site)"

# 28: the order of report lines.
mkdir "$work/order"
for n in 1 2 3 4 5 6 7 8 9; do echo "body RULE_$n /x/"; done >"$work/order/10.cf"
echo 'report _SUMMARY_' >>"$work/order/10.cf"
printf 'Subject: a\n\nx\n' >"$work/order.1"
for seed in 00 77 abcdef12; do
	PARITY_HASH_SEED=$seed WITH_REPORT=1 theirs order tests/cases/site |
		grep -o 'RULE_[0-9] ' | tr -d '\n'
	echo
done | sort -u >"$work/orders"
[ "$(wc -l <"$work/orders")" -gt 1 ] || same '28, SpamAssassin' 'several orders' "$(cat "$work/orders")"
for n in 1 2; do
	"$mekiki" check -L --no-own-rules --cf 'store none' -C "$work/order" --siteconfigpath tests/cases/site \
		"$work/order.1" | grep -o 'RULE_[0-9] ' | tr -d '\n'
	echo
done | sort -u >"$work/orders"
same '28, mekiki' 'RULE_1 RULE_2 RULE_3 RULE_4 RULE_5 RULE_6 RULE_7 RULE_8 RULE_9 ' "$(cat "$work/orders")"

# 33: the report as Debian ships it.
mkdir "$work/report"
cp /usr/share/spamassassin/10_default_prefs.cf "$work/report"
printf 'body ANY /./\nscore ANY 9\n' >"$work/report/20.cf"
printf 'Subject: a\n\nx\n' >"$work/report.1"
WITH_REPORT=1 theirs report tests/cases/site | grep '@@CONTACT_ADDRESS@@' >"$work/sa" || true
"$mekiki" check -L --no-own-rules --cf 'store none' -C "$work/report" --siteconfigpath tests/cases/site \
	"$work/report.1" | grep '@@CONTACT_ADDRESS@@' >"$work/us" || true
[ -s "$work/sa" ] || same '33, SpamAssassin' 'a placeholder' 'none'
same '33' "$(cat "$work/sa")" "$(cat "$work/us")"

# 43: a score that was reckoned for one message stays for the next ones.
mkdir "$work/stays"
printf 'header SHORTCIRCUIT Subject =~ /mine/\nscore SHORTCIRCUIT 0.5\nbody ENDS /ends/\nshortcircuit ENDS spam\n' >"$work/stays/10.cf"
printf 'Subject: mine\n\nx\n' >"$work/stays.1"
printf 'Subject: a\n\nends\n' >"$work/stays.2"
cp "$work/stays.1" "$work/stays.3"
site=tests/cases/shortcircuit/site
same '43, SpamAssassin' '0.500 SHORTCIRCUIT|101.000 ENDS,SHORTCIRCUIT|100.000 SHORTCIRCUIT|' \
	"$(theirs stays $site | tr '\n' '|')"
same '43, mekiki' '0.500 SHORTCIRCUIT|101.000 ENDS,SHORTCIRCUIT|0.500 SHORTCIRCUIT|' \
	"$(ours stays $site | tr '\n' '|')"

# 45: scores change with the first message behind enough lessons.
mkdir "$work/bayes" "$work/bayes-site"
sed 's/^loadplugin .*AutoLearnThreshold$/&\nloadplugin Mail::SpamAssassin::Plugin::Bayes/' \
	tests/cases/site/init.pre >"$work/bayes-site/init.pre"
printf '%s\n' 'body ANY /./' 'score ANY 1 2 4 8' 'bayes_min_spam_num 1' 'bayes_min_ham_num 1' \
	'bayes_auto_learn 0' 'add_header all Status score=_SCORE_' "bayes_path $work/sa-bayes" >"$work/bayes/10.cf"
printf 'Subject: cheap pills\n\nbuy cheap pills today and tomorrow\n' >"$work/bayes.1"
printf 'Subject: minutes\n\nminutes of our meeting of last week\n' >"$work/bayes.2"
options="-C $work/bayes --siteconfigpath $work/bayes-site"
sa_score()
{
	# shellcheck disable=SC2086 # a list of options
	spamassassin -L -p /dev/null $options <"$work/bayes.1" 2>/dev/null |
		sed -nE 's/^X-Spam-Status: .*score=([0-9.]+).*/\1/p'
}
our_score()
{
	# shellcheck disable=SC2086
	"$mekiki" check -L --no-own-rules --cf "store lmdb:$work/store" --state-dir "$work/state" $options \
		"$work/bayes.1" 2>/dev/null | sed -nE 's/^Spam: .* ; ([0-9.]+) .*/\1/p'
}
before="$(sa_score) $(our_score)"
for kind in spam.1 ham.2; do
	# shellcheck disable=SC2086
	sa-learn -L -p /dev/null $options --${kind%.*} "$work/bayes.${kind#*.}" >/dev/null 2>&1
	# shellcheck disable=SC2086
	"$mekiki" learn -L --no-own-rules --cf "store lmdb:$work/store" --state-dir "$work/state" $options \
		--${kind%.*} "$work/bayes.${kind#*.}" >/dev/null 2>&1 || true
done
same '45' '1.0 1.0, 4.0 4.0' "$before, $(sa_score) $(our_score)"
exit $failed
