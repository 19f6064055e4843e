#!/bin/sh
# Fragments of configuration, judged by --lint of the real SpamAssassin and by
# mekiki lint: the same number of faults in each, but for those that
# tests/parity/lint/differs.txt names.
#
#   tests/parity/lint_compare.sh BUILD [EVERY]     each EVERYth fragment, all by default
set -eu
cd "$(dirname "$0")/../.."
mekiki=$1/mekiki
every=${2:-1}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
export LC_ALL=C
mkdir "$work/all" "$work/a" "$work/b"
perl tests/parity/lint_fragments.pl "$work/all" >/dev/null

n=0
for f in "$work"/all/*.cf; do
	n=$((n + 1))
	[ $((n % every)) -eq 0 ] || continue
	if [ $((n / every % 2)) -eq 0 ]; then mv "$f" "$work/a"; else mv "$f" "$work/b"; fi
done

# Two processes, because SpamAssassin is what takes the time.
perl tests/parity/sa_lint.pl "$work/a" >"$work/sa.a" &
a=$!
perl tests/parity/sa_lint.pl "$work/b" >"$work/sa.b"
wait "$a"
sort "$work/sa.a" "$work/sa.b" >"$work/sa"

for f in "$work"/a/*.cf "$work"/b/*.cf; do
	name=${f##*/}
	faults=$("$mekiki" lint -q --no-own-rules -L -C tests/parity/lint/rules --siteconfigpath tests/parity/lint/site -p /dev/null "$f" 2>/dev/null |
		grep -c ': error: ' || true)
	printf '%s\t%s\n' "${name%.cf}" "$faults"
done | sort >"$work/mekiki"

# By name, without the number in front.
join -t "$(printf '\t')" "$work/sa" "$work/mekiki" | sed 's/^[0-9]*-//' >"$work/both"
awk -F '\t' '
	FILENAME ~ /differs/ { if ($0 !~ /^#/) known[$1] = 1; next }
	{ n++ }
	$2 != $3 && !($1 in known) {
		printf "%s: SpamAssassin finds %s faults, mekiki %s\n", $1, $2, $3
		bad++
	}
	$2 == $3 { same++ }
	$2 > 0 { faulty++ }
	END {
		printf "%d fragments (%d of them faulty), %d judged alike, %d not\n", n, faulty, same, bad
		if (bad || n < 20 || !faulty || faulty == n)
			exit 1
	}' tests/parity/lint/differs.txt "$work/both"
