#!/bin/bash
# usage: demo.sh BIN LR HR TRUTH MODEL PRODUCT
# A whole job on real imagery: a vendor that owns HR and misbehaves, a daemon that gets LR, a budget,
# a plan, an approval, a purchase with the plug pulled, a report; then the same chips scored against
# the truth. Stops what it started.
set -euo pipefail
bin=$1 lr=$2 hr=$3 truth=$4 model=$5 product=$6
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

start_daemon() {
  "$bin/fovead" --config "$work/fovead.yaml" --state "$work/state" \
    --models "${MODELS:-$PWD/etc/models}" >> "$work/daemon.log" 2>&1 &
  daemon=$!
  wait_for fovead client budget list
}

cat > "$work/fovead.yaml" <<YAML
vendors:
  - name: demo
    url: unix:$work/vendor.sock
    trust: local
    product: $product
    prices: $PWD/etc/vendors/fovea-vendor.yaml
YAML

echo "== a vendor with $hr that loses answers and cuts downloads, and the daemon"
"$bin/fovea-vendor" --hr "$hr" --prices etc/vendors/fovea-vendor.yaml --product "$product" \
  --listen "unix:$work/vendor.sock" --state "$work/vendor" --delay 1 \
  --fault submit:lost-answer:1 --fault status:503:1 --fault download:cut:1 \
  > "$work/vendor.log" 2>&1 &
vendor=$!
wait_for fovea-vendor test -S "$work/vendor.sock"
start_daemon

echo "== a budget, a scene, and what a job would buy"
client budget create demo "5000.00 EUR"
scene=$(client scene add "$lr" --json | sed -n 's/.*"id":"\([0-9a-f]*\)".*/\1/p')
[ -n "$scene" ] || fail "the scene was not taken"
order=(--scene "$scene" --model "$model" --vendor demo --budget demo --grid-origin scene)
client plan "${order[@]}" || fail "there is no plan"

echo "== the job, which asks before it spends more than 1.00 EUR"
job=$(client submit "${order[@]}" --approve-over "1.00 EUR" --json |
  sed -n 's/.*"id":"\([0-9a-f-]*\)".*/\1/p')
client watch "$job" || [ $? = 75 ] || fail "the job has no plan"
client job approve "$job"

echo "== the plug is pulled once money is held: kill -9, and a new daemon"
for _ in $(seq 200); do
  client budget show demo --json | grep -q '"held":{[^}]*"minor_units":0}' || break
  sleep 0.05
done
kill -9 "$daemon"
wait "$daemon" 2>/dev/null || true
start_daemon
client watch "$job" || fail "the job did not end well"

echo "== the report"
client report "$job" --output "$work/outputs"
client ledger verify
client reconcile demo
echo "survived: $(sed -n 's/.* fault=\([^ ]*\).*/\1/p' "$work/vendor.log" | paste -sd' '), kill -9"

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
