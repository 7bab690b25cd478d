#!/usr/bin/env bash
# Measures other brokers and Baton in one run on loopback, each row on a freshly started server with its data on the same
# disk, and prints a table of medians. README.md beside this file tells what the rows mean.
#
#   tests/bench/peers/run.sh [--peers redis,rabbitmq,nats,beanstalkd,bullmq,baton] [--messages N] [--size B] [--seconds S]
#       [--backlog N] [--repeat N] [--workloads produce,end-to-end,...] [--dir DIR] [--output text|json] [--no-install]
#       [--calm SECONDS]
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
bin=${BATON_BIN:-$root/build/release/bin}
peers=redis,rabbitmq,nats,beanstalkd,bullmq,baton
workloads=produce,end-to-end,latency,fan-out,backlog,jobs
messages=1000000
size=100
seconds=10
backlog=1000000
repeat=3
calm=0
parent=${TMPDIR:-/tmp}
output=text
install=yes
rate=2000
groups=10
PATH=$PATH:/usr/sbin
# The rows, one peer's setting a line: peer|what the start takes|its name in the table|workloads.
rows='redis|everysec|appendfsync everysec|produce end-to-end latency fan-out backlog
redis|always|appendfsync always|produce end-to-end latency fan-out
rabbitmq|quorum|quorum queue, fsync|produce end-to-end latency fan-out backlog
rabbitmq|classic|durable classic queue, persistent, fsync|produce end-to-end latency fan-out backlog
nats|2m|file store, sync every 2m|produce end-to-end latency fan-out backlog
beanstalkd|50|binlog, fsync every 50 ms|produce end-to-end latency backlog
beanstalkd|0|binlog, fsync always|produce end-to-end latency
bullmq|everysec|Redis, appendfsync everysec|jobs
bullmq|always|Redis, appendfsync always|jobs
baton|os|os: no fsync before the answer|produce end-to-end latency backlog
baton|single|sync: fsync always; a request for each message|produce end-to-end
baton|sync|sync: fsync always|produce end-to-end latency fan-out backlog jobs'

fail() {
    echo "run.sh: $1" >&2
    exit 64
}
while [ $# -gt 0 ]; do
    case "$1" in
        --no-install) install=no; shift; continue ;;
        --help) sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "$0"; exit 0 ;;
    esac
    [ $# -ge 2 ] || fail "$1 needs a value"
    case "$1" in
        --peers) peers=$2 ;;
        --workloads) workloads=$2 ;;
        --messages) messages=$2 ;;
        --size) size=$2 ;;
        --seconds) seconds=$2 ;;
        --backlog) backlog=$2 ;;
        --repeat) repeat=$2 ;;
        --calm) calm=$2 ;;
        --dir) parent=$2 ;;
        --output) output=$2 ;;
        *) fail "there is no option $1" ;;
    esac
    shift 2
done
for value in "$messages" "$size" "$seconds" "$backlog" "$repeat"; do
    [[ $value =~ ^[1-9][0-9]*$ ]] || fail "'$value' is not a whole number above 0"
done
[[ $calm =~ ^[0-9]+$ ]] || fail "'$calm' is not a whole number"
[ "$size" -ge 8 ] || fail "--size is at least 8: a payload holds the time at which it left"
[[ $output =~ ^(text|json)$ ]] || fail "--output is text or json"
for peer in ${peers//,/ }; do
    [[ $'\n'$rows == *$'\n'"$peer|"* ]] || fail "there is no peer $peer"
done

for workload in ${workloads//,/ }; do
    [[ " ${rows//$'\n'/ } " =~ [\ \|]$workload\  ]] || fail "there is no workload $workload"
done

work=$(mktemp -d -p "$parent" baton-peers.XXXXXX)
client=
# shellcheck source-path=SCRIPTDIR source=servers.sh
. "$here/servers.sh"
clean_up() {
    trap - EXIT
    [ -z "$client" ] || kill -TERM "$client" 2>/dev/null || true
    stop_server
    rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

wanted() { [[ ",$1," == *",$2,"* ]]; }
skip() { echo "run.sh: $1 is skipped: $2" >&2; }

# installed SECTION: its packages are there now; a service that came with them is ended, since the rows start their own.
installed() {
    [ "$install" = yes ] || return 0
    local service before=
    for service in redis-server rabbitmq-server nats-server beanstalkd; do
        dpkg-query -W "$service" >/dev/null 2>&1 && before="$before $service"
    done
    "$root/docker/setup.sh" "$1" >"$work/log" 2>&1 || return 1
    for service in redis-server rabbitmq-server nats-server beanstalkd; do
        if [[ " $before " != *" $service "* ]] && dpkg-query -W "$service" >/dev/null 2>&1; then
            if [ -d /run/systemd/system ]; then
                systemctl disable --now "$service" >/dev/null 2>&1 || true
            elif [ -x "/etc/init.d/$service" ]; then
                "/etc/init.d/$service" stop >/dev/null 2>&1 || true
            fi
        fi
    done
}

# compile PEER [LIBRARY]: the workloads with that peer's client.
compile() {
    g++ -std=c++20 -O2 -I"$root" "$here/workloads.cpp" "$here/$1.cpp" -o "$work/$1" ${2:+"-l$2"} -pthread \
        >"$work/log" 2>&1
}

# prepare PEER: whether its rows can run; says why not.
prepare() {
    local program="$1-server" library=$1
    case "$1" in
        baton)
            for program in batond baton; do
                [ -x "$bin/$program" ] || { skip baton "no release build in $bin"; return 1; }
            done
            return 0
            ;;
        bullmq)
            installed bench-redis || true
            command -v npm >/dev/null || installed bench-bullmq || true
            for program in redis-server node npm; do
                command -v "$program" >/dev/null || { skip bullmq "there is no $program"; return 1; }
            done
            mkdir -p "$work/npm"
            (cd "$work/npm" && npm install --silent --no-audit --no-fund bullmq@6 ioredis@5 >"$work/log" 2>&1) ||
                { skip bullmq 'npm could not install bullmq'; return 1; }
            return 0
            ;;
    esac
    installed "bench-$1" || { skip "$1" "the packages of [bench-$1] cannot be installed"; return 1; }
    case "$1" in
        redis) library=hiredis ;;
        beanstalkd) library='' program=beanstalkd ;;
    esac
    command -v "$program" >/dev/null || { skip "$1" "there is no $program"; return 1; }
    compile "$1" "$library" || { skip "$1" "its client does not compile: $(grep -m 1 error "$work/log")"; return 1; }
}

