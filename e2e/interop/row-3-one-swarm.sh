# one swarm of 8 peers, half theirs, half ours, 256 MiB at once, every link 100 Mbit/s (or MBIT)
. "$here/tour.sh"
size=268435456
mbit=${MBIT:-100}
# As upstream ships it: it sends a peer to the source after five of these without a parent, and on slow links the first piece takes its time.
retry_interval=200ms

# swarm CONTROL SIDE…: one side per peer; prints who was done when, and what left origin and seed
swarm() {
    local control=$1 n=0 side h hosts=() sides=() begin jobs=()
    shift
    host ctl
    host seed $mbit
    origin $mbit
    must "database and Redis start" database ctl && must "$control manager, scheduler, seed peer start" control_starts "$control" || return
    for side in "$@"; do
        n=$((n + 1))
        hosts+=(p$n)
        sides+=("$side")
        host p$n $mbit
    done
    for ((n = 0; n < ${#hosts[@]}; n++)); do
        must "${sides[n]}: ${hosts[n]} starts" run_daemon "${sides[n]}" "${hosts[n]}" peer || return
    done
    knows_seed
    # One small task first: JVMs compile, connections open.
    file warm 4194304
    for ((n = 0; n < ${#hosts[@]}; n++)); do fetched "${sides[n]}" "${hosts[n]}" warm >/dev/null 2>&1; done
    file big $size
    local seed_before cpu_before
    seed_before=$(sent_by seed)
    cpu_before=$(cpu_ticks)
    begin=$(date +%s%N)
    for ((n = 0; n < ${#hosts[@]}; n++)); do
        timed "${sides[n]}" "${hosts[n]}" "$begin" &
        jobs+=($!)
    done
    for n in "${jobs[@]}"; do wait "$n"; done
    note "the machine's processors were $(busy_since $cpu_before); CPU-s since their start: seed $(cpu_of daemon-seed), scheduler $(cpu_of scheduler-ctl), $(for h in "${hosts[@]}"; do printf '%s %s, ' "$h" "$(cpu_of "daemon-$h")"; done)"
    for ((n = 0; n < ${#hosts[@]}; n++)); do
        check "${sides[n]}: ${hosts[n]} has 256 MiB, as they are at the origin" same "$work/${hosts[n]}/big.out" "$(original big)"
    done
    note "control plane $control; seconds: $(for ((n = 0; n < ${#hosts[@]}; n++)); do printf '%s:%s ' "${sides[n]}" "$(cat "$work/${hosts[n]}/seconds")"; done)"
    note "MiB sent: origin $(($(origin_bytes big) >> 20)) (1 F = $((size >> 20))), seed $((($(sent_by seed) - seed_before) >> 20)), $(for h in "${hosts[@]}"; do printf '%s %s, ' "$h" "$(($(sent_by "$h") >> 20))"; done)"
    note "MiB received: $(for h in "${hosts[@]}"; do printf '%s %s, ' "$h" "$(($(received_by "$h") >> 20))"; done)"
    note "origin: $(awk '$1 ~ /\/big$/ { n[$5]++; sum[$5] += $3 } END { for (h in n) printf "%s %d MiB in %d requests; ", h, sum[h] / 1048576, n[h] }' "$work/origin/access.log")"
    figures "$@"
}

# Ticks of all processors: busy, stolen by the machine's host, all. Where none is idle, it is they that are measured, not the swarm.
cpu_ticks() { awk '/^cpu / { print $2 + $3 + $4 + $7 + $8, $9, $2 + $3 + $4 + $5 + $6 + $7 + $8 + $9 }' /proc/stat; }
busy_since() { # BUSY STOLEN ALL -> shares in percent
    cpu_ticks | awk -v busy="$1" -v stolen="$2" -v all="$3" '{ printf "busy for %d %% of the time, stolen for %d %%\n", 100 * ($1 - busy) / ($3 - all), 100 * ($2 - stolen) / ($3 - all) }'
}
cpu_of() { awk '{ printf "%d\n", ($14 + $15) / 100 }' "/proc/$(pid_of "$1")/stat"; }

control_starts() { run_manager "$1" ctl && run_scheduler "$1" ctl && run_daemon "$1" seed seed && await 30 registered_both; }

timed() { # SIDE HOST BEGIN
    get "$1" "$2" "$(url big)" "$work/$2/big.out" >"$work/$2/get.log" 2>&1
    awk -v b="$3" -v e="$(date +%s%N)" 'BEGIN { printf "%.1f\n", (e - b) / 1e9 }' >"$work/$2/seconds"
}

# Slowest of theirs and of ours, over the time that one link needs: of 1514 bytes on the wire 1448 are content
figures() {
    local n=0 side
    for side in "$@"; do
        n=$((n + 1))
        echo "$side $(cat "$work/p$n/seconds")"
    done | awk -v limit="$(awk -v s=$size -v m=$mbit 'BEGIN { print s * 8 / (m * 0.956e6) }')" '
        $2 > last[$1] { last[$1] = $2 }
        END { for (side in last) printf "             last of %s: %.1f s = %.2f times the limit of %.1f s\n", side, last[side], last[side] / limit, limit }'
}

# Bytes flow both ways: a peer of each kind sent more than requests and acknowledgements would make
some_gives() { local h; for h in "$@"; do gives "$h" && return; done; return 1; }
gives() { [ $(($(sent_by "$1") >> 20)) -gt 24 ]; }

# CONTROL:PEERS each, mixed ones first, then each side alone beside them
for which in ${SWARMS:-theirs:mixed ours:mixed theirs:theirs ours:ours}; do
    control=${which%:*}
    side=${which#*:}
    if [ "$side" = mixed ]; then
        swarm $control theirs ours theirs ours theirs ours theirs ours
        check "a peer of theirs gave to others" some_gives p1 p3 p5 p7
        check "a peer of ours gave to others" some_gives p2 p4 p6 p8
    else
        say "             for comparison: $side alone"
        swarm $control $side $side $side $side $side $side $side $side
    fi
    fresh
done
