# The tour of rows 1 and 2: one side's manager, scheduler and seed peer, the other side's four peers. Sourced by run.

sql() { mariadb_root ctl -N manager -e "$1"; }
registered() { [ "$(sql "select count(*) from $1 where state = 'active'")" -ge "$2" ]; }
metric() { # HOST PORT NAME -> sum over its series
    on "$1" curl -sf "http://$(address "$1"):$2/metrics" | awk -v n="$3" '$1 == n || index($1, n "{") == 1 { sum += $2 } END { printf "%d\n", sum }'
}
more_than() { [ "$(metric "$1" "$2" "$3")" -gt "$4" ]; }

# The scheduler learns of a new seed peer at its next refresh, 10 s in our configuration, from a list that the manager may have cached.
knows_seed() { sleep 13; }

together() { # SIDE NAME HOST…: all at once, each whole and right; ms of the slowest into $work/slowest
    local side=$1 name=$2 h begin end failed=0 jobs=()
    shift 2
    begin=$(date +%s%N)
    for h in "$@"; do
        fetched "$side" "$h" "$name" >"$work/$h/together.out" 2>&1 &
        jobs+=($!)
    done
    for h in "${jobs[@]}"; do wait "$h" || failed=1; done
    end=$(date +%s%N)
    echo $(((end - begin) / 1000000)) >"$work/slowest"
    [ "$failed" = 0 ] || { for h in "$@"; do sed "s/^/$h: /" "$work/$h/together.out"; done; return 1; }
}

control_up() { # SIDE
    host ctl
    host seed
    origin
    must "database and Redis start" database ctl &&
        must "$1: manager starts on an empty database" run_manager "$1" ctl &&
        must "$1: scheduler starts" run_scheduler "$1" ctl &&
        must "$1: seed peer starts" run_daemon "$1" seed seed &&
        must "scheduler and seed peer are registered and active" await 30 registered_both
}
registered_both() { registered scheduler 1 && registered seed_peer 1; }

fails() { ! "$@"; }
fails_and_leaves_nothing() { # OUTPUT COMMAND…
    local output=$1
    shift
    fails "$@" && [ ! -s "$output" ]
}

