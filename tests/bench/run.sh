#!/usr/bin/env bash
# Runs the workloads of docs/benchmarks.md against a release daemon of its own on loopback: JSON lines on standard error as they
# come, a markdown table on standard output at the end.
#
#   tests/bench/run.sh [SCALE]    SCALE 1 = the full sizes (default), 0.1 = a tenth
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
bin=${BATON_BIN:-$root/build/release/bin}
scale=${1:-1}
work=$(mktemp -d -p "${BATON_BENCH_DIR:-$root/build}")
daemon=
stop() {
    if [ -n "$daemon" ] && kill -0 "$daemon" 2>/dev/null; then
        kill "-${1:-TERM}" "$daemon"
        wait "$daemon" 2>/dev/null || true
    fi
    daemon=
}
trap 'stop; rm -rf "$work"' EXIT

start() {
    rm -f "$work/ready"
    "$bin/batond" --data-dir "$work/data" --listen 127.0.0.1:0 >"$work/ready" 2>>"$work/log" &
    daemon=$!
    until [ -s "$work/ready" ]; do
        kill -0 "$daemon" || { cat "$work/log" >&2; exit 1; }
        sleep 0.02
    done
    export BATON_SERVER
    BATON_SERVER=$(sed -n 's/^batond ready on \([^ ]*\).*/\1/p' "$work/ready")
}
times() { awk -v n="$1" -v s="$scale" 'BEGIN { printf "%d", n * s }'; }
lasting() { awk -v n="$1" -v s="$scale" 'BEGIN { printf "%.2f", n * s }'; }
# row NAME WORKLOAD [OPTION...]: runs it; its JSON line is shown at once and kept for the table, with its name.
row() {
    local name=$1
    shift
    "$bin/baton" --output json bench "$@" | sed "s|^{|{\"row\":\"$name\",|" | tee -a "$work/rows" >&2
}

start
row 'raw: chunks into RocksDB' raw --messages "$(times 5000000)" --size 100 --raw-dir "$work/raw"
row 'produce' produce --messages "$(times 5000000)" --size 100
row 'end-to-end' end-to-end --seconds "$(lasting 20)" --size 100
row 'end-to-end, 1 KiB' end-to-end --seconds "$(lasting 20)" --size 1024 --batch 200
row 'sync-produce, 8 connections' sync-produce --connections 8 --messages "$(times 200000)"
row 'latency at 2,000/s' latency --rate 2000 --messages "$(times 40000)"
row 'produce a backlog' backlog --messages "$(times 10000000)" --size 100 --queue backlog --keep
stop KILL
begin=$(date +%s.%N)
start
"$bin/baton" consume backlog -n 1 --wait 10s >/dev/null
awk -v a="$begin" -v b="$(date +%s.%N)" \
    'BEGIN { printf "{\"workload\":\"first delivery after kill -9 and restart\",\"seconds\":%.3f}\n", b - a }' |
    tee -a "$work/rows" >&2
row 'produce beside the backlog' produce --messages "$(times 1000000)" --size 100
row 'drain the cold backlog' drain --queue backlog
row 'many queues, 100 a batch' many-queues --queues "$(times 10000)" --batch 100 --messages "$(times 4000000)"
row 'many queues, 1 a batch' many-queues --queues "$(times 10000)" --batch 1 --messages "$(times 400000)"
"$root/tests/bench/table.py" <"$work/rows"
