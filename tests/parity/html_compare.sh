#!/bin/sh
# Compares html_parse with SpamAssassin over the HTML parts of mails.
#
#   tests/parity/html_compare.sh DIR...     from the top folder, after make
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
${CC:-cc} -std=gnu11 -O2 -D_GNU_SOURCE -I"$top/engine" \
	"$top/tests/parity/html_dump.c" "$top/build/libmekiki.a" -lm \
	-o "$tmp/html_dump"
find "$@" -type f -print0 | xargs -0 perl "$top/tests/parity/sa_html.pl" \
	-x "$tmp/parts"
cd "$tmp"
for kind in o u; do
	flag=$([ $kind = u ] && echo -u || true)
	find parts -name "*.$kind" | sort >names
	perl "$top/tests/parity/sa_html.pl" $flag - <names >>sa
	./html_dump $flag - <names >>ours
done
echo "$(grep -c '^FILE ' sa) parts"
diff sa ours | head -100
cmp -s sa ours