tour() { # CONTROL PEERS
    local control=$1 peers=$2 h leaves
    control_up "$control" || return
    for h in p1 p2 p3 p4; do host $h; done
    for h in p1 p2 p3; do check "$peers: peer $h starts, finds the scheduler through the manager" run_daemon "$peers" $h peer; done
    check "$peers: peer p4 starts with the scheduler's address in its file" run_daemon "$peers" p4 static
    knows_seed

    file f20 20971520
    check "$peers dfget on p1, 20 MiB that nobody has" fetched "$peers" p1 f20
    note "the origin sent $(origin_bytes f20) bytes in $(origin_requests f20) requests"
    check "the same on p2, from p1 and the seed peer, the origin not asked for a byte" origin_silent f20 fetched "$peers" p2 f20
    check "the same again on p2, a local hit" origin_silent f20 fetched "$peers" p2 f20

    file tiny 100
    file small 10240
    file empty 0
    file unknown 9438418
    file unknown-small 5000
    for h in p1 p2; do
        check "tiny file (100 B) on $h" fetched "$peers" $h tiny
        check "small file (10 KiB) on $h" fetched "$peers" $h small
        check "empty file on $h" fetched "$peers" $h empty
        check "unknown length, 9 MiB, on $h" chunked "$peers" $h unknown
        check "unknown length, 5000 B, on $h" chunked "$peers" $h unknown-small
    done

    file range 6291456
    check "--range 1000-200000 on p1" fetched_range "$peers" p1 range 1000 200000
    check "the same range on p2 without the origin" origin_silent range fetched_range "$peers" p2 range 1000 200000
    check "--range 6000000- on p1" fetched_range "$peers" p1 range 6000000 ""
    check "a range of a file that p1 holds whole, without the origin" origin_silent f20 fetched_range "$peers" p1 f20 5000000 15000000

    file digest 5242880
    check "--digest sha256, right" fetched "$peers" p1 digest --digest "sha256:$(sha256sum "$(original digest)" | cut -d' ' -f1)"
    check "--digest sha256, wrong: fails" fails get "$peers" p1 "$(url digest)" "$work/p1/wrong" --digest "sha256:$(printf '%064d' 0)"

    file tag 300000
    check "--tag red" fetched "$peers" p1 tag --tag red
    check "--tag blue is another task: the origin is asked again" tag_blue "$peers"
    check "--tag red on p2: the first task, without the origin" origin_silent tag fetched "$peers" p2 tag --tag red
    check "a missing file: fails" fails get "$peers" p1 "$(url nothing)" "$work/p1/nothing"

    file crowd 67108864
    check "64 MiB to four peers at once" together "$peers" crowd p1 p2 p3 p4
    note "last peer after $(cat "$work/slowest") ms; the origin sent $(origin_bytes crowd) of 67108864 bytes"

    # A restart of the scheduler: it has forgotten everything, the seed peer has not.
    check "$control: scheduler stops" stop scheduler-ctl
    check "$control: scheduler starts again" run_scheduler "$control" ctl
    knows_seed
    file after 20971520
    check "a new file after the restart of the scheduler, p1" fetched "$peers" p1 after
    check "and p2, without the origin" origin_silent after fetched "$peers" p2 after
    check "the old file on p3, which never had it, without the origin" origin_silent f20 fetched "$peers" p3 f20

    file flight 268435456
    check "a download in flight while the scheduler restarts" in_flight "$control" "$peers"
    note "it ended $(cat "$work/in-flight"); the origin sent $(origin_bytes flight) of 268435456 bytes"
    knows_seed

    check "$control: seed peer stops" stop daemon-seed
    check "$control: seed peer starts again" run_daemon "$control" seed seed
    check "it is active again" await 30 registered seed_peer 1
    knows_seed
    file reseed 20971520
    check "a new file after the restart of the seed peer, p1" fetched "$peers" p1 reseed
    check "and p2, without the origin" origin_silent reseed fetched "$peers" p2 reseed

    leaves=$(metric ctl 8001 dragonfly_scheduler_leave_host_total)
    check "$peers: p2 stops" stop daemon-p2
    check "p2 took its leave of the scheduler" more_than ctl 8001 dragonfly_scheduler_leave_host_total "$leaves"
    check "the rest goes on: p4 fetches what p1 and the seed peer have, without the origin" origin_silent reseed fetched "$peers" p4 reseed
    for h in p1 p3 p4; do check "$peers: $h stops" stop daemon-$h; done
    check "$control: seed peer stops" stop daemon-seed
    check "$control: scheduler stops" stop scheduler-ctl
    check "the manager shows both inactive" await 30 none_active
    check "$control: manager stops" stop manager-ctl
}

none_active() { [ "$(sql "select (select count(*) from scheduler where state = 'active') + (select count(*) from seed_peer where state = 'active')")" = 0 ]; }

chunked() { # SIDE HOST NAME
    get "$1" "$2" "http://$(address origin)/chunked/$3" "$work/$2/$3.out" && same "$work/$2/$3.out" "$(original "$3")"
}

tag_blue() {
    local before
    before=$(origin_bytes tag)
    fetched "$1" p1 tag --tag blue && [ "$(origin_bytes tag)" -gt "$before" ]
}

# A v2.1.28 download in flight may end as it does with upstream: whole, or with an error the tool shows; never with wrong bytes. Ours must end whole.
in_flight() { # CONTROL PEERS
    local side=$2 job
    get "$side" p1 "$(url flight)" "$work/p1/flight.out" --ratelimit 64Mi >"$work/p1/flight.log" 2>&1 &
    job=$!
    await 20 moving flight || return 1
    stop scheduler-ctl && run_scheduler "$1" ctl || return 1
    if wait $job; then
        echo whole >"$work/in-flight"
        same "$work/p1/flight.out" "$(original flight)"
    else
        echo "with an error: $(tail -n 1 "$work/p1/flight.log")" >"$work/in-flight"
        [ "$side" = theirs ] && [ ! -s "$work/p1/flight.out" ]
    fi
}
moving() { [ "$(du -sB1 "$work/p1/daemon/data" | cut -f1)" -gt 150000000 ]; }
