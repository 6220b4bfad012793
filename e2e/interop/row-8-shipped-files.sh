# upstream's shipped configuration files, program names changed only: folders in $DRAGONFLY_CONFIGS, each with manager, scheduler, seed-peer, dfget
. "$here/tour.sh"

# A folder holds files called manager*.yaml, scheduler*.yaml, seed-peer*.yaml, dfget*.yaml; __IP__ in them stands for the host's address, as in
# upstream's compose script: everything runs on one host then. With a file called hosts in it (hosts(5), __IP__ again), the files are those of
# a rendered chart: seed peer and peer are hosts of their own, and find the others by these names.

# in_container NAME HOST FILE COMMAND…: a host name and upstream's default directories of its own, and FILE in /etc/dragonfly
in_container() {
    local name=$1 h=$2 file=$3 dir=$work/$2/$1
    shift 3
    mkdir -p "$dir"/{etc,lib,log,cache,local,run} /etc/dragonfly /var/lib/dragonfly /var/log/dragonfly /var/cache/dragonfly /usr/local/dragonfly
    cp "$file" "$dir/etc/"
    { cat "$work/hosts"; echo "$(address "$h") $name"; } >"$dir/hosts"
    start "$name" "$h" unshare -m -u bash -c '
        dir=$1; hostname "$2"; shift 2
        mount --bind "$dir/etc" /etc/dragonfly && mount --bind "$dir/lib" /var/lib/dragonfly && mount --bind "$dir/log" /var/log/dragonfly &&
            mount --bind "$dir/cache" /var/cache/dragonfly && mount --bind "$dir/local" /usr/local/dragonfly && mount --bind "$dir/run" /var/run &&
            mount --bind "$dir/hosts" /etc/hosts || exit 1
        exec "$@"' - "$dir" "$name" "$@"
}

# placed FOLDER ROLE NAME: the role's file with addresses filled in, under the name it has in the image; its path
placed() {
    mkdir -p "$work/files/$2"
    sed "s,__IP__,$(address ctl),g" "$(ls "$1/$2"*.yaml | head -n 1)" >"$work/files/$2/$3"
    echo "$work/files/$2/$3"
}

shipped() { # FOLDER
    local folder=$1 seed=ctl peer=ctl h
    if [ -e "$folder/hosts" ]; then
        seed=seed
        peer=p1
    fi
    for h in $(printf '%s\n' ctl $seed $peer | sort -u); do
        host "$h"
        ip -n "$prefix-$h" route add default dev v0
    done
    origin
    cat /etc/hosts "$folder/hosts" 2>/dev/null | sed "s,__IP__,$(address ctl),g" >"$work/hosts"
    must "database and Redis start" database ctl || return
    in_container manager ctl "$(placed "$folder" manager manager.yaml)" "$ours/bin/manager"
    must "manager starts" await 60 listens ctl 65003 || return
    in_container scheduler ctl "$(placed "$folder" scheduler scheduler.yaml)" "$ours/bin/scheduler"
    must "scheduler starts" await 60 listens ctl 8002 || return
    must "scheduler registers" await 30 registered scheduler 1 || return
    in_container seed-peer $seed "$(placed "$folder" seed-peer dfget.yaml)" "$ours/bin/dfget" daemon
    must "seed peer starts and registers" await 60 registered seed_peer 1 || return
    in_container dfdaemon $peer "$(placed "$folder" dfget dfget.yaml)" "$ours/bin/dfget" daemon
    must "peer starts" await 60 test -S "$work/$peer/dfdaemon/run/dfdaemon.sock" || return
    file shipped 20971520
    check "a download by the tool with no flag but -O" await 90 by_default $peer shipped
    note "the origin sent $(origin_bytes shipped) of 20971520 bytes; unknown keys: $(cat "$work"/*/*/log/*/core.log | grep -c 'nobody knows this key')"
}
by_default() { # HOST NAME: the tool in the daemon's own container, as an operator would call it
    rm -f "$work/$1/dfdaemon/lib/$2.out"
    nsenter -t "$(pid_of dfdaemon)" -m -n "$ours/bin/dfget" "$(url "$2")" -O "/var/lib/dragonfly/$2.out" && same "$work/$1/dfdaemon/lib/$2.out" "$(original "$2")"
}

if [ -z "${DRAGONFLY_CONFIGS:-}" ]; then
    say "             left out: DRAGONFLY_CONFIGS: not set (expected: folders with upstream's files)"
    echo "failed $row no folder given" >>"$results"
else
    for folder in $DRAGONFLY_CONFIGS; do
        say "             files of $folder"
        shipped "$folder"
        fresh
    done
    rmdir --ignore-fail-on-non-empty /etc/dragonfly /var/lib/dragonfly /var/log/dragonfly /var/cache/dragonfly /usr/local/dragonfly
fi
