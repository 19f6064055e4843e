#!/bin/sh
# Token for token what SpamAssassin's Bayes learns: of small messages that this
# test writes, one for each thing that the tokenizer treats in a way of its own,
# with several settings; then the probabilities that both make of random counts.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "${MEKIKI_BUILD:-build}" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
command -v spamassassin >/dev/null || { echo "there is no SpamAssassin" >&2; exit 1; }

perl "$here/bayes_mails.pl" "$work"
find "$work" -name '*.eml' | LC_ALL=C sort >"$work/list"

failed=0
compare()
{
	what=$1
	shift
	mkdir "$work/out"
	if DUMP="$build/parity/tokens_dump" "$here/tokens_compare.sh" -k "$work/out" "$@" \
		"$work/list" >"$work/report" 2>&1; then
		echo "ok: $what: $(tail -n 1 "$work/report")"
	else
		echo "FAILED: $what"
		cat "$work/report"
		failed=1
	fi
	rm -rf "$work/out"
}
compare 'as shipped'
compare 'all sources, no stop words' --cf 'bayes_token_sources all' \
	--cf 'bayes_stopword_languages disable'
compare 'other lengths, headers, senders, stop words' --cf 'bayes_max_token_length 8' \
	--cf 'bayes_ignore_header X-Mailer Received' \
	--cf 'bayes_ignore_from *@ignored.example' --cf 'bayes_ignore_to postmaster@*' \
	--cf 'bayes_token_sources nouri noheader' --cf 'bayes_token_sources header' \
	--cf 'bayes_stopword_languages en,de fr it es ru tr' \
	--cf 'bayes_stopword_en (?:quick|fox.*|b[a-r]own)' \
	--cf 'bayes_stopword_de lazy|dogs?'
if perl "$here/sa_bayes.pl" "$build/parity/bayes_dump" >"$work/report" 2>&1; then
	echo "ok: probabilities: $(tail -n 1 "$work/report")"
else
	echo "FAILED: probabilities"
	cat "$work/report"
	failed=1
fi
exit $failed
