#!/bin/sh
# Hostile scripts hurt nobody but themselves: over a list of messages
# (hostile.pl), and in the daemon (hostile_daemon.pl).
here=$(dirname "$0")
perl "$here/hostile.pl" "${MEKIKI_BUILD:-build}" && exec perl "$here/hostile_daemon.pl"
