#!/bin/bash
# usage: demo.sh BIN LR HR TRUTH MODEL
# A whole job on real imagery: a vendor that owns HR, a daemon that gets LR, a budget, a plan, a
# purchase, a report; then the same chips scored against the truth. Stops what it started.
set -euo pipefail
bin=$1 lr=$2 hr=$3 truth=$4 model=$5
work=$(mktemp -d /tmp/fovea-demo.XXXXXX)
vendor= daemon=
stop() {
  [ -z "$daemon" ] || kill "$daemon" 2>/dev/null || true
  [ -z "$vendor" ] || kill "$vendor" 2>/dev/null || true
  wait 2>/dev/null || true
}
trap stop EXIT
fail() {
  echo "demo: $1" >&2
  for log in vendor daemon; do
    [ ! -s "$work/$log.log" ] || { echo "--- $log" >&2; tail -20 "$work/$log.log" >&2; }
  done
  exit 1
}
wait_for() { # what, command...
  local what=$1; shift
  for _ in $(seq 200); do
    ! "$@" >/dev/null 2>&1 || return 0
    sleep 0.05
  done
  fail "$what did not start"
}
fovea() { "$bin/fovea" "$@"; }
client() { local command=$1; shift; fovea "$command" "$@" --socket "$work/state/fovead.sock"; }

cat > "$work/fovead.yaml" <<YAML
vendors:
  - name: demo
    url: unix:$work/vendor.sock
    trust: local
    product: hr
    prices: $PWD/etc/vendors/fovea-vendor.yaml
YAML

echo "== a vendor with $hr, and the daemon"
"$bin/fovea-vendor" --hr "$hr" --prices etc/vendors/fovea-vendor.yaml \
  --listen "unix:$work/vendor.sock" --state "$work/vendor" > "$work/vendor.log" 2>&1 &
vendor=$!
wait_for fovea-vendor test -S "$work/vendor.sock"
"$bin/fovead" --config "$work/fovead.yaml" --state "$work/state" \
  --models "${MODELS:-$PWD/etc/models}" > "$work/daemon.log" 2>&1 &
daemon=$!
wait_for fovead client budget list

echo "== a budget, a scene, a job"
client budget create demo "5000.00 EUR"
scene=$(client scene add "$lr" --json | sed -n 's/.*"id":"\([0-9a-f]*\)".*/\1/p')
[ -n "$scene" ] || fail "the scene was not taken"
client submit --scene "$scene" --model "$model" --vendor demo --budget demo \
  --grid-origin scene --watch || fail "the job did not end well"
job=$(client jobs --json | sed -n 's/.*"id":"\([0-9a-f-]*\)".*/\1/p')

echo "== the report"
client report "$job" --output "$work/outputs"
client ledger verify

echo "== against the truth"
fovea evaluate --model "$model" --lr "$lr" --hr "$hr" --truth "$truth" --grid-origin scene \
  --predictions "$work/predictions.jsonl"
# Both as lines of place, mask and class.
sed -E 's/.*"class":"([^"]*)","mask":"([^"]*)","name":"([^"]*)".*/\3 \2 \1/' \
  "$work/predictions.jsonl" | sort > "$work/evaluated.txt"
awk -F'\t' 'NR > 1 { print "r" $1 "c" $2 " " $3 " " $4 }' "$work/outputs/predictions.tsv" |
  sort > "$work/classified.txt"
if ! cmp -s "$work/evaluated.txt" "$work/classified.txt"; then
  diff "$work/evaluated.txt" "$work/classified.txt" | head >&2 || true
  fail "the daemon's classes are not those of fovea evaluate"
fi
echo "all $(wc -l < "$work/classified.txt") chips: the daemon's class is that of fovea evaluate"
echo "outputs: $work/outputs (open report.html)"
