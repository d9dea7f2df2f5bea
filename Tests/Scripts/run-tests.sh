#!/usr/bin/env bash
# Runs the tests that were built in release, and says at the end once more which failed.
# Usage: run-tests.sh [argument of swift test]...
set -euo pipefail
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# Few tests at a time, since many start processes: each then has its share of the cores.
if "${SWIFT:-swift}" test -c release --skip-build --disable-testable-imports --disable-xctest \
  --experimental-maximum-parallelization-width 6 "$@" 2>&1 | tee "$log"; then exit; fi
echo "What failed:"
grep -A 2 'recorded an issue' "$log" || tail -n 20 "$log"
exit 1
