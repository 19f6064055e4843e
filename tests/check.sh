#!/bin/sh
# Runs every test: checks of the sources, unit programs, whole-program tests.
# Usage: tests/check.sh BUILD_DIR [FILTER]. A test is a program that exits 0;
# its output is shown when it fails. The last line counts them.
#
# Two run at a time (JOBS=N: so many), each with ports and folders of its own;
# those that look at the clock run alone, behind the others.
set -u
cd "$(dirname "$0")/.."

# One test: tests/check.sh --one DIR NAME PROGRAM
if [ "$1" = --one ]; then
	work=$2 name=$3
	log=$work/$(echo "$name" | tr / _)
	start=$(date +%s)
	"$4" >"$log" 2>&1
	status=$?
	exec 9>>"$work/lock"
	flock 9
	if [ "$status" -eq 0 ]; then
		echo "$name" >>"$work/passed"
		echo "ok   $name ($(($(date +%s) - start)) s)"
	else
		echo "$name" >>"$work/failed"
		echo "FAIL $name ($(($(date +%s) - start)) s)"
		# What failed may be far above the end.
		grep -A 12 '^not ok' "$log" | sed 's/^/     /' | head -n 80
		sed 's/^/     /' "$log" | tail -n 40
	fi
	exit 0
fi

build=$1
filter=${2:-}
MEKIKI_BUILD=$PWD/$build
export MEKIKI_BUILD
export LC_ALL=C TZ=UTC
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
touch "$work/passed" "$work/failed" "$work/alone" "$work/beside"

add() {
	case $1 in *"$filter"*) ;; *) return ;; esac
	case $1 in
	lua/test_hostile.sh | wire/test_processes.sh | store/test_faults.sh | store/test_*failover.sh | store/test_worker_kills.sh)
		echo "$1 $2" >>"$work/alone" ;;
	*)
		echo "$1 $2" >>"$work/beside" ;;
	esac
}

# The longest first, so that none of them is left over at the end.
long='tests/parity/test_cases.sh tests/parity/test_rewrite.sh'
for t in $long tests/cli/test_*.sh tests/parity/test_*.sh tests/wire/test_*.sh tests/store/test_*.sh tests/lua/test_*.sh; do
	[ -e "$t" ] || continue
	grep -qxF "${t#tests/} $t" "$work/beside" && continue
	add "${t#tests/}" "$t"
done
for t in tests/unit/*/test_*.c; do
	name=${t#tests/unit/}
	name=${name%.c}
	add "unit/$name" "$build/unit/$name"
done
add layers tools/layers.pl
add style tools/style.pl

run() {
	xargs -r -P "$1" -L 1 tests/check.sh --one "$work" <"$work/$2"
}
run "${JOBS:-2}" beside
run 1 alone

passed=$(wc -l <"$work/passed")
failed=$(wc -l <"$work/failed")
[ "$failed" -eq 0 ] || sed 's/^/failed: /' "$work/failed"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
