#!/bin/sh
# Installs what building and testing mekiki needs from Debian's packages, and
# nothing when all of it is there already. Needs root only if it installs.
# Further packages may be named as arguments.
set -eu

# The libraries and tools of the build, then the peers of the tests: the real
# SpamAssassin with what Debian recommends beside it (its answers depend on
# Email::Address::XS, which libmail-dmarc-perl brings).
packages="
build-essential pkg-config make
libgmime-3.0-dev libpcre2-dev libevent-dev libssl-dev zlib1g-dev
libseccomp-dev libsystemd-dev libcmocka-dev
liblua5.4-dev libcurl4-openssl-dev libpsl-dev libicu-dev
libhiredis-dev liblmdb-dev libdb5.3-dev
libsqlite3-dev libmariadb-dev libpq-dev
libmaxminddb-dev
perl openssl procps
spamassassin spamd spamc sa-compile libmail-spf-perl libmail-dmarc-perl
libbsd-resource-perl libio-socket-ssl-perl
redis-server redis-sentinel redis-tools lmdb-utils
libmaxmind-db-reader-perl poppler-utils
mariadb-server postgresql libdbd-sqlite3-perl libdbd-mysql-perl libdbd-pg-perl
"

missing=""
for p in $packages "$@"; do
	status=$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null || true)
	[ "$status" = installed ] || missing="$missing $p"
done
[ -n "$missing" ] || exit 0

echo "installing:$missing"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# shellcheck disable=SC2086 # a list of words on purpose
apt-get install -y -qq --no-install-recommends $missing >/dev/null