version() {
    case "$1" in
        bullmq) (cd "$work/npm" && node -p 'require("bullmq/package.json").version') ;;
        baton) "$bin/batond" --version | awk 'NR == 1 { print $NF }' ;;
        beanstalkd) dpkg-query -W -f='${Version}' beanstalkd ;;
        *) dpkg-query -W -f='${Version}' "$1-server" ;;
    esac
}

# count WORKLOAD: messages that are sent at most.
count() {
    case "$1" in
        latency) echo $((rate * seconds)) ;;
        end-to-end) echo 1000000000 ;;
        backlog) echo "$backlog" ;;
        *) echo "$messages" ;;
    esac
}

# run_client PEER SETTING WORKLOAD: its JSON lines. Never longer than a quarter of an hour.
run_client() {
    local n
    n=$(count "$3")
    case "$1" in
        baton)
            local more=()
            [ "$3" != end-to-end ] || more=(--seconds "$seconds")
            [ "$3" != latency ] || more=(--rate "$rate")
            [ "$3" != fan-out ] || more=(--subscriptions "$groups")
            [ "$2" != single ] || more+=(--batch 1)
            if [ "$2" = os ]; then
                "$bin/baton" --server "127.0.0.1:$port" queue create bench --durability os >/dev/null
                more+=(--queue bench)
            fi
            exec timeout 900 "$bin/baton" --server "127.0.0.1:$port" --output json bench "$3" --messages "$n" --size "$size" \
                "${more[@]}"
            ;;
        bullmq)
            cd "$work/npm" && exec timeout 900 node "$here/bullmq.mjs" "$port" "$server" "$n" "$size" "$seconds"
            ;;
        *)
            local limit=$seconds
            [ "$3" != backlog ] || limit=$((seconds * 6))
            exec timeout 900 "$work/$1" --workload "$3" --kind "$2" --port "$port" --pid "$server" --messages "$n" \
                --size "$size" --seconds "$limit" --rate "$rate" --groups "$([ "$3" = fan-out ] && echo "$groups" || echo 1)"
            ;;
    esac
}

# wait_for_calm: until the processors were idle for nine tenths of a second, at most --calm seconds.
wait_for_calm() {
    local before after
    for _ in $(seq "$calm"); do
        before=$(awk '/^cpu / { print $5 }' /proc/stat)
        sleep 1
        after=$(awk '/^cpu / { print $5 }' /proc/stat)
        [ $((after - before)) -lt $(($(nproc) * 90)) ] || return 0
    done
}

# row PEER SETTING NAME WORKLOAD: on a server of its own. A row that fails is told and left out.
row() {
    if ! "start_$1" "$2"; then
        skip "$1, $3, $4" 'no server'
        return 0
    fi
    wait_for_calm
    run_client "$1" "$2" "$4" >"$work/lines" &
    client=$!
    if wait "$client"; then
        sed "s/^{/{\"peer\":\"$1\",\"durability\":\"$3\",/" "$work/lines" | tee -a "$work/rows" >&2
    else
        skip "$1, $3, $4" 'it failed'
    fi
    client=
    stop_server
}

ready=
for peer in ${peers//,/ }; do
    if prepare "$peer"; then
        ready=$ready,$peer
        echo "run.sh: $peer $(version "$peer")" >&2
    fi
done
: >"$work/rows"
# A repetition goes through everything, so that a slow minute of the machine does not fall on one row alone.
for _ in $(seq "$repeat"); do
    while IFS='|' read -r peer setting name kinds <&3; do
        wanted "$ready" "$peer" || continue
        for workload in $kinds; do
            ! wanted "$workloads" "$workload" || row "$peer" "$setting" "$name" "$workload"
        done
    done 3<<<"$rows"
done
"$here/summary.py" "$output" <"$work/rows"
