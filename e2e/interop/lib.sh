# Shared by the rows: hosts in network namespaces, programs of both kinds under the same configuration files, checks that print one line each.
# Sourced by run, never run. Every process is ended by the id it was started with, every namespace is one that this run made.
set -u

results=$work/results
rival=$DRAGONFLY_HOME
ours=$DARTER_HOME

# ---- what is printed

say() { printf '%s\n' "$*"; }

note() { # what was measured, for the table
    say "             $*"
}

# check WHAT COMMAND…: runs it, prints ok or FAILED with its time, remembers the outcome
check() {
    local what=$1 begin end
    shift
    begin=$(date +%s%N)
    if "$@" >"$work/check.out" 2>&1; then
        end=$(date +%s%N)
        printf 'ok     %-3s %-88s %6d ms\n' "$row" "$what" $(((end - begin) / 1000000))
        echo "ok $row $what" >>"$results"
    else
        printf 'FAILED %-3s %s\n' "$row" "$what"
        sed 's/^/             | /' "$work/check.out" | tail -n 12
        echo "failed $row $what" >>"$results"
    fi
}

# must WHAT COMMAND…: a check without which the rest of the row means nothing
must() {
    check "$@"
    [ "$(tail -n 1 "$results" | cut -d' ' -f1)" = ok ] || { say "             the rest of row $row is left out"; return 1; }
}

# await SECONDS COMMAND…: until it succeeds
await() {
    local end=$(($(date +%s) + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        if [ "$(date +%s)" -ge "$end" ]; then
            echo "not within the time: $*"
            return 1
        fi
        sleep 0.2
    done
}

# ---- hosts

address() { # HOST -> its address
    case $1 in
        origin) echo 10.77.0.1 ;;
        ctl) echo 10.77.0.2 ;;
        seed) echo 10.77.0.3 ;;
        s*) echo "10.77.2.${1#s}" ;;
        p*) echo "10.77.1.${1#p}" ;;
    esac
}

switch_up() {
    ip netns add "$prefix-sw"
    ip -n "$prefix-sw" link set lo up
    ip -n "$prefix-sw" link add br0 type bridge
    ip -n "$prefix-sw" link set br0 up
}

# host NAME [MBIT]: a namespace with one link to the switch, shaped both ways if a rate is given. Below 128 KiB of burst the kernel
# would split every large packet, and the shaper would be what is measured.
host() {
    local name=$1 mbit=${2:-0} ns=$prefix-$1
    ip netns add "$ns"
    ip -n "$ns" link set lo up
    ip link add v0 netns "$ns" type veth peer name "p-$name" netns "$prefix-sw"
    ip -n "$ns" addr add "$(address "$name")/16" dev v0
    ip -n "$ns" link set v0 up
    ip -n "$prefix-sw" link set "p-$name" master br0 up
    if [ "$mbit" -gt 0 ]; then
        local burst=$((mbit * 1000000 / 8 / 250))
        [ "$burst" -ge 131072 ] || burst=131072
        tc -n "$ns" qdisc add dev v0 root tbf rate "${mbit}mbit" burst "$burst" latency 50ms
        tc -n "$prefix-sw" qdisc add dev "p-$name" root tbf rate "${mbit}mbit" burst "$burst" latency 50ms
    fi
    mkdir -p "$work/$name"
}

on() { # HOST COMMAND…
    local ns=$prefix-$1
    shift
    ip netns exec "$ns" "$@"
}

sent_by() { # HOST -> bytes that left its link
    on "$1" cat /sys/class/net/v0/statistics/tx_bytes
}

# received_by HOST: bytes that came over its link.
received_by() {
    on "$1" cat /sys/class/net/v0/statistics/rx_bytes
}

# ---- processes

# start NAME HOST COMMAND…
start() {
    local name=$1 ns=$prefix-$2
    shift 2
    ip netns exec "$ns" "$@" >"$work/$name.out" 2>&1 </dev/null &
    echo $! >"$work/pid/$name"
}

pid_of() { cat "$work/pid/$1"; }
is_up() { [ -e "$work/pid/$1" ] && kill -0 "$(pid_of "$1")" 2>/dev/null; }
is_gone() { ! is_up "$1"; }

