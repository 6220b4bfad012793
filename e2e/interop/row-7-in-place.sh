# taken over in place: data directory and database of theirs, used by ours, and given back
. "$here/tour.sh"

rows_of() { # what an operator sees of users, clusters, tokens
    sql "use manager; select id, name, email, encrypted_password, state from user order by id; select id, name, config, client_config, scopes, is_default from scheduler_cluster order by id; select id, name, config from seed_peer_cluster order by id; select * from personal_access_token order by id; select ptype, v0, v1, v2 from casbin_rule order by 1, 2, 3, 4"
}
unchanged_rows() { rows_of | diff "$work/rows" -; }
sign_in() { # NAME PASSWORD -> token
    on ctl curl -sf "http://$(address ctl):8080/api/v1/users/signin" -H 'Content-Type: application/json' -d "{\"name\":\"$1\",\"password\":\"$2\"}" | jq -er .token
}
nobody_active() { sql "update scheduler set state = 'inactive'; update seed_peer set state = 'inactive'"; }
signs_in() { local token; token=$(sign_in root dragonfly) && [ ${#token} -gt 20 ]; }
accepts_token() { # the personal access token that theirs made, on the open API
    local answer
    answer=$(on ctl curl -s --fail-with-body "http://$(address ctl):8080/oapi/v1/clusters" -H "Authorization: Bearer $(cat "$work/token")") && [ "$(jq length <<<"$answer")" -gt 0 ] || { echo "answer: $answer (expected: a list of clusters)"; return 1; }
}
makes_token() {
    local jwt
    jwt=$(sign_in root dragonfly)
    on ctl curl -sf "http://$(address ctl):8080/api/v1/personal-access-tokens" -H "Authorization: Bearer $jwt" -H 'Content-Type: application/json' \
        -d '{"name":"ci","bio":"for tests","scopes":["job","cluster"],"expired_at":"2037-01-01T00:00:00Z","user_id":1}' | jq -r .token >"$work/token"
    [ -s "$work/token" ] && [ "$(cat "$work/token")" != null ]
}
adds_cluster() { # with a seed peer cluster of its own: v2.1.28 lists no cluster at all once one of them has none
    local answer
    answer=$(on ctl curl -s --fail-with-body "http://$(address ctl):8080/oapi/v1/clusters" -H "Authorization: Bearer $(cat "$work/token")" -H 'Content-Type: application/json' \
        -d '{"name":"second","bio":"made by v2.1.28","scopes":{"idc":"idc-2"},"scheduler_cluster_config":{"candidate_parent_limit":4,"filter_parent_limit":40},"seed_peer_cluster_config":{"load_limit":60},"peer_cluster_config":{"load_limit":50},"is_default":false}') && [ "$(jq .id <<<"$answer")" -gt 1 ] || { echo "answer: $answer (expected: a cluster)"; return 1; }
}

control_of_theirs() { run_manager theirs ctl && run_scheduler theirs ctl && run_daemon theirs seed seed && await 30 registered_both; }
filled() { fetched "$1" p1 kept && fetched "$1" p1 kept-small && chunked "$1" p1 kept-unknown && fetched_range "$1" p1 kept-range 1000 200000; }

host ctl
host seed
host p1
host p2
origin
must "database and Redis start" database ctl && must "theirs: manager, scheduler, seed peer" control_of_theirs || return
check "theirs: peer p1, keepStorage: true" run_daemon theirs p1 peer true
knows_seed
file kept 20971520
file kept-small 10240
file kept-unknown 5000000
file kept-range 6291456
check "theirs: three files and a range on p1" filled theirs
check "theirs: a personal access token is made" makes_token
check "theirs: the token is accepted" accepts_token
check "theirs: another scheduler cluster is made" adds_cluster
rows_of >"$work/rows"

# The daemon's data directory
check "theirs: p1 stops, its data stay" stop daemon-p1
check "ours: p1 starts on the same files" run_daemon ours p1 peer true
knows_seed
for name in kept kept-small; do check "ours serves $name from what theirs stored, without the origin" origin_silent $name fetched ours p1 $name; done
check "ours serves kept-unknown likewise" origin_silent kept-unknown chunked ours p1 kept-unknown
check "ours serves the range likewise" origin_silent kept-range fetched_range ours p1 kept-range 1000 200000
check "theirs: seed peer stops, so that only p1 has the files" stop daemon-seed
check "theirs: p2 starts" run_daemon theirs p2 peer
check "ours gives them to p2 (theirs), without the origin" origin_silent kept fetched theirs p2 kept
file made-by-ours 20971520
check "ours: a new file on p1" fetched ours p1 made-by-ours
check "ours: p1 stops, its data stay" stop daemon-p1
check "theirs: p1 starts on them again" run_daemon theirs p1 peer true
for name in kept kept-small made-by-ours; do check "theirs serves $name from the directory given back, without the origin" origin_silent $name fetched theirs p1 $name; done

# The manager's database
# Its graceful stop waits for the keepalive streams of the others, up to ten minutes.
check "theirs: manager is killed" stop manager-ctl KILL
nobody_active # else what follows would see what the other manager left
check "ours: manager starts on its database" run_manager ours ctl
check "users, clusters, tokens, roles are as before" unchanged_rows
check "ours: root signs in with the password it had" signs_in
check "ours: scheduler is active again" await 60 registered scheduler 1
check "ours: manager stops" stop manager-ctl
nobody_active
check "theirs: manager starts on the database given back" run_manager theirs ctl
check "users, clusters, tokens, roles are as before" unchanged_rows
check "theirs: root signs in" signs_in
check "theirs: the token is accepted" accepts_token
check "theirs: scheduler is active again" await 60 registered scheduler 1
file last 5242880
check "a download in the cluster given back" fetched theirs p2 last
