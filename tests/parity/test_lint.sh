#!/bin/sh
# A slice of what `make lint-parity` judges in full.
set -eu
cd "$(dirname "$0")/../.."
exec tests/parity/lint_compare.sh "${MEKIKI_BUILD:-build}" 10
