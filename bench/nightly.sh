#!/bin/sh
# The guard, and after it the whole bench, for a quiet machine at night. Results are kept under bench/out/nightly, by
# date. Exit status: the guard's (0 within the bounds, 1 over one, 2 not measured), or the bench's when the guard is content.
#
#   17 3 * * *  /srv/tandem/bench/nightly.sh >/var/log/tandem-bench.log 2>&1
#
# Options are passed to the bench: bench/nightly.sh --rounds 3 --secs 2
set -u
cd "$(dirname "$0")/.." || exit 2
out=bench/out/nightly
day=$(date -u +%Y-%m-%d)
mkdir -p "$out"

npm run --silent build || exit 2
timeout --kill-after=30 60m node bench/guard.mjs >"$out/$day-guard.txt" 2>&1
guard=$?
cat "$out/$day-guard.txt"
[ "$guard" -gt 2 ] && guard=2

timeout --kill-after=30 4h node bench/run.mjs --json "$out/$day.json" --svg "$out/$day.svg" "$@" >"$out/$day.txt" 2>&1
bench=$?
cat "$out/$day.txt"
[ "$guard" -ne 0 ] && exit "$guard"
exit "$bench"
