# two of our schedulers and one of theirs behind one cluster: both kinds of peer ask the same one for the same task
. "$here/tour.sh"

# Three schedulers, one database. A peer that asks a scheduler leaves a line in its log or a count in its metrics; the peers' own choice is
# compared task by task, from what the schedulers answer to StatTask, by the registrations they counted.
one_ring() {
    local s n
    host ctl
    origin
    for s in s1 s2 s3; do host $s; done
    for h in p1 p2; do host $h; done
    must "database and Redis start" database ctl && must "our manager starts" run_manager ours ctl || return
    must "ours: scheduler s1" run_scheduler ours s1 && must "ours: scheduler s2" run_scheduler ours s2 && must "theirs: scheduler s3" run_scheduler theirs s3 || return
    must "three schedulers are active" await 30 registered scheduler 3 || return
    must "theirs: p1" run_daemon theirs p1 peer && must "ours: p2" run_daemon ours p2 peer || return
    knows_seed
    n=${TASKS:-1000}
    for i in $(seq "$n"); do head -c 40 /dev/urandom >"$work/origin/www/t$i"; done
    check "$n tasks on p1 (theirs)" many p1 "$n"
    tasks_of p1-first
    check "the same $n tasks on p2 (ours)" many p2 "$n"
    tasks_of p2-second
    note "registrations at s1, s2, s3 by p1: $(cat "$work/p1-first"); after p2: $(cat "$work/p2-second")"
    check "each scheduler was asked by p2 exactly as often as by p1" doubled
    check "no task went to the origin twice: p2 found it where p1 had registered it" once_each "$n"
}

registrations() { metric "$1" 8001 dragonfly_scheduler_register_peer_total; }
tasks_of() { echo "$(registrations s1) $(registrations s2) $(registrations s3)" >"$work/$1"; }
doubled() {
    [ "$(awk '{ print ($1 > 0) + ($2 > 0) + ($3 > 0) }' "$work/p1-first")" = 3 ] || { echo "p1 did not ask all three: $(cat "$work/p1-first")"; return 1; }
    awk 'NR == FNR { for (i = 1; i <= 3; i++) first[i] = $i; next } { for (i = 1; i <= 3; i++) if ($i != 2 * first[i]) exit 1 }' "$work/p1-first" "$work/p2-second"
}
once_each() {
    local asked
    asked=$(awk '$1 ~ /\/t[0-9]+$/ && $3 > 1' "$work/origin/access.log" | wc -l)
    echo "$asked whole answers for $1 tasks"
    [ "$asked" -le $(($1 + $1 / 100)) ]
}

# many HOST N: the files t1 to tN by the daemon of HOST, a few at a time, each compared
many() {
    local h=$1 n=$2 i
    mkdir -p "$work/$h/many"
    on "$h" "$(java_program)" -cp "$ours/lib/*" "$here/Downloads.java" "$work/$h/daemon/dfdaemon.sock" "$(url t)" "$n" "$work/$h/many" || return 1
    for i in $(seq "$n"); do cmp "$(original "t$i")" "$work/$h/many/many$i" || return 1; done
}

one_ring
