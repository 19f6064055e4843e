#!/bin/sh
# The runner in the daemon: many clients at once, what its programs may not do,
# what happens when it is killed, and that reload and end leave nothing behind.
set -eu
cd "$(dirname "$0")/../.."
build=${MEKIKI_BUILD:-build}
work=$(mktemp -d)
daemon=""
finish()
{
	[ -z "$daemon" ] || kill "$daemon" 2>/dev/null || true
	[ -z "$daemon" ] || wait "$daemon" 2>/dev/null || true
	rm -rf "$work"
}
trap finish EXIT
trap 'exit 1' HUP INT TERM
export LC_ALL=C
failed=0
fail() { echo "$*"; failed=1; }

chmod 755 "$work"
mkdir "$work/site" "$work/rules" "$work/tmp" "$work/state" "$work/open"
chmod 777 "$work/tmp" "$work/open"
printf 'loadplugin Mail::SpamAssassin::Plugin::%s\n' Check ExtractText >"$work/site/init.pre"
cat >"$work/tool" <<EOP
echo x 2>/dev/null >$work/open/escaped && echo "wrote elsewhere"
echo y >own && echo "wrote own folder"
perl -MSocket -e 'print socket(my \$s, AF_INET, SOCK_STREAM, 0) ? "has network\n" : "no network\n"'
grep NoNewPrivs /proc/self/status
EOP
cat >"$work/rules/rules.cf" <<EOP
extracttext_external cat /bin/cat {}
extracttext_use cat application/x-plain
extracttext_external tool /bin/sh $work/tool {}
extracttext_use tool application/x-tool
body T_HELLO /extracted hello/
body T_ELSE /wrote elsewhere/
body T_OWN /wrote own folder/
body T_NET /has network/
body T_NONET /no network/
body T_PRIVS /NoNewPrivs: 1/
ifplugin Mekiki
header T_MISSING eval:check_programs_missing()
endif
EOP
for type in plain tool; do
	printf '%s\n' "From: a@example.com" "To: b@example.com" "Subject: x" "Message-ID: <$type@example.com>" \
		"MIME-Version: 1.0" "Content-Type: application/x-$type" "" "extracted hello" >"$work/$type.eml"
done

TMPDIR="$work/tmp" "$build/mekikid" -L -x --no-own-rules -C "$work/rules" --siteconfigpath "$work/site" \
	--socketpath="$work/sock" -m 4 --state-dir "$work/state" >"$work/log" 2>&1 &
daemon=$!
ask() { spamc -U "$work/sock" -y -x <"$work/$1.eml" || true; }
folders() { find "$work/tmp" -name 'mekiki-run*' | wc -l; }
# Waits until a command says yes, half a minute at most.
until_true()
{
	n=0
	while ! "$@" && [ $n -lt 300 ]; do
		sleep 0.1
		n=$((n + 1))
	done
	"$@"
}
answers() { [ "$(ask plain)" = T_HELLO ]; }
until_true answers || fail "no answer: $(tail -n 3 "$work/log")"

pids=""
for client in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do
	for _ in 1 2 3 4 5; do
		ask plain
		echo
	done >"$work/out.$client" &
	pids="$pids $!"
done
# shellcheck disable=SC2086 # a list of numbers
wait $pids
[ "$(cat "$work"/out.* | grep -cx T_HELLO)" = 80 ] || fail "16 clients: $(cat "$work"/out.* | sort | uniq -c)"

fenced=T_NONET,T_OWN,T_PRIVS
# Neither a sanitizer's build nor an old kernel has all fences.
if ! ldd "$build/mekikid" | grep -q 'lib[a-z]*san'; then
	[ "$(ask tool)" = $fenced ] || fail "a tool may: $(ask tool)"
	[ ! -e "$work/open/escaped" ] || fail "a tool wrote elsewhere"
fi

# A killed runner is replaced, and so are its workers; no client is without an
# answer.
runner()
{
	for pid in $(ps -eo pid=,comm= | awk '$2 == "mekikid-runner" { print $1 }'); do
		! tr '\0' ' ' <"/proc/$pid/cmdline" | grep -q "$work/sock" || echo "$pid"
	done
}
old=$(runner)
kill -9 "$old"
for _ in 1 2 3 4 5; do
	answer=$(ask plain)
	case $answer in
	T_HELLO | T_MISSING) ;;
	*) fail "after the runner's death: $answer" ;;
	esac
done
until_true answers || fail "no runner came after the killed one"
[ "$(runner)" != "$old" ] || fail "the runner was not replaced"
grep -q "the runner died of signal 9" "$work/log" || fail "nobody noted the runner's death"

# A reload makes another folder and takes the old one away; the end takes all.
before=$(ls "$work/tmp")
kill -HUP "$daemon"
reloaded()
{
	now=$(ls "$work/tmp")
	[ "$(echo "$now" | wc -l)" = 1 ] && [ -n "$now" ] && [ "$now" != "$before" ]
}
until_true reloaded || fail "after a reload: $(ls "$work/tmp")"
until_true answers || fail "no answer after a reload"
kill "$daemon"
wait "$daemon" || true
daemon=""
gone() { [ "$(folders)" = 0 ]; }
until_true gone || fail "after the end: $(ls "$work/tmp")"
[ $failed = 0 ] && echo "the runner in the daemon: fine"
exit $failed
