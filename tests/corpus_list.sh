# Sourced by scripts that go through many messages, from the top folder: unless
# LIST is set, it becomes a file in $work with the paths of the public corpus,
# each EVERY-th of them.
if [ -z "${LIST:-}" ]; then
	tools/fetch-corpus.sh .cache/corpus/public >/dev/null
	LIST=$work/list
	find "$PWD/.cache/corpus/public" -type f -name '*.txt' | LC_ALL=C sort |
		awk -v every="$EVERY" 'NR % every == 0' >"$LIST"
fi
