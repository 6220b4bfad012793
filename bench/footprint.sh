#!/usr/bin/env bash
# Start times and idle memory of every role, as a table. Wants curl, jq and nginx, and a machine that does nothing else.
#
#   bench/footprint.sh [SIZE_MIB [IDLE_SECONDS]]      default: 1024 MiB through each cluster, then 60 s of rest
#
# $DARTER_HOME names an installed distribution to measure instead of the one built from these sources.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
size=${1:-1024}
idle=${2:-60}
base=${FOOTPRINT_PORT_BASE:-24600}
if [ -z "${DARTER_HOME:-}" ]; then
    "$here/darter" build
    DARTER_HOME=$(readlink -f "$here/.darter/current")
fi
darter=$DARTER_HOME/bin/darter
[ -n "$(ls "$DARTER_HOME"/aot/*.aot 2>/dev/null)" ] || echo "footprint: no AOT caches; starts are slower than after an installation" >&2

scratch=$(mktemp -d)
chmod 755 "$scratch" # nginx gives its workers to another user
started=
separate=
nginx_pid=
cleanup() {
    for pid in $started $separate $nginx_pid; do
        kill -TERM "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    rm -rf "$scratch"
}
trap cleanup EXIT

now() { date +%s%N; }

# start COMMAND...: in the background; stop: and away with it
start() { "$darter" "$@" >"$scratch/out" 2>&1 </dev/null & started=$!; }
stop() { kill -TERM "$started"; wait "$started" || true; started=; }

# until_true COMMAND...: milliseconds until it succeeds
until_true() {
    local begun
    begun=$(now)
    for _ in $(seq 3000); do
        if "$@" >/dev/null 2>&1; then
            echo $((($(now) - begun) / 1000000))
            return
        fi
        kill -0 "$started" || { cat "$scratch/out" >&2; exit 1; }
        sleep 0.02
    done
    echo "footprint: not ready after a minute: $*" >&2
    exit 1
}
ready() { [ "$(tail -n 1 "$scratch/out")" = ready ]; }
rss() { awk '/^VmRSS/ {printf "%d", $2 / 1024}' "/proc/$1/status"; }
row() { printf '%-34s %10s\n' "$@"; }

up=(up --peers 1 --port-base "$base")
start "${up[@]}" --dir "$scratch/up"; first=$(until_true ready); stop
start "${up[@]}" --dir "$scratch/up"; second=$(until_true ready)

start_of() { # ROLE CONFIG URL
    start "$1" --config "$2"
    until_true curl -sf "$3"
    stop
}
stop
manager=$(start_of manager "$scratch/up/manager/manager.yaml" "http://127.0.0.1:$base/healthy")
scheduler=$(start_of scheduler "$scratch/up/scheduler/scheduler.yaml" "http://127.0.0.1:$((base + 3))/metrics")
peer=$(start_of daemon "$scratch/up/peer-1/dfget.yaml" "http://127.0.0.1:$((base + 23))/server/ping")

mkdir -p "$scratch/www" && head -c "${size}M" /dev/urandom >"$scratch/www/file"
cat >"$scratch/nginx.conf" <<CONF
pid $scratch/nginx.pid; error_log $scratch/nginx.log; daemon off;
events {}
http { access_log off; server { listen 127.0.0.1:$((base + 5)); root $scratch/www; } }
CONF
nginx -c "$scratch/nginx.conf" 2>/dev/null & nginx_pid=$!

get() { # CLUSTER_FILE
    DARTER_CLUSTER=$1 "$darter" get "http://127.0.0.1:$((base + 5))/file" -O "$scratch/got" >/dev/null
    cmp "$scratch/www/file" "$scratch/got"
    rm "$scratch/got"
}

# Both at once, so that one rest is enough.
start up --peers 1 --port-base $((base + 100)) --dir "$scratch/separate" --separate
until_true ready >/dev/null
separate=$started
start "${up[@]}" --dir "$scratch/one"
until_true ready >/dev/null
cluster=$scratch/separate/cluster.json
get "$cluster"
get "$scratch/one/cluster.json"
sleep "$idle"
rss_manager=$(rss "$(jq .manager.pid "$cluster")")
rss_scheduler=$(rss "$(jq .schedulers[0].pid "$cluster")")
rss_seed=$(rss "$(jq .seeds[0].pid "$cluster")")
rss_peer=$(rss "$(jq .peers[0].pid "$cluster")")
rss_up=$(rss "$started")

row "start to" "ms"
row "up, ready, first start" "$first"
row "up, ready, second start" "$second"
row "manager on H2, /healthy" "$manager"
row "scheduler, /metrics" "$scheduler"
row "peer, /server/ping" "$peer"
echo
row "resident, ${idle} s after ${size} MiB" "MiB"
row "manager on H2" "$rss_manager"
row "scheduler" "$rss_scheduler"
row "seed peer" "$rss_seed"
row "peer" "$rss_peer"
row "up --peers 1, one process" "$rss_up"