# stop NAME [SIGNAL]: sends it and waits; kills what does not end within 60 s, and says so by its result
stop() {
    local name=$1 signal=${2:-TERM}
    is_up "$name" || return 0
    kill -"$signal" "$(pid_of "$name")"
    await 60 is_gone "$name" || {
        kill -KILL "$(pid_of "$name")"
        return 1
    }
    wait "$(pid_of "$name")" 2>/dev/null
    rm -f "$work/pid/$name"
}

stop_all() {
    local file
    for file in "$work"/pid/*; do
        [ -e "$file" ] && kill -TERM "$(cat "$file")" 2>/dev/null
    done
    for file in "$work"/pid/*; do
        [ -e "$file" ] || continue
        await 10 is_gone "$(basename "$file")" >/dev/null || kill -KILL "$(cat "$file")" 2>/dev/null
        wait "$(cat "$file")" 2>/dev/null
        rm -f "$file"
    done
}

listens() { # HOST PORT
    on "$1" bash -c ": </dev/tcp/$(address "$1")/$2"
}

# A clean floor for a row: nothing of the last one runs, no namespace, no file of it is left (unless KEEP=1).
fresh() {
    stop_all
    local ns
    for ns in $(ip netns list 2>/dev/null | awk '{print $1}' | grep "^$prefix-"); do ip netns del "$ns"; done
    if [ "${KEEP:-}" = 1 ] && [ -d "$work/origin" ]; then
        local kept
        kept=$(mktemp -d "$work/kept-XXXX")
        find "$work" -mindepth 1 -maxdepth 1 ! -name 'kept-*' ! -name results ! -name pid -exec mv {} "$kept/" \;
    else
        find "$work" -mindepth 1 -maxdepth 1 ! -name 'kept-*' ! -name results ! -name pid -exec rm -rf {} +
    fi
    mkdir -p "$work/pid"
    switch_up
}

# ---- the world around: origin, database, Redis

# /f/… plain files, /chunked/… the same without a length, both counted in the access log
origin() { # [MBIT]
    host origin "${1:-0}"
    local dir=$work/origin
    mkdir -p "$dir/www" "$dir/tmp"
    cat >"$dir/nginx.conf" <<CONF
worker_processes 1;
daemon off;
pid $dir/nginx.pid;
error_log $dir/error.log;
events { worker_connections 512; }
http {
    sendfile on;
    log_format counted '\$uri \$status \$body_bytes_sent \$http_range \$remote_addr';
    access_log $dir/access.log counted;
    client_body_temp_path $dir/tmp; proxy_temp_path $dir/tmp; fastcgi_temp_path $dir/tmp; uwsgi_temp_path $dir/tmp; scgi_temp_path $dir/tmp;
    server {
        listen 80;
        location /f/ { alias $dir/www/; }
        location /chunked/ { alias $dir/www/; ssi on; ssi_types *; }
    }
}
CONF
    start origin origin nginx -c "$dir/nginx.conf" -p "$dir"
    await 10 listens origin 80
}

# file NAME BYTES: random content at the origin; its URL is url NAME
file() { head -c "$2" /dev/urandom >"$work/origin/www/$1"; }
url() { echo "http://$(address origin)/f/$1"; }
original() { echo "$work/origin/www/$1"; }
origin_bytes() { # NAME -> body bytes that left the origin, aborted answers included
    awk -v f="/$1" 'substr($1, length($1) - length(f) + 1) == f { sum += $3 } END { print sum + 0 }' "$work/origin/access.log"
}
origin_requests() {
    awk -v f="/$1" 'substr($1, length($1) - length(f) + 1) == f { n++ } END { print n + 0 }' "$work/origin/access.log"
}
# The origin writes a request to its log when it is over: one that another still reads would be counted against the command.
origin_rests() {
    local before
    before=$(sent_by origin)
    sleep 0.3
    [ $(($(sent_by origin) - before)) -lt 20000 ]
}
origin_silent() { # NAME COMMAND…: succeeds if the command does, without a byte of the file from the origin
    local name=$1 before after
    shift
    await 60 origin_rests || return 1
    before=$(origin_bytes "$name")
    "$@" || return 1
    after=$(origin_bytes "$name")
    [ "$before" = "$after" ] || { echo "the origin sent $((after - before)) bytes of $name (expected: none)"; return 1; }
}

mariadb_root() { mariadb --no-defaults -uroot -S "$work/$1/my/my.sock" "${@:2}"; }

database() { # HOST: MariaDB and Redis
    local h=$1 dir=$work/$1
    mkdir -p "$dir/my" "$dir/redis"
    chown mysql "$dir/my"
    mariadb-install-db --no-defaults --user=mysql --datadir="$dir/my" --tmpdir="$dir/my" --auth-root-authentication-method=normal --skip-test-db >"$dir/install.out" 2>&1
    start "mariadb-$h" "$h" mariadbd --no-defaults --user=mysql --datadir="$dir/my" --tmpdir="$dir/my" --bind-address=0.0.0.0 --port=3306 \
        --socket="$dir/my/my.sock" --pid-file="$dir/my/pid" --skip-log-bin --innodb-flush-log-at-trx-commit=0
    start "redis-$h" "$h" redis-server --bind 0.0.0.0 --port 6379 --save '' --appendonly no --dir "$dir/redis" --requirepass dragonfly
    await 30 listens "$h" 3306 && await 10 listens "$h" 6379
    mariadb_root "$h" -e "create database manager; create user dragonfly@'%' identified by 'dragonfly'; grant all on *.* to dragonfly@'%'"
}

# ---- configuration: one file per role, read by the programs of both sides

manager_yaml() { # HOST
    local dir=$work/$1/manager
    mkdir -p "$dir"
    cat >"$dir/manager.yaml" <<CONF
server:
  grpc: {advertiseIP: $(address "$1"), listenIP: 0.0.0.0, port: {start: 65003, end: 65003}}
  rest: {addr: ':8080'}
  workHome: $dir/home
  logDir: $dir/log
  cacheDir: $dir/cache
  pluginDir: $dir/plugins
auth: {jwt: {realm: Dragonfly, key: ZHJhZ29uZmx5Cg==, timeout: 48h, maxRefresh: 48h}}
database:
  type: mysql
  mysql: {user: dragonfly, password: dragonfly, host: $(address ctl), port: 3306, dbname: manager, migrate: true}
  redis: {addrs: ['$(address ctl):6379'], password: dragonfly, db: 0, brokerDB: 1, backendDB: 2}
cache: {redis: {ttl: 2s}, local: {size: 10000, ttl: 1s}}
metrics: {enable: true, addr: ':8000'}
CONF
}

scheduler_yaml() { # HOST
    local dir=$work/$1/scheduler
    mkdir -p "$dir"
    cat >"$dir/scheduler.yaml" <<CONF
server:
  advertiseIP: $(address "$1")
  listenIP: 0.0.0.0
  port: 8002
  host: $1
  workHome: $dir/home
  logDir: $dir/log
  cacheDir: $dir/cache
  pluginDir: $dir/plugins
  dataDir: $dir/data
scheduler:
  algorithm: default
  backToSourceCount: 3
  retryBackToSourceLimit: 5
  retryLimit: 10
  retryInterval: ${retry_interval:-50ms}
database:
  redis: {addrs: ['$(address ctl):6379'], password: dragonfly, brokerDB: 1, backendDB: 2}
dynConfig: {refreshInterval: 10s}
manager: {addr: '$(address ctl):65003', schedulerClusterID: 1, keepAlive: {interval: 5s}}
seedPeer: {enable: true}
job: {enable: true}
metrics: {enable: true, addr: ':8001'}
CONF
}

# daemon_yaml HOST seed|peer|static [KEEP]: static names the schedulers in $schedulers instead of a manager
daemon_yaml() {
    local dir=$work/$1/daemon role=$2 keep=${3:-false} scheduler=""
    mkdir -p "$dir"
    case $role in
        seed) scheduler="manager: {enable: true, netAddrs: [{type: tcp, addr: '$(address ctl):65003'}], refreshInterval: 10s, seedPeer: {enable: true, type: super, clusterID: 1, keepAlive: {interval: 5s}}}" ;;
        peer) scheduler="manager: {enable: true, netAddrs: [{type: tcp, addr: '$(address ctl):65003'}], refreshInterval: 10s}" ;;
        static) scheduler="netAddrs: [$(for s in ${schedulers:-ctl}; do printf "{type: tcp, addr: '%s:8002'}, " "$(address "$s")"; done)]" ;;
    esac
    cat >"$dir/dfget.yaml" <<CONF
aliveTime: 0s
gcInterval: 1m
keepStorage: $keep
workHome: $dir/home
logDir: $dir/log
cacheDir: $dir/cache
pluginDir: $dir/plugins
dataDir: $dir/data
metrics: ':8000'
host: {advertiseIP: $(address "$1"), hostname: $1}
scheduler:
  $scheduler
  scheduleTimeout: 30s
  disableAutoBackSource: ${no_back_source:-false}
download:
  totalRateLimit: 2048Mi
  perPeerRateLimit: 2048Mi
  pieceDownloadTimeout: 30s
  concurrent: {thresholdSize: 10M, thresholdSpeed: 2M, goroutineCount: 4}
  downloadGRPC: {security: {insecure: true}, unixListen: {socket: $dir/dfdaemon.sock}}
  peerGRPC: {security: {insecure: true}, tcpListen: {listen: 0.0.0.0, port: 65000}}
upload: {rateLimit: 2048Mi, security: {insecure: true}, tcpListen: {listen: 0.0.0.0, port: 65002}}
storage: {taskExpireTime: 6h, strategy: io.d7y.storage.v2.simple, multiplex: true}
health: {tcpListen: {listen: 0.0.0.0, port: 40901}}
CONF
}

# ---- the programs; SIDE is theirs or ours

run_manager() { # SIDE HOST
    [ -e "$work/$2/manager/manager.yaml" ] || manager_yaml "$2"
    case $1 in
        theirs) start "manager-$2" "$2" "$rival/manager" --config "$work/$2/manager/manager.yaml" ;;
        ours) start "manager-$2" "$2" "$ours/bin/manager" --config "$work/$2/manager/manager.yaml" ;;
    esac
    await 60 listens "$2" 65003 && await 20 listens "$2" 8080
}

run_scheduler() { # SIDE HOST
    [ -e "$work/$2/scheduler/scheduler.yaml" ] || scheduler_yaml "$2"
    case $1 in
        theirs) start "scheduler-$2" "$2" "$rival/scheduler" --config "$work/$2/scheduler/scheduler.yaml" ;;
        ours) start "scheduler-$2" "$2" "$ours/bin/scheduler" --config "$work/$2/scheduler/scheduler.yaml" ;;
    esac
    await 30 listens "$2" 8002
}

run_daemon() { # SIDE HOST seed|peer|static [KEEP]
    daemon_yaml "$2" "$3" "${4:-false}"
    case $1 in
        theirs) start "daemon-$2" "$2" "$rival/dfget" daemon --config "$work/$2/daemon/dfget.yaml" ;;
        ours) start "daemon-$2" "$2" "$ours/bin/dfget" daemon --config "$work/$2/daemon/dfget.yaml" ;;
    esac
    await 30 listens "$2" 65000 && await 10 test -S "$work/$2/daemon/dfdaemon.sock"
}

# get SIDE HOST URL OUTPUT FLAG…: by that side's dfget
get() {
    local side=$1 h=$2 source=$3 output=$4 dir=$work/$2/daemon tool=$rival/dfget
    shift 4
    [ "$side" = theirs ] || tool=$ours/bin/dfget
    rm -f "$output"
    on "$h" timeout 300 "$tool" --daemon-sock "$dir/dfdaemon.sock" --workhome "$dir/home" --logdir "$dir/log" --datadir "$dir/data" \
        --cachedir "$dir/cache" --config "$dir/dfget.yaml" -O "$output" "$@" "$source"
}

# same FILE ORIGINAL: equal bytes
same() {
    cmp "$1" "$2" || { ls -l "$1" "$2"; return 1; }
}

# fetched SIDE HOST NAME FLAG…: the whole file arrives as it is at the origin
fetched() {
    local side=$1 h=$2 name=$3
    shift 3
    get "$side" "$h" "$(url "$name")" "$work/$h/$name.out" "$@" && same "$work/$h/$name.out" "$(original "$name")"
}

fetched_range() { # SIDE HOST NAME FIRST LAST
    get "$1" "$2" "$(url "$3")" "$work/$2/$3.range" --range "$4-$5" || return 1
    local last=$5
    [ -n "$last" ] || last=$(($(stat -c %s "$(original "$3")") - 1))
    tail -c +$(($4 + 1)) "$(original "$3")" | head -c $((last - $4 + 1)) | cmp - "$work/$2/$3.range"
}

# What the manager says, as JSON
rest() { # HOST PATH
    on "$1" curl -sf "http://$(address "$1"):8080$2"
}

# The JDK that runs our own programs
java_program() {
    . "$ours/lib/launch.sh"
    find_java_home
    echo "$java_home/bin/java"
}
