#!/bin/sh
# `make mutations-parity COUNT=20000 SEED=1`: the real SpamAssassin and mekiki over
# mutated mail (mutate.pl), rules, scores, subrules and every view of each message.
#
#   tests/parity/mutations.sh [-s SEED] [-n COUNT] [-z SIZE] [-c] LIST...
#   tests/parity/mutations.sh -u [-s NAME] [-c] LIST...
#
# With -u messages are taken as they are, each LIST a chunk (`make third-parity`).
# Messages are made and judged in chunks of SIZE (1,000), each from one of the LISTs
# in turn, in ${MEKIKI_CACHE:-.cache}/mutations/SEED/NUMBER.  SpamAssassin's answers
# stay there, so that an interrupted run goes on where it stopped, and a run after a
# change of mekiki asks mekiki only.  -c asks SpamAssassin nothing and compares what
# it has answered so far.  The table, a line a chunk and a line of sums, is printed and kept
# as table.tsv beside the chunks; each chunk has the details (rules, views).
#
# MEKIKI is the program (build/mekiki); JOBS the processes of either side (2).
set -eu

here=$(dirname "$0")
mekiki=${MEKIKI:-build/mekiki}
jobs=${JOBS:-2}
seed=1 count=20000 size=1000 judged='' unmutated=''
while getopts s:n:z:cu option; do
	case $option in
	s) seed=$OPTARG ;;
	n) count=$OPTARG ;;
	z) size=$OPTARG ;;
	c) judged=yes ;;
	u) unmutated=yes ;;
	*) sed -n '/^#   tests/s/^# *//p' "$0" >&2; exit 2 ;;
	esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || { echo "$0: no list of messages" >&2; exit 2; }
base=${MEKIKI_CACHE:-.cache}/mutations/$seed
table=$base/table.tsv
mkdir -p "$base"

# A chunk of messages that are not mutated is another one when a message changes.
take()
{
	mkdir -p "$dir"
	tr '\n' '\0' <"$1" | xargs -0 sha1sum >"$dir/sums.new"
	if ! cmp -s "$dir/sums.new" "$dir/sums"; then
		rm -f "$dir"/sa.*
		cp "$1" "$dir/list"
		mv "$dir/sums.new" "$dir/sums"
	fi
}

# $1: the chunk, then the lists.  Files get their names when they are whole.
judge()
{
	n=$1
	shift
	shift $(((n - 1) % $#))
	dir=$base/$n
	if [ -n "$unmutated" ]; then
		take "$1"
	elif [ ! -e "$dir/list" ]; then
		mkdir -p "$dir"
		perl "$here/mutate.pl" -s $((seed * 1000 + n)) -n "$size" "$1" "$dir/mail"
		find "$dir/mail" -name '*.eml' | LC_ALL=C sort >"$dir/list.new"
		mv "$dir/list.new" "$dir/list"
	fi
	if [ ! -e "$dir/sa.views.gz" ]; then
		tr '\n' '\0' <"$dir/list" | xargs -0 perl "$here/sa_views.pl" 2>"$dir/sa.views.log" |
			gzip -1 >"$dir/sa.views.new"
		mv "$dir/sa.views.new" "$dir/sa.views.gz"
	fi &
	if [ ! -e "$dir/sa.tsv" ]; then
		perl "$here/sa_score.pl" --quiet -j "$jobs" "$dir/list" >"$dir/sa.new" 2>"$dir/sa.log"
		mv "$dir/sa.new" "$dir/sa.tsv"
	fi
	wait
}

ask()
{
	dir=$base/$1
	"$mekiki" masscheck -L --no-own-rules --subrules -j "$jobs" "$dir/list" >"$dir/mekiki.tsv" || true
	perl "$here/compare.pl" "$dir/sa.tsv" "$dir/mekiki.tsv" >"$dir/rules"
	gunzip -c "$dir/sa.views.gz" >"$dir/sa.views"
	tr '\n' '\0' <"$dir/list" | xargs -0 "$mekiki" views >"$dir/mekiki.views" 2>/dev/null || true
	perl "$here/compare_views.pl" --examples 5 "$dir/sa.views" "$dir/mekiki.views" >"$dir/views"
	rm "$dir/sa.views" "$dir/mekiki.views"
}

# A chunk's line: messages, how many are the same in rules and score, in subrules, in
# everything, and in each view.
line()
{
	awk -v n="$1" '
		FNR == NR && /messages compared/ { all = $1 }
		FNR == NR && /same scored rules and score/ { rules = $6 }
		FNR == NR && /same subrules/ { sub(/.*subrules */, ""); subrules = $1 }
		FNR == NR && /same in everything/ { every = $4 }
		FNR != NR && /^\[[a-z]+\] [0-9]+ of [0-9]+ messages differ/ {
			views = views "\t" $1 (all - $2)
		}
		END { print n "\t" all "\t" rules "\t" subrules "\t" every views }
	' "$base/$1/rules" "$base/$1/views"
}

printf 'chunk\tmessages\trules+score\tsubrules\tall\tviews\n' >"$table"
chunks=$(((count + size - 1) / size))
[ -z "$unmutated" ] || chunks=$#
n=0
while [ $n -lt $chunks ]; do
	n=$((n + 1))
	[ -n "$judged" ] || judge $n "$@"
	[ -e "$base/$n/sa.tsv" ] && [ -e "$base/$n/sa.views.gz" ] || continue
	ask $n
	line $n | tee -a "$table"
done
perl -ane 'next if $. == 1; $sum[$_] += $F[$_] for 1 .. 4;
	for (@F[5 .. $#F]) { $v{$1} += $2, $order{$1} //= ++$k if /^(\[\w+\])(\d+)/; }
	END { exit unless $sum[1]; my $p = sub { sprintf "%d (%.2f %%)", $_[0], 100 * $_[0] / $sum[1] };
		print "messages: $sum[1]\nrules and score: ", $p->($sum[2]), "\nsubrules: ", $p->($sum[3]),
			"\nall rules: ", $p->($sum[4]), "\n",
			map { "$_ " . $p->($v{$_}) . "\n" } sort { $order{$a} <=> $order{$b} } keys %v }' \
	"$table" | tee "$base/sums"
