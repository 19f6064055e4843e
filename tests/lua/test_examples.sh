#!/bin/sh
# Runs the examples of all documents above bindings (tools/luadoc.pl) on the
# sample message: one process for each source, one rule for each example,
# which hits if it came to its end; with a store of its own, and those about the
# store without one, too. Also asks that every function has its
# document and example, and that docs/lua.md is what the sources say. With a
# word as argument: only the sources whose names contain it.
set -eu
cd "$(dirname "$0")/../.."
mekiki=${MEKIKI_BUILD:-build}/mekiki
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
filter=${1:-}
failed=0

tools/luadoc.pl --check || failed=1
tools/luadoc.pl --examples "$work/examples"
mkdir "$work/rules"
case $mekiki in /*) ;; *) mekiki=$PWD/$mekiki ;; esac
sample=$PWD/tests/lua/sample.eml

# An example that fails must be noticed: one that does comes with them.
cat >"$work/examples/broken.lua" <<'LUA'
rspamd_config:register_symbol{name = "EX_BROKEN", score = 0.01,
	callback = function(task)
		assert(task == nil, "deliberately wrong")
		return true
	end}
LUA
printf 'broken.lua\tEX_BROKEN\t-\ta broken example\n' >>"$work/examples/expected"

run_file() {
	file=$1
	shift
	name=${file##*/}
	# Files that examples about files read.
	mkdir "$work/site" "$work/site/more"
	printf 'one\ntwo\nthree\n' >"$work/site/words.txt"
	echo 'return 42' >"$work/site/more/answer.lua"
	cp "$file" "$work/site/$name"
	(cd "$work/site" && exec "$mekiki" check -L --no-own-rules \
		-C "$work/rules" --siteconfigpath "$work/site" "$@" \
		"$sample") \
		>"$work/report" 2>"$work/log" || echo "exit $?" >>"$work/log"
	sed -n 's/^Tests: //p' "$work/report" | tr ',' '\n' >"$work/hits"
	awk -F'\t' -v f="$name" '$1 == f' "$work/examples/expected" >"$work/want"
	bad=0
	while IFS='	' read -r _ rule place signature; do
		grep -qx "$rule" "$work/hits" && continue
		bad=1
		[ "$name" = broken.lua ] ||
			echo "$place: the example of $signature failed ($rule)"
	done <"$work/want"
	if [ "$name" = broken.lua ]; then
		grep -q 'deliberately wrong' "$work/log" || bad=0
		[ "$bad" -eq 1 ] || {
			failed=1
			echo "a broken example is not noticed:"
			cat "$work/report" "$work/log"
		}
		bad=0
	fi
	if [ "$bad" -ne 0 ]; then
		failed=1
		sed 's/^/    /' "$work/log"
	fi
	rm -rf "$work/site"
}

for file in "$work"/examples/*.lua; do
	case $file in */broken.lua | */*"$filter"*.lua) ;; *) continue ;; esac
	run_file "$file" --state-dir "$work/state" --remember
	case $file in */*redis* | */*task_memory*)
		run_file "$file" --cf 'store none' ;;
	esac
done
echo "$(($(wc -l <"$work/examples/expected") - 1)) examples"
exit "$failed"
