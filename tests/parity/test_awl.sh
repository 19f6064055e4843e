#!/bin/sh
# AWL beside SpamAssassin's plug-in: scores message by message, records at the end.
set -eu
cd "$(dirname "$0")"
perl senders.pl awl
