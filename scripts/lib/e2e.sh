# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# End-to-end checks of one engine in a lab. Each function is one check and
# runs in a subshell; what it prints is shown when it fails.
# Needs culvert.sh, traffic.sh, spread.sh, probes.sh and checks.sh.

# How many requests each check sends that compares them with 'where'.
E2E_REQUESTS=${E2E_REQUESTS:-60}

# e2e ENGINE: the checks that need no load; leaves no lab behind.
e2e() {
  local engine=$1
  heading "End to end, $engine engine"
  use_lab "$(random_id)"
  check "[$engine] the lab comes up" lab_up_remembering_routing
  check "[$engine] real servers come up" start_servers
  check "[$engine] a missing interface is an error" missing_interface "$engine"
  check "[$engine] a bad configuration is an error" bad_start "$engine"
  check "[$engine] the director forwards" start_director "$engine"
  e2e_running "$engine"
  e2e_lifecycle "$engine"
  check "[$engine] the lab goes away" lab_down
  check "[$engine] and leaves nothing" lab_left_nothing
  lab_down
}

# e2e_essentials ENGINE: that requests are answered, for a slow machine.
e2e_essentials() {
  heading "End to end, $1 engine"
  use_lab "$(random_id)"
  check "[$1] the lab comes up" lab_up_remembering_routing
  check "[$1] real servers come up (${DECAPSULATE:-bpf})" start_servers
  check "[$1] the director forwards" start_director "$1"
  check "[$1] requests go where 'where' says" spread_is_predicted
  e2e_probes_essentials "$1"
  check "[$1] SIGTERM ends it" stop_director
  check "[$1] and leaves no XDP program, pin or route" director_left_nothing
  check "[$1] real down leaves nothing" reals_left_nothing
  lab_down
}

# With the director running; leaves it running, as it was.
e2e_running() {
  check "[$1] requests go where 'where' says" spread_is_predicted
  check "[$1] a large download arrives whole" large_download
  check "[$1] list --json is valid JSON with three members" list_is_json
  check "[$1] list is readable without --json" list_is_text
  check "[$1] a second director on the interface is refused" second_refused
  check "[$1] a bad reload changes nothing" bad_reload "$1"
  check "[$1] a good reload takes effect" good_reload "$1"
  e2e_probes "$1"
}

e2e_lifecycle() {
  check "[$1] killed and started again, it forwards" killed_and_restarted
  check "[$1] SIGTERM ends it" stop_director
  check "[$1] and leaves no XDP program, pin or route" director_left_nothing
  check "[$1] real down leaves nothing" reals_left_nothing
}

# fails_with STATUS PATTERN COMMAND...: COMMAND ends so, within 20 seconds,
# having printed something that matches.
fails_with() {
  local expected=$1 pattern=$2 status=0 output
  shift 2
  output=$("$@" 2>&1) || status=$?
  say "$output"
  expect "exit status" "$expected" "$status"
  grep -qiE "$pattern" <<<"$output" || {
    say "the message above does not mention: $pattern"
    return 1
  }
}

# try_run FILE [STATE-DIRECTORY]: a director that is expected not to start.
try_run() {
  local state=${2:-$LAB_STATE/director}
  node_exec director timeout "$((20 * PATIENCE))" "$CULVERT" run --config "$1" \
    --state-directory "$state" --bpffs "$LAB_STATE/bpf" </dev/null
}

missing_interface() {
  write_configuration "$1" "${REALS[@]}"
  sed 's/interface: eth0/interface: eth7/' "$LAB_STATE/culvert.yaml" \
    >"$LAB_STATE/missing.yaml"
  fails_with 1 'eth7' try_run "$LAB_STATE/missing.yaml"
}

bad_start() {
  write_configuration "$1" "${REALS[@]}"
  sed 's/engine:/engin:/' "$LAB_STATE/culvert.yaml" >"$LAB_STATE/bad.yaml"
  fails_with 1 'engin' try_run "$LAB_STATE/bad.yaml"
}

