#!/bin/sh
# Reports, added headers, rewritten messages and unmarked ones, byte for byte as
# the real SpamAssassin's, for messages made for every corner of them
# (report_messages.pl) under the configurations of tests/parity/templates: the small
# version of `make report-parity`, with few rules (report_rules.cf) beside
# SpamAssassin's own texts in all languages.
#
#   tests/parity/test_report_parity.sh [CONFIG,...]
set -eu
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
chmod 755 "$work"
mkdir "$work/rules" "$work/mail"
cp /usr/share/spamassassin/10_default_prefs.cf /usr/share/spamassassin/30_text_*.cf \
	tests/parity/report_rules.cf "$work/rules"
perl tests/parity/report_messages.pl "$work/mail" >"$work/list"
perl tests/parity/report_parity.pl --min 100 -C "$work/rules" --siteconfigpath tests/cases/site \
	--keep "$work/answers" --configs "${1:-}" "$work/list"
