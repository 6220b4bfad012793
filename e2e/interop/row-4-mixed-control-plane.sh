# their scheduler with our manager; our scheduler with their manager
. "$here/tour.sh"

mixed() { # MANAGER SCHEDULER
    local manager=$1 scheduler=$2 h
    host ctl
    host seed
    origin
    must "database and Redis start" database ctl &&
        must "$manager manager starts" run_manager "$manager" ctl &&
        must "$scheduler scheduler starts with it" run_scheduler "$scheduler" ctl || return
    must "the manager shows the scheduler active" await 30 registered scheduler 1 || return
    check "its row says host name, address, port" registered_as "ctl $(address ctl) 8002"
    # One seed peer of each kind: both kinds of manager tell both kinds of scheduler of both.
    check "a seed peer of $scheduler side registers with the manager" run_daemon "$scheduler" seed seed
    check "the manager shows it active" await 30 registered seed_peer 1
    for h in p1 p2; do host $h; done
    check "theirs: p1 finds the scheduler through the manager" run_daemon theirs p1 peer
    check "ours: p2 finds the scheduler through the manager" run_daemon ours p2 peer
    knows_seed
    # Upstream's scheduler sends a peer to the source when its seed peer does not begin within a quarter of a second, as a first one may not.
    file warm 1048576
    check "a first file, so that the seed peer is warm" fetched theirs p1 warm
    await 30 seed_has warm 1048576
    file mixed 20971520
    check "20 MiB on p1 (theirs), by the seed peer" fetched theirs p1 mixed
    check "the same on p2 (ours), without the origin" origin_silent mixed fetched ours p2 mixed
    note "the origin sent $(origin_bytes mixed) of 20971520 bytes"

    # What the scheduler takes from the manager at run time
    sql "update scheduler_cluster set client_config = '{\"load_limit\":7,\"concurrent_piece_count\":4}' where id = 1"
    scheduler_knows_limit && say "             the scheduler's copy says so before the change"
    check "dynconfig: the changed cluster configuration reaches the scheduler's disk copy" await 40 scheduler_knows_limit

    check "the manager is killed (-9): the scheduler goes on" stop manager-ctl KILL
    # Upstream's manager leaves its rows active when it is killed; only a new keepalive stream makes these active again.
    sql "update scheduler set state = 'inactive'; update seed_peer set state = 'inactive'"
    file alone 5242880
    check "a download without a manager" fetched theirs p1 alone
    check "a new manager starts" run_manager "$manager" ctl
    check "scheduler and seed peer come back by themselves" await 60 registered_both
    check "scheduler is killed (-9): inactive" stop scheduler-ctl KILL
    check "the manager shows it" await 60 sql_says 0 "select count(*) from scheduler where state = 'active'"
}
registered_as() { [ "$(sql "select concat(host_name, ' ', ip, ' ', port) from scheduler")" = "$1" ]; }
scheduler_knows_limit() { grep -raqE 'load_limit[^0-9]{1,4}7[^0-9]' "$work/ctl/scheduler/cache"; }
seed_has() { grep -q "/$1 .* $2 .*$(address seed)" "$work/origin/access.log"; }
sql_says() { [ "$(sql "$2")" = "$1" ]; }

mixed ours theirs
fresh
mixed theirs ours
