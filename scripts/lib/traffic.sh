# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Requests from the client, and counters of what passes where.
# Needs topology.sh, namespaces.sh and terminal.sh.

# Counted in the router and the hop, by the kernel: nothing is missed. Outer
# headers are what a router sees, so a tunnelled request does not count as one
# from or to the VIP.
start_counting() {
  node_exec router nft -f - <<END
table inet lab {
  counter requests_to_director {}
  counter replies_at_director {}
  counter replies_to_client {}
  counter ipip_to_a {}
  counter gre_to_a {}
  counter ipip_to_b {}
  counter gre_to_b {}
  counter tunnelled_to_a1 {}
  counter tunnelled_to_a2 {}
  counter tunnelled_to_b1 {}
  chain tunnelled {
    ip daddr $(node_address a1) counter name tunnelled_to_a1
    ip daddr $(node_address a2) counter name tunnelled_to_a2
    ip daddr $(node_address b1) counter name tunnelled_to_b1
  }
  chain passing {
    type filter hook forward priority 0
    oifname "to-director" ip daddr $VIP counter name requests_to_director
    iifname "to-director" ip saddr $VIP counter name replies_at_director
    oifname "to-director" ip saddr $VIP counter name replies_at_director
    oifname "to-client" ip saddr $VIP counter name replies_to_client
    oifname "site-a" ip protocol 4 counter name ipip_to_a
    oifname "site-a" ip protocol 47 counter name gre_to_a
    oifname "to-hop" ip protocol 4 counter name ipip_to_b
    oifname "to-hop" ip protocol 47 counter name gre_to_b
    ip protocol { 4, 47 } jump tunnelled
  }
}
END
}

# packets COUNTER: how many packets it has counted.
packets() {
  node_exec router nft --json list counter inet lab "$1" |
    jq '.nftables[] | select(.counter) | .counter.packets'
}

# fresh_ports COUNT: reserves client ports that no request has used (a port's
# old connection may linger) and prints the first. Below the ephemeral ones.
fresh_ports() {
  local first
  first=$(cat "$LAB_STATE/next-port" 2>/dev/null || echo 10000)
  printf '%s\n' "$((first + $1))" >"$LAB_STATE/next-port"
  printf '%s\n' "$first"
}

# answers COUNT FIRST-PORT: one new connection per client port, "PORT SERVER"
# lines; SERVER is "-" for a request without an answer.
answers() {
  node_exec client python3 "$ROOT/scripts/lib/load.py" answers \
    --address "$VIP" --source "$CLIENT" --count "$1" --first-port "$2"
}

# knock COUNT FIRST-PORT: one SYN per client port.
knock() {
  node_exec client python3 "$ROOT/scripts/lib/load.py" knock \
    --address "$VIP" --source "$CLIENT" --count "$1" --first-port "$2"
}

# start_load: new connections without a pause, until stop_load or 2 minutes.
start_load() {
  rm -f "$LAB_STATE"/load.*
  nsenter --net="/run/netns/$(namespace_of client)" -- \
    python3 "$ROOT/scripts/lib/load.py" load --address "$VIP" \
    --state "$LAB_STATE/load" --seconds 120 </dev/null &
  disown
  load_goes_on 50
}

# load_goes_on COUNT: waits for COUNT more requests to be answered.
load_goes_on() {
  local target
  target=$(($(load_progress) + $1))
  wait_for 60 load_reached "$target"
}

load_reached() { (($(load_progress) >= $1)); }
load_progress() { cat "$LAB_STATE/load.progress" 2>/dev/null || echo 0; }

# stop_load: leaves the totals in load.json; load_total KEY reads one.
stop_load() {
  touch "$LAB_STATE/load.stop"
  wait_for 20 test -e "$LAB_STATE/load.json"
}
load_total() { jq -r "$1" "$LAB_STATE/load.json"; }

# start_download NODE NAME RATE: 16 MB at RATE bytes a second, from NODE, whose
# port is found by asking the director. Returns once data flows.
start_download() {
  local port
  port=$(port_for "$1") || die "no client port leads to $1"
  nsenter --net="/run/netns/$(namespace_of client)" -- \
    curl -s --local-port "$port" --range 0-15999999 --max-time 60 \
    --dump-header "$LAB_STATE/$2.headers" --output "$LAB_STATE/$2.data" \
    "http://$VIP/large?rate=$3" </dev/null &
  printf '%s\n' "$!" >"$LAB_STATE/$2.pid"
  disown
  wait_for 10 test -s "$LAB_STATE/$2.data"
  grep -qi "^X-Server: $1" "$LAB_STATE/$2.headers"
}

# port_for NODE: a fresh client port whose connections go to NODE.
port_for() {
  local port tries
  for ((tries = 0; tries < 200; tries++)); do
    port=$(fresh_ports 1)
    [[ $(predicted_server "$port") != "$1" ]] || break
  done
  ((tries < 200)) && printf '%s\n' "$port"
}

download_runs() { ! process_ended "$(cat "$LAB_STATE/$1.pid")"; }
download_ended() { ! download_runs "$1"; }

# download_completes NAME: waits for its end; fails unless every byte came.
download_completes() {
  wait_for 60 download_ended "$1"
  expect "bytes of the download" 16000000 \
    "$(stat --format %s "$LAB_STATE/$1.data")"
}
