# grpc_health_probe, grpcurl with reflection, a scrape of all four, ours beside theirs (the two tools from PATH)
. "$here/tour.sh"

one_of_each() { # SIDE
    host ctl
    host seed
    host p1
    origin
    must "database and Redis start" database ctl && must "$1: manager, scheduler, seed peer, peer" all_start "$1" || return 1
    knows_seed
    file scraped 20971520
    check "$1: a download, so that there is something to count" fetched "$1" p1 scraped
}
all_start() { run_manager "$1" ctl && run_scheduler "$1" ctl && run_daemon "$1" seed seed && run_daemon "$1" p1 peer && await 30 registered_both; }

# name type labels, one line a family: what a scrape shows
families() { # HOST PORT
    on "$1" curl -sf "http://$(address "$1"):$2/metrics" | awk '
        /^# TYPE / { type[$3] = $4; next }
        /^#/ { next }
        {
            name = $1; sub(/\{.*/, "", name)
            base = name; if (!(base in type)) { sub(/_(sum|count|bucket)$/, "", base) }
            labels = ""
            if (match($0, /\{.*\}/)) {
                text = substr($0, RSTART + 1, RLENGTH - 2)
                while (match(text, /[a-zA-Z_][a-zA-Z0-9_]*="([^"\\]|\\.)*"/)) {
                    pair = substr(text, RSTART, RLENGTH); text = substr(text, RSTART + RLENGTH)
                    sub(/=.*/, "", pair); labels = labels (labels == "" ? "" : ",") pair
                }
            }
            if (length(labels) >= length(seen[base])) seen[base] = labels
        }
        END { for (family in seen) print family, type[family], (seen[family] == "" ? "-" : seen[family]) }' | sort
}
scrapes() { # SIDE
    families ctl 8000 >"$shown/$1-manager"
    families ctl 8001 >"$shown/$1-scheduler"
    families seed 8000 >"$shown/$1-seed"
    families p1 8000 >"$shown/$1-peer"
}
covers() { # PROCESS: every family of theirs is one of ours, of the same type and labels; failures with labels show once there was one
    local missing
    missing=$(comm -23 "$shown/theirs-$1" "$shown/ours-$1" | grep -v '_failure_total .*,')
    [ -s "$shown/theirs-$1" ] && [ -z "$missing" ] || { echo "not shown by ours:"; echo "$missing"; return 1; }
}

serving() { on "$1" grpc_health_probe -addr="$(address "$1"):$2"; }
lists() { # HOST PORT SERVICE
    on "$1" grpcurl -plaintext "$(address "$1"):$2" list | grep -qx "$3"
}
describes() { on "$1" grpcurl -plaintext "$(address "$1"):$2" describe "$3"; }

shown=$(mktemp -d "$work/kept-XXXX")
if one_of_each theirs; then
    scrapes theirs
    services() { for at in "ctl 65003" "ctl 8002" "seed 65000" "p1 65000"; do on ${at% *} grpcurl -plaintext "$(address ${at% *}):${at#* }" list | sed "s/^/$at /"; done; }
    services >"$shown/theirs-services"
    fresh
    if one_of_each ours; then
        for at in "ctl 65003 manager" "ctl 8002 scheduler" "seed 65000 seed peer" "p1 65000 peer"; do
            read -r h port what <<<"$at"
            check "grpc_health_probe: $what is healthy" serving "$h" "$port"
        done
        check "grpc_health_probe by the unix socket" on p1 grpc_health_probe -addr="unix://$work/p1/daemon/dfdaemon.sock"
        check "grpcurl list: manager" lists ctl 65003 manager.v2.Manager
        check "grpcurl list: scheduler" lists ctl 8002 scheduler.Scheduler
        check "grpcurl list: seed peer" lists seed 65000 cdnsystem.Seeder
        check "grpcurl describe: scheduler.PeerPacket" describes ctl 8002 scheduler.PeerPacket
        services >"$shown/ours-services"
        note "services of theirs that ours does not list: $(comm -23 <(sort "$shown/theirs-services") <(sort "$shown/ours-services") | tr '\n' ';')"
        scrapes ours
        for what in manager scheduler seed peer; do
            check "a scrape of the $what: $(wc -l <"$shown/theirs-$what") families as theirs" covers $what
        done
    fi
fi
