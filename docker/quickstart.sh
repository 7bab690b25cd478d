#!/usr/bin/env bash
# From nothing to a running broker on Debian 12: installs what is missing, builds the release, starts batond on a fresh
# data directory and sends real data through it. Every record of `apt-cache dumpavail` becomes one message: two
# producers, four competing workers, each message acked, and both sides compared. May be run again at any time.
#
#   docker/quickstart.sh                  all of that
#   docker/quickstart.sh --install-only   only installs the packages
#   docker/quickstart.sh --build-only     installs and builds
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
bin=$root/build/release/bin
queue=packages

say() { printf '%s\n' "$*"; }
fail() { printf 'quickstart: %s\n' "$*" >&2; exit 1; }

stop_after=job
case "${1:-}" in
    '') ;;
    --install-only) stop_after=install ;;
    --build-only) stop_after=build ;;
    -h | --help) sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "quickstart: unknown option '$1' (try --help)" >&2; exit 64 ;;
esac

"$root/docker/setup.sh" build
[ "$stop_after" != install ] || { say "All packages are installed."; exit 0; }

work=$(mktemp -d)
daemon=
cleanup() {
    if [ -n "$daemon" ] && kill -0 "$daemon" 2>/dev/null; then
        kill -TERM "$daemon"
        wait "$daemon" || true
    fi
    rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

say "Building the release ..."
(cd "$root" && cmake --preset release >"$work/configure" 2>&1) || { cat "$work/configure" >&2; fail "cmake failed"; }
cmake --build "$root/build/release" --target batond baton_cli
[ "$stop_after" != build ] || { say "Built: $bin/batond and $bin/baton"; exit 0; }

seconds_since() { awk -v a="$1" -v b="$(date +%s.%N)" 'BEGIN { printf "%.2f", b - a }'; }
rate() { awk -v n="$1" -v s="$2" 'BEGIN { printf "%d", n / (s > 0 ? s : 0.01) }'; }

# --- The data: one record of the package lists is one message.
apt-cache dumpavail >"$work/records"
if [ "$(grep -c '^Package:' "$work/records")" -lt 1000 ]; then
    say "The package lists are not here yet: fetching them."
    if [ "$(id -u)" -eq 0 ]; then apt-get update -q; else sudo apt-get update -q; fi
    apt-cache dumpavail >"$work/records"
fi
records=$(grep -c '^Package:' "$work/records")
[ "$records" -gt 0 ] || fail "apt-cache dumpavail gave no record"
# Each producer gets every other record. NUL cannot occur in them, so it ends records from here on.
awk -v RS= -v ORS='\n\n' -v a="$work/half.1" -v b="$work/half.2" 'NR % 2 { print >a; next } { print >b }' "$work/records"
awk -v RS= -v ORS='\0' '1' "$work/records" >"$work/sent"
sent=$(tr -cd '\0' <"$work/sent" | wc -c)

# --- The daemon, on a free port and a data directory of its own.
"$bin/batond" --data-dir "$work/data" --listen 127.0.0.1:0 >"$work/ready" 2>"$work/log" &
daemon=$!
for _ in $(seq 300); do
    [ -s "$work/ready" ] && break
    kill -0 "$daemon" 2>/dev/null || { cat "$work/log" >&2; fail "batond ended while starting"; }
    sleep 0.1
done
server=$(sed -n 's/^batond ready on \([^ ]*\).*/\1/p' "$work/ready")
[ -n "$server" ] || { cat "$work/log" >&2; fail "batond was not ready within 30 s"; }
export BATON_SERVER=$server
say "batond is ready on $server; sending $sent records ($(stat -c %s "$work/sent") bytes)."
"$bin/baton" queue create "$queue" >/dev/null

# --- Four workers wait, two producers send.
begin=$(date +%s.%N)
workers=()
for i in 1 2 3 4; do
    "$bin/baton" consume "$queue" --print0 --wait 3s >"$work/got.$i" 2>"$work/worker.$i" &
    workers+=($!)
done
producers=()
for i in 1 2; do
    "$bin/baton" produce "$queue" --file "$work/half.$i" --split blank-line >"$work/produced.$i" 2>"$work/producer.$i" &
    producers+=($!)
done
for i in 0 1; do
    wait "${producers[$i]}" || { cat "$work/producer.$((i + 1))" >&2; fail "producer $((i + 1)) failed"; }
done
produced_s=$(seconds_since "$begin")
for i in 0 1 2 3; do
    wait "${workers[$i]}" || { cat "$work/worker.$((i + 1))" >&2; fail "worker $((i + 1)) failed"; }
done
# The last 3 s of every worker are its wait for more.
drained_s=$(awk -v s="$(seconds_since "$begin")" 'BEGIN { printf "%.2f", (s > 3.01 ? s - 3 : s) }')

# --- Both sides must be the same set.
cat "$work"/got.? >"$work/got"
got=$(tr -cd '\0' <"$work/got" | wc -c)
digest_of() { LC_ALL=C sort -z "$1" | sha256sum | cut -d' ' -f1; }
sent_digest=$(digest_of "$work/sent")
got_digest=$(digest_of "$work/got")
say ""
say "What happened:"
say "  produced  $sent messages by 2 producers in $produced_s s: $(rate "$sent" "$produced_s")/s, each answered after fsync"
say "  consumed  $got messages by 4 workers in $drained_s s: $(rate "$got" "$drained_s")/s, each acked"
for i in 1 2 3 4; do
    say "            worker $i took $(tr -cd '\0' <"$work/got.$i" | wc -c)"
done
say "  digest    sent $sent_digest"
say "            got  $got_digest"
"$bin/baton" queue show "$queue" | sed -n -E '/^ *(waiting|leased|failed|produced_total|acked_total|redelivered_total) /p'
[ "$sent" = "$got" ] && [ "$sent_digest" = "$got_digest" ] || fail "the two sides differ"

kill -TERM "$daemon"
wait "$daemon" || fail "batond did not stop cleanly (exit code $?)"
daemon=
say "  equal; batond has stopped cleanly."
say ""
say "Start the daemon:   $bin/batond --data-dir $root/baton-data"
say "Produce a message:  $bin/baton queue create hello && $bin/baton produce hello 'Hello, Baton'"
say "Consume it:         $bin/baton consume hello -n 1"
