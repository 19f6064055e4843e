#!/bin/sh
# Runs every test: checks of the sources, unit programs, whole-program tests.
# Usage: tests/check.sh BUILD_DIR [FILTER]. A test is a program that exits 0;
# its output is shown when it fails. The last line counts them.
set -u
cd "$(dirname "$0")/.."
build=$1
filter=${2:-}
MEKIKI_BUILD=$PWD/$build
export MEKIKI_BUILD
export LC_ALL=C TZ=UTC
log=$(mktemp)
trap 'rm -f "$log"' EXIT INT TERM
passed=0
failed=0

run() {
	name=$1
	shift
	case $name in *"$filter"*) ;; *) return ;; esac
	start=$(date +%s)
	if "$@" >"$log" 2>&1; then
		passed=$((passed + 1))
		echo "ok   $name ($(($(date +%s) - start)) s)"
	else
		failed=$((failed + 1))
		echo "FAIL $name"
		sed 's/^/     /' "$log" | tail -n 60
	fi
}

run layers tools/layers.pl
run style tools/style.pl
for t in tests/unit/*/test_*.c; do
	name=${t#tests/unit/}
	name=${name%.c}
	run "unit/$name" "$build/unit/$name"
done
for t in tests/parity/test_*.sh tests/wire/test_*.sh tests/cli/test_*.sh \
	tests/lua/test_*.sh tests/store/test_*.sh; do
	[ -e "$t" ] || continue
	run "${t#tests/}" "$t"
done

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
