#!/usr/bin/env bash
# How long a download of a small file takes as a process of its own: from this host, from a peer, cold through the seed.
# Prints p50 and p90 in milliseconds. Wants a machine that does nothing else.
#
#   bench/small-files.sh [RUNS [BYTES [DFGET]]]      default: 30 runs, 10240 bytes
#
# DFGET is another dfget, such as upstream's; it is asked the same of the same daemons.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
runs=${1:-30}
bytes=${2:-10240}
other=${3:-}
base=${SMALL_FILES_PORT_BASE:-24800}
"$here/darter" build
home=$(readlink -f "$here/.darter/current")
[ -e "$home/aot/tool.aot" ] || echo "small-files: no AOT cache; starts are slower than after an installation" >&2
. "$home/lib/launch.sh"
find_java_home

scratch=$(mktemp -d)
up=
origin=
cleanup() {
    for process in $up $origin; do kill -TERM "$process" 2>/dev/null && wait "$process" || true; done
    rm -rf "$scratch"
}
trap cleanup EXIT

mkdir "$scratch/files"
for name in hit $(seq $((2 * runs + 2))); do head -c "$bytes" /dev/urandom >"$scratch/files/$name"; done
port=$((base + 70))
"$java_home/bin/jwebserver" -b 127.0.0.1 -p "$port" -d "$scratch/files" -o none >/dev/null &
origin=$!
"$home/bin/darter" up --peers 2 --port-base "$base" --dir "$scratch/up" >"$scratch/log" 2>&1 </dev/null &
up=$!
for _ in $(seq 600); do
    if [ "$(tail -n 1 "$scratch/log")" = ready ]; then break; fi
    kill -0 $up || { cat "$scratch/log" >&2; exit 1; }
    sleep 0.1
done

# get PROGRAM PEER FILE: by that program through that peer's daemon
get() { $1 "http://127.0.0.1:$port/$3" -O "$scratch/out" --daemon-sock "$scratch/up/peer-$2/dfdaemon.sock" >"$scratch/said" || { cat "$scratch/said" >&2; exit 1; }; }

# timed COMMAND...: adds the microseconds it takes to times
timed() {
    local from=${EPOCHREALTIME/./}
    "$@"
    times+=($((${EPOCHREALTIME/./} - from)))
}

# row NAME: of times; empties them
row() {
    local sorted
    mapfile -t sorted < <(printf '%s\n' "${times[@]}" | sort -n)
    local p50=${sorted[$((${#sorted[@]} / 2))]} p90=${sorted[$((${#sorted[@]} * 9 / 10))]}
    printf '%-40s %8d.%d %8d.%d\n' "$1" $((p50 / 1000)) $((p50 / 100 % 10)) $((p90 / 1000)) $((p90 / 100 % 10))
    times=()
}

# measure NAME PROGRAM FIRST: with files from FIRST on
measure() {
    get "$2" 1 hit
    for _ in $(seq "$runs"); do timed get "$2" 1 hit; done
    row "$1, local hit"
    for i in $(seq "$3" $(($3 + runs - 1))); do timed get "$2" 1 "$i"; done
    row "$1, cold through the seed"
    for i in $(seq "$3" $(($3 + runs - 1))); do timed get "$2" 2 "$i"; done
    row "$1, from peers"
}

times=()
printf '%-40s %10s %10s\n' "$bytes bytes, $runs runs, ms" p50 p90
for _ in $(seq "$runs"); do timed "$java_home/bin/java" -Xshare:auto -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -version 2>/dev/null; done
row "for comparison: java -version"
measure dfget "$home/bin/dfget" 1
get "$home/bin/darter get" 1 hit
for _ in $(seq "$runs"); do timed get "$home/bin/darter get" 1 hit; done
row "darter get, local hit"
[ -z "$other" ] || measure "$other" "$other" $((runs + 1))