spread_is_predicted() {
  measure_spread "$E2E_REQUESTS"
  answered_as_predicted "$E2E_REQUESTS"
}

# The first packets of a connection are small; these are full.
large_download() {
  local bytes
  bytes=$(node_exec client curl -s --max-time "$((30 * PATIENCE))" \
    --output /dev/null --write-out '%{size_download}' --range 0-19999999 \
    "http://$VIP/large?rate=50m")
  expect "bytes" 20000000 "$bytes"
}

list_is_json() {
  director_culvert list --json | jq empty
  expect "members with slots" 3 "$(all_slots | grep -c .)"
}

list_is_text() { director_culvert list | grep -q a1; }

second_refused() {
  fails_with 1 'eth0|already|runs' try_run "$LAB_STATE/culvert.yaml" \
    "$LAB_STATE/second"
  fails_with 1 'eth0|already|runs' try_run "$LAB_STATE/culvert.yaml"
  director_forwards
  spread_is_predicted
}

# The file has an unknown key and lacks a server: neither may take effect.
bad_reload() {
  local before log=$LAB_STATE/director.log lines
  before=$(all_slots | sort) lines=$(wc -l <"$log")
  write_configuration "$1" a1 b1
  printf 'weigth: 1\n' >>"$LAB_STATE/culvert.yaml"
  reload_director
  wait_for 10 log_mentions_after "$lines" weigth
  expect "slots after the refused reload" "$before" "$(all_slots | sort)"
  write_configuration "$1" "${REALS[@]}"
  spread_is_predicted
}

log_mentions_after() {
  tail -n "+$(($1 + 1))" "$LAB_STATE/director.log" | grep -q "$2"
}

good_reload() {
  write_configuration "$1" a1 a2:drain b1
  reload_director
  wait_for 15 owns_no_slots a2
  spread_is_predicted
  refute grep -q ' a2$' "$LAB_STATE/answered"
  write_configuration "$1" "${REALS[@]}"
  reload_director
  wait_for 15 owns_slots a2
  spread_is_predicted
}

killed_and_restarted() {
  local before
  before=$(all_slots | sort)
  kill_director
  run_director
  expect "slots" "$before" "$(all_slots | sort)"
  spread_is_predicted
}

director_left_nothing() {
  expect "XDP programs" 0 "$(node_exec director ip -json link show dev eth0 |
    jq '[.[] | select(.xdp)] | length')"
  # Those of real servers and of the router's pass-only program stay.
  expect "pins" '' "$(find "$LAB_STATE/bpf" -name 'culvert_director*')"
  expect "routes and rules" "$(pristine_routing director)" \
    "$(routing_of director)"
}

reals_left_nothing() {
  local node
  for node in "${REALS[@]}"; do
    stop_web "$node"
    real_down "$node"
    expect "$node: routes and rules" "$(pristine_routing "$node")" \
      "$(routing_of "$node")"
    expect "$node: XDP programs" 0 "$(node_exec "$node" \
      ip -json link show dev eth0 | jq '[.[] | select(.xdp)] | length')"
    refute grep -F "$VIP/" <<<"$(node_exec "$node" ip address show)"
  done
}

# routing_of NODE: its addresses, routes of all tables, and rules.
routing_of() {
  node_exec "$1" ip -4 -brief address show
  node_exec "$1" ip -4 route show table all
  node_exec "$1" ip -4 rule show
}

lab_up_remembering_routing() {
  lab_up
  local node
  for node in "${NODES[@]}"; do
    routing_of "$node" >"$LAB_STATE/pristine-$node"
  done
}

# pristine_routing NODE: the same, as it was when the lab came up.
pristine_routing() { cat "$LAB_STATE/pristine-$1"; }

lab_left_nothing() {
  refute test -e "$LAB_STATE"
  refute grep "culvert-$LAB_ID-" <<<"$(ip netns list)"
  refute grep "$LAB_STATE" /proc/mounts
}
