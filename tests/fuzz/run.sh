#!/bin/sh
# Runs fuzz targets one after the other, each for some seconds, from the seeds
# in tests/fuzz/seeds/NAME and its dictionary if it has them. What is found new
# stays in BUILD/corpus; a finding is kept there too and ends with exit code 1.
# Usage: tests/fuzz/run.sh BUILD SECONDS [FILTER]
set -u
cd "$(dirname "$0")/../.."
build=$1
seconds=$2
filter=${3:-}
passed=0
failed=0
for source in tests/fuzz/fuzz_*.c; do
	name=$(basename "$source" .c)
	case $name in *"$filter"*) ;; *) continue ;; esac
	short=${name#fuzz_}
	corpus=$build/corpus/$short
	mkdir -p "$corpus" "$build/findings"
	set -- "$corpus"
	[ ! -d "tests/fuzz/seeds/$short" ] || set -- "$@" "tests/fuzz/seeds/$short"
	# The messages and rule files of the cases are seeds already.
	case $short in
	message|mime|header|charset|rules|scan|prefs|rewrite) set -- "$@" tests/cases ;;
	templates) set -- "$@" tests/parity/templates tests/cases/rewrite/prefs ;;
	esac
	[ "$short" != rewrite ] || set -- -dict=tests/fuzz/message.dict "$@"
	examples=$build/examples/$short
	[ "$short" != lua ] || { mkdir -p "$examples" && tools/luadoc.pl --examples "$examples"; }
	for seeds in tests/lua/hostile tests/lua/cookbook "$examples"; do
		[ "$short" != lua ] || [ ! -d "$seeds" ] || set -- "$@" "$seeds"
	done
	for dict in "tests/fuzz/fuzz_$short.dict" "tests/fuzz/$short.dict"; do
		[ ! -e "$dict" ] || set -- "-dict=$dict" "$@"
	done
	if "$build/$name" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=4096 \
		-max_len=65536 -print_final_stats=1 \
		-artifact_prefix="$build/findings/$short-" "$@" >"$build/$short.log" 2>&1; then
		passed=$((passed + 1))
		runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$build/$short.log")
		echo "ok   $short: $runs runs in $seconds s"
	else
		failed=$((failed + 1))
		echo "FAIL $short: see $build/$short.log"
	fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
