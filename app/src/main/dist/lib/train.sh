#!/bin/sh
# Trains one AOT cache per role by using the product once: a cluster of separate processes, a download, a tour. Run once after an
# installation; without the caches everything works, only starts are two to three times slower.
set -eu
home=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd)
scratch=$(mktemp -d)
up=
# Whatever fails, no cluster is left running.
trap '[ -z "$up" ] || kill -TERM $up 2>/dev/null || true; [ -z "$up" ] || wait $up 2>/dev/null || true; rm -rf "$scratch"' EXIT
mkdir -p "$scratch/aot" "$home/aot"
export DARTER_TRAIN="$scratch/aot"

head -c 3000000 /dev/urandom >"$scratch/file"
"$home/bin/darter" demo --no-wait --peers 2 --size 8MiB </dev/null

"$home/bin/darter" up --separate --peers 1 --dir "$scratch/up" --port-base "${DARTER_TRAIN_PORT:-28600}" >"$scratch/up.log" 2>&1 </dev/null &
up=$!
for _ in $(seq 120); do
    if [ "$(tail -n 1 "$scratch/up.log")" = ready ]; then break; fi
    kill -0 $up || { cat "$scratch/up.log"; exit 1; }
    sleep 0.5
done
socket=$(sed -n 's/.*"peers":\[{[^]]*"socket":"\([^"]*\)".*/\1/p' "$scratch/up/cluster.json")
# Any small thing over HTTP will do as a file: the manager's health answer.
rest=$(sed -n 's/.*"rest":"\([^"]*\)".*/\1/p' "$scratch/up/cluster.json")
. "$home/lib/launch.sh"
(launch "$home" tool dev.darter.app.cli.Rehearsal "$rest/healthy" -O "$scratch/out" --daemon-sock "$socket")
"$home/bin/darter" help
kill -TERM $up
wait $up || true
up=

# Of several runs of one role the largest cache saw the most classes.
for role in tool cli peer scheduler manager up; do
    best=$(ls -1S "$scratch/aot/$role"-*.aot 2>/dev/null | head -n 1)
    [ -z "$best" ] || mv "$best" "$home/aot/$role.aot"
done
ls -l "$home/aot"
