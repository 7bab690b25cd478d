# Starts and stops one server at a time, on loopback, with its data in $work/data; read by run.sh, whose $bin has Baton. Each
# start_... leaves the process in $server and the port in $port, and takes the durability's setting as its argument.
# shellcheck shell=bash

server=
epmd=

# free_port: one that nothing listens on now.
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# stop_process PID: asks it to end, and makes it end after 20 seconds.
stop_process() {
    kill -TERM "$1" 2>/dev/null || return 0
    for _ in $(seq 200); do
        kill -0 "$1" 2>/dev/null || break
        sleep 0.1
    done
    kill -KILL "$1" 2>/dev/null || true
    wait "$1" 2>/dev/null || true
}

stop_server() {
    [ -z "$server" ] || stop_process "$server"
    [ -z "$epmd" ] || stop_process "$epmd"
    server=
    epmd=
    rm -rf "${work:?}/data"
}

# wait_for_port: until the server accepts connections.
wait_for_port() {
    for _ in $(seq 600); do
        if (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
            return 0
        fi
        kill -0 "$server" 2>/dev/null || break
        sleep 0.1
    done
    echo "peers: the server did not start:" >&2
    tail -n 20 "$work/log" >&2
    return 1
}

fresh() {
    stop_server
    mkdir -p "$work/data"
    port=$(free_port)
}

# start_redis everysec|always|no
start_redis() {
    fresh
    redis-server --port "$port" --bind 127.0.0.1 --dir "$work/data" --save '' --appendonly yes --appendfsync "$1" \
        --maxmemory-policy noeviction --daemonize no >"$work/log" 2>&1 &
    server=$!
    wait_for_port
}

# start_bullmq everysec|always: it keeps its jobs in Redis.
start_bullmq() { start_redis "$1"; }

# start_nats 2m: JetStream of this version writes before it confirms, and syncs every two minutes; nothing else can be set.
start_nats() {
    fresh
    printf 'listen: "127.0.0.1:%s"\njetstream { store_dir: "%s" }\n' "$port" "$work/data" >"$work/nats.conf"
    nats-server -c "$work/nats.conf" >"$work/log" 2>&1 &
    server=$!
    wait_for_port
}

# start_beanstalkd MILLISECONDS: between syncs; 0 = with every write.
start_beanstalkd() {
    fresh
    beanstalkd -l 127.0.0.1 -p "$port" -b "$work/data" -f "$1" -z 1048576 >"$work/log" 2>&1 &
    server=$!
    wait_for_port
}

# start_rabbitmq quorum|classic: the kind is the queue's, the server is the same. A port mapper of Erlang's belongs to it.
start_rabbitmq() {
    fresh
    local epmd_port erlang="$work/erlang"
    epmd_port=$(free_port)
    mkdir -p "$erlang"
    printf 'listeners.tcp.1 = 127.0.0.1:%s\nlog.console = true\nlog.console.level = warning\n' "$port" \
        >"$erlang/rabbitmq.conf"
    echo '[].' >"$erlang/enabled_plugins"
    env ERL_EPMD_ADDRESS=127.0.0.1 ERL_EPMD_PORT="$epmd_port" epmd >/dev/null 2>&1 &
    epmd=$!
    # As under a service manager, the script then becomes the server instead of staying in front of it.
    env HOME="$erlang" ERL_EPMD_ADDRESS=127.0.0.1 ERL_EPMD_PORT="$epmd_port" RUNNING_UNDER_SYSTEMD=true \
        RABBITMQ_NODENAME=bench@localhost RABBITMQ_DIST_PORT="$(free_port)" \
        RABBITMQ_MNESIA_BASE="$work/data" RABBITMQ_LOG_BASE="$erlang" RABBITMQ_LOGS=- \
        RABBITMQ_CONFIG_FILE="$erlang/rabbitmq.conf" RABBITMQ_ENABLED_PLUGINS_FILE="$erlang/enabled_plugins" \
        RABBITMQ_GENERATED_CONFIG_DIR="$erlang" RABBITMQ_CONF_ENV_FILE="$erlang/none" \
        RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='-kernel inet_dist_use_interface {127,0,0,1}' \
        /usr/lib/rabbitmq/bin/rabbitmq-server >"$work/log" 2>&1 &
    server=$!
    wait_for_port
}

# start_baton sync|os|single: a setting of the queue or of the client, the server is the same.
start_baton() {
    fresh
    "${bin:?}/batond" --data-dir "$work/data" --listen 127.0.0.1:"$port" >"$work/log" 2>&1 &
    server=$!
    wait_for_port
}
